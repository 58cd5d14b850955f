"""What PostgreSQL and its driver raise, as errors of a store that say what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from ....errors import StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["translated"]

_ADVICE: dict[type[psycopg.Error], str] = {
    errors.LockNotAvailable: "somebody else holds a lock on the store's tables; pg_stat_activity shows who",
    errors.QueryCanceled: "it took too long; pg_stat_activity shows what keeps the server busy",
    errors.DiskFull: "its disk is full",
    errors.TooManyConnections: "use it from fewer threads and processes at a time, or raise max_connections of the server",
    errors.OperationalError: "see that the server is up, and that address, user and password are right",
    errors.ReadOnlySqlTransaction: "it may only be read there; give the address of the primary server",
    errors.InsufficientPrivilege: "grant the user what is missing, or give the address with another user",
    errors.InvalidSchemaName: "make the schema that the address names: CREATE SCHEMA",
    **dict.fromkeys(
        (errors.DuplicateTable, errors.UndefinedTable, errors.UndefinedColumn, errors.DatatypeMismatch),
        "tables there are not modelmeta's, or not as it made them; give it a schema of its own: ?options=-csearch_path%3D… in the address",
    ),
}


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise what the driver raises as a ``StoreError`` of the store *name*, or a ``StoreUnavailableError`` where trying again may help."""
    try:
        yield
    except psycopg.Error as error:
        advice = next((f"; {advice}" for kind, advice in _ADVICE.items() if isinstance(error, kind)), "")
        message = f"the store {name} failed: {' '.join((error.diag.message_primary or str(error)).split())}{advice}"
        lasting = isinstance(error, errors.DiskFull) or not isinstance(error, psycopg.OperationalError)
        raise (StoreError if lasting else StoreUnavailableError)(message, store=name) from error
