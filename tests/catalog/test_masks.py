"""Three-valued logic over whole columns, against the same logic value by value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta.catalog.masks import FAIL, PASS, UNKNOWN, Planes, verdict
from modelmeta.records.columns import Column

ANSWERS = {FAIL: False, UNKNOWN: None, PASS: True}


def both(one, other):
    return False if False in (one, other) else None if None in (one, other) else True


def either(one, other):
    return True if True in (one, other) else None if None in (one, other) else False


def test_verdicts_are_and_and_or_of_three_valued_logic():
    for one in (True, False, None):
        assert ANSWERS[verdict(one)] is one
        for other in (True, False, None):
            assert ANSWERS[verdict(one) & verdict(other)] is both(one, other)
            assert ANSWERS[verdict(one) | verdict(other)] is either(one, other)


@settings(max_examples=40)
@given(
    st.integers(0, 1_100),
    st.randoms(use_true_random=False),
    st.sampled_from([(FAIL,), (PASS,), (UNKNOWN,), (FAIL, PASS), (FAIL, UNKNOWN, PASS)]),
)
def test_a_mask_gives_each_row_the_verdict_of_its_value(size, random, some):
    column = Column.of(random.choice([None, *range(size + 1)]) for _ in range(size))
    pages = [random.choice([some, (FAIL,), (PASS,)]) for _ in range(6)]
    table = bytes(random.choice(pages[code // 256]) for code in range(len(column.values) + 1))

    assert [table[code] for code in column.codes] == list(Planes(column).mask(table).to_bytes(size, "little"))


@pytest.mark.parametrize("distinct", [0, 1, 255, 256, 65_534, 65_535, 65_536, 66_000])
def test_a_mask_works_whatever_the_number_of_distinct_values(distinct):
    column = Column.of([None, *range(distinct), None])
    table = bytes([UNKNOWN, *((FAIL, UNKNOWN, PASS)[value % 3] for value in range(distinct))])

    assert [UNKNOWN, *table[1:], UNKNOWN] == list(Planes(column).mask(table).to_bytes(distinct + 2, "little"))
