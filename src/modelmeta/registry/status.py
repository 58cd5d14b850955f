"""What a registry knows about itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from .head import Head
    from .world import World

__all__ = ["RegistryStatus", "status_of"]

_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
"""No datetime is much later; an interval can be longer."""


@attrs.frozen(kw_only=True)
class RegistryStatus:
    """Where the facts are from, how old they are, and how refreshing goes.

    ``revision`` is the id of what is read (``0-…`` for what came in the wheel), ``source`` where it came from, ``fetched_at`` when a source last had just these (UTC), ``age``
    how long ago that was, ``stale`` whether that is longer than ``stale_after``. ``last_refresh`` is when a refresh last ended, well or not,
    ``last_error`` why it failed if it did, ``held`` the revision that waits to be accepted, ``next_refresh`` when the background tries next.
    """

    revision: str
    source: str
    fetched_at: datetime | None
    age: timedelta | None
    stale: bool | None
    models: int
    providers: int
    last_refresh: datetime | None = None
    last_error: str | None = None
    next_refresh: datetime | None = None
    consecutive_failures: int = 0
    held: str | None = None


def status_of(head: Head, now: float, stale_after: timedelta, world: World | None = None, next_at: float | None = None) -> RegistryStatus:
    """Return the status at *now* of a registry that reads *head*; *world* is None where it was never refreshed."""
    content = head.snapshot
    age = None if head.as_of is None else max(timedelta(), datetime.fromtimestamp(now, UTC) - head.as_of)
    return RegistryStatus(
        revision=head.id,
        source=content.source,
        fetched_at=head.as_of,
        age=age,
        stale=None if age is None else age > stale_after,
        models=len(head.read),
        providers=len(head.read.sellers),
        last_refresh=None if world is None else world.last_refresh,
        last_error=None if world is None else world.last_error,
        next_refresh=None if next_at is None else datetime.fromtimestamp(min(next_at, _END_OF_TIME), UTC),
        consecutive_failures=0 if world is None else world.failures,
        held=None if world is None else world.held,
    )
