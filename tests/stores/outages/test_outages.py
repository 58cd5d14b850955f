"""Databases that go away and come back while registries use them: reading goes on, refreshing says why it cannot, and all goes on afterwards."""

from __future__ import annotations

import os
import resource
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from queue import Queue

import attrs
import psycopg
import pytest
import redis

from modelmeta import Registry, StoreError, dump_catalog
from modelmeta.stores.by_url import open_store
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


@pytest.fixture
def sqlite_without_folder(tmp_path, new_outage):
    folder = tmp_path / "folder"
    folder.mkdir()

    @contextmanager
    def gone():
        folder.rename(tmp_path / "elsewhere")
        yield
        (tmp_path / "elsewhere").rename(folder)

    return new_outage(f"sqlite:///{folder}/store.db", gone, f"there is no folder {folder}")


@pytest.fixture
def sqlite_replaced(tmp_path, new_outage):
    path = tmp_path / "store.db"

    @contextmanager
    def replaced():
        path.rename(tmp_path / "kept.db")
        path.write_text("no database " * 1_000)
        yield
        (tmp_path / "kept.db").rename(path)

    return new_outage(f"sqlite:///{path}", replaced, "is no SQLite database")


@pytest.fixture
def sqlite_limited(tmp_path, new_outage):
    @contextmanager
    def limited():
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return new_outage(f"sqlite:///{tmp_path}/store.db", limited, "cannot be used", models=2_000)


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
    """Return what waits until *registry* reads a revision, without asking it to."""
    changes = Queue()
    registry.subscribe(changes.put)

    def wait_for(revision):
        while registry.status().revision != revision:
            changes.get(timeout=SOON)

    return wait_for


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


def resumed(registry, other, hears, *documents):
    """Assert that *registry* refreshes again, that the *other* hears of it without asking, and that all *documents* are kept."""
    report = registry.refresh()
    assert ("updated", None) == (report.status, registry.status().last_error)
    hears(report.revision)
    revisions = other.revisions()
    assert report.revision == revisions[-1].id
    assert [*documents] == [dump_catalog(other.as_of(revision)) for revision in revisions]
    assert "updated" == other.refreshes()[0].outcome
    assert "running" not in {run.outcome for run in other.refreshes()}
    assert ["added", *["price"] * (len(documents) - 1)] == [change.kind for change in registry.history("acme/rocket-0")]


def test_reading_goes_on_while_the_store_is_away_and_all_goes_on_when_it_is_back(outage, opened, server):
    registry, other = opened(outage.url), opened(outage.url, refreshed=False)
    hears = hearing(other)
    with outage.over():
        server.serve(document(2, outage.models))
        refused(registry, registry.refresh, outage)
    resumed(registry, other, hears, document(1), document(2, outage.models))


def test_a_store_may_go_away_and_come_back_within_a_refresh(outage, opened, server):
    registry, other = opened(outage.url), opened(outage.url, refreshed=False)
    hears = hearing(other)
    server.serve(document(2, outage.models))
    with under_way(registry, server) as refreshing, outage.over():
        server.heal()
        refused(registry, lambda: refreshing.result(SOON), outage)
    resumed(registry, other, hears, document(1), document(2, outage.models))


@contextmanager
def under_way(registry, server):
    """Begin a refresh that has asked *server*, which answers when it is healed."""
    server.clear()
    server.fail(Fault.hang())
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(registry.refresh)
        server.wait_for(timeout=SOON)
        yield refreshing


@attrs.frozen
class Loss:
    """A store at *url* that ``happens`` to lose something: all it keeps, or just the connections to it."""

    url: str
    happens: object


@pytest.fixture
def redis_emptied(redis_url):
    def empty():
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()

    return Loss(redis_url, empty)


@pytest.fixture
def sqlite_deleted(tmp_path):
    def delete():
        for path in tmp_path.glob("store.db*"):
            path.unlink()

    return Loss(f"sqlite:///{tmp_path}/store.db", delete)


@pytest.fixture(params=["redis_emptied", "sqlite_deleted"])
def emptied(request):
    """A store that loses all it keeps."""
    return request.getfixturevalue(request.param)


def test_a_store_that_lost_everything_is_given_what_is_read_again_without_being_asked(emptied, opened):
    registry = opened(emptied.url)
    emptied.happens()
    with closing(open_store(emptied.url)) as store:
        assert store.wait(None, SOON)
        revision = store.head()
    assert registry.status().revision == revision.id
    assert [revision] == [*registry.revisions()]
    with Registry(store=emptied.url) as later:
        assert document(1) == dump_catalog(later.catalog) == dump_catalog(later.as_of(revision))


def test_a_refresh_fills_a_store_that_lost_everything(emptied, opened, server):
    registry, other = opened(emptied.url), opened(emptied.url, refreshed=False)
    hears = hearing(other)
    server.serve(document(2))
    emptied.happens()
    resumed(registry, other, hears, document(1), document(2))


def test_a_refresh_fills_a_store_that_lost_everything_meanwhile(emptied, opened, server):
    registry, other = opened(emptied.url), opened(emptied.url, refreshed=False)
    hears = hearing(other)
    server.serve(document(2))
    with under_way(registry, server) as refreshing:
        emptied.happens()
        server.heal()
        assert "updated" == refreshing.result(SOON).status
    server.serve(document(3))
    resumed(registry, other, hears, *map(document, (1, 2, 3)))


@pytest.fixture
def postgres_cut(postgres_url):
    def cut():
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    return Loss(postgres_url, cut)


@pytest.fixture
def redis_cut(redis_url):
    def cut():
        with redis.Redis.from_url(redis_url) as client:
            client.client_kill_filter(skipme=True)

    return Loss(redis_url, cut)


@pytest.mark.parametrize("cut", ["postgres_cut", "redis_cut"])
def test_connections_that_are_cut_are_made_again_within_a_refresh_and_between(cut, request, opened, server):
    cut = request.getfixturevalue(cut)
    registry, other = opened(cut.url), opened(cut.url, refreshed=False)
    hears = hearing(other)
    server.serve(document(2))
    with under_way(registry, server) as refreshing:
        cut.happens()
        server.heal()
        hears(refreshing.result(SOON).revision)
    cut.happens()
    server.serve(document(3))
    resumed(registry, other, hears, *map(document, (1, 2, 3)))


@contextmanager
def read_only(folder):
    """Let nobody write in *folder*, as far as files that are opened from now on go; root is somebody else meanwhile, whom modes concern."""
    user = os.geteuid()
    modes = {path: path.stat().st_mode for path in [*folder.iterdir(), folder]}
    for path, mode in modes.items():
        path.chmod(mode & ~0o222 | 0o444)
    if not user:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_file_that_was_made_read_only_is_read_and_not_written(opened, server, new_outage):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        url = f"sqlite:///{folder}/store.db"
        with Registry(store=url, source=server.url) as before:
            before.refresh()
            revision = before.status().revision
        registry = opened(url, refreshed=False)
        hears = hearing(registry)
        server.serve(document(2))
        with read_only(Path(folder)):
            late = opened(url, refreshed=False)
            refused(late, late.refresh, new_outage(url, None, "is read-only"))
            assert document(1) == dump_catalog(late.as_of(revision))
            assert [revision] == [each.id for each in late.revisions()]
            assert ["added"] == [change.kind for change in late.history("acme/rocket-0")]
            assert ["updated"] == [run.outcome for run in late.refreshes()]
        resumed(late, registry, hears, document(1), document(2))
