"""From one store to another: every revision, every run, and what users know themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..codec.pieces import cut
from ..errors import StoreError
from .head import open_head
from .history import rebuild

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..codec.snapshot import Snapshot
    from ..records.own import Note, OwnBenchmark
    from ..stores.store import Revision, Store

__all__ = ["Copied", "copy_store"]

_ALL = 2**31


@attrs.frozen(kw_only=True)
class Copied:
    """What a store holds after everything was copied there: counts, all of them found equal on both sides."""

    revisions: int
    refreshes: int
    notes: int
    benchmarks: int


def copy_store(source: Store, target: Store) -> Copied:
    """Copy all that *source* keeps to *target*, and compare both, revision by revision.

    What was copied before stays and is gone on from, so that a copy that broke off can be taken up again. Nothing should be written to
    *source* meanwhile.

    Raises:
        StoreError: one of them failed, or they differ: *target* already holds something else.
    """
    newest, known = target.head(), {revision.id for revision in source.revisions()}
    if newest is not None and newest.id not in known:
        message = f"the store to copy to already holds revision {newest.id}, which the other does not; copy to an empty one"
        raise StoreError(message)
    before: tuple[Revision, Snapshot] | None = None
    for revision, snapshot in _replay(source):
        if newest is None or revision.number > newest.number:
            facts = cut(None if before is None else before[1], snapshot, snapshot.model)
            target.commit(revision, bytes(snapshot), facts, base=None if before is None else before[0].id)
        before = (revision, snapshot)
    held = source.held()
    target.hold(*held) if held is not None else target.hold(None)
    for run in reversed(source.refreshes(_ALL)):
        target.record(run)
    users: tuple[Note | OwnBenchmark, ...] = (*source.notes(None), *source.benchmarks(None))
    for own in users:
        target.put(own)
    return _compared(source, target)


def _replay(store: Store) -> Iterator[tuple[Revision, Snapshot]]:
    """Yield every revision and its facts, oldest first, each put together from the one before."""
    head, revisions = open_head(store), store.revisions()[::-1]
    snapshot, number = head.snapshot, revisions[-1].number if revisions else 0
    for revision in revisions:
        versions = store.changes(min(number, revision.number), max(number, revision.number))
        snapshot, number = rebuild(snapshot, versions, revision), revision.number
        yield revision, snapshot


def _compared(source: Store, target: Store) -> Copied:
    pairs = zip(_replay(source), _replay(target), strict=False)
    same = all(one == other and facts.digest == copy.digest for (one, facts), (other, copy) in pairs)
    kept, copied = _beside(source), _beside(target)
    same = same and all({*kept[name]} <= {*copied[name]} for name in kept)
    if not same:
        message = "the two stores differ after copying: something else was written to one of them"
        raise StoreError(message)
    return Copied(**{name: len(records) for name, records in kept.items()})


def _beside(store: Store) -> dict[str, tuple[object, ...]]:
    """Return all that is kept beside the facts."""
    return {
        "revisions": store.revisions(),
        "refreshes": store.refreshes(_ALL),
        "notes": store.notes(None),
        "benchmarks": store.benchmarks(None),
    }
