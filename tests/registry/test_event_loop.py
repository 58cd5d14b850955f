"""Whatever a store does in however long, the event loop turns meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from threading import Event
from time import monotonic

import pytest

from modelmeta import AsyncRegistry, Benchmark, StoreError, load_catalog
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.store import Store
from modelmeta.testing import FakeModelsDev
from modelmeta.testing.stores.samples import acme, commit

SOON = 60
REF = "acme/rocket"
METHODS = [name for name in vars(Store) if not name.startswith("_")]
TURNS = 5


class Slow(MemoryStore):
    """A store each of whose methods takes as long as the event loop takes for some turns, which it must take meanwhile."""

    def __init__(self):
        super().__init__()
        self.turns, self.asked, self.down = 0, Counter(), Event()

    def pause(self, name):
        """Wait for the event loop, and fail if the store is to be down."""
        self.asked[name] += 1
        until, end = self.turns + TURNS, monotonic() + SOON
        while self.turns < until:
            assert monotonic() < end, f"{name} was called in the event loop"
        if self.down.is_set():
            message = "the store is down"
            raise StoreError(message)


def slowly(name):
    def method(self, *args, **options):
        self.pause(name)
        return getattr(MemoryStore, name)(self, *args, **options)

    return method


for name in METHODS:
    setattr(Slow, name, slowly(name))


@pytest.fixture
async def slow():
    """A slow store, and an event loop that turns."""
    store = Slow()

    async def turn():
        while True:
            store.turns += 1
            await asyncio.sleep(0)

    turning = asyncio.create_task(turn())
    yield store
    await asyncio.to_thread(store.close)
    turning.cancel()


@pytest.fixture
def server():
    with FakeModelsDev(acme(rocket=1)) as server:
        yield server


async def until(is_so):
    async with asyncio.timeout(SOON):
        while not is_so():  # noqa: ASYNC110  # threads make it so
            await asyncio.sleep(0.002)


async def test_everything_that_asks_the_store_leaves_the_event_loop_free(slow, server):
    async with AsyncRegistry(store=slow, source=server.url) as registry:
        first = await registry.refresh(accept=True)
        for document in (acme(rocket=2), acme(rocket=2), acme(rocket=3_000), acme(rocket=3)):
            server.serve(document)
            await registry.refresh()
        assert ["updated", "held", "unchanged", "updated", "updated"] == [run.outcome for run in await registry.refreshes()]

        assert 3 == len(await registry.revisions())
        assert 1 == (await registry.as_of(first.revision)).get(REF).cost.input
        assert ["added", *["price"] * 4] == [change.kind for change in await registry.history(REF)]
        assert await registry.history(REF) == await registry.changes()
        assert 1 == await registry.prune(keep=2)

        await registry.put_note(REF, "fast")
        await registry.put_benchmark(REF, Benchmark(name="race", score=1))
        assert (1, 1) == (len(await registry.notes()), len(await registry.own_benchmarks()))
        assert (True, True) == (await registry.delete_note(REF), await registry.delete_benchmark(REF, Benchmark(name="race", score=2)))
    assert {*METHODS} - {"close", "entries", "swap"} == {*slow.asked}


async def test_hearing_of_what_others_commit_leaves_the_event_loop_free(slow):
    heard = []
    async with AsyncRegistry(store=slow) as registry:
        registry.subscribe(heard.append, models=REF)
        await asyncio.to_thread(commit, slow, load_catalog(acme(rocket=1)))
        await until(lambda: heard)


@pytest.mark.parametrize("down", [False, True])
async def test_starting_a_background_leaves_the_event_loop_free(slow, server, down):
    registry = AsyncRegistry(store=slow, source=server.url, refresh_interval="1h")
    if down:
        slow.down.set()
    await registry.start()
    await until(lambda: registry._background.next_at)
    slow.down.clear()
    await registry.aclose()
