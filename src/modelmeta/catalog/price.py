"""What a request costs, line by line, exactly."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from typing import TYPE_CHECKING

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..display.text import as_text
from ..records.usage import Usage, not_a_usage
from .modes import mode_of

if TYPE_CHECKING:
    from ..records.cost import Cost, CostTier, Rates
    from ..records.model import Model
    from ..records.refs import ModelRef
    from ..records.vocabulary import PriceState

__all__ = ["EXACT", "WHOLES", "Quote", "QuoteLine", "billed_tokens", "quote", "rate_of"]

EXACT = Context(prec=2_000, traps=[Inexact])
"""Wide enough for any price and count that can be read, so that nothing is ever rounded; if it were not, it would say so."""

WHOLES = {"cache_read": "input", "cache_write": "input", "input_audio": "input", "reasoning": "output", "output_audio": "output"}
"""The whole whose rate bills each part that has none of its own."""

_PER_MILLION = -6


@attrs.frozen
class QuoteLine:
    """One part of a price: ``tokens`` at ``rate`` (USD per million) make ``amount`` (USD). Both are None where no rate is published."""

    component: str
    tokens: int
    rate: Decimal | None
    amount: Decimal | None


@attrs.frozen(kw_only=True)
class Quote(Shown):
    """What a usage costs at one model. Prints as a table, and shows as one in notebooks and through rich.

    ``total`` is in USD and the exact sum of ``lines``; it is None when ``state`` is ``unpriced``, never 0 for want of a price. ``tier`` is the
    tier that applied, ``mode`` the mode asked for, ``reason`` says in words what made the price what it is, where there is something to say.
    """

    ref: ModelRef
    usage: Usage
    total: Decimal | None
    state: PriceState
    lines: tuple[QuoteLine, ...] = ()
    tier: CostTier | None = None
    mode: str | None = None
    reason: str | None = None

    def sheet(self) -> Sheet:
        """Return the lines and their total; the title says what was priced, a note why."""
        lines = [[line.component, as_text(line.tokens), as_text(line.rate), as_text(line.amount)] for line in self.lines]
        return Sheet(
            title=f"{self.ref}, mode {self.mode}" if self.mode else str(self.ref),
            header=["", "tokens", "USD/M", "USD"],
            rows=[*lines, [f"total ({self.state})", "", "", as_text(self.total)]],
            notes=[self.reason] if self.reason else [],
        )

    def __str__(self) -> str:
        return str(self.sheet())


def quote(model: Model, usage: Usage, *, mode: str | None = None) -> Quote:
    """Return what *usage* costs at *model*; see ``Catalog.price`` for the rules."""
    if not isinstance(usage, Usage):
        raise not_a_usage(usage)
    table, reason = _table(model, mode)
    if table is None or (table.input is None and table.output is None):
        return Quote(ref=model.ref, usage=usage, total=None, state="unpriced", mode=mode, reason=f"{model.ref} has no published price")
    tier = next((tier for tier in reversed(table.tiers) if usage.input_tokens > tier.size), None)
    rates = table if tier is None else tier
    if tier is not None:
        over = f"input of {usage.input_tokens:,} tokens is above {tier.size:,}: the whole request is billed at that tier"
        reason = over if reason is None else f"{reason}; {over}"
    lines = _lines(usage, rates)
    total = Decimal(0)
    for line in lines:
        if line.amount is None:
            reason = f"{model.ref} publishes no rate for {line.component} tokens"
            return Quote(ref=model.ref, usage=usage, total=None, state="unpriced", lines=lines, tier=tier, mode=mode, reason=reason)
        total = EXACT.add(total, line.amount)
    costs_nothing = total == 0 and rates.input == 0 and rates.output == 0
    state: PriceState = "priced" if not costs_nothing else "plan" if model.subscription else "free"
    if state == "plan":
        reason = f"{model.provider_id} sells a subscription plan: tokens are not billed one by one"
    return Quote(ref=model.ref, usage=usage, total=total, state=state, lines=lines, tier=tier, mode=mode, reason=reason)


def _table(model: Model, mode: str | None) -> tuple[Cost | None, str | None]:
    """Return the price table of *mode*, and what there is to say about it."""
    if mode is None:
        return model.cost, None
    own = mode_of(model, mode).cost
    return (model.cost, f"mode {mode} has no prices of its own") if own is None else (own, None)


def billed_tokens(usage: Usage) -> dict[str, int]:
    """Return how many tokens of *usage* each rate bills: the parts, and what they leave of their wholes."""
    return {
        "input": usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens - usage.input_audio_tokens,
        "output": usage.output_tokens - usage.reasoning_tokens - usage.output_audio_tokens,
        "cache_read": usage.cache_read_tokens,
        "cache_write": usage.cache_write_tokens,
        "input_audio": usage.input_audio_tokens,
        "reasoning": usage.reasoning_tokens,
        "output_audio": usage.output_audio_tokens,
    }


def rate_of(rates: Rates | None, component: str) -> Decimal | None:
    """Return the rate that bills *component*: its own, or else that of the whole it is a part of; None where neither is published."""
    own: Decimal | None = getattr(rates, component, None)
    return getattr(rates, WHOLES[component], None) if own is None and component in WHOLES else own


def _lines(usage: Usage, rates: Rates) -> tuple[QuoteLine, ...]:
    return tuple([_line(component, tokens, rate_of(rates, component)) for component, tokens in billed_tokens(usage).items() if tokens])


def _line(component: str, tokens: int, rate: Decimal | None) -> QuoteLine:
    amount = None if rate is None else EXACT.multiply(rate, tokens).scaleb(_PER_MILLION, EXACT)
    return QuoteLine(component, tokens, rate, amount)
