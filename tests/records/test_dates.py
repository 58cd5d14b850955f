from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import PartialDate

IMPOSSIBLE = ["2025-25-11", "2025-02-31", "2025-00", "2025-13", "2025-01-00", "0000", "0000-01-01", "2023-02-29"]
GARBAGE = [
    "",
    "-",
    "soon",
    "2025-",
    "25-11",
    "2025-1",
    "2025-11-4",
    "2025-11-24-01",
    "2025/11/24",
    " 2025",
    "2025-11-24T00:00",
    "٢٠٢٥",
    "²025",
]
TEXTS = st.sampled_from([*IMPOSSIBLE, *GARBAGE]) | st.dates().map(str) | st.dates().map(lambda day: str(day)[:7]) | st.text(max_size=10)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2025-11", date(2025, 11, 1), date(2025, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2100-02", date(2100, 2, 1), date(2100, 2, 28)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("2025-11-24", date(2025, 11, 24), date(2025, 11, 24)),
        ("0001-01-01", date(1, 1, 1), date(1, 1, 1)),
    ],
)
def test_a_date_spans_all_the_days_it_can_mean(text: str, first: date, last: date):
    assert (first, last) == PartialDate(text).span
    assert PartialDate(text).is_possible


@given(st.dates(max_value=date(9999, 11, 30)))
def test_a_month_ends_the_day_before_the_next_begins(day: date):
    span = PartialDate(f"{day:%Y-%m}".rjust(7, "0")).span
    assert span
    assert day.replace(day=1) == span[0]
    assert (span[1] + timedelta(days=1)).day == 1
    assert (day.year, day.month) == (span[1].year, span[1].month)


@pytest.mark.parametrize("text", [*IMPOSSIBLE, *GARBAGE])
def test_an_impossible_date_keeps_its_text_and_says_so(text: str):
    impossible = PartialDate(text)
    assert text == impossible.text == str(impossible)
    assert not impossible.is_possible
    assert impossible.span is None


def test_a_shorter_date_sorts_before_those_it_contains_and_text_before_all():
    ascending = ["", "soon", "2024-12-31", "2025", "2025-02", "2025-02-01", "2025-02-31", "2025-11", "2025-11-24", "2025-25-11", "2026"]
    assert ascending == [str(day) for day in sorted(map(PartialDate, reversed(ascending)))]


@given(st.dates(), st.dates())
def test_whole_dates_compare_as_the_calendar_does(one: date, other: date):
    left, right = PartialDate(str(one)), PartialDate(str(other))
    assert (one < other, one <= other, one > other, one >= other, one == other) == (
        left < right,
        left <= right,
        left > right,
        left >= right,
        left == right,
    )


@given(TEXTS, TEXTS)
def test_of_any_two_dates_one_comes_first_unless_they_are_equal(one: str, other: str):
    left, right = PartialDate(one), PartialDate(other)
    assert [one == other, one != other] == [left == right, (left < right) != (right < left)]


def test_a_date_does_not_compare_with_other_things():
    assert PartialDate("2025") != "2025"
    with pytest.raises(TypeError):
        PartialDate("2025") < "2026"  # noqa: B015  # the comparison is what is tested
