"""Text as words, and words as the known ones they may stand for."""

from __future__ import annotations

import itertools
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from modelmeta.catalog.searching.vocabulary import Vocabulary
from modelmeta.catalog.searching.words import glued_words, is_date, joined, words

KNOWN = [
    "claude",
    "opus",
    "sonnet",
    "gpt",
    "mini",
    "max",
    "minimax",
    "deepseek",
    "seek",
    "r1",
    "v3.1",
    "4.5",
    "4o",
    "4",
    "k2.5",
    "70b",
    "llama",
    "2",
    "embed",
    "flash",
    "20240806",
    "2411",
    "bedrock",
    "open",
    "router",
]


def read(text, known=KNOWN, uses=9):
    """Return, for each word of *text*, all it may stand for, best first."""
    readings = Vocabulary(dict.fromkeys(known, uses)).read(text)
    return [list(dict.fromkeys(" ".join(together) for _, together in sorted(options, reverse=True))) for options in readings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Claude Opus 4.5", ["claude", "opus", "4.5"]),
        ("claude-opus-4-5-20251101", ["claude", "opus", "4.5", "20251101"]),
        ("claude opus 4 5", ["claude", "opus", "4.5"]),
        ("claude-sonnet-4-0", ["claude", "sonnet", "4"]),
        ("gpt-4o-2024-08-06", ["gpt", "4o", "20240806"]),
        ("gemini-2.5-pro-preview-06-05", ["gemini", "2.5", "pro", "preview", "0605"]),
        ("command-r-plus-08-2024", ["command", "r", "plus", "082024"]),
        ("Command R+", ["command", "r", "plus"]),
        ("a+b", ["a", "b"]),
        ("qwen2-5-72b-instruct", ["qwen", "2.5", "72b", "instruct"]),
        ("llama-3-8b", ["llama", "3", "8b"]),
        ("mixtral-8x22B", ["mixtral", "8x22b"]),
        ("kimi-k2p5", ["kimi", "k2.5"]),
        ("glm-4-5v", ["glm", "4.5v"]),
        ("grok-4-20-0309", ["grok", "4.20", "0309"]),
        ("flux_1-kontext", ["flux", "1", "kontext"]),
        ("v1:0", ["v1", "0"]),
        ("10.0", ["10"]),
        ("Ünï-CODE \N{FULLWIDTH DIGIT THREE}", ["uni", "code", "3"]),
        ("…—🤷", []),
    ],
)
def test_text_is_its_words(text, expected):
    assert expected == words(text)


@given(st.text())
def test_words_are_folded_and_have_no_separators(text):
    for word in words(text):
        assert word
        assert word == word.lower()
        assert not any(letter in " -_/:@,+" for letter in word)


@given(st.text(string.ascii_letters + string.digits + " .-"))
def test_what_is_glued_are_the_same_words(text):
    assert words(text) == [word for word, _ in glued_words(text)]


def test_words_are_glued_where_nothing_stands_between_them():
    assert [("gpt", False), ("5", True), ("mini", True), ("fast", False)] == list(glued_words("gpt5mini fast"))


def test_a_version_joins_as_its_digits():
    assert joined(["opus", "4.5"]) == joined(["opus", "45"]) == "opus45"


def test_dates_are_digits_alone_from_four_on():
    assert [True, True, False, False] == [is_date(word) for word in ("20251101", "2411", "405", "4.20")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("opus", [["opus"]]),
        ("opus opus", [["opus"]]),
        ("opsu", [["opus"]]),
        ("gtp", [["gpt"]]),
        ("gpu", [[]]),
        ("snonet", [["sonnet"]]),
        ("sonett", [["sonnet"]]),
        ("sonnetts", [["sonnet"]]),
        ("son", [["sonnet"]]),
        ("so", [[]]),
        ("embeddings", [["embed"]]),
        ("claudesonnet", [["claude sonnet"]]),
        ("claudeopussonnet", [["claude opus sonnet"]]),
        ("gptmini", [["gpt mini"]]),
        ("deep seek", [["deepseek"], ["seek", "deepseek"]]),
        ("mini max", [["mini", "minimax"], ["max", "minimax"]]),
        ("openrouter", [["open router"]]),
        ("45", [["4.5"]]),
        ("3.1", [["v3.1"]]),
        ("v4.5", [["4.5"]]),
        ("w4.5", [[]]),
        ("k25", [["k2.5"]]),
        ("25", [["k2.5"]]),
        ("70", [["70b"]]),
        ("7.0b", [[]]),
        ("20", [["2"]]),
        ("5.4", [[]]),
        ("4o", [["4o"]]),
        ("4", [["4"]]),
        ("gpt4omini", [["gpt"], ["4o"], ["mini", "minimax"]]),
        ("deepseekr1", [["deepseek"], ["r1"]]),
        ("gpt5o", [["gpt"], []]),
        ("gpt4zmini", [["gpt"], ["4"], ["mini"]]),
        ("zzzz1", [[], ["r1"]]),
        ("0806", [["20240806"]]),
        ("8x7b", [[]]),
        ("aws opus", [["bedrock"], ["opus"]]),
        ("the latest opus", [["opus"]]),
        ("the", [[]]),
    ],
)
def test_words_are_read_as_known_ones(text, expected):
    assert expected == read(text)


def test_only_the_first_sixteen_words_are_read():
    assert len(read(" ".join(f"{letter}{letter}" for letter in string.ascii_lowercase))) == 16


def test_a_word_that_many_models_have_is_not_taken_for_a_misspelt_one():
    assert read("flas", ["flash", "flas"]) == [["flas", "flash"]]
    assert read("opsu", ["opus", "opsu"]) == [["opsu"]]
    assert read("opsu", ["opus", "opsu"], uses=1) == [["opsu", "opus"]]


@given(st.text(string.ascii_lowercase, min_size=4, max_size=12), st.data())
def test_a_word_with_an_edit_is_read_as_it(word, data):
    place = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from(string.ascii_lowercase))
    typo = data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place:],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ]
        )
    )
    assume(len(typo) > 3)

    assert word in itertools.chain.from_iterable(read(typo, [word]))


@given(st.text("abcd", min_size=4, max_size=7), st.text("abcd", min_size=4, max_size=7))
def test_words_further_apart_are_not_read_as_each_other(one, other):
    allowed = 1 if len(one) <= 5 else 2
    if distance(one, other) > allowed and not one.startswith(other) and not other.startswith(one):
        assert [[]] == read(one, [other])


def distance(one, other):
    """Return the least number of letters to change, add, leave out or swap, by trying every way."""
    if not one or not other:
        return len(one) + len(other)
    ways = [distance(one[1:], other) + 1, distance(one, other[1:]) + 1, distance(one[1:], other[1:]) + (one[0] != other[0])]
    if len(one) > 1 and len(other) > 1 and one[0] == other[1] and one[1] == other[0]:
        ways.append(distance(one[2:], other[2:]) + 1)
    return min(ways)
