"""Values as people read them, the same in every table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

__all__ = ["as_text"]

UNKNOWN = "?"


def as_text(value: Any) -> str:
    """Return *value* for a table cell: grouped digits, plain decimals, yes and no, ``?`` for unknown."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case Decimal():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        case tuple() | list():
            return ", ".join(map(as_text, value))
        case _:
            return str(value)
