"""A store in a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote

from ..errors import SettingsError, StoreError, StoreUnavailableError
from .sql.columns import key, read_revision
from .sql.migrate import migrations
from .sql.sqlite.connections import PATIENCE, Connections, File, MovedError, file_at, lock
from .sql.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from sqlite3 import Connection

    from .sql.migrate import Migration
    from .sql.store import Cursor
    from .store import Revision

__all__ = ["SqliteStore"]

_SCHEME = "sqlite:///"
_POLL = 1.0
"""So often, in seconds, who waits asks for the newest revision."""
_MOMENT = 0.2
"""So long, in seconds, somebody may look whether a process is gone."""
_OLDEST = (3, 37)
"""The first SQLite with strict tables."""
_LARGEST = 2**63


def _number(number: Decimal) -> int | float | str:
    """Return *number* as SQLite can compare it, or as text where that would lose a digit."""
    if number.as_tuple().exponent == 0 and abs(number) < _LARGEST:
        return int(number)
    near = float(number)
    return near if Decimal(repr(near)) == number else str(number)


def _time(time: datetime) -> str:
    """Return *time* as texts of one length, which sort as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


class SqliteStore(SqlStore):
    """Keeps everything in a file, which any number of processes of one machine may share. It is made when it is first used.

    Beside it stand, while it is in use, SQLite's own files (``-wal``, ``-shm``), and ``-lease``, an empty one that whoever refreshes locks.

    Args:
        url: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``, with ``%3F`` for ``?``, ``%23`` for ``#`` and ``%25`` for ``%``.

    Raises:
        SettingsError: that names no file.
        StoreError: this Python has too old a SQLite.
    """

    dialect = "sqlite"
    _bound: ClassVar[Mapping[type, Callable[[Any], Any]]] = {Decimal: _number, datetime: _time}

    def __init__(self, url: str) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            message = f"a store in SQLite needs SQLite {_OLDEST[0]}.{_OLDEST[1]} or later, and this Python has {sqlite3.sqlite_version}"
            raise StoreError(message, store=url)
        self._path = _path(url)
        self._connections = Connections(self._path)
        self._lock: Connection | None = None
        self._file: File = None
        self._closed = Event()
        super().__init__(url)

    def load(self) -> tuple[Revision, bytes] | None:
        """Return the newest revision and the snapshot that holds its facts, which is copied once."""
        with self._transaction() as cursor:
            rows = self._rows(cursor, "head")
            if not rows:
                return None
            connection: Connection = cursor.connection  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # it is sqlite3's
            with connection.blobopen("head", "snapshot", 1, readonly=True) as blob:
                return read_revision(rows[0]), blob.read()

    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is."""
        until = time.monotonic() + seconds
        while not self._closed.is_set():
            with self._transaction() as cursor:
                newest = self._one(cursor, "head_id")
            if newest != (None if known is None else key(known)):
                return True
            left = until - time.monotonic()
            if left <= 0:
                break
            self._closed.wait(min(left, _POLL))
        return False

    def migrate(self) -> tuple[Migration, ...]:
        """Bring the schema up to date, all or nothing; return the steps that took.

        Raises:
            StoreVersionError: it is of a later modelmeta.
        """
        if self.pending():
            with self._errors():
                self._connections.keep_log()
        return super().migrate()

    def pending(self) -> tuple[Migration, ...]:
        """Return the steps that ``migrate`` would take. Nothing is changed by asking, nor is a file made.

        Raises:
            StoreVersionError: the schema is of a later modelmeta.
        """
        return migrations(self.dialect) if self._path.parent.is_dir() and not self._path.exists() else super().pending()

    def close(self) -> None:
        """Let others refresh, wake who waits, and close the file."""
        self._closed.set()
        super().close()
        self._connections.close()

    def forking(self) -> Callable[[], object]:
        """Close the file before a fork."""
        return self._connections.forking()

    def forked(self) -> None:
        """Go on in a child process. Who refreshes the parent's store does not refresh this one."""
        super().forked()
        self._connections.forked()
        self._closed = Event()
        self._unlock()

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Cursor]:
        with self._errors(), self._connections.lent(write=write) as connection:
            cursor = connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            try:
                yield cursor
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def _open(self) -> None:
        file = file_at(self._path)
        if self._is_open and file != self._file:
            self._is_open = False
            self._die()
        super()._open()
        self._file = file or file_at(self._path)

    def _run(self, cursor: Cursor, sql: str) -> None:
        statement = ""
        for line in sql.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                cursor.execute(statement)
                statement = ""

    def _reclaim(self) -> None:
        with suppress(sqlite3.Error, MovedError), self._connections.lent(write=True) as connection:
            connection.execute("VACUUM")

    def _live(self) -> int | None:
        if self._lock is None:
            self._lock = lock(self._locked, _MOMENT)
        return None if self._lock is None else os.getpid()

    def _die(self) -> None:
        with self._connections.no_fork():
            self._unlock()

    def _unlock(self) -> None:
        held, self._lock = self._lock, None
        if held is not None:
            held.close()

    def _is_gone(self, cursor: Cursor, session: Any) -> bool:  # noqa: ARG002  # there is one lock for all
        if self._lock is not None:
            return False
        found = lock(self._locked, 0)
        if found is not None:
            found.close()
        return found is not None

    @property
    def _locked(self) -> Path:
        """The file that whoever refreshes locks: the system lets go of it when the process ends, however it ends."""
        return self._path.with_name(f"{self._path.name}-lease")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except MovedError:
            message = f"{self._path} was deleted or replaced while it was written to; what was written is lost"
            raise StoreError(message, store=self.name) from None
        except sqlite3.Error as error:
            raise self._as_store_error(error) from error

    def _as_store_error(self, error: sqlite3.Error) -> StoreError:
        kind = getattr(error, "sqlite_errorname", "").removeprefix("SQLITE_").partition("_")[0]
        if kind in {"BUSY", "LOCKED"}:
            message = f"{self._path} is locked by somebody else, and was for {PATIENCE:g} seconds"
            return StoreUnavailableError(message, store=self.name)
        if kind == "CANTOPEN" and not self._path.parent.is_dir():
            message = f"{self._path} cannot be made: there is no folder {self._path.parent}"
        elif self._path.is_dir():
            message = f"{self._path} is a folder; the store is to be a file"
        elif kind == "CANTOPEN":
            message = f"{self._path} cannot be opened: it may not be read"
        elif kind == "READONLY":
            message = f"{self._path} is read-only: what it keeps can be read, and nothing written"
        elif kind == "FULL":
            message = f"there is no space left for {self._path}"
        elif kind in {"NOTADB", "CORRUPT"}:
            message = f"{self._path} is no SQLite database, or a damaged one ({error}); put back a copy, or delete it and it is made anew"
        else:
            message = f"{self._path} cannot be used: {error}"
        return StoreError(message, store=self.name)


def _path(url: str) -> Path:
    path = unquote(url.removeprefix(_SCHEME), errors="surrogateescape")
    if not url.startswith(_SCHEME) or path in {"", ":memory:"} or "\0" in path or "?" in url or "#" in url:
        message = (
            "the address of the store names no file; write sqlite:///relative.db or sqlite:////absolute.db, with %3F for ?, %23 for # and "
            "%25 for %, or memory:// to keep nothing on the disk"
        )
        raise SettingsError(message, key="store")
    return Path(path).absolute()
