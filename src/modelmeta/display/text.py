"""Values as people read them, the same in every table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["align", "as_text"]

UNKNOWN = "?"


def align(table: Sequence[Sequence[str]]) -> str:
    """Return *table*, rows of as many cells each, as lines whose columns line up."""
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)


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
            return " ".join(str(value).splitlines())
