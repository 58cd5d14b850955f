"""Values as people read them, the same in every table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UNKNOWN", "align", "as_text", "is_number", "printable"]

UNKNOWN = "?"


def align(table: Sequence[Sequence[str]]) -> str:
    """Return *table*, rows of as many cells each, as lines whose columns line up."""
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)


def as_text(value: Any) -> str:
    """Return *value* for a table cell: grouped digits, plain decimals, yes and no, ``?`` for unknown, on one printable line."""
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
            return printable(str(value))


def is_number(text: str) -> bool:
    """Return whether *text* is a number as tables write it: ``1,050,000``, ``-0.5``, ``+12.5%``."""
    return text.lstrip("+-").removesuffix("%").replace(",", "").replace(".", "", 1).isdecimal()


def printable(text: str) -> str:
    r"""Return *text* on one line, with every space a plain one and whatever else does not print escaped.

    A name from a document can then neither break a table, nor steer a terminal, nor turn the reading direction.

    >>> printable("a\tred\x1b[31m name")
    'a red\\x1b[31m name'
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character.isspace() else character.encode("unicode_escape").decode()
        for character in text
    )
