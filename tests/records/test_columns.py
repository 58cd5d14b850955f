from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Cost, Limit, Model, ModelRef, PartialDate
from modelmeta.records.columns import COLUMNS, Column

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(["0", "0.00", "1", "1.0", "1E0", "1.5", "1.50"]).map(
    Decimal
)
FACTS = (
    st.integers(),
    st.booleans(),
    DECIMALS,
    st.text(),
    st.text().map(PartialDate),
    st.lists(st.text(min_size=1), min_size=1).map(tuple),
)
LISTS = [st.lists(st.none() | facts) for facts in FACTS]
VALUES = st.one_of(LISTS)
PAIRS = st.one_of([st.tuples(values, values) for values in LISTS])


@given(VALUES)
def test_a_column_gives_back_every_row(values: list[Any]):
    column = Column.of(values)
    assert values == [column[row] for row in range(len(values))]


@given(VALUES)
def test_a_column_holds_each_value_once_ascending_and_codes_sort_as_values_do(values: list[Any]):
    column = Column.of(values)
    assert sorted({value for value in values if value is not None}) == list(column.values)
    assert [value is None for value in values] == [code == 0 for code in column.codes]
    assert sorted(value for value in values if value is not None) == [column.values[code - 1] for code in sorted(column.codes) if code]


def test_an_empty_tuple_is_something_nobody_said():
    column = Column.of([("text",), (), None])
    assert (list(column.codes), column.values) == ([1, 0, 0], (("text",),))


@pytest.mark.parametrize(("distinct", "size"), [(65_535, 2), (65_536, 4)])
def test_codes_are_two_bytes_as_long_as_every_value_has_one(distinct: int, size: int):
    column = Column.of([None, *range(distinct)])
    assert size == column.codes.itemsize
    assert (None, 0, distinct - 1) == (column[0], column[1], column[distinct])


def picked(first: list[Any], more: list[Any], rows: list[int]) -> Column:
    """Return the column of *rows* of two columns, after seeing that it is the one their values make."""
    column = Column.of(first).picked(rows, Column.of(more))
    expected = Column.of([[*first, *more][row] for row in rows])
    assert (expected.values, expected.codes, expected.codes.typecode) == (column.values, column.codes, column.codes.typecode)
    return column


@given(PAIRS, st.lists(st.integers(0, 10**6), max_size=30))
def test_picked_rows_make_the_column_that_their_values_make(columns: tuple[list[Any], list[Any]], numbers: list[int]):
    first, more = columns
    there = len(first) + len(more)
    picked(first, more, [number % there for number in numbers] if there else [])
    picked(first, more, [*range(there)])
    picked(first, more, [*range(len(first))])
    picked(first, more, [*range(len(first), there)])
    picked(first, more, [])


@pytest.mark.parametrize(
    ("first", "more"),
    [([], []), ([None], []), ([], [None]), ([None, ()], [()]), ([], [5]), ([5], []), ([5], [5, 5]), ([True, False], [False, None])],
)
def test_rows_may_be_picked_of_columns_with_little_in_them(first: list[Any], more: list[Any]):
    picked(first, more, [*range(len(first) + len(more))])
    picked(first, more, [])


def test_equal_values_of_two_columns_are_one_however_they_are_written():
    column = picked([Decimal("1.0"), None, Decimal(2)], [*map(Decimal, ["2.00", "1", "0E+5", "1.50"])], [*range(7)])
    assert (0, 1, Decimal("1.5"), 2) == column.values
    assert [2, 0, 4, 4, 2, 1, 3] == [*column.codes]


def test_values_that_no_row_has_any_more_are_gone():
    assert (2, 7) == picked([1, 2, 3], [9, 7], [1, 4]).values
    assert () == picked([1, 2, None], [9], [2]).values


@pytest.mark.parametrize(("distinct", "size"), [(65_535, 2), (65_536, 4)])
def test_picked_codes_are_two_bytes_as_long_as_every_value_has_one(distinct: int, size: int):
    half = distinct // 2
    column = Column.of([*range(half), None]).picked(range(distinct + 2), Column.of([None, *range(half, distinct)]))
    assert size == column.codes.itemsize
    assert (0, None, distinct - 1) == (column[0], column[half], column[distinct + 1])
    assert column.picked([5, 0, 5], Column.of([])).codes.itemsize == 2


def test_every_column_reads_its_fact_of_a_model():
    model = Model(
        ref=ModelRef("p", "m"),
        name="M",
        tool_call=True,
        cost=Cost(input=Decimal("1.5"), output=Decimal(0)),
        limit=Limit(context=5),
        release_date=PartialDate("2025"),
        status="beta",
    )
    answers = {name: answer(model) for name, answer in COLUMNS.items()}
    assert {
        "name": "M",
        "provider_id": "p",
        "tool_call": True,
        "cost.input": Decimal("1.5"),
        "cost.output": Decimal(0),
        "limit.context": 5,
        "release_date": PartialDate("2025"),
        "status": "beta",
        "price_state": "priced",
        "modalities.input": (),
        "modalities.output": (),
    } == {name: value for name, value in answers.items() if value is not None}


def test_prices_of_a_model_without_a_cost_are_unknown():
    model = Model(ref=ModelRef("p", "m"), name="M")
    assert [COLUMNS[name](model) for name in ("cost.input", "cost.output", "price_state")] == [None, None, "unpriced"]
