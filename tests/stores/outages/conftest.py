"""Stores that go away and come back while somebody uses them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager, suppress

import attrs
import psycopg
import pytest

from modelmeta.stores.sqlite import SqliteStore


@attrs.frozen
class Outage:
    """A store at *url* that ``over`` makes unusable as long as it lasts, with what refreshing says then, to a document of so many *models*."""

    url: str
    over: object
    says: str
    models: int = 1


@pytest.fixture
def new_outage():
    """What an outage of a test's own is made of."""
    return Outage


@pytest.fixture
def postgres_stopped(postgres_url, postgres_server):
    @contextmanager
    def stopped():
        postgres_server.stop()
        yield
        postgres_server.ensure_postgres_running()

    return Outage(postgres_url, stopped, "see that the server is up")


@pytest.fixture
def postgres_locked(postgres_url):
    @contextmanager
    def locked():
        with psycopg.connect(postgres_url) as connection:
            connection.execute("LOCK TABLE head, lease, refreshes")
            yield

    return Outage(f"{postgres_url}&options=-c%20lock_timeout%3D300ms", locked, "somebody else holds a lock")


@pytest.fixture
def redis_stopped(redis_server, tmp_path):
    options = ["--appendonly", "yes", "--appendfsync", "always"]
    running, url = redis_server(tmp_path, *options)

    @contextmanager
    def stopped():
        nonlocal running
        running.kill()
        running.wait()
        yield
        running, _ = redis_server(tmp_path, *options)

    return Outage(url, stopped, "does not answer")


@pytest.fixture
def sqlite_locked(tmp_path, monkeypatch):
    monkeypatch.setattr("modelmeta.stores.sql.sqlite.connections.PATIENCE", 0.3)
    SqliteStore(f"sqlite:///{tmp_path}/store.db").migrate()

    @contextmanager
    def locked():
        with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield

    return Outage(f"sqlite:///{tmp_path}/store.db", locked, "is locked by somebody else")


@pytest.fixture
def sqlite_full(tmp_path):
    mount = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=8m", "none", tmp_path]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("a small disk cannot be made here")

    @contextmanager
    def full():
        with suppress(OSError):  # others write meanwhile
            (tmp_path / "filler").write_bytes(bytes(shutil.disk_usage(tmp_path).free))
        yield
        (tmp_path / "filler").unlink()

    yield Outage(f"sqlite:///{tmp_path}/store.db", full, "there is no space left", models=2_000)
    subprocess.run([shutil.which("umount"), tmp_path], check=True)
