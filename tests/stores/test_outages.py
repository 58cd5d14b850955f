"""Databases that go away and come back while registries use them: reading goes on, refreshing says why it cannot, and all goes on afterwards."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event

import attrs
import psycopg
import pytest
import redis

from modelmeta import Registry, StoreError, dump_catalog
from modelmeta.stores.redis import RedisStore
from modelmeta.testing import FakeModelsDev, Fault

SOON = 60
NOBODY = 65_534


def document(price, models=1):
    """Return a catalog.json of one provider, all of whose models have this price."""
    return {"models": {}, "providers": {"acme": {"models": {f"rocket-{number}": {"cost": {"input": price}} for number in range(models)}}}}


@pytest.fixture
def server():
    with FakeModelsDev(document(1)) as server:
        yield server


@attrs.frozen
class Outage:
    """A store at *url* that ``over`` makes unusable as long as it lasts, with what refreshing says then."""

    url: str
    over: object
    says: str
    models: int = 1
    """How many models the next document has to have before the store is needed that much."""


@contextmanager
def stopped(postgres_server):
    postgres_server.stop()
    try:
        yield
    finally:
        postgres_server.ensure_postgres_running()


@pytest.fixture
def postgres_stopped(postgres_url, postgres_server):
    return Outage(postgres_url, lambda: stopped(postgres_server), "see that the server is up")


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
    process, url = redis_server(tmp_path, *options)

    @contextmanager
    def stopped():
        process.kill()
        process.wait()
        yield
        redis_server(tmp_path, *options)

    return Outage(url, stopped, "does not answer")


@pytest.fixture
def sqlite_locked(tmp_path, monkeypatch):
    monkeypatch.setattr("modelmeta.stores.sql.sqlite.connections.PATIENCE", 0.3)

    @contextmanager
    def locked():
        with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield

    return Outage(f"sqlite:///{tmp_path}/store.db", locked, "is locked by somebody else")


@pytest.fixture
def sqlite_without_folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()

    @contextmanager
    def gone():
        folder.rename(tmp_path / "elsewhere")
        yield
        (tmp_path / "elsewhere").rename(folder)

    return Outage(f"sqlite:///{folder}/store.db", gone, f"there is no folder {folder}")


@pytest.fixture
def sqlite_replaced(tmp_path):
    path = tmp_path / "store.db"

    @contextmanager
    def replaced():
        path.rename(tmp_path / "kept.db")
        path.write_text("no database " * 1_000)
        yield
        (tmp_path / "kept.db").rename(path)

    return Outage(f"sqlite:///{path}", replaced, "is no SQLite database")


@pytest.fixture
def sqlite_full(tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", tmp_path], check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small disk needs root: {mounted.stderr}")

    @contextmanager
    def full():
        filler = tmp_path / "filler"
        with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 512):
                pass
        yield
        filler.unlink()

    yield Outage(f"sqlite:///{tmp_path}/store.db", full, "there is no space left", models=2_000)
    subprocess.run(["umount", tmp_path], check=True)


@pytest.fixture
def sqlite_limited(tmp_path):
    @contextmanager
    def limited():
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return Outage(f"sqlite:///{tmp_path}/store.db", limited, "cannot be used", models=2_000)


@pytest.fixture(
    params=[
        *("postgres_stopped", "postgres_locked", "redis_stopped", "sqlite_locked", "sqlite_without_folder", "sqlite_replaced"),
        *("sqlite_full", "sqlite_limited"),
    ]
)
def outage(request):
    """An outage of each kind in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def opened(server):
    """Return what opens a registry on a store, and refreshes it if *refreshed*; all are closed in the end."""
    with ExitStack() as stack:

        def open_one(url, **wish):
            registry = stack.enter_context(Registry(store=url, source=server.url, deadline=SOON, max_retries=0))
            if wish.pop("refreshed", True):
                registry.refresh(**wish)
            return registry

        yield open_one


def hearing(registry):
    """Return an event that is set when *registry* reads something else."""
    heard = Event()
    registry.subscribe(lambda _change: heard.set())
    return heard


def refused(registry, refresh, outage):
    """Assert that *refresh* is refused with an error that helps, and that reading goes on from memory."""
    before, catalog = registry.status(), registry.catalog
    with pytest.raises(StoreError, match=outage.says) as raised:
        refresh()
    assert "never-shown" not in f"{raised.value}"
    after = registry.status()
    assert (before.revision, before.consecutive_failures + 1) == (after.revision, after.consecutive_failures)
    assert f"{raised.type.__name__}: {raised.value}" == after.last_error
    assert catalog is registry.catalog
    assert 1 == registry.get("acme/rocket-0").cost.input


def resumed(registry, other, heard, server):
    """Assert that *registry* refreshes again, that the *other* hears of it without asking, and that all is kept."""
    report = registry.refresh()
    assert ("updated", None) == (report.status, registry.status().last_error)
    assert heard.wait(SOON)
    assert report.revision == other.status().revision
    before, after = other.revisions()
    assert (1, report.revision) == (before.number, after.id)
    assert document(1) == dump_catalog(other.as_of(before))
    assert dump_catalog(registry.catalog) == dump_catalog(other.as_of(after))
    assert "updated" == other.refreshes()[0].outcome
    assert "running" not in {run.outcome for run in other.refreshes()}
    assert ["added", "price"] == [change.kind for change in registry.history("acme/rocket-0")]


def test_reading_goes_on_while_the_store_is_away_and_all_goes_on_when_it_is_back(outage, opened, server):
    registry, other = opened(outage.url), opened(outage.url, refreshed=False)
    heard = hearing(other)
    with outage.over():
        server.serve(document(2, outage.models))
        refused(registry, registry.refresh, outage)
    resumed(registry, other, heard, server)


def test_a_store_may_go_away_and_come_back_within_a_refresh(outage, opened, server):
    registry, other = opened(outage.url), opened(outage.url, refreshed=False)
    heard = hearing(other)
    server.serve(document(2, outage.models))
    server.clear()
    server.fail(Fault.hang())
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(registry.refresh)
        server.wait_for()
        with outage.over():
            server.heal()
            refused(registry, lambda: refreshing.result(SOON), outage)
    resumed(registry, other, heard, server)
