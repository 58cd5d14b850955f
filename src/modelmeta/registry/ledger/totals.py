"""The ledger added up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ...catalog.price import EXACT
from ...display.sheet import Sheet
from ...display.shown import Shown
from ...display.text import as_text
from ...errors import QueryError
from ...records.frozen import FrozenDict
from ...records.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...records.ledger import Entry

__all__ = ["Totals", "TotalsRow", "add_up", "read_by"]

_TOKENS = tuple(field.name for field in attrs.fields(Usage))
_BY = re.compile(r"model|day|tag:(.+)", re.DOTALL)


@attrs.frozen(kw_only=True)
class TotalsRow:
    """The sums of some usages: those that ``key`` names, in the order of what they are added up by; None is no such tag.

    ``total`` is the exact sum, in USD, of those that have a price, None where none has. ``unpriced`` of the ``count`` have none. ``tokens`` are
    the counts of all, by their names in ``Usage``.
    """

    key: tuple[str | None, ...]
    count: int
    unpriced: int
    total: Decimal | None
    tokens: FrozenDict[str, int]


@attrs.frozen(kw_only=True)
class Totals(Shown):
    """The ledger added up ``by`` model, day or tag. Prints as a table, and shows as one in notebooks and through rich.

    ``rows`` are in the order of days, within a day the dearest first; ``whole`` is the sum of all.
    """

    by: tuple[str, ...]
    rows: tuple[TotalsRow, ...]
    whole: TotalsRow

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict for each row: what it is added up by, then ``count``, ``unpriced``, ``total`` and the tokens."""
        return [
            {**dict(zip(self.by, row.key, strict=True)), "count": row.count, "unpriced": row.unpriced, "total": row.total, **row.tokens}
            for row in self.rows
        ]

    def sheet(self) -> Sheet:
        """Return the rows, and the sum of all below."""
        unpriced = f"Without a price, and in no total: {self.whole.unpriced:,}" if self.whole.unpriced else ""
        last = [_cells(["total", *[""] * (len(self.by) - 1)], self.whole)] if self.by else [_cells([], self.whole)]
        return Sheet(
            header=[*(name.removeprefix("tag:") for name in self.by), "usages", "input tokens", "output tokens", "unpriced", "USD"],
            rows=[*(_cells([key or "" for key in row.key], row) for row in self.rows if self.by), *last],
            notes=[unpriced] if unpriced else [],
        )

    def __str__(self) -> str:
        return str(self.sheet())


def _cells(key: list[str], row: TotalsRow) -> list[str]:
    counts = (row.count, row.tokens["input_tokens"], row.tokens["output_tokens"], row.unpriced)
    return [*key, *map(as_text, counts), as_text(row.total)]


@attrs.define
class _Sum:
    count: int = 0
    unpriced: int = 0
    total: Decimal = Decimal(0)
    tokens: list[int] = attrs.field(factory=lambda: [0] * len(_TOKENS))

    def add(self, entry: Entry) -> None:
        """Add one usage."""
        self.count += 1
        self.tokens = [total + getattr(entry.usage, name) for total, name in zip(self.tokens, _TOKENS, strict=True)]
        if entry.total is None:
            self.unpriced += 1
        else:
            self.total = EXACT.add(self.total, entry.total)

    def row(self, key: tuple[str | None, ...]) -> TotalsRow:
        """Return what was added."""
        total = None if self.unpriced == self.count != 0 else self.total
        tokens = FrozenDict(zip(_TOKENS, self.tokens, strict=True))
        return TotalsRow(key=key, count=self.count, unpriced=self.unpriced, total=total, tokens=tokens)


def read_by(by: object) -> tuple[str, ...]:
    """Return what to add up by.

    Raises:
        QueryError: there is no such thing.
    """
    names: tuple[Any, ...] = (by,) if isinstance(by, str) or not isinstance(by, Iterable) else tuple(by)
    for name in names:
        if not isinstance(name, str) or not _BY.fullmatch(name):
            message = f"a ledger is added up by 'model', 'day' or 'tag:<name>', not {name!r:.100}"
            raise QueryError(message, criterion="by", value=name)
    return tuple(dict.fromkeys(names))


def add_up(entries: Iterable[Entry], by: tuple[str, ...]) -> Totals:
    """Return the sums of *entries*."""
    sums: dict[tuple[str | None, ...], _Sum] = {}
    whole, keys = _Sum(), [_key(name) for name in by]
    for entry in entries:
        key = tuple([of(entry) for of in keys])
        sums.setdefault(key, _Sum()).add(entry)
        whole.add(entry)
    days = [place for place, name in enumerate(by) if name == "day"]
    rows = [each.row(key) for key, each in sums.items()]
    rows.sort(key=lambda row: ([row.key[day] for day in days], row.total is None, -(row.total or 0), [key or "" for key in row.key]))
    return Totals(by=by, rows=tuple(rows), whole=whole.row(()))


def _key(name: str) -> Callable[[Entry], str | None]:
    if name == "model":
        return lambda entry: str(entry.ref)
    if name == "day":
        return lambda entry: entry.at.date().isoformat()
    tag = name.removeprefix("tag:")
    return lambda entry: entry.tags.get(tag)
