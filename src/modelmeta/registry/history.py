"""What was, and what changed: asked of the store, answered by the catalog room."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING

import attrs
from cachetools import LRUCache

from ..catalog.catalog import Catalog
from ..catalog.diff import Change, ChangeKind, compare_models
from ..codec.pieces import assemble, read_row
from ..errors import QueryError, RevisionNotFoundError, SettingsError, StoreError
from ..records.refs import ModelRef
from ..settings import Settings
from ..stores.store import Revision
from .head import open_head
from .subscriptions import read_kinds

if TYPE_CHECKING:
    from typing import TypeAlias

    from ..codec.models_dev import Kind
    from ..codec.snapshot import Snapshot
    from ..records.facts import Part, Version
    from .world import World

__all__ = ["History", "Moment", "rebuild"]

Moment: TypeAlias = Revision | datetime | date | str
"""A revision, its id, or a time: a datetime (UTC where it does not say), a date, or either as ISO 8601 text."""

_ID = re.compile(r"[0-9]+-[0-9a-f]{12}")

_CATALOGS_KEPT = 4
"""A past catalog never changes, and takes half a second to put together."""


class History:
    """The memory of a registry. Every method may block.

    Args:
        world: what to ask.
        lay: what lays overlays over a catalog of then.
    """

    def __init__(self, world: World, lay: Callable[[Catalog], Catalog] | None = None) -> None:
        self._world, self._lay = world, lay or _as_it_is
        self._past: LRUCache[str, Catalog] = LRUCache(_CATALOGS_KEPT)
        self._lock = Lock()

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision that is kept, oldest first."""
        return self._world.store.revisions()[::-1]

    def as_of(self, when: Moment) -> Catalog:
        """Return the catalog as it was read at *when*."""
        revisions = self.revisions()
        number = _number(revisions, when, last=True)
        revision = next((kept for kept in revisions if kept.number == number), None)
        if revision is None:
            raise _missing(revisions, when, f"of {when}")
        with self._lock:
            if revision.id not in self._past:
                self._past[revision.id] = self._lay(self._rebuilt(revision, revisions))
            return self._past[revision.id]

    def _rebuilt(self, revision: Revision, revisions: Sequence[Revision]) -> Catalog:
        """Return the catalog of *revision*: the one in memory, with all that came later undone."""
        head = self._world.head()
        if head.revision is None or head.revision.number < revision.number or head.stored not in {kept.id for kept in revisions}:
            head = open_head(self._world.store)
        if head.revision is None or head.id == revision.id:
            return head.catalog
        versions = self._world.store.changes(revision.number, head.revision.number)
        return Catalog(rebuild(head.snapshot, versions, revision))

    def of(self, ref: ModelRef) -> tuple[Change, ...]:
        """Return what happened to one model, oldest first."""
        return tuple(_changes(self._world.store.versions("models", str(ref)), _told_of(self.revisions())))

    def changes(
        self, since: Moment | None = None, until: Moment | None = None, kinds: ChangeKind | Collection[ChangeKind] | None = None
    ) -> tuple[Change, ...]:
        """Return what happened to all models after *since* and up to *until*, oldest first."""
        wanted, revisions = read_kinds(kinds), self.revisions()
        after = 0 if since is None else _number(revisions, since, last=False)
        upto = max((kept.number for kept in revisions), default=0) if until is None else _number(revisions, until, last=True)
        told_of = {number: kept for number, kept in _told_of(revisions).items() if after < number <= upto}
        versions = [version for version in self._world.store.changes(after, upto) if version.part == "models"] if told_of else []
        found = [change for _, each in groupby(versions, attrgetter("key")) for change in _changes([*each], told_of)]
        numbers = {kept.id: number for number, kept in told_of.items()}
        return tuple(
            sorted(
                (change for change in found if wanted is None or change.kind in wanted), key=lambda change: numbers[change.revision or ""]
            )
        )

    def prune(self, keep: int | timedelta | str) -> int:
        """Forget old revisions; return how many."""
        revisions = self.revisions()
        if isinstance(keep, int) and not isinstance(keep, bool):
            if keep < 1:
                message = f"at least the newest revision is kept, not {keep}"
                raise QueryError(message, criterion="keep", value=keep)
            kept = revisions[-keep:]
        else:
            age, now = _age(keep), self._world.now()
            stood = [revision for revision in revisions if now - revision.committed_at >= age]
            kept = revisions[max(0, len(stood) - 1) :]
        return self._world.store.prune(kept[0].number) if kept else 0


def _as_it_is(catalog: Catalog) -> Catalog:
    return catalog


def rebuild(base: Snapshot, versions: Iterable[Version], revision: Revision) -> Snapshot:
    """Return the facts of *revision*: *base*, with every piece of which *versions* tell as it stood then.

    Raises:
        StoreError: they are not what was committed.
    """
    raws: dict[Part, dict[str, str | None]] = {}
    for version in versions:
        stood = version.since <= revision.number and (version.until is None or version.until > revision.number)
        if stood or version.key not in raws.get(version.part, ()):
            raws.setdefault(version.part, {})[version.key] = version.raw if stood else None
    kind: Kind = revision.kind  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]  # what a snapshot says
    snapshot = assemble(base, raws, kind=kind, source=revision.source, fetched_at=revision.fetched_at)
    if snapshot.digest != revision.digest:
        message = f"revision {revision.id} cannot be put together again: what the store keeps of it was changed"
        raise StoreError(message)
    return snapshot


def _age(keep: object) -> timedelta:
    if isinstance(keep, timedelta) or (isinstance(keep, str) and keep.strip()[-1:].isalpha()):  # "90" may mean days, seconds or revisions
        with suppress(SettingsError):
            return Settings(cache_ttl=keep).cache_ttl
    message = f"keep is how many revisions, 1 or more, or for how long, like '90d', not {keep!r:.100}"
    raise QueryError(message, criterion="keep", value=keep)


def _number(revisions: Sequence[Revision], when: Moment, *, last: bool) -> int:
    """Return the number of the revision that was read at *when*, of a day at its end if *last*, else at its beginning; 0 where none was."""
    if isinstance(when, str) and not _ID.fullmatch(when):
        when = _time(when)
    if isinstance(when, (Revision, str)):
        named = when if isinstance(when, str) else when.id
        for revision in revisions:
            if revision.id == named:
                return revision.number
        raise _missing(revisions, when, repr(named))
    if not isinstance(when, datetime):
        when = datetime.combine(_day(when), time.max if last else time.min)
    at = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return max((revision.number for revision in revisions if revision.committed_at <= at), default=0)


def _time(text: str) -> datetime | date:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    raise _no_moment(text)


def _day(when: object) -> date:
    if isinstance(when, date):
        return when
    raise _no_moment(when)


def _no_moment(when: object) -> QueryError:
    message = f"{when!r:.100} is neither the id of a revision nor a time; write one like '2026-11-24' or '2026-11-24T18:30+01:00'"
    return QueryError(message, criterion="when", value=when)


def _missing(revisions: Sequence[Revision], when: Moment, named: str) -> RevisionNotFoundError:
    begins = f"; the oldest that is kept is of {revisions[0].committed_at:%Y-%m-%d %H:%M:%S} UTC" if revisions else ""
    return RevisionNotFoundError(f"the store keeps no revision {named}{begins}", when=when)


def _told_of(revisions: Sequence[Revision]) -> dict[int, Revision]:
    """Return the revisions, by number, of which it is known what they changed: not the oldest, where those before it were forgotten."""
    return {revision.number: revision for revision in (revisions[1:] if revisions and revisions[0].number > 1 else revisions)}


def _changes(versions: Sequence[Version], told_of: Mapping[int, Revision]) -> Iterator[Change]:
    """Yield what the *versions* of one model say happened in the revisions *told_of*."""
    begun = {version.since: version for version in versions}
    ended = {version.until: version for version in versions if version.until is not None}
    for number in sorted(begun.keys() | ended.keys()):
        if number in told_of:
            for change in _told(ended.get(number), begun.get(number)):
                yield attrs.evolve(change, revision=told_of[number].id, at=told_of[number].committed_at)


def _told(before: Version | None, after: Version | None) -> tuple[Change, ...]:
    if before is None and after is not None:
        return (Change("added", ModelRef.parse(after.key)),)
    assert before is not None  # noqa: S101  # something began or ended
    ref = ModelRef.parse(before.key)
    if after is None:
        return (Change("removed", ref),)
    return compare_models(read_row(ref, before.raw), read_row(ref, after.raw))
