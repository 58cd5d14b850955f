"""Numbers as callers write them: exact, or none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta.records.numbers import as_decimal


class Shown(float):
    """A float that shows its type, as those of other packages do."""

    def __repr__(self):
        return f"Shown({float(self)})"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.1, "0.1"),
        (1e-7, "1E-7"),
        (Shown(0.1), "0.1"),
        (" 1.50 ", "1.50"),
        (Decimal("1.50"), "1.50"),
        (3, "3"),
        (10**40, "1" + 40 * "0"),
    ],
)
def test_a_number_is_as_exact_as_it_was_written(value, number):
    assert repr(as_decimal(value)) == repr(Decimal(number))


@pytest.mark.parametrize(
    "value", [None, True, False, "", "many", "nan", "Infinity", "\ud800", float("nan"), float("inf"), Decimal("sNaN"), b"1", [1], 1j]
)
def test_what_is_no_finite_number_is_none(value):
    assert as_decimal(value) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_from_its_number(value):
    assert float(as_decimal(value)) == value
