"""What a registry knows about itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog

__all__ = ["RegistryStatus", "status_of"]


@attrs.frozen(kw_only=True)
class RegistryStatus:
    """Where the facts are from and how old they are.

    ``revision`` is the digest of the facts, ``source`` what they were made from, ``fetched_at`` when that was current (UTC), ``age`` how
    long ago, ``stale`` whether that is longer than a week. The other fields are about refreshing: None and 0 until there was one.
    """

    revision: str
    source: str
    fetched_at: datetime | None
    age: timedelta | None
    stale: bool | None
    models: int
    providers: int
    last_refresh: datetime | None = None
    next_refresh: datetime | None = None
    consecutive_failures: int = 0


_STALE_AFTER = timedelta(days=7)


def status_of(catalog: Catalog) -> RegistryStatus:
    """Return the status of a registry that reads *catalog* and was never refreshed."""
    content = catalog.content
    fetched_at = None if content.fetched_at is None else datetime.fromisoformat(content.fetched_at)
    if fetched_at is not None and fetched_at.tzinfo is None:
        fetched_at = fetched_at.replace(tzinfo=UTC)
    age = None if fetched_at is None else datetime.now(UTC) - fetched_at
    return RegistryStatus(
        revision=content.digest,
        source=content.source,
        fetched_at=fetched_at,
        age=age,
        stale=None if age is None else age > _STALE_AFTER,
        models=len(catalog),
        providers=len(catalog.sellers),
    )
