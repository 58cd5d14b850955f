"""What users want of providers: which are enabled, and how much each weighs. Kept in the store, whatever a refresh brings."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import attrs

from ..errors import QueryError
from ..records.numbers import as_decimal
from .head import as_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..catalog.catalog import Catalog
    from ..stores.store import Store

__all__ = ["ProviderConfig", "ProviderStats", "checked", "configs_in", "configure", "stats_of"]

_KIND = "provider"
_ONE = Decimal(1)


@attrs.frozen(kw_only=True)
class ProviderConfig:
    """What a user wants of one provider. Its ``weight`` is theirs to give a meaning; nothing here ranks by it."""

    provider_id: str
    weight: Decimal = _ONE
    enabled: bool = True


@attrs.frozen(kw_only=True)
class ProviderStats:
    """One provider in numbers.

    ``total`` counts its models, ``available`` says whether its variables are set (None where the data do not say which are needed),
    ``enabled`` and ``weight`` are as configured, and ``synced_at`` is when upstream last had just these facts of it, None where nobody knows.
    """

    provider_id: str
    total: int
    available: bool | None
    enabled: bool
    weight: Decimal
    synced_at: datetime | None


def configs_in(store: Store) -> dict[str, ProviderConfig]:
    """Return what is configured in *store*, by provider; those that are as they are by default are not there."""
    return {(config := _read(key, text)).provider_id: config for key, text in sorted(store.entries(_KIND).items())}


def _read(key: str, text: str) -> ProviderConfig:
    kept = json.loads(text)
    return ProviderConfig(provider_id=unquote(key), weight=Decimal(kept["weight"]), enabled=kept["enabled"])


def configure(store: Store, provider_id: str, changes: Mapping[str, Any]) -> ProviderConfig:
    """Keep *changes* to what is configured for a provider; others change other fields at the same time, and nothing is lost."""
    key = quote(provider_id, safe="")
    while True:
        old = store.entries(_KIND).get(key)
        config = attrs.evolve(ProviderConfig(provider_id=provider_id) if old is None else _read(key, old), **changes)
        is_default = config == ProviderConfig(provider_id=provider_id)
        new = None if is_default else json.dumps({"enabled": config.enabled, "weight": str(config.weight)})
        if new == old or store.swap(_KIND, key, old, new):
            return config


def checked(weight: object, enabled: object) -> dict[str, Any]:
    """Return what is to be changed: of a weight and a flag those that are given.

    Raises:
        QueryError: one of them is none.
    """
    changes: dict[str, Any] = {}
    if weight is not None:
        number = as_decimal(weight)
        if number is None or number < 0:
            message = f"weight must be a number of 0 or more, not {weight!r:.100}"
            raise QueryError(message, criterion="weight", value=weight)
        changes["weight"] = number
    if enabled is not None:
        if not isinstance(enabled, bool):
            message = f"enabled must be True or False, not {enabled!r:.100}"
            raise QueryError(message, criterion="enabled", value=enabled)
        changes["enabled"] = enabled
    return changes


def stats_of(catalog: Catalog, store: Store, provider_id: str | None) -> tuple[ProviderStats, ...]:
    """Return one provider of *catalog*, or all of them, in numbers."""
    from ..catalog.availability import availability  # noqa: PLC0415  # few ask

    configs, synced = configs_in(store), _synced(catalog, store)
    providers = catalog.providers() if provider_id is None else (catalog.provider(provider_id),)
    now = availability(catalog, None)
    ready, unsure = ({provider.id for provider in some} for some in (now.providers, now.unsure))
    return tuple(
        ProviderStats(
            provider_id=provider.id,
            total=provider.model_count,
            available=None if provider.id in unsure else provider.id in ready,
            enabled=(config := configs.get(provider.id, ProviderConfig(provider_id=provider.id))).enabled,
            weight=config.weight,
            synced_at=synced(provider.id),
        )
        for provider in providers
    )


def _synced(catalog: Catalog, store: Store) -> Callable[[str], datetime | None]:
    """Return what says when the facts of a provider were current: at the newest revision that was not limited to others."""
    revisions = store.revisions()
    if not revisions:
        floor = as_time(catalog.content.fetched_at)
        return lambda _: floor
    times = [(each.scope, each.committed_at if each.scope else each.confirmed_at or each.committed_at) for each in revisions]
    return lambda provider_id: next((time for scope, time in times if scope is None or provider_id in scope), None)
