"""Connections to a PostgreSQL server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["Connections"]

_MOST = 8
_PATIENCE = 10
_DEFAULTS = {
    "fallback_application_name": "modelmeta",
    "connect_timeout": str(_PATIENCE),
    "client_encoding": "utf8",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "tcp_user_timeout": "20000",
}
_OPTIONS = f"-c TimeZone=UTC -c lock_timeout={_PATIENCE}s -c statement_timeout=60s"


class Connections:
    """Connects to one server, lends what it has connected to one thread at a time, and keeps a few for the next who asks.

    ``psycopg_pool`` would say of a server that is down or of a wrong password that it could not connect in ten seconds, not why; and would
    go on trying for some seconds more after the server is back.
    """

    def __init__(self, parameters: Mapping[str, str]) -> None:
        options = parameters.get("options") or os.environ.get("PGOPTIONS", "")
        self._parameters: dict[str, Any] = {**_DEFAULTS, **parameters, "options": f"{_OPTIONS} {options}"}
        self._made: set[Connection] = set()
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._lock = Lock()
        self._idle: list[Connection] = []
        self._places = BoundedSemaphore(_MOST)

    @contextmanager
    def lent(self, first: LiteralString) -> Iterator[Connection]:
        """Lend a connection for a transaction that begins with *first*. At most eight threads have one at a time."""
        if not self._places.acquire(timeout=_PATIENCE):
            message = f"all {_MOST} connections were in use for {_PATIENCE} seconds"
            raise psycopg.errors.TooManyConnections(message)
        try:
            connection = self.take(first)
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                self.give(connection, None if _is_idle(connection) else "ROLLBACK")
        finally:
            self._places.release()

    @contextmanager
    def lasting(self, first: LiteralString, last: LiteralString) -> Iterator[Connection]:
        """Lend a connection for what lasts, on which *first* is executed before and *last* after."""
        connection = self.take(first)
        try:
            yield connection
        finally:
            self.give(connection, last)

    def take(self, first: LiteralString, parameters: Mapping[str, object] | None = None) -> Connection:
        """Return a connection on which *first* was executed; it is the caller's until it is given back."""
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            connection = kept or self._connect()
            try:
                connection.execute(first, parameters)
            except BaseException as error:
                broke_before = kept is not None and connection.broken and isinstance(error, psycopg.Error)
                self._drop(connection)
                if not broke_before:
                    raise
            else:
                return connection

    def give(self, connection: Connection, last: LiteralString | None = None) -> None:
        """Take back what was taken, after *last* was executed on it, for the next who asks if it is still good."""
        with suppress(psycopg.Error):
            if last is not None:
                connection.execute(last)
        with self._lock:
            if not self._closed and len(self._idle) < _MOST and _is_idle(connection):
                self._idle.append(connection)
                return
        self._drop(connection)

    def close(self) -> None:
        """Close what is not lent now, and the rest as it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            self._drop(connection)

    def forked(self) -> None:
        """Go on in a child process, without what the parent connected.

        The child's copies of the sockets are closed, or the server would not notice the end of the parent; yet not a byte is sent on them.
        """
        nowhere = os.open(os.devnull, os.O_RDWR)
        for connection in self._made:
            if not connection.closed:
                os.dup2(nowhere, connection.fileno(), inheritable=False)
                connection.close()
        os.close(nowhere)
        self._made = set()
        self._start()

    def _connect(self) -> Connection:
        connection = psycopg.connect(autocommit=True, **self._parameters)
        connection._pool = None  # noqa: SLF001  # as psycopg_pool does: one that ends with the program is not worth a warning
        self._made.add(connection)
        return connection

    def _drop(self, connection: Connection) -> None:
        self._made.discard(connection)
        connection.close()


def _is_idle(connection: Connection) -> bool:
    return connection.info.transaction_status == TransactionStatus.IDLE
