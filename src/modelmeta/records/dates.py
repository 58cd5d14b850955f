"""Dates as upstream writes them: a year, a month or a day, now and then an impossible one."""

from __future__ import annotations

import functools
from datetime import date

import attrs

__all__ = ["PartialDate"]


@functools.total_ordering
@attrs.frozen
class PartialDate:
    """A date known to the year, the month or the day, kept as it was written.

    Compares by its numbers from the year down; a shorter date sorts before the longer ones it contains, and text that is no date
    before everything else. An impossible date (``"2025-02-31"``) keeps its text and has ``is_possible`` False.

    >>> PartialDate("2025-11") < PartialDate("2025-11-24")
    True
    >>> PartialDate("2025-02-31").is_possible
    False
    """

    text: str

    @property
    def is_possible(self) -> bool:
        """Whether the calendar has this date."""
        return self.span is not None

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last day this date can mean, or None when it is impossible."""
        numbers = self._numbers()
        try:
            match numbers:
                case [year]:
                    return date(year, 1, 1), date(year, 12, 31)
                case [year, month]:
                    from calendar import monthrange  # noqa: PLC0415  # only a month's last day needs it

                    return date(year, month, 1), date(year, month, monthrange(year, month)[1])
                case [year, month, day]:
                    return date(year, month, day), date(year, month, day)
        except ValueError:
            pass
        return None

    def _numbers(self) -> tuple[int, ...]:
        """Return year, month and day as far as written, or nothing when the text has another form."""
        parts = self.text.split("-")
        widths = [4, 2, 2][: len(parts)]
        if [len(part) for part in parts] != widths or not all(part.isascii() and part.isdigit() for part in parts):
            return ()
        return tuple(map(int, parts))

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return (self._numbers(), self.text) < (other._numbers(), other.text)

    def __str__(self) -> str:
        return self.text
