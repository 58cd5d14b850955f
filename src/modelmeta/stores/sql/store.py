"""A store in a database that speaks SQL: every method of the protocol, for both dialects."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from operator import attrgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import attrs

from ..._forks import watch_forks
from ...errors import StoreError, StoreVersionError
from ...records.facts import Fact
from ...records.own import Note
from ..store import place_of
from . import columns
from .columns import key
from .current import commit_rows, sync_rows
from .migrate import migrations
from .queries import read_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ...records.facts import Part, Version
    from ...records.ledger import Entry
    from ...records.own import OwnBenchmark
    from ...records.refs import ModelRef
    from ..store import Refresh, Revision
    from .columns import Row
    from .migrate import Migration

__all__ = ["Cursor", "SqlStore"]


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Cursor(Protocol):
    """What the drivers of both dialects have in common."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement wrote."""
        ...

    @property
    def description(self) -> Sequence[Sequence[Any]] | None:
        """The columns of the rows that can be fetched, each with its name first."""
        ...

    def execute(self, sql: str, parameters: Mapping[str, Any] = ..., /) -> object:
        """Execute one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Mapping[str, Any]], /) -> object:
        """Execute one statement for each of *parameters*."""
        ...

    def fetchone(self) -> Any:
        """Return the next row, None after the last."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that were not fetched yet."""
        ...


class SqlStore(ABC):
    """Every method of ``Store`` but ``wait``; what differs between databases, a dialect supplies.

    A dialect has a folder here of its name, with its migrations (``0001_initial.sql``, …) and its ``queries.sql``. That one holds at least
    ``has_migrations`` (whether there is a table ``schema_migrations``), ``lease`` (``holder``, ``session``, and whether it has ``expired``)
    and ``take_lease`` (``:holder``, ``:session``, ``:seconds``); what else it holds replaces the shared query of that name.

    ``_begin``, ``_run`` and ``wait`` are a dialect's own; ``_live``, ``_die`` and ``_is_gone`` tell others that a process is gone;
    ``_bound``, ``_announce`` and ``_reclaim`` are replaced where there is something to do.
    """

    dialect: ClassVar[str]
    """Which files here are its own."""
    _bound: ClassVar[Mapping[type, Callable[[Any], Any]]] = {}
    """What the driver is given for a value, by its type, where that is not the value: a str, int, bool, float, Decimal, bytes or datetime in UTC."""

    def __init__(self, name: str) -> None:
        self.name = name
        """Where it is, without a password, as errors say it."""
        self._sql = read_queries(self.dialect)
        self._holder: str | None = None
        """The run that has the lease through this object."""
        self._locks()
        watch_forks(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def _locks(self) -> None:
        self._opening, self._leasing = Lock(), Lock()
        self._is_open = False

    # What a dialect supplies

    @abstractmethod
    def _begin(self, *, write: bool) -> AbstractContextManager[Cursor]:
        """Return a cursor within a transaction that is committed at the end, and rolled back by any exception.

        With *write* nobody else writes meanwhile, from the beginning. It does not ask whether the schema is there. What the driver raises,
        also while committing, becomes a ``StoreError``, or a ``StoreUnavailableError`` where trying again later may help.
        """

    @abstractmethod
    def _run(self, cursor: Cursor, sql: str) -> None:
        """Execute the statements of a migration within a transaction."""

    def _announce(self, cursor: Cursor) -> None:  # noqa: B027  # there may be nothing to do
        """Tell who waits in other processes that the revision of this transaction is there once it is committed."""

    def _reclaim(self) -> None:  # noqa: B027  # there may be nothing to do
        """Give back to the system the space of what was forgotten. What keeps that from being done does no harm."""

    @abstractmethod
    def _live(self) -> Any:
        """Begin to show others that this process lives, or go on, and return what they need to find out; None where it cannot be shown."""

    @abstractmethod
    def _die(self) -> None:
        """Cease to show it."""

    @abstractmethod
    def _is_gone(self, cursor: Cursor, session: Any) -> bool:
        """Return whether the process that showed itself as *session* is known to be gone."""

    @abstractmethod
    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is."""

    # Opening

    @contextmanager
    def _transaction(self, *, write: bool = False) -> Iterator[Cursor]:
        """Begin as ``_begin`` does, on a schema that is there and up to date."""
        self._open()
        with self._begin(write=write) as cursor:
            yield cursor

    def _open(self) -> None:
        """See to the schema, and to runs that died, the first time."""
        with self._opening:
            if not self._is_open:
                self.migrate()
                self._mark()
                self._is_open = True

    def migrate(self) -> tuple[Migration, ...]:
        """Bring the schema up to date, all or nothing; return the steps that took.

        Raises:
            StoreVersionError: it is of a later modelmeta.
        """
        if not self.pending():
            return ()
        with self._begin(write=True) as cursor:
            steps = self._pending(cursor)
            for step in steps:
                self._run(cursor, step.sql)
                self._execute(cursor, "migrated", {"version": step.number, "name": step.name, "applied_at": datetime.now(UTC)})
            return steps

    def pending(self) -> tuple[Migration, ...]:
        """Return the steps that ``migrate`` would take. Nothing is changed by asking.

        Raises:
            StoreVersionError: the schema is of a later modelmeta.
        """
        with self._begin(write=False) as cursor:
            return self._pending(cursor)

    def _pending(self, cursor: Cursor) -> tuple[Migration, ...]:
        steps = migrations(self.dialect)
        found = self._one(cursor, "version") if self._one(cursor, "has_migrations") else 0
        if found > steps[-1].number:
            message = (
                f"the schema of {self.name} is of version {found}, and this modelmeta knows up to {steps[-1].number}; "
                "use the modelmeta that wrote it, or a later one"
            )
            raise StoreVersionError(message, store=self.name, found=found, supported=steps[-1].number)
        return tuple(step for step in steps if step.number > found)

    def _mark(self) -> None:
        """Mark the runs whose process is gone."""
        with self._begin(write=False) as cursor:
            if not self._one(cursor, "running") or self._running(cursor) is not None:
                return
        with suppress(StoreError), self._begin(write=True) as cursor:  # who only may read is told all the same
            self._execute(cursor, "mark_crashed", {"holder": self._running(cursor) or ""})

    # The lease, and the runs

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        with self._leasing, self._transaction(write=True) as cursor:
            if self._running(cursor) not in {None, key(holder)}:
                return False
            self._execute(cursor, "take_lease", {"holder": key(holder), "session": self._live(), "seconds": seconds})
            self._execute(cursor, "mark_crashed", {"holder": key(holder)})
            self._holder = holder
        return True

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        with self._leasing:
            try:
                with self._transaction(write=True) as cursor:
                    self._execute(cursor, "release", {"holder": key(holder)})
            finally:
                if self._holder == holder:
                    self._holder = None
                    self._die()

    def _running(self, cursor: Cursor) -> str | None:
        """Return who has the lease, None where it is free."""
        row = self._rows(cursor, "lease")
        if not row or row[0]["expired"] or (row[0]["session"] is not None and self._is_gone(cursor, row[0]["session"])):
            return None
        holder: str = row[0]["holder"]
        return holder

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        with self._transaction(write=True) as cursor:
            self._execute(cursor, "record", columns.refresh_row(refresh))

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        with self._transaction() as cursor:
            runs = list(map(columns.read_refresh, self._rows(cursor, "refreshes", {"limit": limit})))
            running = self._running(cursor) if any(run.outcome == "running" for run in runs) else None
        return tuple(attrs.evolve(run, outcome="crashed") if run.outcome == "running" and key(run.id) != running else run for run in runs)

    # Revisions

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        with self._transaction() as cursor:
            rows = self._rows(cursor, "head")
        return columns.read_revision(rows[0]) if rows else None

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts."""
        with self._transaction() as cursor:
            rows = self._rows(cursor, "load")
        if not rows:
            return None
        data = bytes(rows[0].pop("snapshot"))
        return columns.read_revision(rows[0]), data

    def commit(self, revision: Revision, data: bytes, facts: Sequence[Fact], *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. All or nothing. What was held is dropped."""
        with self._transaction(write=True) as cursor:
            if self._one(cursor, "head_id") != (None if base is None else key(base)):
                return False
            self._execute(cursor, "insert_revision", columns.revision_row(revision))
            for name, rows in commit_rows(facts, revision):
                self._many(cursor, name, rows)
            self._execute(cursor, "replace_head", {"number": revision.number, "snapshot": data})
            self._execute(cursor, "drop_held")
            self._announce(cursor)
        return True

    def confirm(self, revision: Revision) -> None:
        """Keep the validators and the ``confirmed_at`` of *revision*, if it is still the newest."""
        with self._transaction(write=True) as cursor:
            self._execute(cursor, "confirm_revision", columns.revision_row(revision))
            if cursor.rowcount:
                for name, rows in sync_rows(revision):
                    self._many(cursor, name, rows)

    def revisions(self) -> tuple[Revision, ...]:
        """Return all revisions that are kept, newest first."""
        with self._transaction() as cursor:
            return tuple(map(columns.read_revision, self._rows(cursor, "revisions")))

    def versions(self, part: Part, key: str) -> tuple[Version, ...]:
        """Return every version of one piece, oldest first."""
        row = columns.version_row(Fact(part, key, None), 0)
        with self._transaction() as cursor:
            return tuple(map(columns.read_version, self._rows(cursor, "model_versions" if part == "models" else "part_versions", row)))

    def changes(self, after: int, upto: int) -> tuple[Version, ...]:
        """Return every version that began or ended in a revision *n* with *after* < *n* <= *upto*, in order of part, key and ``since``."""
        numbers = {"after": after, "upto": upto}
        with self._transaction() as cursor:
            rows = [row for name in ("model_changes", "part_changes") for row in self._rows(cursor, name, numbers)]
        return tuple(sorted(map(columns.read_version, rows), key=attrgetter("part", "key", "since")))

    def prune(self, number: int) -> int:
        """Forget all revisions before *number*, what stood only in them, and older runs; return how many revisions that were."""
        with self._transaction(write=True) as cursor:
            oldest = {"number": self._one(cursor, "oldest_kept", {"number": number})}
            self._execute(cursor, "prune_revisions", oldest)
            gone = cursor.rowcount
            for name in ("prune_model_versions", "prune_part_versions", "prune_refreshes"):
                self._execute(cursor, name, oldest)
        if gone:
            self._reclaim()
        return gone

    def hold(self, revision: Revision | None, data: bytes = b"") -> None:
        """Keep *revision* and its snapshot aside until somebody accepts it, instead of any that was; None drops that."""
        with self._transaction(write=True) as cursor:
            self._execute(cursor, "drop_held")
            if revision is not None:
                self._execute(cursor, "hold", {"revision": json.dumps(columns.revision_row(revision), default=str), "snapshot": data})

    def held(self) -> tuple[Revision, bytes] | None:
        """Return the revision kept aside and its snapshot."""
        with self._transaction() as cursor:
            rows = self._rows(cursor, "held")
        return (columns.read_revision(json.loads(rows[0]["revision"])), bytes(rows[0]["snapshot"])) if rows else None

    # What users know

    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows, in place of what was kept under the same key."""
        with self._transaction(write=True) as cursor:
            self._execute(cursor, "put_note" if isinstance(own, Note) else "put_benchmark", columns.own_row(own))

    def discard(self, own: Note | OwnBenchmark) -> bool:
        """Forget what is kept under the same key; return whether there was anything."""
        with self._transaction(write=True) as cursor:
            self._execute(cursor, "discard_note" if isinstance(own, Note) else "discard_benchmark", columns.own_row(own))
            return cursor.rowcount > 0

    def notes(self, ref: ModelRef | None) -> tuple[Note, ...]:
        """Return the notes on one model, or on all, ordered by model and name."""
        return tuple(sorted(map(columns.read_note, self._own("notes", "model_notes", ref)), key=place_of))

    def benchmarks(self, ref: ModelRef | None) -> tuple[OwnBenchmark, ...]:
        """Return the user's own results for one model, or for all, ordered by model and key (None as the empty text)."""
        return tuple(sorted(map(columns.read_benchmark, self._own("benchmarks", "model_benchmarks", ref)), key=place_of))

    def _own(self, every: str, of_one: str, ref: ModelRef | None) -> list[Row]:
        with self._transaction() as cursor:
            return self._rows(cursor, every) if ref is None else self._rows(cursor, of_one, {"model": key(str(ref))})

    # What other parts keep here

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of which there are entries, in order."""
        with self._transaction() as cursor:
            return tuple(row["kind"] for row in self._rows(cursor, "kinds"))

    def entries(self, kind: str) -> dict[str, str]:
        """Return the small texts that are kept as *kind*, by key."""
        with self._transaction() as cursor:
            return {row["key"]: row["value"] for row in self._rows(cursor, "entries", {"kind": kind})}

    def swap(self, kind: str, key: str, old: str | None, new: str | None) -> bool:
        """Keep *new* as *kind* under *key* if *old* is there (None: nothing), at once for all processes; return whether it was."""
        place = {"kind": kind, "key": key}
        with self._transaction(write=True) as cursor:
            if self._one(cursor, "entry", place) != old:
                return False
            self._execute(cursor, "delete_entry", place)
            if new is not None:
                self._execute(cursor, "insert_entry", {**place, "value": new})
        return True

    # The ledger

    def book(self, entries: Sequence[Entry]) -> None:
        """Keep *entries* of the ledger, in this order; one whose id is kept already stays as it is."""
        with self._transaction(write=True) as cursor:
            self._many(cursor, "book", map(columns.entry_row, entries))

    def booked(self, after: int, limit: int, since: datetime | None = None, until: datetime | None = None) -> tuple[Entry, ...]:
        """Return the entries with a number greater than *after*, and of these times, in order of numbers, at most *limit*."""
        between = {"since": since or _FIRST, "until": until or _LAST}
        with self._transaction() as cursor:
            if not after and since is not None:  # the next page goes on from this one
                after = self._one(cursor, "first_booked", {"since": since}) - 1
            rows = self._rows(cursor, "booked", {"after": after, "limit": limit, **between})
        return tuple(map(columns.read_entry, rows))

    def unbook(self, before: datetime) -> int:
        """Forget the entries of before that time; return how many those were."""
        with self._transaction(write=True) as cursor:
            self._execute(cursor, "unbook", {"before": before})
            gone = cursor.rowcount
        if gone:
            self._reclaim()
        return gone

    # The end

    def close(self) -> None:
        """Let others refresh. A dialect releases its connections, and wakes who waits."""
        with suppress(StoreError):
            if self._holder is not None:
                self.release(self._holder)
        self._die()

    def forked(self) -> None:
        """Go on in a child process. Who refreshes through the parent's store does not through this one."""
        self._locks()
        self._holder = None

    # Queries

    def _execute(self, cursor: Cursor, name: str, parameters: Row | None = None) -> None:
        cursor.execute(self._sql[name], self._row(parameters or {}))

    def _many(self, cursor: Cursor, name: str, rows: Iterable[Row]) -> None:
        cursor.executemany(self._sql[name], list(map(self._row, rows)))

    def _rows(self, cursor: Cursor, name: str, parameters: Row | None = None) -> list[Row]:
        self._execute(cursor, name, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def _one(self, cursor: Cursor, name: str, parameters: Row | None = None) -> Any:
        """Return the only value of the only row."""
        self._execute(cursor, name, parameters)
        return cursor.fetchone()[0]

    def _row(self, parameters: Row) -> Row:
        bound = self._bound
        return {name: bound[type(value)](value) if type(value) in bound else value for name, value in parameters.items()}
