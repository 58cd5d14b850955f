"""A store in a PostgreSQL database."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import MissingExtraError
from .sql.columns import key
from .sql.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from psycopg import Connection

    from .sql.columns import Row
    from .sql.store import Cursor

__all__ = ["PostgresStore"]

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(1835859969, hashtext(current_schema()))"
"""Who writes is alone in the schema, and sees what was committed before."""
_AT_ONCE = 5_000
_SLICE = 0.5
"""So many seconds at most go by until somebody who waits sees that the store was closed."""


class PostgresStore(SqlStore):
    """Keeps everything in tables of a PostgreSQL database, in the schema with which the connection's ``search_path`` begins.

    Args:
        url: ``postgresql://user:password@host:port/database``, as libpq reads it.

    Raises:
        SettingsError: the address cannot be read.
        MissingExtraError: psycopg is not installed.
    """

    dialect: ClassVar[str] = "postgres"

    def __init__(self, url: str) -> None:
        try:
            from .sql.postgres.address import read_address, without_secrets  # noqa: PLC0415  # psycopg is an extra
            from .sql.postgres.connections import Connections  # noqa: PLC0415  # psycopg is an extra
            from .sql.postgres.errors import translated  # noqa: PLC0415  # psycopg is an extra
            from .sql.postgres.presence import Presence  # noqa: PLC0415  # psycopg is an extra
        except ImportError as error:
            message = f'a store in PostgreSQL needs psycopg ({error}): pip install "modelmeta[postgres]"'
            raise MissingExtraError(message, extra="postgres") from error
        parameters = read_address(url)
        self._translated = translated
        self._connections = Connections(parameters)
        self._presence = Presence(self._connections)
        self._closed = False
        super().__init__(without_secrets(parameters))

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Cursor]:
        with self._translated(self.name), self._connections.lent(_WRITE if write else _READ) as connection:
            cursor: Any = connection.cursor(binary=True)  # which wants literal SQL; ours comes from files
            yield cursor

    def _run(self, cursor: Any, sql: str) -> None:
        cursor.connection.execute(sql)  # a binary cursor takes one statement at a time

    def _announce(self, cursor: Cursor) -> None:
        cursor.execute("NOTIFY modelmeta")

    def _many(self, cursor: Cursor, name: str, rows: Iterable[Row]) -> None:
        """Execute a query for each of *rows*, or for many at once where it takes them as ``:rows``, which is some times as fast."""
        if "%(rows)s" not in self._sql[name]:
            super()._many(cursor, name, rows)
            return
        rows = list(rows)
        for start in range(0, len(rows), _AT_ONCE):
            self._execute(cursor, name, {"rows": json.dumps(rows[start : start + _AT_ONCE], default=str)})

    def _live(self) -> int:
        return self._presence.show()

    def _die(self) -> None:
        self._presence.hide()

    def _is_gone(self, cursor: Cursor, session: Any) -> bool:
        is_gone: bool = self._one(cursor, "is_gone", {"session": session})
        return is_gone

    def wait(self, known: str | None, seconds: float) -> bool:
        """Wait until the newest revision is another than *known*, by id, at most *seconds*; return whether it is."""
        until = time.monotonic() + seconds
        known = None if known is None else key(known)
        self._open()
        with self._translated(self.name), self._connections.lasting("LISTEN modelmeta", "UNLISTEN modelmeta") as connection:
            while not (is_another := bool(self._head_id() != known)) and self._hears(connection, until):
                pass
        return is_another

    def _head_id(self) -> Any:
        with self._transaction() as cursor:
            return self._one(cursor, "head_id")

    def _hears(self, connection: Connection, until: float) -> bool:
        """Return whether somebody committed something, in any schema; False at the time *until*, and when the store is closed."""
        while not self._closed and (left := until - time.monotonic()) > 0:
            if any(connection.notifies(timeout=min(left, _SLICE), stop_after=1)):
                return True
        return False

    def close(self) -> None:
        """Release what the store holds, and wake who waits. Closing twice is fine."""
        self._closed = True
        super().close()
        self._connections.close()

    def forked(self) -> None:
        """Go on in a child process, with connections of its own."""
        super().forked()
        self._connections.forked()
        self._presence.forked()
