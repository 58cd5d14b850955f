"""What a provider's own list of models says beside the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..records.frozen import FrozenDict
from ..records.model import Limit, Model
from ..records.refs import ModelRef

if TYPE_CHECKING:
    from datetime import datetime

    from .._clock import Clock
    from .._flow import Flow
    from ..catalog.catalog import Catalog
    from ..catalog.model_list import ModelList
    from ..codec.layer import Layer
    from ..codec.live import Dialect
    from ..records.problem import Problem
    from ..settings import Settings
    from .live import Listing, Place

__all__ = ["Discovery", "Lists", "Wish"]

_SHOWN = 10
_PACKAGES = {"openai": "@ai-sdk/openai-compatible", "anthropic": "@ai-sdk/anthropic", "google": "@ai-sdk/google"}
"""What upstream would name for a provider that speaks so."""


@attrs.frozen(kw_only=True, repr=False)
class Discovery(Shown):
    """The models a provider says it has, beside those the catalog has of it.

    ``known`` are models of the catalog that the list names, ``ids`` says by which id, ``unknown`` are those of the list that the catalog does
    not have: of them only what the list says is known. ``unlisted`` are models of the catalog that the list does not name. ``problems`` are rows
    that could not be read. ``at`` is when the provider answered, ``url`` where, in which ``protocol``.
    """

    provider_id: str
    """The provider; the host and port of an address where the catalog has none."""
    url: str
    protocol: Dialect
    at: datetime
    known: ModelList
    unknown: tuple[Model, ...]
    unlisted: ModelList
    ids: FrozenDict[str, str]
    problems: tuple[Problem, ...]
    head: FrozenDict[str, Any]
    """What there is to say of a provider that the catalog does not have, in upstream's shape; empty where it has it."""
    rows: FrozenDict[str, FrozenDict[str, Any]]
    """What the list says of the unknown ones, by reference, in upstream's shape."""

    def layer(self) -> Layer:
        """Return the unknown ones as a layer for ``Registry(overlays=…)``; what upstream comes to know of them counts more."""
        from ..codec.layer import Layer  # noqa: PLC0415  # only who keeps them needs it

        heads = {self.provider_id: self.head} if self.head else {}
        return Layer(f"list of {self.provider_id}", models=self.rows, providers=heads, wins=False)

    def sheet(self) -> Sheet:
        """Return how many there are of each kind, and the first of those that are not in both."""
        rows = [
            [kind, f"{len(models):,}", ", ".join(model.id for model in models[:_SHOWN]) + (", …" if len(models) > _SHOWN else "")]
            for kind, models in (("known", self.known), ("unknown", self.unknown), ("unlisted", self.unlisted))
        ]
        return Sheet(title=f"{self.provider_id}: {self.url}", header=["", "models", ""], rows=rows, notes=list(map(str, self.problems)))

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        counts = {"known": self.known, "unknown": self.unknown, "unlisted": self.unlisted}
        return f"<Discovery of {self.provider_id}: {', '.join(f'{len(models):,} {kind}' for kind, models in counts.items())}>"


class Lists:
    """The lists that were asked for, each trusted for ``cache_ttl``. Of keys it keeps nothing but hashes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], tuple[float, Listing]] = {}
        self._told: dict[tuple[Any, ...], tuple[Catalog, Listing, Discovery]] = {}

    def discover(self, catalog: Catalog, settings: Settings, clock: Clock, wish: Wish) -> Flow[Discovery]:
        """Return what a provider says beside *catalog*, as it did lately unless that is forced."""
        from .live import ask, place_of  # noqa: PLC0415  # brings in the client
        from .world import Call  # noqa: PLC0415  # as above

        place: Place = yield Call(lambda: place_of(catalog, wish.provider, wish.api_key, wish.protocol))
        key = (place.url, place.dialect, place.provider_id, hash(place.key))
        until, listing = self._kept.get(key, (0.0, None))
        if wish.force or listing is None or clock.monotonic() >= until:
            listing = yield from ask(place, clock, seconds=settings.deadline.total_seconds(), most_bytes=settings.max_document_bytes)
            now = clock.monotonic()
            fresh = {other: kept for other, kept in self._kept.items() if now < kept[0]}
            self._kept = {**fresh, key: (now + settings.cache_ttl.total_seconds(), listing)}
        read, heard, told = self._told.get(key, (None, None, None))
        if told is None or read is not catalog or heard is not listing:
            told = yield Call(lambda: _reconciled(catalog, place, listing))
            current = {other: last for other, last in self._told.items() if last[0] is catalog}
            self._told = {**current, key: (catalog, listing, told)}
        return told


@attrs.frozen
class Wish:
    """What a caller of ``discover`` asked for."""

    provider: str
    api_key: str | None = attrs.field(repr=False)
    protocol: str | None
    force: bool


def _reconciled(catalog: Catalog, place: Place, listing: Listing) -> Discovery:
    from ..catalog.model_list import ModelList  # noqa: PLC0415  # only who discovers needs it
    from ..catalog.naming.listing import match_list  # noqa: PLC0415  # as above

    named, unknown = match_list(catalog, place.provider_id, listing.models.keys())
    prefix = f"{place.provider_id}/"
    own = [row for ref, row in catalog.rows.items() if ref.startswith(prefix)]
    facts = [(ModelRef(place.provider_id, model_id), listing.models[model_id]) for model_id in unknown]
    head = {"name": place.provider_id, "api": place.base_url, "npm": _PACKAGES.get(place.dialect)}
    return Discovery(
        provider_id=place.provider_id,
        url=place.url,
        protocol=place.dialect,
        at=listing.at,
        known=ModelList(catalog, sorted(named)),
        unknown=tuple(Model(ref=ref, name=row["name"], limit=Limit(**row.get("limit", {}))) for ref, row in facts),
        unlisted=ModelList(catalog, [row for row in own if row not in named]),
        ids=FrozenDict({catalog.content.refs[row]: model_id for row, model_id in sorted(named.items())}),
        problems=listing.problems,
        head=FrozenDict({} if place.is_known else {name: value for name, value in head.items() if value is not None}),
        rows=FrozenDict({str(ref): row for ref, row in facts}),
    )
