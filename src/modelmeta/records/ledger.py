"""What was used, and what it cost at that moment."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from .frozen import FrozenDict
from .refs import ModelRef
from .usage import Usage
from .vocabulary import PriceState

__all__ = ["Entry"]


@attrs.frozen(kw_only=True)
class Entry:
    """One usage of a model in the ledger, with the price that it had then: whatever prices become, this one stays.

    ``total`` is in USD, and None where ``state`` is ``unpriced``: never 0 for want of a price. ``rates`` are those that billed it, in USD per
    million tokens, by part of the usage (``input``, ``cache_read``, …), None where none is published. ``tier`` is the size, in tokens, of the
    tier that applied, ``mode`` the mode it was priced by, ``revision`` the catalog's, None where the price came with the usage.
    """

    id: str
    """No other entry's, in any process."""
    at: datetime
    """When it was used, in UTC."""
    ref: ModelRef
    usage: Usage
    tags: FrozenDict[str, str] = attrs.field(factory=FrozenDict)
    total: Decimal | None = None
    state: PriceState = "unpriced"
    rates: FrozenDict[str, Decimal | None] = attrs.field(factory=FrozenDict)
    tier: int | None = None
    mode: str | None = None
    revision: str | None = None
    number: int | None = attrs.field(default=None, eq=False)
    """Where it stands in the store, in the order in which entries were written there; None until it is."""
