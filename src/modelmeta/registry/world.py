"""What a refresh works on, what it is asked for, and the steps it is made of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs

from ..catalog.tally import Tally
from .telemetry import Telemetry

if TYPE_CHECKING:
    from .._clock import Clock
    from ..catalog.diff import ChangeSet
    from ..settings import Settings
    from ..sources.source import AsyncSource, Source
    from ..stores.store import Store
    from .head import Head
    from .subscriptions import Subscriptions

__all__ = ["Call", "Fetch", "Notify", "Sleep", "Stopped", "Wish", "World"]


@attrs.frozen
class Call:
    """A step: do work that may take a while, or wait for a store."""

    function: Callable[[], Any]


@attrs.frozen
class Fetch:
    """A step: ask ``source`` for what is newer than ``validator``."""

    source: Source | AsyncSource
    validator: str | None


@attrs.frozen
class Notify:
    """A step: tell subscribers of ``changes``."""

    changes: ChangeSet


@attrs.frozen
class Sleep:
    """A step: wait for so many ``seconds``."""

    seconds: float


@attrs.frozen
class Wish:
    """What a caller of ``refresh`` asked for."""

    force: bool = False
    providers: frozenset[str] | None = None
    accept: bool | str | None = None
    run: str = attrs.field(factory=lambda: uuid4().hex, eq=False, repr=False)
    """What the run is called, which is no part of the wish."""


@attrs.define
class World:
    """What a refresh works on, and what it leaves behind."""

    settings: Settings
    clock: Clock
    store: Store
    sources: tuple[Source | AsyncSource, ...]
    subscriptions: Subscriptions
    head: Callable[[], Head]
    swap: Callable[[Head], None]
    last_refresh: datetime | None = None
    last_error: str | None = None
    failures: int = 0
    held: str | None = None
    asked_store: Tally = attrs.field(factory=Tally)
    asked_source: Tally = attrs.field(factory=Tally)
    telemetry: Telemetry = attrs.field(factory=Telemetry)

    def forked(self, sources: tuple[Source | AsyncSource, ...]) -> None:
        """Go on with new *sources* in a process that has none of the old one's threads."""
        self.sources = sources
        self.subscriptions.forked()

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.fromtimestamp(self.clock.time(), UTC)

    def age(self, head: Head) -> timedelta | None:
        """Return how old the facts of *head* are, None where nobody knows. A clock that was set back makes nothing younger than new."""
        return None if head.as_of is None else max(timedelta(), self.now() - head.as_of)


class Stopped(BaseException):
    """The registry is being closed. No failure of any source, so no ``except Exception`` stops it."""
