"""Walking over a JSON text member by member, beside json.loads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta.codec.members import Cursor, UnexpectedError
from modelmeta.testing.strategies import json_texts, json_values

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
OBJECTS = st.dictionaries(KEYS, st.dictionaries(KEYS, json_values(), max_size=3), max_size=3)
MEMBER = '{"a": {"b": 1}}'


def walk(text: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Return what *text*, an object of objects, holds, key by key."""
    cursor = Cursor(text)
    found = [(key, [(inner, json.loads(cursor.value())) for inner in cursor.members()]) for key in cursor.members()]
    cursor.finish()
    return found


class Pairs(list):
    """The members of an object as they are written, one key twice and all."""


def object_of_objects(text: str) -> list[tuple[str, list[tuple[str, Any]]]] | None:
    """Return what *text* holds if it is an object of objects, each of which has each key once, else None."""

    def plain(value: Any) -> Any:
        if isinstance(value, Pairs):
            return {key: plain(item) for key, item in value}
        return [plain(item) for item in value] if isinstance(value, list) else value

    try:
        tree = json.loads(text, object_pairs_hook=Pairs)
    except (ValueError, RecursionError):
        return None
    levels = [tree, *(value for _, value in tree)] if isinstance(tree, Pairs) else [None]
    if not all(isinstance(level, Pairs) and len(level) == len(dict(level)) for level in levels):
        return None
    return [(key, [(inner, plain(item)) for inner, item in value]) for key, value in tree]


@given(json_texts(OBJECTS))
def test_an_object_is_walked_over_as_json_reads_it(text: str):
    expected = [(key, [*value.items()]) for key, value in json.loads(text).items()]
    assert expected == walk(text)


@given(json_texts(json_values()))
def test_a_value_is_as_it_is_written(text: str):
    padded = f'{{"key":{text}}}'
    cursor = Cursor(padded)
    assert [text.strip(" \t\r\n")] == [cursor.value() for _ in cursor.members()]
    cursor.finish()


@settings(max_examples=500)
@given(
    json_texts(OBJECTS),
    st.floats(0, 1),
    st.integers(0, 3),
    st.text(',:{}[]"\\ \xa00-.eN\n', max_size=3) | st.sampled_from(['"a":1,"a":1', "{}", "NaN", "[[", "9" * 5_000]),
)
def test_what_json_refuses_is_refused(text: str, where: float, length: int, instead: str):
    place = int(where * len(text))
    damaged = text[:place] + instead + text[place + length :]
    expected = object_of_objects(damaged)
    if expected is None:
        with pytest.raises(UnexpectedError):
            walk(damaged)
    else:
        assert repr(expected) == repr(walk(damaged))  # NaN, which some other place refuses, is no equal of itself


@pytest.mark.parametrize("text", ["", " ", "5", "null", "[]", '"a"', "[{}]", '{"a": 5}', '{"a": []}', '{"a": null}', "<html>", "\ufeff{}"])
def test_what_is_no_object_of_objects_is_refused(text: str):
    with pytest.raises(UnexpectedError):
        walk(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {}, "a": {}}',
        '{"a": {}, "b": {}, "\\u0061": {}}',
        '{"": {}, "": {}}',
        '{"a": {"b": 1, "b": 1}}',
        '{"a": {"\\ud83d\\ude00": 1, "😀": 1}}',
    ],
)
def test_a_key_twice_in_one_object_is_refused(text: str):
    with pytest.raises(UnexpectedError):
        walk(text)


def test_keys_are_told_apart_within_one_object_only():
    assert [("a", [("a", 1), ("b", {"a": 2})]), ("b", [("a", 3)])] == walk('{"a": {"a": 1, "b": {"a": 2}}, "b": {"a": 3}}')


@pytest.mark.parametrize("end", range(len(MEMBER)))
def test_an_object_cut_short_anywhere_is_refused(end: int):
    with pytest.raises(UnexpectedError):
        walk(MEMBER[:end])


@pytest.mark.parametrize("more", ["}", "{}", ",", "x", "\x00", "\xa0", "\v", MEMBER])
def test_more_behind_an_object_is_refused(more: str):
    for text in (MEMBER, "{}"):
        with pytest.raises(UnexpectedError):
            walk(text + more)


@pytest.mark.parametrize("space", ["", " ", "\n", "\t \r\n"])
def test_space_may_stand_anywhere_between(space: str):
    for text in ("{}", '{"a":{}}', '{"a":{"b":1,"c":{}},"d":{}}', '{"a":{"b":[]}}'):
        spaced = "".join(f"{space}{sign}{space}" if sign in "{}:," else sign for sign in text)
        assert object_of_objects(text) == walk(spaced)


@pytest.mark.parametrize("number", ["9" * 5_000, "[" * 100_000, "[" * 100_000 + "]" * 100_000])
def test_what_python_cannot_decode_is_refused(number: str):
    with pytest.raises(UnexpectedError):
        walk(f'{{"a": {{"b": {number}}}}}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"models": 5}', True),
        (' {\n"providers" : 5}', True),
        ('{"modelsx": 5}', False),
        ('{"xmodels": 5}', False),
        ('{"\\u006dodels": 5}', False),
        ('{"a": 5, "models": 5}', False),
        ('["models"]', False),
        ('"models"', False),
        ("{}", False),
        ("", False),
    ],
)
def test_a_cursor_knows_how_an_object_begins_and_stays_where_it_is(text: str, *, expected: bool):
    cursor = Cursor(text)
    assert expected is cursor.begins_with({"models", "providers"})
    if expected:
        assert next(cursor.members()) in {"models", "providers"}
