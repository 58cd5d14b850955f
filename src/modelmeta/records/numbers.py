"""Numbers, as whoever asks may write them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

__all__ = ["as_decimal"]


def as_decimal(value: object) -> Decimal | None:
    """Return the finite number that *value* is, or is the text of, as exact as it was written: a float means what it prints as. None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        number = Decimal(float.__repr__(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
