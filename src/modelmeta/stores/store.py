"""What a store is, and what it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

import attrs

from ..records.facts import Fact, Part, Version
from ..records.frozen import FrozenDict
from ..records.ledger import Entry
from ..records.own import Note, OwnBenchmark
from ..records.refs import ModelRef

__all__ = ["Refresh", "RefreshOutcome", "Revision", "Store", "place_of"]

RefreshOutcome: TypeAlias = Literal["running", "updated", "unchanged", "held", "failed", "crashed"]


@attrs.frozen(kw_only=True)
class Revision:
    """One state of the catalog that was accepted, and what goes with it.

    ``number`` counts revisions from 1, ``digest`` is the SHA-256 of the facts, and ``id`` is made of both: equal facts that come back later
    are another revision. ``models`` and ``providers`` count what it holds; ``added``, ``removed``, ``changed`` (models) and ``price_changes``
    count what became different from what was read before.
    """

    id: str
    number: int
    digest: str
    kind: str
    """Which models.dev document the facts came in."""
    source: str
    """Where they came from."""
    validators: FrozenDict[str, str] = attrs.field(factory=FrozenDict)
    """What each source, by name, is to be asked with to learn whether it has other facts."""
    scope: tuple[str, ...] | None = None
    """The providers, by id, that the refresh was limited to; None where it was not."""
    fetched_at: str | None = None
    """When the document was current, as its snapshot says: an ISO 8601 date or time in UTC."""
    confirmed_at: datetime | None = None
    """When a source last had just these facts, in UTC."""
    committed_at: datetime
    """When they were accepted, in UTC; never before those of the revision before."""
    models: int = 0
    providers: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    price_changes: int = 0


@attrs.frozen(kw_only=True)
class Refresh:
    """One run of a refresh: how it ended, and with what.

    ``id`` tells runs apart, ``duration`` is None while it runs, and for ever where its process died (``outcome`` is ``crashed`` then).
    ``added``, ``removed`` and ``changed`` count models, ``price_changes`` prices, ``problems`` what could not be read or reads oddly.
    ``reason`` is why it was held, ``error`` why it failed.
    """

    id: str
    started_at: datetime
    outcome: RefreshOutcome = "running"
    duration: timedelta | None = None
    source: str | None = None
    revision: str | None = None
    added: int = 0
    removed: int = 0
    changed: int = 0
    price_changes: int = 0
    problems: int = 0
    reason: str | None = None
    error: str | None = None


def place_of(own: Note | OwnBenchmark) -> tuple[str, ...]:
    """Return what tells *own* from its like, and in which order they are read: its model and name, or its model and key, None as the empty text."""
    words = (own.name,) if isinstance(own, Note) else own.key
    return (str(own.ref), *[word or "" for word in words])


class Store(Protocol):
    """Where revisions are kept.

    Every method may be called from any thread, and may block. What goes wrong in the database or on the way there is a ``StoreError``; a
    method that raises has changed nothing, unless the connection broke before the answer came. After ``close`` no method is called.
    """

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder*, the id of a run, be the one who refreshes, for at most *seconds*; return whether it is.

        The lease is free when it was released or has run out, and as soon as can be known that the process which took it is gone. Who has it
        may ask again for more time. Whoever gets it is alone: runs of others that are recorded as ``running`` are ``crashed`` from now on.
        """
        ...

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        ...

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet. Cheap: processes ask often."""
        ...

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts."""
        ...

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id (None: there is none); return whether it was. All or nothing.

        What was held is dropped. Whoever waits for another head hears of it.

        Args:
            revision: what to keep; its number is greater than that of *base*.
            data: the snapshot that holds its facts.
            facts: the pieces that differ from those of *base*; all of them where there is no base. A piece that is gone has no ``raw``.
            base: the revision that is to be replaced.
        """
        ...

    def confirm(self, revision: Revision) -> None:
        """Keep the validators and the ``confirmed_at`` of *revision*, if it is still the newest."""
        ...

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions that are kept, newest first."""
        ...

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return every version of one piece, oldest first."""
        ...

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return every version that began or ended in a revision *n* with *after* < *n* <= *upto*, in order of part, key and ``since``."""
        ...

    def prune(self, number: int) -> int:
        """Forget all revisions before *number*, which is kept, what stood only in them, and the runs that began before it was committed.

        Return how many revisions that were. What stands in a revision that is kept keeps its ``since``. The newest revision is never
        forgotten.
        """
        ...

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Keep *revision* and its snapshot aside until somebody accepts it, instead of any that was; None drops that."""
        ...

    def held(self) -> tuple[Revision, bytes] | None:
        """Return the revision kept aside and its snapshot."""
        ...

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        ...

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*. A run whose process is gone is ``crashed``, also before anybody noted it."""
        ...

    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows, in place of what was kept under the same model and name, or the same model and key of a benchmark."""
        ...

    def discard(self, own: Note | OwnBenchmark) -> bool:
        """Forget what is kept under the same model and name or key; return whether there was anything."""
        ...

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all, ordered by model, as text, and name."""
        ...

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's own results for one model, or for all, ordered by model, as text, and key (None as the empty text)."""
        ...

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of which there are entries, in order."""
        ...

    def entries(self, kind: str) -> dict[str, str]:
        """Return the small texts that another part of modelmeta keeps here as *kind*, by key."""
        ...

    def swap(self, kind: str, key: str, old: str | None, new: str | None) -> bool:
        """Keep *new* as *kind* under *key* if *old* is there (None: nothing), at once for all processes; return whether it was.

        Kinds and keys are short ASCII words, texts are ASCII.
        """
        ...

    def book(self, entries: Sequence[Entry]) -> None:
        """Keep *entries* of the ledger, in this order, all or nothing. One whose id is kept already stays as it is.

        Each has a ``number`` from then on, which is greater than any before, also than those of entries that were forgotten: who knows the
        greatest finds all that came later by it.
        """
        ...

    def booked(self, after: int, limit: int, since: datetime | None = None, until: datetime | None = None) -> tuple[Entry, ...]:
        """Return the entries with a number greater than *after*, in order of numbers, at most *limit*.

        Only those of *since* or later, and of before *until*, where these are given.
        """
        ...

    def unbook(self, before: datetime) -> int:
        """Forget the entries of before that time; return how many those were."""
        ...

    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is.

        Another process may have committed it. It returns early when the store is closed meanwhile, or was.
        """
        ...

    def close(self) -> None:
        """Release what the store holds, the lease too, and wake who waits. Closing twice is fine."""
        ...
