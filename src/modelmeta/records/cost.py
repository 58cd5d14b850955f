"""Prices, in USD per million tokens."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from operator import attrgetter

import attrs

from .frozen import FrozenDict

__all__ = ["RATES", "Cost", "CostTier", "Rates"]

RATES = ("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio")


@attrs.frozen(kw_only=True)
class Rates:
    """One price table: USD per million tokens, each None where upstream publishes no rate of its own (upstream ``cost``)."""

    input: Decimal | None = None
    output: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None
    input_audio: Decimal | None = None
    output_audio: Decimal | None = None


@attrs.frozen(kw_only=True)
class CostTier(Rates):
    """The rates of a whole request whose input is larger than ``size`` tokens (upstream ``cost.tiers``)."""

    size: int


def _ascending(tiers: Iterable[CostTier]) -> tuple[CostTier, ...]:
    return tuple(sorted(tiers, key=attrgetter("size")))


@attrs.frozen(kw_only=True)
class Cost(Rates):
    """What a model costs (upstream ``cost``).

    ``tiers`` ascend by size. They come from upstream's ``tiers``; only where there are none is ``context_over_200k`` read, as a tier of
    200,000. ``modes`` maps a mode's name to its own price table (upstream ``experimental.modes``).
    """

    tiers: tuple[CostTier, ...] = attrs.field(default=(), converter=_ascending)
    modes: FrozenDict[str, Cost] = attrs.field(factory=FrozenDict)
