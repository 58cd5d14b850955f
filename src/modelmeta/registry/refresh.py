"""A refresh, from top to bottom.

lease → fetch → not modified? → decode only changed rows → diff → guards → commit → swap → notify → record

Written as one flow: ``driving`` says what its steps mean in threads and in tasks. Whatever fails, and wherever, leaves the catalog as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs

from ..catalog.catalog import Catalog
from ..catalog.diff import ChangeSet, compare_catalogs
from ..catalog.nearest import did_you_mean, nearest
from ..codec.merge import merge, merge_by_provider
from ..codec.snapshot import Snapshot
from ..codec.unpack import to_bytes
from ..codec.update import Seen, read_update
from ..errors import ContentError, DecodeError, ModelMetaError, OfflineError, ProviderNotFoundError, RefreshError
from ..settings import DEFAULT_URL
from ..stores.store import Refresh, Revision
from .guards import objection
from .head import Head, as_time, open_head
from .report import RefreshReport

if TYPE_CHECKING:
    from .._clock import Clock
    from .._flow import Flow
    from ..settings import Settings
    from ..sources.source import AsyncSource, Fetched, Source
    from ..stores.store import Store
    from .report import RefreshStatus
    from .subscriptions import Subscriptions

__all__ = ["Call", "Fetch", "Notify", "Sleep", "Stopped", "Wish", "World", "refresh"]

_LOG = logging.getLogger("modelmeta.registry")
_LEASE_POLL = 0.05
_NO_CHANGES = ChangeSet((), (), ())


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


@attrs.frozen
class _Found:
    """What a source has, beside what is read now: the head it would make, and what speaks against that."""

    head: Head
    source: str
    changes: ChangeSet = _NO_CHANGES
    objection: str | None = None


class Stopped(BaseException):
    """The registry is being closed. No failure of any source, so no ``except Exception`` stops it."""


def refresh(world: World, wish: Wish, check: Callable[[], None]) -> Flow[RefreshReport]:
    """Make the newest facts the head, or say why they are not.

    Args:
        world: what to work on.
        wish: what the caller asked for.
        check: called between pieces of long work; what it raises ends the refresh.

    Raises:
        RefreshError: no source could be read, or another process was faster.
        ProviderNotFoundError: a provider that was asked for exists neither before nor after.
    """
    run = Refresh(id=uuid4().hex, started_at=world.now())
    begun = world.clock.monotonic()
    try:
        base, held = yield from _begin(world, run)
        found: _Found = yield from _find(world, wish, base, held, check)
        status: RefreshStatus = "held" if found.objection else "unchanged" if found.head.catalog is base.catalog else "updated"
        yield Call(partial(_keep, world, base, found, status))
        if status != "held":
            world.swap(found.head)
    except BaseException as error:
        failed = attrs.evolve(run, outcome="failed", error=f"{type(error).__name__}: {error}")
        yield Call(partial(_end, world, failed, begun))
        raise
    report = RefreshReport(
        status=status,
        revision=found.head.snapshot.digest,
        source=found.source,
        changes=found.changes,
        problems=found.head.snapshot.problems(),
        reason=found.objection,
        started_at=run.started_at,
        duration=timedelta(seconds=world.clock.monotonic() - begun),
    )
    try:
        if status == "updated":
            yield Notify(found.changes)
    finally:
        yield Call(partial(_end, world, _counted(run, report), begun))
    return report


def _begin(world: World, run: Refresh) -> Flow[tuple[Head, Revision | None]]:
    """Become the one who refreshes; return what is to be replaced, and what is held."""
    limit = world.settings.deadline.total_seconds()
    until = world.clock.monotonic() + limit

    def begin() -> tuple[Head, Revision | None] | None:
        store = world.store
        if not store.lease(run.id, limit * (len(world.sources) + 1)):
            return None
        store.record(run)
        newest = store.head()
        if newest is not None and newest.id != world.head().revision:
            world.swap(open_head(store))
        return world.head(), store.held()

    while not (begun := (yield Call(begin))):
        if world.clock.monotonic() >= until:
            message = f"somebody else has been refreshing this store for {limit:g} s; nothing was changed"
            raise RefreshError(message)
        yield Sleep(_LEASE_POLL)
    base, held = begun
    return base, held


def _find(world: World, wish: Wish, base: Head, held: Revision | None, check: Callable[[], None]) -> Flow[_Found]:
    """Ask each source in turn, until one has something that can be read."""
    if wish.accept and (held is not None or wish.accept is not True):
        if held is None or wish.accept not in {True, held.id}:
            message = f"no revision {wish.accept!r} is held" + ("" if held is None else f"; {held.id!r} is")
            raise RefreshError(message)
        accepted: _Found = yield Call(partial(_read, world, wish, base, held.source, None, held, check))
        return accepted
    if not wish.force and _is_fresh(world, base) and base.snapshot.heads.keys() >= (wish.providers or set()):
        return _Found(base, base.snapshot.source)
    errors: list[RefreshError] = []
    for source in world.sources:
        try:
            check()
            found: _Found = yield from _ask(world, wish, base, held, source, check)
        except ProviderNotFoundError:
            raise
        except Exception as error:  # noqa: BLE001  # a source may be anybody's code, and the next may do better
            errors.append(_as_failure(source.name, error))
        else:
            return found
    check()
    if len(errors) == 1:
        raise errors[0]
    if errors:
        message = f"none of the {len(errors)} sources could be read: {'; '.join(map(str, errors))}"
        raise RefreshError(message, errors=errors)
    raise _no_source(world)


def _ask(
    world: World, wish: Wish, base: Head, held: Revision | None, source: Source | AsyncSource, check: Callable[[], None]
) -> Flow[_Found]:
    """Return what *source* has. Where it still has what is held, that is held again without being sent again."""
    if wish.force or wish.providers is not None or held is None or held.source != source.name or held.validator is None:
        held = None
    validator = None if wish.force else base.validators.get(source.name) if held is None else held.validator
    fetched: Fetched | None = yield Fetch(source, validator)
    if fetched is None and validator is None:
        message = f"{source.name} gave no document, though it was not told that one is there"
        raise RefreshError(message)
    if fetched is None and held is None:
        _require(wish.providers or (), base.snapshot)
        return _Found(_confirmed(base, base.as_of if _is_local(source) else world.now()), source.name)
    found: _Found = yield Call(partial(_read, world, wish, base, source.name, fetched, held, check))
    return found


def _read(
    world: World, wish: Wish, base: Head, source: str, fetched: Fetched | None, held: Revision | None, check: Callable[[], None]
) -> _Found:
    """Return what the document *fetched*, or the revision *held*, is beside *base*. Rows that did not change are not read again."""
    old, seen = base.snapshot, None
    if fetched is None:
        assert held is not None  # noqa: S101  # one of them is there
        new, validator, as_of = Snapshot(held.data), held.validator, held.confirmed_at
    else:
        validator, as_of = fetched.validator, fetched.fetched_at or world.now()
        told = as_of.isoformat(timespec="seconds")
        data = to_bytes(fetched.data, source, world.settings.max_document_bytes)
        before = base.seen or Seen()
        new, seen = read_update(data, old, before, source=source, fetched_at=told, check=check)
        if wish.providers is not None:
            _require(wish.providers, old, new)
            new, seen = merge(old, new, wish.providers), Seen(merge_by_provider(before.rows, seen.rows, wish.providers), before.labs)
            validator, as_of = None, base.as_of
        elif new is not old and new.fetched_at != told:  # a snapshot knows better
            as_of = as_time(new.fetched_at) or as_of
        elif new is old and fetched.fetched_at is not None and base.as_of is not None:
            as_of = max(as_of, base.as_of)
    validators = {} if validator is None else {source: validator}
    if new.digest == old.digest and wish.providers is not None:
        return _Found(base, source)
    if new.digest == old.digest:
        return _Found(attrs.evolve(_confirmed(base, as_of), validators={**base.validators, **validators}, seen=seen), source)
    if fetched is not None and not (wish.force or wish.accept) and _is_older(world, base, source, as_of):
        message = f"{source} is of {as_of:%Y-%m-%d}, older than what is read; force=True takes it all the same"
        raise RefreshError(message)
    catalog = Catalog(new, earlier=base.catalog)
    changes = compare_catalogs(base.catalog, catalog)
    against = None if wish.accept else _objection(world, base, catalog, changes, source)
    return _Found(Head(catalog, new.digest, source, as_of, validators, seen), source, changes, against)


def _is_older(world: World, base: Head, source: str, as_of: datetime | None) -> bool:
    """Return whether *source*, another than the one *base* came from, would take us back in time. The bundled facts are only a floor."""
    known = base.source not in {None, source}
    return known and as_of is not None and base.as_of is not None and as_of < base.as_of <= world.now()


def _objection(world: World, base: Head, catalog: Catalog, changes: ChangeSet, source: str) -> str | None:
    return objection(
        base.catalog,
        catalog,
        changes,
        max_shrink=world.settings.max_shrink,
        age=world.age(base),
        bundled=base.revision is None,
        foreign=source != DEFAULT_URL,
    )


def _keep(world: World, base: Head, found: _Found, status: RefreshStatus) -> None:
    """Put what was found where it belongs: at the head of the store, aside, or nowhere."""
    if found.head is base:  # nobody was asked, or not about all: what is held may still be there
        return
    if status == "unchanged":
        world.store.hold(None)
    elif status == "held":
        world.store.hold(_revision(found))
    elif not world.store.commit(_revision(found), base=base.revision):
        message = "somebody else has refreshed this store in the meantime; nothing was changed"
        raise RefreshError(message)
    world.held = found.head.snapshot.digest if status == "held" else None


def _revision(found: _Found) -> Revision:
    head = found.head
    return Revision(head.snapshot.digest, bytes(head.snapshot), found.source, head.validators.get(found.source), head.confirmed_at)


def _end(world: World, run: Refresh, begun: float) -> None:
    """Record how *run* ended, and let others refresh."""
    run = attrs.evolve(run, duration=timedelta(seconds=world.clock.monotonic() - begun))
    world.last_refresh, world.last_error = world.now(), run.error
    world.failures = world.failures + 1 if run.outcome == "failed" else 0
    level = {"updated": logging.INFO, "held": logging.WARNING, "failed": logging.WARNING}.get(run.outcome, logging.DEBUG)
    try:
        why = f": {run.reason or run.error}; the facts are as of {world.head().as_of}" if run.reason or run.error else ""
        _LOG.log(level, "refresh %s%s", run.outcome, why, extra=attrs.asdict(run))
        world.store.record(run)
    finally:
        world.store.release(run.id)


def _counted(run: Refresh, report: RefreshReport) -> Refresh:
    return attrs.evolve(
        run,
        outcome=report.status,
        source=report.source,
        revision=report.revision,
        added=len(report.added),
        removed=len(report.removed),
        changed=len(report.changed),
        price_changes=len(report.price_changes),
        reason=report.reason,
    )


def _confirmed(head: Head, as_of: datetime | None) -> Head:
    return attrs.evolve(head, confirmed_at=as_of)


def _is_local(source: object) -> bool:
    """Return whether asking *source* touches no network. Of somebody's own source that is only known if it says so."""
    return getattr(source, "offline", False) is True


def _is_fresh(world: World, head: Head) -> bool:
    """Return whether the facts of *head* are not to be asked for again yet. Those of a time to come are: the clock was set back."""
    most = world.settings.max_age
    return most is not None and head.as_of is not None and timedelta() <= world.now() - head.as_of <= most


def _require(providers: Collection[str], *snapshots: Snapshot) -> None:
    for provider_id in sorted(providers):
        if not any(provider_id in snapshot.heads for snapshot in snapshots):
            suggestions = nearest(provider_id, [*{known: None for snapshot in snapshots for known in snapshot.heads}])
            message = f"no provider has the id {provider_id!r}, neither here nor at the source{did_you_mean(suggestions)}"
            raise ProviderNotFoundError(message, provider_id=provider_id, suggestions=suggestions)


def _as_failure(name: str, error: Exception) -> RefreshError:
    """Return *error*, which the source called *name* raised, as what a refresh raises."""
    match error:
        case RefreshError():
            return error
        case DecodeError():
            failure: RefreshError = ContentError(str(error), url=name)
        case ModelMetaError():
            failure = RefreshError(str(error))
        case _:
            failure = RefreshError(f"{name} failed: {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


def _no_source(world: World) -> RefreshError:
    if world.settings.enabled:
        return RefreshError("there is no source to refresh from")
    return OfflineError("refreshing would touch the network, which enabled=False forbids")
