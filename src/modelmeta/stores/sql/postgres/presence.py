"""How other processes know that this one lives."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from psycopg import Connection

    from .connections import Connections

__all__ = ["Presence"]

_HOLD = "SELECT pg_advisory_lock(1835859970, %(session)s)"
"""A number of two halves, of which the first keeps clear of other people's locks: the bytes of "mm" and 2. Who writes holds "mm" and 1."""


class Presence:
    """A lock with a number of its own, which the server gives up as soon as the connection that holds it is gone."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._connection: Connection | None = None
        self._session = 0

    def show(self) -> int:
        """Hold the lock, another one where the connection of the last broke; return its number."""
        if self._connection is not None:
            try:
                self._connection.execute(_HOLD, {"session": self._session})
            except psycopg.Error:
                self.hide()
            else:
                return self._session
        self._session = secrets.randbits(31)
        self._connection = self._connections.take(_HOLD, {"session": self._session})
        return self._session

    def hide(self) -> None:
        """Give up the lock."""
        if self._connection is not None:
            self._connections.give(self._connection, "SELECT pg_advisory_unlock_all()")
            self._connection = None

    def forked(self) -> None:
        """Go on in a child process. The lock is the parent's."""
        self._connection = None
