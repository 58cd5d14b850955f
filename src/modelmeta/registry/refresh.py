"""A refresh, from top to bottom.

lease → catch up with the store → fetch → not modified? → decode only changed rows → diff → guards → commit → swap → notify → record

Written as one flow: ``driving`` says what its steps mean in threads and in tasks. Whatever fails, and wherever, leaves the catalog as it was,
or as another process made it. Where another process was faster with its commit, the refresh begins anew on what that one brought.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import attrs

from ..catalog.catalog import Catalog
from ..catalog.diff import ChangeSet, compare_catalogs
from ..catalog.nearest import did_you_mean, nearest
from ..codec.merge import merge, merge_by_provider
from ..codec.snapshot import Snapshot
from ..codec.unpack import to_bytes
from ..codec.update import Seen, read_update
from ..errors import ContentError, DecodeError, ModelMetaError, OfflineError, ProviderNotFoundError, RefreshError, StoreUnavailableError
from ..records.frozen import FrozenDict
from ..settings import DEFAULT_URL
from ..stores.store import Refresh, Revision
from .guards import objection
from .head import Head, as_time, heard, revision_id
from .keeping import NO_CHANGES, begin, catch_up, commit, confirm, end
from .report import RefreshReport
from .world import Call, Fetch, Notify, Wish, World

if TYPE_CHECKING:
    from .._flow import Flow
    from ..sources.source import AsyncSource, Fetched, Source
    from .report import RefreshStatus

__all__ = ["refresh"]

_TRIES = 5
"""So often a refresh begins anew because others were faster."""


@attrs.frozen
class _Found:
    """What a source has, beside what is read now: the head it would make, and what speaks against that."""

    head: Head
    source: str
    changes: ChangeSet = NO_CHANGES
    objection: str | None = None


@attrs.frozen
class _Held:
    """What is kept aside, and its snapshot."""

    revision: Revision
    data: bytes


@attrs.frozen
class _Facts:
    """What a source has, or what is held: what it looked like as text, what to ask for it with, and when it was current."""

    snapshot: Snapshot
    seen: Seen | None
    validator: str | None
    as_of: datetime | None


def refresh(world: World, wish: Wish, check: Callable[[], None]) -> Flow[RefreshReport]:
    """Make the newest facts the head, or say why they are not.

    Args:
        world: what to work on.
        wish: what the caller asked for.
        check: called between pieces of long work; what it raises ends the refresh.

    Raises:
        RefreshError: no source could be read, other processes were faster again and again, or (StoreError) the store failed.
        ProviderNotFoundError: a provider that was asked for exists neither before nor after.
    """
    with world.telemetry.span("modelmeta.refresh", **{"modelmeta.run": wish.run}):
        return (yield from _refresh(world, wish, check))


def _refresh(world: World, wish: Wish, check: Callable[[], None]) -> Flow[RefreshReport]:
    run = Refresh(id=wish.run, started_at=world.now())
    begun, before = world.clock.monotonic(), world.head()
    leased = False
    try:
        waited: bool = yield from begin(world, run)
        leased = True
        yield Call(partial(world.store.record, run))
        found, base, caught_up = yield from _settle(world, wish, run.started_at if waited else None, check)
        changes = found.changes
        if caught_up:
            changes = yield Call(partial(compare_catalogs, before.catalog, found.head.catalog))
    except BaseException as error:
        failed = attrs.evolve(run, outcome="failed", error=f"{type(error).__name__}: {error}")
        told = leased or not isinstance(error, StoreUnavailableError)
        yield Call(partial(end, world, failed, begun, lambda: world.head().as_of, told=told))
        raise
    status: RefreshStatus = "held" if found.objection else "unchanged" if found.head.catalog is before.catalog else "updated"
    report = RefreshReport(
        status=status,
        revision=found.head.id,
        source=found.source,
        changes=changes,
        problems=found.head.snapshot.problems(),
        reason=found.objection,
        started_at=run.started_at,
        duration=timedelta(seconds=world.clock.monotonic() - begun),
    )
    made = NO_CHANGES
    try:
        if status == "updated":
            made = yield Call(partial(heard, base, world.head(), found.changes))
        if made:
            yield Notify(made)
    finally:
        yield Call(partial(end, world, _counted(run, report), begun, lambda: world.head().as_of, made))
    return report


def _settle(world: World, wish: Wish, since: datetime | None, check: Callable[[], None]) -> Flow[tuple[_Found, Head, bool]]:
    """Find what is newest and keep it; return that, what was read just before, and whether others had changed something.

    Args:
        world: what to work on.
        wish: what the caller asked for.
        since: when the caller asked, where somebody else was refreshing then: what that one brought is new enough.
        check: as for ``refresh``.
    """
    caught_up = False
    for _ in range(_TRIES):
        before = world.head()
        yield from catch_up(world)
        base, held = world.head(), (yield Call(partial(_held, world)))
        caught_up |= base.catalog is not before.catalog
        if since is not None and wish == Wish() and base.as_of is not None and base.as_of >= since:
            return _Found(base, base.snapshot.source), base, caught_up
        found: _Found = yield from _find(world, wish, base, held, check)
        if (yield Call(partial(_keep, world, base, found))):
            return found, base, caught_up
    message = f"other processes have refreshed this store {_TRIES} times in the meantime; try again"
    raise RefreshError(message)


def _held(world: World) -> _Held | None:
    held = world.store.held()
    world.held = None if held is None else held[0].id
    return None if held is None else _Held(*held)


def _keep(world: World, base: Head, found: _Found) -> bool:
    """Put what was found where it belongs: at the head of the store, aside, or nowhere. Return False where others were faster."""
    head, revision = found.head, found.head.revision
    if head is base or revision is None:  # nobody was asked, or not about all: what is held may still be there
        return True
    if found.objection:
        world.store.hold(revision, bytes(head.snapshot))
        world.held = revision.id
        return True
    if revision.id == base.stored:
        confirm(world, revision)
    elif not commit(world, revision, head, base):
        return False
    world.held = None
    world.swap(head)
    return True


def _find(world: World, wish: Wish, base: Head, held: _Held | None, check: Callable[[], None]) -> Flow[_Found]:
    """Ask each source in turn, until one has something that can be read."""
    if wish.accept and (held is not None or wish.accept is not True):
        if held is None or wish.accept not in {True, held.revision.id}:
            message = f"no revision {wish.accept!r} is held" + ("" if held is None else f"; {held.revision.id!r} is")
            raise RefreshError(message)
        accepted: _Found = yield Call(partial(_read, world, wish, base, held.revision.source, None, held, check))
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


def _ask(world: World, wish: Wish, base: Head, held: _Held | None, source: Source | AsyncSource, check: Callable[[], None]) -> Flow[_Found]:
    """Return what *source* has. Where it still has what is held, that is held again without being sent again."""
    if wish.force or wish.providers is not None or held is None or source.name not in held.revision.validators:
        held = None
    known = base.validators if held is None else held.revision.validators
    validator = None if wish.force else known.get(source.name)
    fetched = yield from world.telemetry.fetch(Fetch(source, validator))
    world.asked_source.count(hit=fetched is not None)
    if fetched is None and validator is None:
        message = f"{source.name} gave no document, though it was not told that one is there"
        raise RefreshError(message)
    if fetched is None and held is None:
        _require(wish.providers or (), base.snapshot)
        return _Found(_confirmed(world, base, source.name, base.as_of if _is_local(source) else world.now(), None), source.name)
    found: _Found = yield Call(partial(_read, world, wish, base, source.name, fetched, held, check))
    return found


def _read(
    world: World, wish: Wish, base: Head, source: str, fetched: Fetched | None, held: _Held | None, check: Callable[[], None]
) -> _Found:
    """Return what the document *fetched*, or the revision *held*, is beside *base*. Rows that did not change are not read again."""
    if fetched is None:
        assert held is not None  # noqa: S101  # one of them is there
        facts = _Facts(Snapshot(held.data), None, held.revision.validators.get(source), held.revision.confirmed_at)
    else:
        facts = _unpacked(world, wish, base, source, fetched, check)
    if facts.snapshot.digest == base.snapshot.digest and wish.providers is not None:
        return _Found(base, source)
    if facts.snapshot.digest == base.snapshot.digest:
        return _Found(attrs.evolve(_confirmed(world, base, source, facts.as_of, facts.validator), seen=facts.seen), source)
    if fetched is not None and not (wish.force or wish.accept) and _is_older(world, base, source, facts.as_of):
        message = f"{source} is of {facts.as_of:%Y-%m-%d}, older than what is read; force=True takes it all the same"
        raise RefreshError(message)
    catalog = Catalog(facts.snapshot, earlier=base.catalog)
    changes = compare_catalogs(base.catalog, catalog)
    against = None if wish.accept else _objection(world, base, catalog, changes, source)
    revision = _next(world, base, catalog, source, facts.as_of, facts.validator)
    revision = attrs.evolve(
        revision,
        scope=None if wish.providers is None else tuple(sorted(wish.providers)),
        added=len(changes.added),
        removed=len(changes.removed),
        changed=len(changes.changed),
        price_changes=len(changes.price_changes),
    )
    return _Found(Head(catalog, revision, facts.seen), source, changes, against)


def _unpacked(world: World, wish: Wish, base: Head, source: str, fetched: Fetched, check: Callable[[], None]) -> _Facts:
    """Return the facts of a document, of all providers or of those that are wished for; the others' are those of *base* then."""
    old, before = base.snapshot, base.seen or Seen()
    as_of = fetched.fetched_at or world.now()
    told = as_of.isoformat(timespec="seconds")
    data = to_bytes(fetched.data, source, world.settings.max_document_bytes)
    new, seen = read_update(data, old, before, source=source, fetched_at=told, check=check)
    if wish.providers is not None:
        _require(wish.providers, old, new)
        seen = Seen(merge_by_provider(before.rows, seen.rows, wish.providers), before.labs)
        return _Facts(merge(old, new, wish.providers), seen, None, base.as_of)
    if new is not old and new.fetched_at != told:  # a snapshot knows better
        as_of = as_time(new.fetched_at) or as_of
    elif new is old and fetched.fetched_at is not None and base.as_of is not None:
        as_of = max(as_of, base.as_of)
    return _Facts(new, seen, fetched.validator, as_of)


def _next(world: World, base: Head, catalog: Catalog, source: str, as_of: datetime | None, validator: str | None) -> Revision:
    """Return the revision that *catalog* makes, the next after *base*."""
    snapshot, before, now = catalog.content, base.revision, world.now()
    number = 1 if before is None else before.number + 1
    return Revision(
        id=revision_id(number, snapshot.digest),
        number=number,
        digest=snapshot.digest,
        kind=snapshot.kind,
        source=source,
        validators=FrozenDict() if validator is None else FrozenDict({source: validator}),
        fetched_at=snapshot.fetched_at,
        confirmed_at=as_of,
        committed_at=now if before is None else max(now, before.committed_at),
        models=len(catalog),
        providers=len(catalog.sellers),
    )


def _confirmed(world: World, base: Head, source: str, as_of: datetime | None, validator: str | None) -> Head:
    """Return *base*, of which *source* said that it holds. What came in the wheel becomes a revision by that."""
    revision = base.revision or _next(world, base, base.catalog, source, as_of, None)
    validators = revision.validators if validator is None else FrozenDict({**revision.validators, source: validator})
    return attrs.evolve(base, revision=attrs.evolve(revision, confirmed_at=as_of, validators=validators))


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
        problems=len(report.problems),
        reason=report.reason,
    )


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
