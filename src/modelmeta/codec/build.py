"""Rows that were found good before, made records without checking them again: what a first touch costs."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..records.cost import Cost, CostTier
from ..records.dates import PartialDate
from ..records.frozen import FrozenDict, freeze
from ..records.model import Experimental, Interleaved, Limit, Modalities, Mode, Model, ProviderOverride, ReasoningOption
from ..records.provider import Provider
from .shape import Json, shape_model, shape_provider

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..records.refs import ModelRef

__all__ = ["build_model", "build_provider"]


def build_model(ref: ModelRef, row: Json, *, subscription: bool) -> Model:
    """Return the model that *row*, a row known to be good, describes."""
    shaped = shape_model(ref, row, subscription=subscription)
    for name in shaped.keys() & _BUILD.keys():
        shaped[name] = _BUILD[name](shaped[name])
    return Model(**{"extra": _NOTHING, **shaped})


def build_provider(provider_id: str, head: Json, *, model_count: int) -> Provider:
    """Return the provider that *head*, known to be good, describes."""
    shaped = shape_provider(provider_id, {key: value for key, value in head.items() if key != "models"})
    return Provider(**{**shaped, "env": tuple(shaped.get("env", ())), "extra": freeze(shaped.get("extra", {})), "model_count": model_count})


_KEPT = 8_192
"""Of the parts that thousands of models have in common, so many are there only once: what a process holds, its garbage collector walks."""

_date = lru_cache(_KEPT, typed=True)(PartialDate)
_limit = lru_cache(_KEPT, typed=True)(Limit)
_option = lru_cache(_KEPT, typed=True)(ReasoningOption)
_words = lru_cache(_KEPT, typed=True)(Modalities)
_field = lru_cache(_KEPT, typed=True)(Interleaved)
_NOTHING: FrozenDict[str, Any] = FrozenDict()


def _modalities(shaped: Json) -> Modalities:
    return _words(**{side: tuple(words) for side, words in shaped.items()})


def _cost(shaped: Json) -> Cost:
    tiers = tuple([CostTier(size=tier["size"], **_rates(tier)) for tier in shaped.get("tiers", ())])
    modes = {name: _cost(cost) for name, cost in shaped.get("modes", {}).items()}
    return Cost(tiers=tiers, modes=FrozenDict(modes) if modes else _NOTHING, **_rates(shaped))


def _rates(shaped: Json) -> dict[str, Decimal]:
    return {name: Decimal(rate) for name, rate in shaped.items() if name not in {"size", "tiers", "modes"}}


@lru_cache(_KEPT)
def _options(*options: ReasoningOption) -> tuple[ReasoningOption, ...]:
    return options


def _reasoning_options(shaped: list[Json]) -> tuple[ReasoningOption, ...]:
    return _options(*[_option(**{**option, "values": tuple(option.get("values", ()))}) for option in shaped])


def _override(shaped: Json) -> ProviderOverride:
    return ProviderOverride(**{name: freeze(value) for name, value in shaped.items()})


def _experimental(shaped: Any) -> bool | Experimental:
    if isinstance(shaped, bool):
        return shaped
    return Experimental(FrozenDict({name: _mode(mode) for name, mode in shaped.get("modes", {}).items()}))


def _mode(shaped: Json) -> Mode:
    cost, provider = shaped.get("cost"), shaped.get("provider")
    return Mode(cost=None if cost is None else _cost(cost), provider=None if provider is None else _override(provider))


_BUILD: dict[str, Callable[[Any], Any]] = {
    "cost": _cost,
    "experimental": _experimental,
    "extra": freeze,
    "interleaved": lambda shaped: shaped if isinstance(shaped, bool) else _field(**shaped),
    "knowledge": _date,
    "last_updated": _date,
    "limit": lambda shaped: _limit(**shaped),
    "modalities": _modalities,
    "provider": _override,
    "reasoning_options": _reasoning_options,
    "release_date": _date,
}
