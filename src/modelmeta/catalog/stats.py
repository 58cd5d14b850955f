"""A catalog in numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from ..records.frozen import FrozenDict
from .tally import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from .catalog import Catalog

__all__ = ["Distribution", "Stats", "catalog_stats", "counted"]


@attrs.frozen
class Distribution:
    """How a number is spread: ``known`` values, ``unknown`` ones beside them, and the values at five ranks (None when nothing is known)."""

    known: int
    unknown: int
    min: int | Decimal | None = None
    p25: int | Decimal | None = None
    median: int | Decimal | None = None
    p75: int | Decimal | None = None
    max: int | Decimal | None = None


@attrs.frozen(kw_only=True)
class Stats:
    """A catalog in numbers: counts by word, most first, and distributions.

    ``context`` is in tokens over all models; ``input_cost`` and ``output_cost`` are in USD per million tokens over those that are ``priced``.
    """

    models: int
    providers: int
    lab_models: int
    problems: int
    by_provider: FrozenDict[str, int]
    by_type: FrozenDict[str, int]
    by_status: FrozenDict[str, int]
    by_price_state: FrozenDict[str, int]
    context: Distribution
    input_cost: Distribution
    output_cost: Distribution
    tiers: tuple[Tier, ...] = attrs.field(default=(), eq=False)
    """Where answers came from so far: ``memory`` and, of a registry, ``store`` and ``source``."""


def catalog_stats(catalog: Catalog) -> Stats:
    """Return *catalog* in numbers, and where answers came from so far."""
    return attrs.evolve(catalog.counts, tiers=(_memory(catalog),))


def counted(catalog: Catalog) -> Stats:
    """Return *catalog* in numbers."""
    states = catalog.column("price_state")
    priced = [row for row in range(len(catalog)) if states[row] == "priced"]
    return Stats(
        models=len(catalog),
        providers=len(catalog.providers()),
        lab_models=len(catalog.lab_models),
        problems=len(catalog.problems),
        by_provider=_counts(catalog, "provider_id"),
        by_type=_counts(catalog, "type", absent="chat"),
        by_status=_counts(catalog, "status", absent="available"),
        by_price_state=_counts(catalog, "price_state"),
        context=_distribution(catalog, "limit.context", range(len(catalog))),
        input_cost=_distribution(catalog, "cost.input", priced),
        output_cost=_distribution(catalog, "cost.output", priced),
    )


def _memory(catalog: Catalog) -> Tier:
    """Return what the parts of *catalog* that were built so far remember."""
    parts = [vars(catalog)[name] for name in ("matching", "ranking", "names") if name in vars(catalog)]
    return Tier(
        "memory", sum(part.tally.hits for part in parts), sum(part.tally.misses for part in parts), sum(part.size for part in parts)
    )


def _counts(catalog: Catalog, name: str, absent: str = "") -> FrozenDict[str, int]:
    column = catalog.column(name)
    counts: Counter[str] = Counter()
    for code, count in Counter(column.codes).items():
        counts[column.values[code - 1] if code else absent] += count
    return FrozenDict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _distribution(catalog: Catalog, name: str, rows: Iterable[int]) -> Distribution:
    column = catalog.column(name)
    codes = sorted(column.codes[row] for row in rows)
    unknown = codes.count(0)
    known: list[Any] = codes[unknown:]
    last = len(known) - 1
    ranks = [column.values[known[last * quarter // 4] - 1] for quarter in range(5)] if known else []
    return Distribution(len(known), unknown, *ranks)
