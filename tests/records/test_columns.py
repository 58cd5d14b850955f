from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Cost, Limit, Model, ModelRef, PartialDate
from modelmeta.records.columns import COLUMNS, Column

VALUES = st.one_of(
    st.lists(st.none() | st.integers()),
    st.lists(st.none() | st.booleans()),
    st.lists(st.none() | st.decimals(allow_nan=False, allow_infinity=False)),
    st.lists(st.none() | st.text()),
    st.lists(st.none() | st.text().map(PartialDate)),
    st.lists(st.none() | st.lists(st.text(min_size=1), min_size=1).map(tuple)),
)


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
