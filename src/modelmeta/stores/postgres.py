"""A store in a PostgreSQL database."""

from __future__ import annotations

import random
import time
from contextlib import contextmanager, suppress
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import MissingExtraError, StoreError
from .sql.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from .sql.store import Cursor

__all__ = ["PostgresStore"]

_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock(1835887204, hashtext(current_schema()))"
"""Who writes is alone in the schema. Every statement after the lock sees what was committed before."""
_LIVE = "SELECT pg_advisory_lock(1835887212, %(session)s)"
_IS_GONE = "SELECT pg_try_advisory_xact_lock_shared(1835887212, %(session)s)"
_LISTEN = "LISTEN modelmeta"
_SLICE = 0.5
"""So many seconds it takes at most until somebody who waits sees that the store was closed."""


class PostgresStore(SqlStore):
    """Keeps everything in tables of a PostgreSQL database, in the schema where the connection's ``search_path`` begins.

    Args:
        url: ``postgresql://user:password@host:port/database``, as libpq reads it.
    """

    dialect: ClassVar[str] = "postgres"

    def __init__(self, url: str) -> None:
        try:
            from .sql.postgres.address import read_address, without_secrets  # noqa: PLC0415  # psycopg is an extra
            from .sql.postgres.connections import Connections  # noqa: PLC0415
            from .sql.postgres.errors import translated  # noqa: PLC0415
        except ImportError as error:
            message = f'a store in PostgreSQL needs psycopg ({error}): pip install "modelmeta[postgres]"'
            raise MissingExtraError(message, extra="postgres") from error
        parameters = read_address(url)
        self._translated = translated
        self._connections = Connections(parameters)
        self._sign: tuple[int, Connection] | None = None
        self._closed = Event()
        super().__init__(without_secrets(parameters))

    @contextmanager
    def _begin(self, *, write: bool) -> Iterator[Cursor]:
        with self._translated(self.name), self._connections.lent(_WRITE if write else _READ) as connection:
            yield connection.cursor(binary=True)

    def _run(self, cursor: Any, sql: str) -> None:
        cursor.connection.execute(sql)  # in one go, which a binary cursor does not do

    def _announce(self, cursor: Cursor) -> None:
        cursor.execute("NOTIFY modelmeta")

    def _live(self) -> int:
        """Hold a lock as long as this process lives, on a connection of its own; return its number."""
        if self._sign is not None:
            session, connection = self._sign
            ...
