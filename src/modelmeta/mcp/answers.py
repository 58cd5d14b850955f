"""What the tools answer. Money and scores are decimal text, exact; unknown is null, never false and never 0."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from pydantic import BaseModel, Field

from ..codec.json_text import to_text
from ..records.columns import fact_at
from ..records.plain import flatten, plain
from ..records.vocabulary import PriceState

if TYPE_CHECKING:
    from ..catalog.compare import Comparison
    from ..catalog.price import Quote
    from ..records.model import Model
    from ..records.provider import Provider

__all__ = ["Compared", "Found", "Known", "Offer", "Pick", "Picked", "Priced", "Sold", "Summary"]

Usd: TypeAlias = Decimal | None

_MOST_FACTS = 200
_LONGEST = 2_000
"""So many characters of JSON may one fact take."""


class Summary(BaseModel):
    """A model in short. Prices are USD per million tokens; price_state plan is a subscription that pays for tokens."""

    model: str
    name: str
    price_state: PriceState
    cost_input: Usd
    cost_output: Usd
    limit_context: int | None
    limit_output: int | None
    release_date: str | None
    status: str = Field(description="available unless upstream says otherwise")
    capabilities: list[str] = Field(description="those known to be true")

    @classmethod
    def of(cls, model: Model, **more: Any) -> Self:
        """Return *model* in short, with *more* of it."""
        return cls(
            model=str(model.ref),
            name=model.name,
            price_state=model.price_state,
            cost_input=fact_at(model, "cost.input"),
            cost_output=fact_at(model, "cost.output"),
            limit_context=model.limit.context,
            limit_output=model.limit.output,
            release_date=fact_at(model, "release_date.text"),
            status=model.status or "available",
            capabilities=sorted(model.capabilities),
            **more,
        )


class _Page(BaseModel):
    total: int | None = Field(description="how many there are; null where only the best were looked for")
    next_offset: int | None = Field(description="the offset of the next page; null on the last")


class Found(_Page):
    """Models that were found."""

    models: list[Summary]


class Pick(Summary):
    """A model in its place."""

    value: str | None = Field(description="what it is ranked by; null where that is unknown, which comes last")
    total: Usd = Field(description="what the workload costs, in USD")


class Picked(_Page):
    """Models in the order of a preference, best first."""

    by: str
    models: list[Pick]


class Offer(Summary):
    """A provider's offer of one and the same model."""

    variants: list[str] = Field(description="what sets this offer apart: free, fp8, a region, …")
    total: Usd = Field(description="what the workload costs, in USD; null without one")


class Sold(_Page):
    """Who sells a model, cheapest first."""

    offers: list[Offer]


class Seller(BaseModel):
    """A provider; env are the names of the variables that hold its credentials."""

    id: str
    name: str
    env: list[str]
    api: str | None
    npm: str | None
    doc: str | None


class Known(Summary):
    """A model in full: every fact that is known, by its path."""

    provider: Seller
    facts: dict[str, Any]
    facts_left_out: int

    @classmethod
    def about(cls, model: Model, provider: Provider) -> Self:
        """Return what is known of *model*, sold by *provider*."""
        facts = flatten(model)
        seller = Seller(id=provider.id, name=provider.name, env=list(provider.env), api=provider.api, npm=provider.npm, doc=provider.doc)
        shown = {path: _bounded(plain(facts[path])) for path in [*facts][:_MOST_FACTS]}
        return cls.of(model, provider=seller, facts=shown, facts_left_out=len(facts) - len(shown))


class Row(BaseModel):
    """One fact of each compared model; best are those that lead in it, where more or less is better."""

    field: str
    unit: str | None
    differs: bool
    values: dict[str, Any]
    best: list[str]


class Compared(BaseModel):
    """Models side by side; of those missing nothing is known."""

    missing: list[str]
    rows: list[Row]

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        """Return *comparison*."""
        rows = [{**row, "values": {ref: _bounded(value) for ref, value in row["values"].items()}} for row in comparison.to_dicts()]
        return cls(missing=list(comparison.missing), rows=[Row(**row) for row in rows])


class Line(BaseModel):
    """One part of a price: tokens at a rate (USD per million) make an amount (USD)."""

    component: str
    tokens: int
    rate: Usd
    amount: Usd


class Priced(BaseModel):
    """What a workload costs, in USD. The total is null where a price is unpublished: unknown, not free."""

    model: str
    total: Usd
    state: PriceState
    lines: list[Line]
    tier_above: int | None = Field(description="the input is larger than so many tokens, which bills the whole request at other rates")
    mode: str | None
    reason: str | None

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """Return *quote*."""
        return cls(
            model=str(quote.ref),
            total=quote.total,
            state=quote.state,
            lines=[Line(component=line.component, tokens=line.tokens, rate=line.rate, amount=line.amount) for line in quote.lines],
            tier_above=None if quote.tier is None else quote.tier.size,
            mode=quote.mode,
            reason=quote.reason,
        )


def _bounded(value: Any) -> Any:
    """Return *value*, or the beginning of its JSON where that is long."""
    text = to_text(value)
    return value if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
