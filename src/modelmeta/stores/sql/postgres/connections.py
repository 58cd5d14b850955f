"""Connections to a PostgreSQL server, and what an address says about it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any, LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from ....errors import SettingsError

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["Connections", "read_address", "without_secrets"]

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
_ADDRESS = re.compile(r"postgres(ql)?://([^@/]*@)?[^@?]*(\?.*)?", re.DOTALL)
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
            raise psycopg.OperationalError(message)
        try:
            connection = self.take(first)
            try:
                yield connection
                connection.commit()
            except BaseException:
                with suppress(psycopg.Error):
                    connection.rollback()
                raise
            finally:
                self.give(connection)
        finally:
            self._places.release()

    def take(self, first: LiteralString, parameters: Mapping[str, object] | None = None) -> Connection:
        """Return a connection on which *first* was executed; it is the caller's until it is given back."""
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            connection = kept or self._connect()
            try:
                connection.execute(first, parameters)
            except BaseException as error:
                self._drop(connection)
                if kept is None or not isinstance(error, psycopg.OperationalError):
                    raise
            else:
                return connection

    def give(self, connection: Connection) -> None:
        """Take back what was lent, for the next who asks if it is still good."""
        with self._lock:
            if not self._closed and len(self._idle) < _MOST and connection.info.transaction_status == TransactionStatus.IDLE:
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
        self._made.add(connection)
        return connection

    def _drop(self, connection: Connection) -> None:
        self._made.discard(connection)
        connection.close()


def read_address(url: str) -> dict[str, str]:
    """Return the connection parameters of an address.

    Raises:
        SettingsError: it is no address of a PostgreSQL database. Nothing of it is shown, since any part may be the password.
    """
    try:
        parameters = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        parameters = {"port": "unreadable"}
    if not _ADDRESS.fullmatch(url) or not parameters.get("port", "0").replace(",", "0").isdecimal():
        message = (
            "the address of the store cannot be read; write postgresql://user:password@host:port/database, "
            "with %40 for @, %2F for / and %25 for % in the password, and after a ? only what libpq knows"
        )
        raise SettingsError(message, key="store") from None
    return parameters


def without_secrets(parameters: Mapping[str, str]) -> str:
    """Return the address that says *parameters*, as it may be shown."""
    rest = {name: value for name, value in parameters.items() if "password" not in name and "secret" not in name}
    user, database, host = quote(rest.pop("user", "")), quote(rest.pop("dbname", "")), ""
    if re.fullmatch(r"[\w.-]+", rest.get("host", "")):
        host = ":".join(rest.pop(name) for name in ("host", "port") if name in rest)
    return f"postgresql://{user}{'@' * bool(user)}{host}/{database}{'?' * bool(rest)}{urlencode(rest, safe='/,=')}"
