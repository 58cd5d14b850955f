"""From one store to another: every revision, every run, what users know themselves, what other parts keep there, and the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..codec.pieces import cut
from ..errors import StoreError
from .head import open_head
from .history import rebuild
from .ledger.reading import pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..codec.snapshot import Snapshot
    from ..records.ledger import Entry
    from ..records.own import Note, OwnBenchmark
    from ..stores.store import Revision, Store

__all__ = ["Copied", "copy_store"]

_ALL = 2**31
_DIFFER = "the two stores differ after copying: something else was written to one of them"


@attrs.frozen(kw_only=True)
class Copied:
    """What a store holds after everything was copied there: counts, all of them found equal on both sides."""

    revisions: int
    refreshes: int
    notes: int
    benchmarks: int
    entries: int
    """What other parts of modelmeta keep in a store: webhooks and their deliveries, budgets that were told of."""
    usages: int
    """The entries of the ledger."""


def copy_store(source: Store, target: Store) -> Copied:
    """Copy all that *source* keeps to *target*, and compare both, revision by revision.

    What was copied before stays and is gone on from, so that a copy that broke off can be taken up again. Nothing should be written to
    either meanwhile. Copying is moving: webhooks go along, with what is still to be delivered, and of two stores with the same webhooks each
    delivers.

    Raises:
        StoreError: one of them failed, or they differ: *target* holds something else.
    """
    there = _copied_before(source, target)
    before: tuple[Revision, Snapshot] | None = None
    for revision, snapshot in _replay(source):
        if there is None or revision.number > there.number:
            base, older = (None, None) if before is None else (before[0].id, before[1])
            if not target.commit(revision, bytes(snapshot), cut(older, snapshot, snapshot.model), base=base):
                raise StoreError(_DIFFER)
        elif revision.number == there.number:
            target.confirm(revision)
        before = (revision, snapshot)
    held = source.held()
    if held is None:
        target.hold(None)
    else:
        target.hold(*held)
    _copy_beside(source, target)
    return _compared(source, target)


def _copy_beside(source: Store, target: Store) -> None:
    """Copy what *source* keeps beside its revisions."""
    for run in reversed(source.refreshes(_ALL)):
        target.record(run)
    users: tuple[Note | OwnBenchmark, ...] = (*source.notes(None), *source.benchmarks(None))
    for own in users:
        target.put(own)
    for kind in source.kinds():
        kept = target.entries(kind)
        for key, text in source.entries(kind).items():
            target.swap(kind, key, kept.get(key), text)
    for page in pages(source):
        target.book(page)


def _copied_before(source: Store, target: Store) -> Revision | None:
    """Return the newest revision of *target*, None where there is none.

    Raises:
        StoreError: it does not hold just what *source* has up to there.
    """
    there = target.revisions()
    if not there:
        return None
    shared = [revision.id for revision in source.revisions() if revision.number <= there[0].number]
    if not shared or shared != [revision.id for revision in there][: len(shared)]:
        message = f"the store to copy to already holds other revisions, the newest of them {there[0].id}; copy to an empty one"
        raise StoreError(message)
    return there[0]


def _replay(store: Store) -> Iterator[tuple[Revision, Snapshot]]:
    """Yield every revision and its facts, oldest first, each put together from the one before.

    Raises:
        StoreError: what is kept of it is not what was committed.
    """
    head, revisions = open_head(store), store.revisions()[::-1]
    snapshot, number = head.snapshot, revisions[-1].number if revisions else 0
    for revision in revisions:
        versions = store.changes(min(number, revision.number), max(number, revision.number))
        snapshot, number = rebuild(snapshot, versions, revision), revision.number
        yield revision, snapshot


def _compared(source: Store, target: Store) -> Copied:
    kept = _kept(source, source.revisions())
    copied = _kept(target, [revision for revision, _ in _replay(target)])
    if source.held() != target.held() or not all({*kept[name]} <= {*copied[name]} for name in kept):
        raise StoreError(_DIFFER)
    return Copied(**{name: len(records) for name, records in kept.items()}, usages=_compared_usages(source, target))


def _compared_usages(source: Store, target: Store) -> int:
    """Return how many entries of the ledger *source* has, all of which *target* has in the same order."""
    there, usages = _usages(target), 0
    for usages, entry in enumerate(_usages(source), 1):  # noqa: B007  # how many there were
        if entry not in there:  # which reads on to it
            raise StoreError(_DIFFER)
    return usages


def _usages(store: Store) -> Iterator[Entry]:
    return (entry for page in pages(store) for entry in page)


def _kept(store: Store, revisions: Sequence[Revision]) -> dict[str, Sequence[object]]:
    """Return *revisions*, and what *store* keeps beside them."""
    return {
        "revisions": revisions,
        "refreshes": store.refreshes(_ALL),
        "notes": store.notes(None),
        "benchmarks": store.benchmarks(None),
        "entries": [(kind, *entry) for kind in store.kinds() for entry in store.entries(kind).items()],
    }
