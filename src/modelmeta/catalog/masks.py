"""Three-valued tests over whole columns.

A verdict is two bits: 0 fails, 1 is unknown, 3 passes. ``&`` and ``|`` of verdicts are the "and" and "or" of three-valued logic, and a
mask, one byte for each row in one big integer, takes them for all rows at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records.columns import Column

__all__ = ["FAIL", "PASS", "UNKNOWN", "Planes", "verdict"]

FAIL, UNKNOWN, PASS = 0, 1, 3


def verdict(answer: bool | None) -> int:
    """Return *answer* as a verdict."""
    return UNKNOWN if answer is None else PASS if answer else FAIL


class Planes:
    """The codes of a column, split into bytes so that a table of verdicts by code becomes a mask by ``bytes.translate``."""

    def __init__(self, column: Column) -> None:
        self._rows = len(column.codes)
        raw = column.codes.tobytes() if column.codes.itemsize == _WIDTH else b""
        self._low = raw[_LOW::_WIDTH]
        self._high = raw[1 - _LOW :: _WIDTH]
        self._codes = column.codes

    def mask(self, table: bytes) -> int:
        """Return the mask that gives each row the verdict *table* has for its code."""
        if self._codes.itemsize != _WIDTH:
            return int.from_bytes(bytes(map(table.__getitem__, self._codes)), "little")
        if len(table) <= _PAGE:
            return int.from_bytes(self._low.translate(table.ljust(_PAGE, b"\0")), "little")
        pages = [table[begin : begin + _PAGE] for begin in range(0, len(table), _PAGE)]
        uniform = bytes(page[0] if page.count(page[0]) == len(page) else FAIL for page in pages)
        mask = int.from_bytes(self._high.translate(uniform.ljust(_PAGE, b"\0")), "little")
        for number, page in enumerate(pages):
            if page.count(page[0]) < len(page):
                on_page = self._high.translate(bytes(number) + bytes([PASS]) + bytes(_PAGE - number - 1))
                mask |= int.from_bytes(on_page, "little") & int.from_bytes(self._low.translate(page.ljust(_PAGE, b"\0")), "little")
        return mask


_WIDTH = 2
_PAGE = 256
_LOW = 0 if sys.byteorder == "little" else 1
