"""A model as one provider sells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..display.shown import Shown
from .capabilities import CAPABILITIES, any_of, capability_names
from .cost import Cost
from .dates import PartialDate
from .frozen import FrozenDict
from .refs import ModelRef
from .vocabulary import KnownModality, KnownStatus, KnownType

if TYPE_CHECKING:
    from ..display.sheet import Sheet
    from .vocabulary import Capability, PriceState

__all__ = ["Experimental", "Interleaved", "Limit", "Modalities", "Mode", "Model", "ProviderOverride", "ReasoningOption"]


@attrs.frozen
class Limit:
    """How many tokens fit (upstream ``limit``). None where nobody said; upstream also writes that as 0."""

    context: int | None = None
    input: int | None = None
    output: int | None = None


@attrs.frozen
class Modalities:
    """What a model takes in and gives out (upstream ``modalities``). Empty where nobody said."""

    input: tuple[KnownModality | str, ...] = ()
    output: tuple[KnownModality | str, ...] = ()


@attrs.frozen
class Interleaved:
    """The reply field that carries reasoning between tool calls (upstream ``interleaved.field``)."""

    field: str | None = None


@attrs.frozen
class ReasoningOption:
    """One way to steer reasoning (upstream ``reasoning_options``).

    ``type`` is ``effort`` (one of ``values``; None among them means "send none"), ``budget_tokens`` (``min`` to ``max`` tokens, a ``min`` of
    -1 being "let the model decide"), ``toggle``, or a word not yet known.
    """

    type: str | None = None
    values: tuple[str | None, ...] = ()
    min: int | None = None
    max: int | None = None

    def __str__(self) -> str:
        kind = self.type or "unknown"
        details = ["unset" if value is None else value for value in self.values]
        details += [f"{name} {bound:,}" for name, bound in (("min", self.min), ("max", self.max)) if bound is not None]
        return f"{kind} ({', '.join(details)})" if details else kind


@attrs.frozen
class ProviderOverride:
    """Where one model is served differently from the rest of its provider (upstream model field ``provider``)."""

    npm: str | None = None
    api: str | None = None
    shape: str | None = None
    body: FrozenDict[str, Any] | None = None
    headers: FrozenDict[str, Any] | None = None


@attrs.frozen
class Mode:
    """A way to run the model that changes its price or its request (upstream ``experimental.modes.<name>``)."""

    cost: Cost | None = None
    provider: ProviderOverride | None = None


@attrs.frozen
class Experimental:
    """What upstream tries out (upstream ``experimental``): ``modes`` maps a mode's name to a :class:`Mode`."""

    modes: FrozenDict[str, Mode] = attrs.field(factory=FrozenDict)


@attrs.frozen(kw_only=True)
class Model(Shown):
    """One model of one provider: upstream's facts under upstream's names. Notebooks and rich show it as a table.

    None means that nobody said: it is never False and never 0. ``status`` None is generally available, ``type`` None is chat. ``extra``
    holds the upstream fields this release has no name for, nested ones under a dotted name (``"limit.images"``).
    """

    ref: ModelRef
    name: str
    description: str | None = None
    family: str | None = None
    type: KnownType | str | None = None
    attachment: bool | None = None
    reasoning: bool | None = None
    reasoning_options: tuple[ReasoningOption, ...] | None = None
    tool_call: bool | None = None
    structured_output: bool | None = None
    temperature: bool | None = None
    interleaved: bool | Interleaved | None = None
    knowledge: PartialDate | None = None
    release_date: PartialDate | None = None
    last_updated: PartialDate | None = None
    modalities: Modalities = attrs.field(factory=Modalities)
    open_weights: bool | None = None
    limit: Limit = attrs.field(factory=Limit)
    cost: Cost | None = None
    status: KnownStatus | str | None = None
    experimental: bool | Experimental | None = None
    provider: ProviderOverride | None = None
    canonical_model_id: str | None = None
    subscription: bool = False
    """Derived: the provider sells a plan, so its prices of 0 do not mean free (see :attr:`Provider.subscription`)."""
    extra: FrozenDict[str, Any] = attrs.field(factory=FrozenDict)

    @property
    def provider_id(self) -> str:
        """The provider's id, the first half of ``ref``."""
        return self.ref.provider_id

    @property
    def id(self) -> str:
        """The id to send to the provider, the second half of ``ref``."""
        return self.ref.model_id

    def supports(self, capability: Capability | str) -> bool | None:
        """Return True or False as upstream says, None when nobody said.

        Raises:
            UnknownCapabilityError: nothing is called that; the message lists what is.
        """
        return any_of(tuple(CAPABILITIES[name](self) for name in capability_names(capability)))

    @property
    def capabilities(self) -> frozenset[str]:
        """The names of all capabilities known to be true."""
        return frozenset(name for name, answer in CAPABILITIES.items() if answer(self))

    @property
    def price_state(self) -> PriceState:
        """Derived from ``cost``: ``priced``, ``free`` (input and output both published as 0), ``plan`` (the same at a subscription) or ``unpriced``."""
        cost = self.cost
        if cost is None or (cost.input is None and cost.output is None):
            return "unpriced"
        if cost.input == 0 and cost.output == 0:
            return "plan" if self.subscription else "free"
        return "priced"

    def sheet(self) -> Sheet:
        """Return everything known about the model, a row for each fact under its dotted path."""
        from ..display.sheet import Sheet  # noqa: PLC0415  # the first answer shows nothing
        from ..display.text import as_text  # noqa: PLC0415  # as above
        from .plain import flatten  # noqa: PLC0415  # it knows this class

        facts = {"price_state": self.price_state, **flatten(self)}
        return Sheet(header=["fact", str(self.ref)], rows=[[path, as_text(value)] for path, value in facts.items()])
