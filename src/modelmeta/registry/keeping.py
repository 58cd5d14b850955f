"""What a refresh has to do with the store: to be alone, to begin with what others brought, to keep what it found, to say how it ended."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..catalog.diff import ChangeSet
from ..codec.pieces import cut
from ..errors import RefreshError
from .head import heard, open_head
from .world import Call, Notify, Sleep

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .._flow import Flow
    from ..stores.store import Refresh, Revision
    from .head import Head
    from .world import World

__all__ = ["NO_CHANGES", "begin", "catch_up", "commit", "confirm", "end", "tell"]

_LOG = logging.getLogger("modelmeta.registry")
_LEASE_POLL = 0.05

NO_CHANGES = ChangeSet((), (), ())


def begin(world: World, run: Refresh) -> Flow[bool]:
    """Become the one who refreshes; return whether somebody else was at it before.

    Raises:
        RefreshError: somebody else is at it for longer than a refresh may take.
    """
    limit = world.settings.deadline.total_seconds()
    until = world.clock.monotonic() + limit
    waited = False

    take = partial(world.store.lease, run.id, limit * (len(world.sources) + 1))
    while not (yield Call(take)):
        waited = True
        if world.clock.monotonic() >= until:
            message = f"somebody else has been refreshing this store for {limit:g} s; nothing was changed"
            raise RefreshError(message)
        yield Sleep(_LEASE_POLL)
    return waited


def catch_up(world: World) -> Flow[ChangeSet]:
    """Read what others have committed since, tell subscribers what that changed, and return it. A store that lost everything is filled again."""
    changes: ChangeSet = yield Call(partial(_catch_up, world))
    if changes:
        yield Notify(changes)
    return changes


def tell(change: Callable[[], ChangeSet]) -> Flow[ChangeSet]:
    """Make a *change* of what is read, and tell subscribers of it."""
    changes: ChangeSet = yield Call(change)
    yield Notify(changes)
    return changes


def _catch_up(world: World) -> ChangeSet:
    before, newest = world.head(), world.store.head()
    world.asked_store.count(hit=newest is not None and newest.id != before.stored)
    if newest is None and before.revision is not None:
        if commit(world, before.revision, before, None):
            _LOG.warning("the store was empty; it has the newest revision again, and none before", extra={"revision": before.id})
        newest = world.store.head()
    if newest is None:
        return NO_CHANGES
    if newest.id == before.stored:
        world.swap(attrs.evolve(before, revision=newest))
        return NO_CHANGES
    head = open_head(world.store, before)
    world.swap(head)
    return heard(before, world.head())


def commit(world: World, revision: Revision, head: Head, base: Head | None) -> bool:
    """Keep *head* as *revision* in place of *base*; return whether that was the newest."""
    stored = None if base is None else base.revision
    facts = cut(None if base is None or stored is None else base.snapshot, head.snapshot, head.catalog.peek)
    with world.telemetry.span("modelmeta.commit", **{"modelmeta.revision": revision.id}):
        return world.store.commit(revision, bytes(head.snapshot), facts, base=None if stored is None else stored.id)


def confirm(world: World, revision: Revision) -> None:
    """Keep when *revision* was confirmed last, and that nothing is held."""
    world.store.confirm(revision)
    world.store.hold(None)


def end(
    world: World, run: Refresh, begun: float, as_of: Callable[[], datetime | None], changes: ChangeSet = NO_CHANGES, *, told: bool = True
) -> None:
    """Record how *run* ended and what *changes* it made, and let others refresh. A store that cannot be told changes nothing about how it ended.

    It is not *told* where it did not even answer who may refresh: there is nothing to give back, and it would only be waited for again.
    """
    run = attrs.evolve(run, duration=timedelta(seconds=world.clock.monotonic() - begun))
    world.last_refresh, world.last_error = world.now(), run.error
    world.failures = world.failures + 1 if run.outcome == "failed" else 0
    level = {"updated": logging.INFO, "held": logging.WARNING, "failed": logging.WARNING}.get(run.outcome, logging.DEBUG)
    why = f": {run.reason or run.error}; the facts are as of {as_of()}" if run.reason or run.error else ""
    _LOG.log(level, "refresh %s%s", run.outcome, why, extra=attrs.asdict(run))
    for tell in (partial(world.store.record, run), partial(world.store.release, run.id)) if told else ():
        try:
            tell()
        except Exception as error:  # noqa: BLE001  # a store may be anybody's code
            _LOG.warning("the store was not told how a refresh ended: %s", error, extra={"refresh": run.id})
    world.telemetry.ended(run, changes)
