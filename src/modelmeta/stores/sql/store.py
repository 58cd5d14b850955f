"""A store in a database that speaks SQL: every method of the protocol, for both dialects."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import attrs

from ..._forks import watch_forks
from ...errors import StoreError, StoreVersionError
from ...records.own import Note, OwnBenchmark
from . import columns
from .columns import key
from .migrate import migrations
from .queries import read_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ...records.facts import Fact, Part, Version
    from ...records.refs import ModelRef
    from ..store import Refresh, Revision
    from .columns import Row
    from .migrate import Migration

__all__ = ["Cursor", "SqlStore"]


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

    ``_begin`` and ``wait`` are a dialect's own; ``_live``, ``_die`` and ``_is_gone`` tell others that a process is gone; ``_bound``,
    ``_run``, ``_alone``, ``_announce`` and ``_reclaim`` have a default.
    """

    dialect: ClassVar[str]
    """Which files here are its own."""

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

    def _bound(self, value: Any) -> Any:
        """Return what the driver is given for *value*: None, bool, int, float, str, bytes, a Decimal or a datetime in UTC."""
        return value

    def _run(self, cursor: Cursor, sql: str) -> None:
        """Execute the statements of a migration within a transaction."""
        cursor.execute(sql)

    def _alone(self, cursor: Cursor) -> None:
        """Keep other processes from migrating until the transaction ends, where ``write=True`` alone does not."""

    def _announce(self, cursor: Cursor) -> None:
        """Tell who waits in other processes that the revision of this transaction is there once it is committed."""

    def _reclaim(self) -> None:
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
            self._alone(cursor)
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
            message = f"{self.name} is of version {found}, and this modelmeta reads up to {steps[-1].number}; use the modelmeta that wrote it, or a later one"
            raise StoreVersionError(message, store=self.name, found=found, supported=steps[-1].number)
        return tuple(step for step in steps if step.number > found)

    def _mark(self) -> None:
        """Mark the runs whose process is gone."""
        with self._begin(write=False) as cursor:
            if not self._one(cursor, "running") or self._running(cursor) is not None:
                return
        with self._begin(write=True) as cursor:
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
            if self._one(cursor, "lock_head") != (None if base is None else key(base)):
                return False
            self._execute(cursor, "insert_revision", columns.revision_row(revision))
            self._keep_versions(cursor, facts, revision.number)
            self._keep_current(cursor, facts, revision)
            self._execute(cursor, "replace_head", {"number": revision.number, "snapshot": data})
            self._execute(cursor, "drop_held")
            self._announce(cursor)
            return True

    def _keep_versions(self, cursor: Cursor, facts: Sequence[Fact], number: int) -> None:
        """End the versions of *facts* that stood, and begin those that stand now."""
        models = [columns.version_row(fact, number) for fact in facts if fact.part == "models"]
        others = [columns.version_row(fact, number) for fact in facts if fact.part != "models"]
        self._many(cursor, "end_model_version", models)
        self._many(cursor, "insert_model_version", [row for row in models if row["raw"] is not None])
        self._many(cursor, "end_part_version", others)
        self._many(cursor, "insert_part_version", [row for row in others if row["raw"] is not None])

    def _keep_current(self, cursor: Cursor, facts: Sequence[Fact], revision: Revision) -> None:
        """Bring the tables of what is current up to date with *facts*."""
        told = [(fact, fact.key.partition("/")[0]) for fact in facts if fact.part in {"models", "providers"}]
        providers = [
            {**columns.provider_row(fact.record), "raw": fact.raw} for fact in facts if isinstance(fact.record, Provider)
        ]
        self._many(cursor, "delete_provider", [{"provider_id": key(fact.key)} for fact in facts if fact.part == "providers"])
        self._many(cursor, "insert_provider", providers)
        self._many(cursor, "name_provider", providers)
