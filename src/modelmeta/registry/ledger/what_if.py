"""What the same usages would have cost at another model."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ...catalog.price import EXACT, quote
from ...display.sheet import Sheet
from ...display.shown import Shown
from ...display.text import as_text
from ...records.refs import ModelRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...records.ledger import Entry
    from ...records.model import Model

__all__ = ["WhatIf", "WhatIfRow", "suppose"]


@attrs.frozen(kw_only=True)
class WhatIfRow:
    """The usages of one model, ``ref``: what they cost, and would have cost, in USD.

    Of the ``count`` usages, ``unknown`` have no price here or there: they are in neither sum. ``difference`` is ``would`` less ``did``: below 0
    is cheaper. The sums are None where nothing is known.
    """

    ref: ModelRef
    count: int
    unknown: int
    did: Decimal | None
    would: Decimal | None
    difference: Decimal | None


@attrs.frozen(kw_only=True)
class WhatIf(Shown):
    """What usages cost, and would have cost at the model ``ref`` by its prices of now, in USD. Prints as a table, and shows as one in notebooks.

    ``rows`` are by the model that was used. The sums are those of the rows; ``unknown`` of the ``count`` usages have no price here or there, and
    are in no sum, which is None where nothing is known. Whether the model would have taken what it was sent is not asked: ``registry.check`` tells.
    """

    ref: ModelRef
    rows: tuple[WhatIfRow, ...]
    count: int
    unknown: int
    did: Decimal | None
    would: Decimal | None
    difference: Decimal | None

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict for each row: ``model``, ``count``, ``unknown``, ``did``, ``would`` and ``difference``."""
        return [{"model": str(row.ref), **{name: getattr(row, name) for name in _NUMBERS}} for row in self.rows]

    def sheet(self) -> Sheet:
        """Return the models that were used, and the sum of all below."""
        last = ["total", *(as_text(getattr(self, name)) for name in _NUMBERS)]
        return Sheet(
            title=f"If it had been {self.ref}",
            header=["model", "usages", "unknown", "USD", "would be", "difference"],
            rows=[*([str(row.ref), *(as_text(getattr(row, name)) for name in _NUMBERS)] for row in self.rows), last],
            notes=[f"Without a price here or there, and in no sum: {self.unknown:,}"] if self.unknown else [],
        )

    def __str__(self) -> str:
        return str(self.sheet())


_NUMBERS = ("count", "unknown", "did", "would", "difference")


@attrs.define
class _Sum:
    count: int = 0
    unknown: int = 0
    did: Decimal = Decimal(0)
    would: Decimal = Decimal(0)

    def told(self) -> dict[str, Any]:
        """Return the fields of a row."""
        if self.unknown == self.count != 0:
            return {"count": self.count, "unknown": self.unknown, "did": None, "would": None, "difference": None}
        return {**attrs.asdict(self), "difference": EXACT.subtract(self.would, self.did)}


def suppose(entries: Iterable[Entry], model: Model) -> WhatIf:
    """Return what *entries* would have cost at *model*."""
    sums: dict[ModelRef, _Sum] = {}
    whole = _Sum()
    for entry in entries:
        would = quote(model, entry.usage).total
        for each in (sums.setdefault(entry.ref, _Sum()), whole):
            each.count += 1
            if entry.total is None or would is None:
                each.unknown += 1
            else:
                each.did, each.would = EXACT.add(each.did, entry.total), EXACT.add(each.would, would)
    rows = [WhatIfRow(ref=ref, **each.told()) for ref, each in sums.items()]
    return WhatIf(
        ref=model.ref, rows=tuple(sorted(rows, key=lambda row: (row.difference is None, row.difference or 0, row.ref))), **whole.told()
    )
