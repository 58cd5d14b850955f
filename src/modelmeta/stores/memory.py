"""A store in memory: what it keeps, ends with the process."""

from __future__ import annotations

import time
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import count, islice
from operator import attrgetter
from threading import Condition, Lock
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs

from .._forks import watch_forks
from ..records.facts import Version
from ..records.own import Note, OwnBenchmark
from .store import place_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..records.facts import Fact, Part
    from ..records.ledger import Entry
    from ..records.refs import ModelRef
    from .store import Refresh, Revision

__all__ = ["MemoryStore"]

Own = TypeVar("Own", Note, OwnBenchmark)

_Piece: TypeAlias = "tuple[Part, str]"
_Span: TypeAlias = tuple[str, int, int | None]
"""A version without its piece: ``raw``, ``since``, ``until``. The garbage collector does not walk over plain tuples of such."""

_MOST_REFRESHES = 1_000


class MemoryStore:
    """Keeps every revision, note and result as long as the process lives, and the last thousand refreshes.

    Several registries of one process may share it.
    """

    def __init__(self) -> None:
        self._changed = Condition(Lock())
        self._revisions: list[Revision] = []
        self._data = b""
        self._spans: dict[_Piece, tuple[_Span, ...]] = {}
        self._held: tuple[Revision, bytes] | None = None
        self._lease: tuple[str, float] = ("", 0.0)
        self._refreshes: dict[str, Refresh] = {}
        self._own: dict[tuple[object, ...], Note | OwnBenchmark] = {}
        self._entries: dict[str, dict[str, str]] = {}
        self._ledger: list[Entry] = []
        self._booked: set[str] = set()
        self._numbers = count(1)
        self._closed = False
        watch_forks(self)

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        with self._changed:
            if self._holder() not in {"", holder}:
                return False
            self._lease = (holder, time.monotonic() + seconds)
            self._refreshes = {run.id: self._marked(run) for run in self._refreshes.values()}
            return True

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        with self._changed:
            if self._lease[0] == holder:
                self._lease = ("", 0.0)

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        with self._changed:
            return self._revisions[-1] if self._revisions else None

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts."""
        with self._changed:
            return (self._revisions[-1], self._data) if self._revisions else None

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. What was held is dropped."""
        facts = tuple(facts)  # whatever reading them raises, it has changed nothing
        with self._changed:
            if (self._revisions[-1].id if self._revisions else None) != base:
                return False
            for fact in facts:
                spans = self._spans.get((fact.part, fact.key), ())
                if spans and spans[-1][-1] is None:
                    raw, since, _ = spans[-1]
                    spans = (*spans[:-1], (raw, since, revision.number))
                if fact.raw is not None:
                    spans = (*spans, (fact.raw, revision.number, None))
                self._spans[fact.part, fact.key] = spans
            self._revisions.append(revision)
            self._data, self._held = data, None
            self._changed.notify_all()
            return True

    def confirm(self, revision: Revision) -> None:
        """Keep the validators and the ``confirmed_at`` of *revision*, if it is still the newest."""
        with self._changed:
            if self._revisions and self._revisions[-1].id == revision.id:
                self._revisions[-1] = attrs.evolve(self._revisions[-1], validators=revision.validators, confirmed_at=revision.confirmed_at)

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions that are kept, newest first."""
        with self._changed:
            return tuple(reversed(self._revisions))

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return every version of one piece, oldest first."""
        with self._changed:
            return tuple(Version(part, key, *span) for span in self._spans.get((part, key), ()))

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return every version that began or ended in a revision *n* with *after* < *n* <= *upto*."""
        with self._changed:
            return tuple(
                Version(*piece, raw, since, until)
                for piece, spans in sorted(self._spans.items())
                for raw, since, until in spans
                if after < since <= upto or (until is not None and after < until <= upto)
            )

    def prune(self, number: int) -> int:
        """Forget all revisions before *number*, what stood only in them, and older runs; return how many revisions that were."""
        with self._changed:
            kept = [revision for revision in self._revisions if revision.number >= number] or self._revisions[-1:]
            gone = len(self._revisions) - len(kept)
            if kept:
                self._revisions = kept
                self._spans = dict(self._standing(kept[0].number))
                self._refreshes = {run.id: run for run in self._refreshes.values() if run.started_at >= kept[0].committed_at}
            return gone

    def _standing(self, number: int) -> Iterator[tuple[_Piece, tuple[_Span, ...]]]:
        """Yield what stood in the revision *number* or later."""
        for piece, spans in self._spans.items():
            standing = tuple(span for span in spans if span[-1] is None or span[-1] > number)
            if standing:
                yield piece, standing

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Keep *revision* aside until somebody accepts it, instead of any that was; None drops that."""
        self._held = None if revision is None else (revision, data)

    def held(self) -> tuple[Revision, bytes] | None:
        """Return the revision kept aside and its snapshot."""
        return self._held

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        with self._changed:
            self._refreshes[refresh.id] = refresh
            for outlived in list(self._refreshes)[:-_MOST_REFRESHES]:
                del self._refreshes[outlived]

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        with self._changed:
            return tuple(map(self._marked, list(self._refreshes.values())[::-1][:limit]))

    def _marked(self, run: Refresh) -> Refresh:
        """Return *run*, as crashed where it is said to be running and does not hold the lease."""
        return attrs.evolve(run, outcome="crashed") if run.outcome == "running" and run.id != self._holder() else run

    def _holder(self) -> str:
        holder, until = self._lease
        return holder if time.monotonic() < until else ""

    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows, in place of what was kept under the same key."""
        with self._changed:
            self._own[_key(own)] = own

    def discard(self, own: Note | OwnBenchmark) -> bool:
        """Forget what is kept under the same key; return whether there was anything."""
        with self._changed:
            return self._own.pop(_key(own), None) is not None

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all."""
        return self._kept(Note, ref)

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's own results for one model, or for all."""
        return self._kept(OwnBenchmark, ref)

    def _kept(self, kind: type[Own], ref: ModelRef | None) -> tuple[Own, ...]:
        with self._changed:
            return tuple(own for _, own in sorted(self._own.items()) if isinstance(own, kind) and ref in {None, own.ref})

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of which there are entries, in order."""
        with self._changed:
            return tuple(sorted(kind for kind, kept in self._entries.items() if kept))

    def entries(self, kind: str) -> dict[str, str]:
        """Return the small texts that are kept as *kind*, by key."""
        with self._changed:
            return dict(sorted(self._entries.get(kind, {}).items()))

    def swap(self, kind: str, key: str, old: str | None, new: str | None) -> bool:
        """Keep *new* as *kind* under *key* if *old* is there (None: nothing); return whether it was."""
        with self._changed:
            kept = self._entries.setdefault(kind, {})
            if kept.get(key) != old:
                return False
            if new is None:
                kept.pop(key, None)
            else:
                kept[key] = new
            return True

    def book(self, entries: Sequence[Entry]) -> None:
        """Keep *entries* of the ledger, in this order; one whose id is kept already stays as it is."""
        with self._changed:
            for entry in entries:
                if entry.id not in self._booked:
                    self._booked.add(entry.id)
                    self._ledger.append(attrs.evolve(entry, number=next(self._numbers)))

    def booked(self, after: int, limit: int, since: datetime | None = None, until: datetime | None = None) -> tuple[Entry, ...]:
        """Return the entries with a number greater than *after*, and of these times, in order of numbers, at most *limit*."""
        with self._changed:
            later = self._ledger[bisect(self._ledger, after, key=attrgetter("number")) :]
        found = (entry for entry in later if (since is None or since <= entry.at) and (until is None or entry.at < until))
        return tuple(islice(found, limit))

    def unbook(self, before: datetime) -> int:
        """Forget the entries of before that time; return how many those were."""
        with self._changed:
            kept = [entry for entry in self._ledger if entry.at >= before]
            gone = len(self._ledger) - len(kept)
            self._ledger, self._booked = kept, {entry.id for entry in kept}
            return gone

    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is."""

        def is_another() -> bool:
            return (self._revisions[-1].id if self._revisions else None) != known

        with self._changed:
            self._changed.wait_for(lambda: self._closed or is_another(), seconds)
            return is_another()

    def forked(self) -> None:
        """Go on in a child process. Who refreshes the parent's store does not refresh this one."""
        self._changed = Condition(Lock())
        self._lease = ("", 0.0)

    def close(self) -> None:
        """Wake who waits. What is kept stays."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _key(own: Note | OwnBenchmark) -> tuple[object, ...]:
    """Return under what *own* is kept, in the order of what is kept."""
    return (type(own).__name__, *place_of(own))
