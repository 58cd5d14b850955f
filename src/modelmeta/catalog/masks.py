"""Three-valued tests over whole columns.

A verdict is two bits: 0 fails, 1 is unknown, 3 passes. ``&`` and ``|`` of verdicts are the "and" and "or" of three-valued logic, and a
mask, one byte for each row in one big integer, takes them for all rows at once.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..records.columns import Column

__all__ = ["FAIL", "PASS", "UNKNOWN", "Planes", "verdict"]

FAIL, UNKNOWN, PASS = 0, 1, 3


def verdict(answer: bool | None) -> int:  # noqa: FBT001  # it is the value asked about, not a switch
    """Return *answer* as a verdict."""
    return UNKNOWN if answer is None else PASS if answer else FAIL


class Planes:
    """The codes of a column, split into bytes so that a table of verdicts by code becomes a mask by ``bytes.translate``."""

    def __init__(self, column: Column) -> None:
        self._codes = column.codes
        raw = column.codes.tobytes() if column.codes.itemsize == _WIDTH else b""
        high, self._low = raw[1 - _LOW :: _WIDTH], raw[_LOW::_WIDTH]
        self._pages = [_mask(high, bytes(page) + bytes([PASS])) for page in range(max(high, default=0) + 1)]

    def mask(self, table: bytes) -> int:
        """Return the mask that gives each row the verdict *table* has for its code."""
        if self._codes.itemsize != _WIDTH:
            return int.from_bytes(bytes(map(table.__getitem__, self._codes)), "little")
        mask = 0
        for number, rows in enumerate(self._pages):
            verdicts = table[number * _PAGE : (number + 1) * _PAGE]
            if verdicts.count(PASS) == len(verdicts):
                mask |= rows
            elif verdicts.count(FAIL) < len(verdicts):
                mask |= rows & _mask(self._low, verdicts)
        return mask


_WIDTH = 2
_PAGE = 256
_LOW = array("H", [1]).tobytes().index(1)
"""Where this machine keeps the low byte of two."""


def _mask(codes: bytes, table: bytes) -> int:
    return int.from_bytes(codes.translate(table.ljust(_PAGE, b"\0")), "little")
