"""How near a request is to where all of it costs more."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ...display.text import as_text
from ...records.refs import ModelRef
from ..price import EXACT, Quote, quote

if TYPE_CHECKING:
    from ...records.cost import Cost
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


def cliff(model: Model, usage: Usage, *, mode: str | None = None) -> Cliff | None:
    """Return the next price tier above *usage* at *model*; see ``Catalog.cliff``."""
    now = quote(model, usage, mode=mode)
    most = min((most for most in (model.limit.input, model.limit.context) if most is not None), default=None)
    above = [tier.size for tier in _tiers(model, now) if tier >= usage.input_tokens and (most is None or tier < most)]
    if not above:
        return None
    size = above[0]
    before, after = (quote(model, attrs.evolve(usage, input_tokens=tokens), mode=mode) for tokens in (size, size + 1))
    return Cliff(ref=model.ref, size=size, tokens_left=size - usage.input_tokens, before=before, after=after)
