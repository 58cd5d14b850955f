"""What the address of a PostgreSQL database says, and how much of it may be shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from ....errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_address", "without_secrets"]

_ADDRESS = re.compile(r"postgres(ql)?://([^@/]*@)?[^@?]*(\?.*)?", re.DOTALL)


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
            "the address of the store cannot be read; write postgresql://user:password@host:port/database, and after a ? only what libpq "
            "knows; in the password and elsewhere, write %40 for @, %2F for /, %3D for = and %25 for %"
        )
        raise SettingsError(message, key="store")
    return parameters


def without_secrets(parameters: Mapping[str, str]) -> str:
    """Return the address that says *parameters*, as it may be shown."""
    rest = {name: value for name, value in parameters.items() if value and "password" not in name and "secret" not in name}
    user, database, host = quote(rest.pop("user", "")), quote(rest.pop("dbname", "")), ""
    if re.fullmatch(r"[\w.-]+", rest.get("host", "")):
        host = ":".join(rest.pop(name) for name in ("host", "port") if name in rest)
    return f"postgresql://{user}{'@' * bool(user)}{host}/{database}{'?' * bool(rest)}{urlencode(rest, safe='/,=')}"
