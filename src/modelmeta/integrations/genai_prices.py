"""Prices of genai-prices beside ours, and where we have none (extra ``genai-prices``)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from ..errors import MissingExtraError
from ..records.refs import ModelRef
from ..registry.dialects import genai_prices_layer

if TYPE_CHECKING:
    from genai_prices import Usage as TheirUsage
    from genai_prices.types import PriceCalculation

    from ..catalog.price import Quote
    from ..catalog.reading import Reading
    from ..records.usage import Usage

__all__ = ["Compared", "compare", "price", "usage_of"]


@attrs.frozen
class Compared:
    """What a usage costs at a model in USD, by us and by genai-prices, which knows it as ``name``. None where there is no price."""

    ref: ModelRef
    name: str
    ours: Decimal | None
    theirs: Decimal | None

    @property
    def ratio(self) -> Decimal | None:
        """How many times the larger price is the smaller one; None where either is unknown or 0."""
        return max(self.ours, self.theirs) / min(self.ours, self.theirs) if self.ours and self.theirs else None


def compare(reading: Reading, usage: Usage, *, at: datetime | None = None) -> tuple[Compared, ...]:
    """Return what *usage* costs at every model that both know, by both, ordered by reference.

    Whose tables contradict, and where, is asked of ``disagreements(catalog, genai_prices_layer(catalog=catalog))``; where they do not, the totals
    are equal to the last digit. Besides tables genai-prices has fees for each request and prices by the hour, which we do not.

    Args:
        reading: a catalog, or a registry.
        usage: the tokens to price.
        at: the moment whose prices of theirs count; without it, now.

    Raises:
        MissingExtraError: genai-prices is not installed.
    """
    catalog = reading.catalog
    matched = genai_prices_layer(catalog=catalog, day=at.date() if at else None).matched
    pairs = []
    for ref, name in sorted(matched.items()):
        model = catalog.get(ref)
        theirs = _calculated(name.partition("/")[0], model.id, usage, at)
        pairs.append(Compared(model.ref, name, catalog.price(model.ref, usage).total, None if theirs is None else theirs.total_price))
    return tuple(pairs)


def price(reading: Reading, ref: str | ModelRef, usage: Usage, *, at: datetime | None = None) -> Quote:
    """Return our price, and where we have none that of genai-prices; ``reason`` says so, and what it took the model for.

    A model that we do not know may be one that genai-prices does: it matches ids by patterns, so also newer ones of a family.

    Args:
        reading: a catalog, or a registry.
        ref: the model; one that we do not know as ``provider/model``.
        usage: the tokens to price.
        at: the moment whose prices of theirs count; without it, now.

    Raises:
        ModelNotFoundError: neither knows the model.
        AmbiguousModelError: *ref* means several models.
        InvalidRefError: *ref* is no reference, and means no model of ours.
        MissingExtraError: we have no price, and genai-prices is not installed.
    """
    from ..catalog.price import Quote  # noqa: PLC0415  # as the other records of answers

    model = reading.get(ref, None)
    ours = None if model is None else reading.price(model.ref, usage)
    if ours is not None and ours.total is not None:
        return ours
    asked = model.ref if model is not None else ModelRef.parse(str(ref))
    theirs = _calculated(asked.provider_id, asked.model_id, usage, at)
    if theirs is None:
        return ours or reading.price(ref, usage)
    total = theirs.total_price
    reason = f"no price of ours: genai-prices bills it as {theirs.provider.id}/{theirs.model.id}"
    return Quote(ref=asked, usage=usage, total=total, state="priced" if total else "free", reason=reason)


def usage_of(usage: Usage) -> TheirUsage:
    """Return *usage* as genai-prices' ``Usage``.

    Raises:
        MissingExtraError: genai-prices is not installed.
    """
    try:
        from genai_prices import Usage as TheirUsage  # noqa: PLC0415  # comes with the extra
    except ModuleNotFoundError as error:
        message = 'genai-prices is not installed: pip install "modelmeta[genai-prices]"'
        raise MissingExtraError(message, extra="genai-prices") from error
    return TheirUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        input_audio_tokens=usage.input_audio_tokens,
        output_audio_tokens=usage.output_audio_tokens,
        output_reasoning_tokens=usage.reasoning_tokens,
        cache_audio_read_tokens=0,  # ours count cached audio as cached, and not as audio
    )


def _calculated(provider: str, model_id: str, usage: Usage, at: datetime | None) -> PriceCalculation | None:
    """Return their price, None where they have none."""
    theirs = usage_of(usage)
    from genai_prices import calc_price  # noqa: PLC0415  # as above

    try:
        return calc_price(theirs, model_id, provider_id=provider, genai_request_timestamp=at or datetime.now(UTC))
    except LookupError:
        return None
