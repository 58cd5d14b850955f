"""What looks wrong in the facts of a catalog."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from statistics import median_high, median_low
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ...display.sheet import SHOWN, Sheet, part_of
from ...display.text import as_text
from ...display.tuples import ShownTuple
from ...records.cost import RATES
from ...records.frozen import FrozenDict
from ...records.refs import ModelRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...records.cost import Cost, Rates
    from ...records.dates import PartialDate
    from ...records.model import Model
    from ..catalog import Catalog

__all__ = ["Finding", "FindingKind", "Findings", "lint"]

FindingKind: TypeAlias = Literal[
    "output_above_context",
    "input_above_context",
    "tier_below_base",
    "cache_above_input",
    "free_at_paid_provider",
    "price_jump",
    "impossible_date",
    "dates_in_disorder",
]
"""What looks wrong."""

_JUMP = 100
"""How many times what others charge is a slip of a unit, not a discount: one of x1000 and a tenth of the price still show."""
_EARLIEST = 2017
"""No date of a model is of a year before this."""


@attrs.frozen(kw_only=True)
class Finding:
    """Something that looks wrong: ``field`` of the model ``ref``, with all ``values`` it is judged by, under their dotted paths, and ``why``."""

    ref: ModelRef
    kind: FindingKind
    field: str
    values: FrozenDict[str, Any]
    why: str


class Findings(ShownTuple[Finding]):
    """Everything that looks wrong, by reference: a tuple that shows itself as a table."""

    __slots__ = ()

    @property
    def counts(self) -> FrozenDict[str, int]:
        """How many findings there are of each kind, most first."""
        return FrozenDict(Counter(finding.kind for finding in self).most_common())

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all of the findings; a note says how many there are."""
        rows = [[str(finding.ref), finding.field, finding.why] for finding in self[:most]]
        return Sheet(header=["model", "field", "why"], rows=rows, notes=part_of(len(rows), len(self), "findings"))


def lint(catalog: Catalog) -> Findings:
    """Return what looks wrong in the facts of *catalog*; see ``Catalog.lint``."""
    models = [catalog.peek(row) for row in range(len(catalog))]
    latest = None if catalog.content.fetched_at is None else date.fromisoformat(catalog.content.fetched_at[:10]) + timedelta(days=1)
    found = [finding for model in models for finding in (*_limits(model), *_tiers(model), *_dates(model, latest))]
    found += [*_free(catalog, models), *_jumps(catalog, models)]
    return Findings(sorted(found, key=attrgetter("ref", "field", "kind", "why")))


def _finding(model: Model, kind: FindingKind, values: Mapping[str, Any], why: str) -> Finding:
    """Return the finding about the first of *values*."""
    return Finding(ref=model.ref, kind=kind, field=next(iter(values)), values=FrozenDict(values), why=why)


def _limits(model: Model) -> Iterator[Finding]:
    limit = model.limit
    kinds: tuple[tuple[FindingKind, str, int | None], ...] = (
        ("input_above_context", "input", limit.input),
        ("output_above_context", "output", limit.output),
    )
    for kind, name, tokens in kinds:
        if tokens is not None and limit.context is not None and tokens > limit.context:
            why = f"{name} of {tokens:,} tokens is more than the context of {limit.context:,}"
            yield _finding(model, kind, {f"limit.{name}": tokens, "limit.context": limit.context}, why)


def _tiers(model: Model) -> Iterator[Finding]:
    cost = model.cost
    if cost is None:
        return
    tables: list[tuple[str, Rates]] = [("cost", cost), *((f"cost.tiers.{tier.size}", tier) for tier in cost.tiers)]
    for (base, below), (place, above) in pairwise(tables):
        for rate in RATES:
            more, less = getattr(below, rate), getattr(above, rate)
            if more is not None and less is not None and less < more:
                why = f"{rate} costs {as_text(less)} in the tier of {int(place.rpartition('.')[2]):,}, {as_text(more)} below it"
                yield _finding(model, "tier_below_base", {f"{place}.{rate}": less, f"{base}.{rate}": more}, why)
    if cost.cache_read is not None and cost.input is not None and cost.cache_read > cost.input:
        why = f"reading from the cache costs {as_text(cost.cache_read)}, more than input at {as_text(cost.input)}"
        yield _finding(model, "cache_above_input", {"cost.cache_read": cost.cache_read, "cost.input": cost.input}, why)


def _dates(model: Model, latest: date | None) -> Iterator[Finding]:
    dates = {name: getattr(model, name) for name in ("release_date", "last_updated", "knowledge")}
    spans: dict[str, tuple[date, date]] = {}
    for name, day in dates.items():
        if day is None:
            continue
        why = _impossible(day, latest)
        if why:
            yield _finding(model, "impossible_date", {name: day}, why)
        else:
            spans[name] = day.span
    for earlier, later, what in _ORDER:
        if earlier in spans and later in spans and spans[earlier][0] > spans[later][1]:
            values = {later: dates[later], earlier: dates[earlier]}
            yield _finding(model, "dates_in_disorder", values, f"{dates[later]} is before {dates[earlier]}, {what}")


_ORDER = (
    ("release_date", "last_updated", "when it was released"),
    ("knowledge", "last_updated", "up to when it knows"),
)
"""Dates of which the first cannot be after the second, and what the first is. What moves on may know more than when it was released."""


def _impossible(day: PartialDate, latest: date | None) -> str | None:
    if day.span is None:
        return f"no calendar has the date {as_text(day)}"
    if day.span[1].year < _EARLIEST:
        return f"{day} is before there were such models"
    if latest is not None and day.span[0] > latest:
        return f"{day} is after the facts were written"
    return None


def _free(catalog: Catalog, models: Sequence[Model]) -> Iterator[Finding]:
    """Yield what is free where most are paid for, and does not say so in its name."""
    states = Counter((model.provider_id, model.price_state) for model in models)
    for model in models:
        paid, free = states[model.provider_id, "priced"], states[model.provider_id, "free"]
        if model.price_state == "free" and paid > free and "free" not in f"{model.id} {model.name}".casefold():
            why = f"costs nothing at {catalog.sellers[model.provider_id].name!r}, who sells {paid:,} models for money and {free:,} for none"
            yield _finding(model, "free_at_paid_provider", {"cost.input": Decimal(0), "cost.output": Decimal(0)}, why)


def _jumps(catalog: Catalog, models: Sequence[Model]) -> Iterator[Finding]:
    """Yield the prices that are far from what others charge for the same model."""
    for rows in catalog.links.sellers.values():
        for rate in ("input", "output"):
            prices = {row: price for row in rows if (price := _price(models[row].cost, rate)) > 0}
            if len(prices) > 1:
                for row, price in prices.items():
                    yield from _jump(models[row], rate, price, [prices[other] for other in prices if other != row])


def _jump(model: Model, rate: str, price: Decimal, others: Sequence[Decimal]) -> Iterator[Finding]:
    low, high = median_low(others), median_high(others)
    if price >= _JUMP * high or low >= _JUMP * price:
        usual, way = (high, "more") if price > high else (low, "less")
        times = max(price, usual) / min(price, usual)
        who = "the other seller asks" if len(others) == 1 else f"{len(others):,} others ask"
        why = f"{rate} costs {as_text(price)}, {times:,.0f} times {way} than what {who}: {as_text(usual)}"
        yield _finding(model, "price_jump", {f"cost.{rate}": price, "others": usual}, why)


def _price(cost: Cost | None, rate: str) -> Decimal:
    """Return the price, 0 where there is none to compare."""
    return getattr(cost, rate, None) or Decimal(0)
