"""How near a request is to where all of it costs more."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ...display.text import as_text
from ...records.refs import ModelRef
from ..price import EXACT, Quote, quote
from .room import as_usage, fits

if TYPE_CHECKING:
    from ...records.model import Model
    from ...records.usage import Usage

__all__ = ["Cliff", "cliff"]


@attrs.frozen(kw_only=True)
class Cliff:
    """The next price tier above a request: it bills the whole request once the input is larger than ``size`` tokens.

    ``tokens_left`` is how much more input stays below it. ``before`` is what the request costs with an input of ``size`` tokens, ``after`` with
    one token more, all else the same.
    """

    ref: ModelRef
    size: int
    tokens_left: int
    before: Quote
    after: Quote

    @property
    def jump(self) -> Decimal | None:
        """What that one token costs, in USD; None where either side has no price."""
        before, after = self.before.total, self.after.total
        return None if before is None or after is None else EXACT.subtract(after, before)

    def __str__(self) -> str:
        left = f"{self.tokens_left:,} more input tokens fit below the tier of {self.size:,}"
        if self.jump is None:
            return f"{left}; nobody says what crossing it costs"
        return f"{left}; crossing it costs {as_text(self.jump)} USD: {as_text(self.after.total)} instead of {as_text(self.before.total)}"


def cliff(model: Model, usage: Usage) -> Cliff | None:
    """Return the next price tier above *usage* at *model*; see ``Catalog.cliff``."""
    now = as_usage(usage)
    for tier in model.cost.tiers if model.cost else ():
        below, above = (attrs.evolve(now, input_tokens=tokens) for tokens in (tier.size, tier.size + 1))
        if tier.size >= now.input_tokens and fits(model, above) is not False:
            left = tier.size - now.input_tokens
            return Cliff(ref=model.ref, size=tier.size, tokens_left=left, before=quote(model, below), after=quote(model, above))
    return None
