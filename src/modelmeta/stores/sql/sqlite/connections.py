"""Connections to a SQLite file."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager, suppress
from sqlite3 import Connection
from threading import Condition, Lock
from typing import TYPE_CHECKING, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["PATIENCE", "Connections", "File", "file_at", "lock"]

PATIENCE = 5.0
"""So many seconds somebody else may keep a file locked."""
_MOST_IDLE = 4
_FORK_PATIENCE = 10.0
"""So many seconds a fork waits for what is going on."""
_AGAIN = 0.01
"""So many seconds later what SQLite does not wait for is tried again."""

File: TypeAlias = "tuple[int, int] | None"
"""Which file it is, whatever it is called; None where there is none."""


def file_at(path: Path) -> File:
    """Return which file is at *path*."""
    try:
        found = os.stat(path)  # noqa: PTH116  # asked before each transaction, where Path.stat is slower
    except OSError:
        return None
    return found.st_dev, found.st_ino


@attrs.frozen(eq=False)
class _Opened:
    """A connection, the file it is to, and whether it may be used more than once."""

    connection: Connection
    file: File
    lasts: bool


class Connections:
    """Lends connections to one thread at a time, and keeps a few for the next who asks.

    None is open across a fork, where SQLite would take the parent's locks for the child's own: a fork waits for those that are lent, and
    closes the rest. None is used after another file has come to its place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._returned = Condition(Lock())
        self._idle: list[_Opened] = []
        self._lent = 0

    @contextmanager
    def lent(self, *, write: bool) -> Iterator[Connection]:
        """Lend a connection that is in no transaction. To *write*, the file is made if there is none.

        Raises:
            sqlite3.Error: the file cannot be opened. One that something fails on is closed.
            MovedError: when it is given back: what was written is in a file that is not at its place any more.
        """
        with self.no_fork():
            opened = self._take() or self._connect(write=write)
            good = False
            try:
                yield opened.connection
                if write:
                    _empty_log(opened.connection)
                    if file_at(self._path) != opened.file:
                        raise MovedError
                good = True
            finally:
                self._give(opened, good=good)

    @contextmanager
    def no_fork(self) -> Iterator[None]:
        """Let forks wait until this is over."""
        with self._returned:
            self._lent += 1
        try:
            yield
        finally:
            with self._returned:
                self._lent -= 1
                self._returned.notify_all()

    def keep_log(self) -> None:
        """Have whatever is written to the file written to a log first, so that who reads and who writes do not wait for each other."""
        until = time.monotonic() + PATIENCE
        with self.lent(write=True) as connection:
            while True:
                try:
                    connection.execute("PRAGMA page_size = 32768")  # a snapshot of some millions of bytes is then read in few pieces
                    connection.execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > until:
                        raise
                    time.sleep(_AGAIN)  # for this alone SQLite does not wait itself
                else:
                    return

    def close(self) -> None:
        """Close what is not lent now, and the rest as it is given back."""
        with self._returned:
            self._closed = True
            self._close_idle()

    def forking(self) -> Callable[[], object]:
        """Close what is open before a fork; return what lets the parent go on after it."""
        if not self._returned.acquire(timeout=_FORK_PATIENCE):
            return lambda: None
        self._returned.wait_for(lambda: not self._lent, _FORK_PATIENCE)
        self._close_idle()
        return self._returned.release

    def forked(self) -> None:
        """Go on in a child process."""
        self._start()

    def _take(self) -> _Opened | None:
        file = file_at(self._path)
        with self._returned:
            while self._idle:
                opened = self._idle.pop()
                if opened.file == file:
                    return opened
                opened.connection.close()
        return None

    def _give(self, opened: _Opened, *, good: bool) -> None:
        with self._returned:
            if good and opened.lasts and not self._closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(opened)
                return
        opened.connection.close()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().connection.close()

    def _connect(self, *, write: bool) -> _Opened:
        try:
            connection = _checked(self._path, "mode=rwc" if write else "mode=rw")
        except sqlite3.Error as error:
            no_place = error.sqlite_errorname in {"SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY"}
            if write or not no_place or self._path.with_name(f"{self._path.name}-wal").exists():
                raise
            # There is no log, and there may be no place for one: then nobody writes.
            return _Opened(_checked(self._path, "mode=ro&immutable=1"), file_at(self._path), lasts=False)
        may_write = os.access(self._path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
        return _Opened(connection, file_at(self._path), lasts=may_write)  # one that was opened to read would never write


class MovedError(Exception):
    """Something was written to a file that was deleted or replaced meanwhile."""


def lock(path: Path, patience: float) -> Connection | None:
    """Return a connection that keeps everybody else from the file at *path* until it is closed or the process ends; None where another has it.

    Args:
        path: a file of no content, made if need be.
        patience: how many seconds to wait for another.
    """
    connection = None
    try:
        connection = _open(path, "mode=rwc", patience)
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        if connection is not None:
            connection.close()
        return None
    return connection


def _checked(path: Path, mode: str) -> Connection:
    """Return a connection that has read something."""
    connection = _open(path, mode, PATIENCE)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 4194304")
        connection.execute("SELECT count(*) FROM sqlite_master")
    except BaseException:
        connection.close()
        raise
    return connection


def _empty_log(connection: Connection) -> None:
    """Bring what the log holds into the file, unless somebody is at it: the file alone is then a whole copy, whoever moves it."""
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA busy_timeout = 5000")


def _open(path: Path, mode: str, patience: float) -> Connection:
    return sqlite3.connect(f"{path.as_uri()}?{mode}", uri=True, timeout=patience, isolation_level=None, check_same_thread=False)
