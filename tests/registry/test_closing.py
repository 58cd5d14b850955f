"""Closing, and stopping, whatever is under way: it ends soon, and nothing is left."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import httpx
import pytest

from modelmeta import AsyncRegistry, RefreshError, Registry, StoreError
from modelmeta.registry import refresh as pipeline
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev, Fault

SOON = 60
FOREVER = {"timeout": "1h", "deadline": "2h"}
ACME = {"acme": {"id": "acme", "models": {"rocket": {"id": "rocket"}}}}


def left_over():
    """Return the sockets, threads and tasks of refreshing that there are now."""
    links = Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").exists() else ()
    sockets = {target for link in links if link.is_symlink() and (target := str(link.readlink())).startswith("socket:")}
    threads = {thread.name for thread in threading.enumerate() if thread.name.startswith(("modelmeta", "FakeModelsDev"))}
    return sockets, threads, asyncio.all_tasks() - {asyncio.current_task()}


@pytest.fixture(autouse=True)
async def nothing_is_left():
    before = left_over()
    yield
    await until(lambda: before == left_over())


@pytest.fixture
def server(nothing_is_left):
    with FakeModelsDev(ACME) as server:
        yield server


LEDGER = """
import threading

from modelmeta.stores.memory import MemoryStore


class Ledger(MemoryStore):
    def __init__(self, url="ledger://"):
        super().__init__()
        self.told = []

    def record(self, refresh):
        self.told.append(refresh.outcome)
        super().record(refresh)

    def close(self):
        self.told.append("closed")
        self.closer = threading.current_thread()
        super().close()
"""


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """The class of stores that write down what they are told, which a package brings under ``ledger://``."""
    info = tmp_path / "ledger_store-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ledger-store\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[modelmeta.stores]\nledger = ledger_store:Ledger\n")
    (tmp_path / "ledger_store.py").write_text(LEDGER)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("ledger_store").Ledger
    del sys.modules["ledger_store"]


def begin(registry, **wish):
    """Let a registry refresh, in a thread or in a task."""
    call = registry.registry.refresh
    return asyncio.create_task(call(**wish) if isinstance(registry.registry, AsyncRegistry) else asyncio.to_thread(call, **wish))


async def close(registry):
    """Close a registry from elsewhere."""
    whole = registry.close() if isinstance(registry.registry, AsyncRegistry) else asyncio.to_thread(registry.registry.close)
    await asyncio.wait_for(whole, SOON)


async def until(is_so):
    async with asyncio.timeout(SOON):
        while not is_so():  # noqa: ASYNC110  # threads make it so
            await asyncio.sleep(0.002)


async def assert_closed_during(registry, refreshing):
    with pytest.raises(RefreshError, match="closed during the refresh"):
        await asyncio.wait_for(refreshing, SOON)
    assert "openai/gpt-5.5" in registry.catalog
    assert registry.status().models == 8_337
    with pytest.raises(RefreshError, match="closed"):
        await registry.refresh()


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.drip(0.5), Fault.drip(0.5, headers=True)], ids=repr)
async def test_closing_breaks_off_a_fetch(open_either, server, fault):
    server.fail(fault)
    registry = open_either(source=server.url, **FOREVER)
    refreshing = begin(registry)
    await asyncio.to_thread(server.wait_for, timeout=SOON)
    await close(registry)

    await assert_closed_during(registry, refreshing)


async def test_closing_breaks_off_the_wait_before_another_attempt(open_either, server):
    server.fail(Fault.status(503, retry_after="1000"))
    clock = FakeClock()
    registry = open_either(source=server.url, clock=clock, max_retries=20, **FOREVER)
    refreshing = begin(registry)
    await clock.settle(timeout=SOON)
    await close(registry)

    await assert_closed_during(registry, refreshing)


async def test_closing_breaks_off_the_wait_for_the_rate_limit(open_either, server):
    registry = open_either(source=server.url, rate_limit=1, **FOREVER)
    await registry.refresh()
    refreshing = begin(registry, force=True)
    await asyncio.sleep(0.2)  # by now it waits; a second request would have come
    await close(registry)

    with pytest.raises(RefreshError, match="closed"):
        await asyncio.wait_for(refreshing, SOON)
    assert 1 == len(server.requests)


async def test_closing_breaks_off_the_wait_for_another_who_refreshes(open_either, server):
    store, clock = MemoryStore(), FakeClock()
    store.lease("somebody else", 10_000)
    registry = open_either(source=server.url, store=store, clock=clock, **FOREVER)
    refreshing = begin(registry)
    await clock.settle(timeout=SOON)
    await close(registry)

    await assert_closed_during(registry, refreshing)
    assert server.requests == []
    store.close()  # whoever waited there for news goes on, and sees that it is over


async def test_closing_breaks_off_decoding(open_either, server, monkeypatch):
    begun = Event()

    def slowly(*args, check, **options):
        def check_often():
            begun.set()
            end = monotonic() + SOON
            while monotonic() < end:
                check()
                sleep(0.001)

        return real(*args, check=check_often, **options)

    real = pipeline.read_update
    monkeypatch.setattr(pipeline, "read_update", slowly)
    registry = open_either(source=server.url)
    refreshing = begin(registry)
    await until(begun.is_set)
    await close(registry)

    await assert_closed_during(registry, refreshing)


async def test_closing_breaks_off_telling_what_changed(settle, server):
    registry, heard = await settle(source=server.url), []
    server.serve({"acme": {"id": "acme", "models": {f"rocket-{number}": {"id": f"rocket-{number}"} for number in range(9)}}})

    async def listen(change):
        heard.append(change)
        await asyncio.Event().wait()

    def wait(change):
        heard.append(change)
        assert registry.registry._stopped.wait(SOON)

    registry.subscribe(listen if isinstance(registry.registry, AsyncRegistry) else wait, kinds="added")
    refreshing = begin(registry, accept=True)
    await until(lambda: heard)
    await close(registry)

    with pytest.raises(RefreshError, match="closed during the refresh"):
        await asyncio.wait_for(refreshing, SOON)
    assert 1 == len(heard)
    assert "acme/rocket-5" in registry.catalog


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("ending", ["close", "stop"])
async def test_a_subscriber_may_end_it_all(settle, server, ledger, started, ending):
    clock = FakeClock(datetime(2026, 10, 5, tzinfo=UTC))
    registry = await settle(source=server.url, store="ledger://", clock=clock)
    told = registry.world().store.told
    server.serve({"acme": {"id": "acme", "models": {"rocket": {"id": "rocket", "name": "Rocket"}}}})

    async def end(_change):
        await getattr(registry, ending)()

    def end_at_once(_change):
        getattr(registry.registry, ending)()

    registry.subscribe(end if isinstance(registry.registry, AsyncRegistry) else end_at_once)
    if started:
        clock.advance(timedelta(days=2))
        await registry.start()
        await until(lambda: 2 == told.count("updated"))
        await until(lambda: "modelmeta-refresh" not in left_over()[1] and not left_over()[2])
    else:
        await asyncio.wait([begin(registry)], timeout=SOON)

    assert registry.status().next_refresh is None
    assert "Rocket" == registry.catalog.get("acme/rocket").name
    assert ["running", "updated"] * 2 + ["closed"] * (ending == "close") == told


async def test_a_subscriber_may_stop_a_background_that_waits_for_the_same_refresh(settle, server):
    clock = FakeClock(datetime(2026, 10, 5, tzinfo=UTC))
    registry = await settle(source=server.url, clock=clock)
    server.serve({"acme": {"id": "acme", "models": {"rocket": {"id": "rocket", "name": "Rocket"}}}})
    told, go = Event(), Event()

    async def stop(_change):
        told.set()
        await until(go.is_set)
        await registry.stop()

    def stop_at_once(_change):
        told.set()
        assert go.wait(SOON)
        registry.registry.stop()

    registry.subscribe(stop if isinstance(registry.registry, AsyncRegistry) else stop_at_once)
    refreshing = begin(registry)
    await until(told.is_set)
    clock.advance(timedelta(days=2))
    await registry.start()
    await asyncio.sleep(0.1)  # by now the background waits, or soon will
    go.set()

    assert "updated" == (await asyncio.wait_for(refreshing, SOON)).status
    assert registry.status().next_refresh is None


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
async def test_closing_what_was_never_opened_opens_nothing(facade, monkeypatch):
    monkeypatch.setattr("modelmeta.registry.head.bundled_catalog", lambda: pytest.fail("opened"))
    registry = facade()
    for _ in range(2):
        await registry.aclose() if facade is AsyncRegistry else registry.close()

    assert f"<{facade.__name__}, not opened yet>" == repr(registry)
    with pytest.raises(RefreshError, match="it can be read, but not refreshed"):
        await registry.refresh() if facade is AsyncRegistry else registry.refresh()


@pytest.mark.parametrize("given", [False, True], ids=["an address", "an object"])
@pytest.mark.parametrize("refreshed", [False, True])
async def test_closing_closes_a_store_of_its_own_after_the_last_record(open_either, server, ledger, refreshed, given):
    registry = open_either(source=server.url, store=ledger() if given else "ledger://")
    store = registry.world().store
    assert "openai/gpt-5.5" in registry.catalog
    if refreshed:
        server.fail(Fault.hang())
        refreshing = begin(registry)
        await asyncio.to_thread(server.wait_for, timeout=SOON)
    await close(registry)

    if refreshed:
        await asyncio.wait([refreshing], timeout=SOON)
        assert isinstance(refreshing.exception(), RefreshError)
    assert (["running", "failed"] if refreshed else []) + ([] if given else ["closed"]) == store.told
    if given:
        store.close()
    else:
        assert store.closer is not threading.current_thread()  # which may be that of an event loop


@pytest.mark.parametrize("given", [False, True], ids=["an address", "an object"])
async def test_a_store_that_was_closed_is_asked_nothing(open_either, ledger, given):
    registry = open_either(store=(store := ledger()) if given else "ledger://")
    assert "openai/gpt-5.5" in registry.catalog
    await close(registry)
    for ask in (
        registry.revisions,
        registry.changes,
        registry.refreshes,
        registry.notes,
        registry.own_benchmarks,
        lambda: registry.history("openai/gpt-5.5"),
        lambda: registry.put_note("openai/gpt-5.5", "ours"),
    ):
        if given:
            await ask()
        else:
            with pytest.raises(
                StoreError, match="this registry was closed, and its store with it; only the newest catalog can still be read"
            ):
                await ask()
    if given:
        store.close()


async def test_closing_leaves_a_client_that_was_given_open(server):
    with httpx.Client() as client, Registry(source=server.url, client=client) as registry:
        registry.refresh()
        registry.close()
        assert not client.is_closed
    async with httpx.AsyncClient() as client, AsyncRegistry(source=server.url, client=client) as registry:
        await registry.refresh()
        await registry.aclose()
        assert not client.is_closed


def test_many_threads_may_close_it_while_many_start_it(server):
    barrier = threading.Barrier(16)

    def quietly(call):
        barrier.wait()
        with contextlib.suppress(RefreshError):
            call()

    for _ in range(20):
        registry = Registry(source=server.url)
        calls = [registry.close, registry.start] * 8
        threads = [threading.Thread(target=quietly, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SOON)
        registry.close()
        assert registry.status().next_refresh is None
        assert not any(thread.name.startswith("modelmeta-refresh") for thread in threading.enumerate())
