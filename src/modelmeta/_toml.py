"""TOML that people write: decimal numbers exact, and no number longer than any that means something."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any

__all__ = ["parse_toml"]

_LONGEST_NUMBER = 100


def parse_toml(text: str) -> dict[str, Any]:
    """Return what *text* says, decimal numbers as exact Decimals.

    Raises:
        ValueError: it is not TOML, nests too deep, or holds a number of more than 100 digits.
    """
    try:
        tree = tomllib.loads(text, parse_float=Decimal)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError(str(error)) from None
    values: list[Any] = [tree]
    for value in values:  # which grows meanwhile
        if isinstance(value, (dict, list)):
            values += value.values() if isinstance(value, dict) else value
        elif (
            isinstance(value, int) and abs(value) >= 10**_LONGEST_NUMBER
        ):  # Python reads such numbers in hexadecimal, and fails to show them
            message = f"it holds a whole number of more than {_LONGEST_NUMBER} digits"
            raise ValueError(message)
    return tree
