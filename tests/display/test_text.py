"""Values as people read them."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import PartialDate
from modelmeta.display.text import align, as_text, is_number, printable
from modelmeta.records import ReasoningOption


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "?"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1_050_000, "1,050,000"),
        (Decimal("0.50"), "0.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("10.00"), "10"),
        (("text", None, 1_000), "text, ?, 1,000"),
        ([True], "yes"),
        ((), ""),
        (PartialDate("2025-11"), "2025-11"),
        ("one\ntwo", "one two"),
        (ReasoningOption("effort", ("low", None)), "effort (low, unset)"),
        (ReasoningOption("budget_tokens", min=-1, max=32_000), "budget_tokens (min -1, max 32,000)"),
        (ReasoningOption("toggle"), "toggle"),
        (ReasoningOption(), "unknown"),
    ],
    ids=repr,
)
def test_a_value_reads_as_a_person_writes_it(value, text):
    assert text == as_text(value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, also Ünïcödé 模型 🙂", "plain, also Ünïcödé 模型 🙂"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202e\u200f\ufeff", r"\u202e\u200f\ufeff"),
        ("\x9b\x7f\x00", r"\x9b\x7f\x00"),
        ("a\tb\r\nc\u2028d\u00a0e", "a b  c d e"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_does_not_print_is_escaped_and_every_space_is_plain(text, shown):
    assert shown == printable(text) == as_text(text)


@given(st.text(st.characters()))
def test_nothing_printable_is_lost_and_nothing_else_is_left(text):
    shown = printable(text)

    assert {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    assert shown == printable(shown)
    assert all(character in shown for character in text if unicodedata.category(character)[0] not in "CZ")


@pytest.mark.parametrize("text", ["0", "1,050,000", "0.5", "-0.5", "+12.5%", "12%", "1000000"])
def test_numbers_are_told(text):
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "?", "-", ",", ".", "2025-11", "1.2.3", "gpt-4", "1e5", "1 000", "yes", "²", "5 of 7"])
def test_what_is_no_number_is_told(text):
    assert not is_number(text)


def test_columns_line_up_and_lines_end_with_their_last_letter():
    assert align([["", "one"], ["three", ""], ["x", "y"]]) == "       one\nthree\nx      y"
