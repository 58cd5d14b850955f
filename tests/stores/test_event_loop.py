"""However slow a database is, the event loop goes on."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, closing
from statistics import median

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from modelmeta import AsyncRegistry, Registry
from modelmeta.records.lab import Benchmark
from modelmeta.stores.by_url import open_store
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeModelsDev

SLOW = 0.2
TICK = 0.005
TURNS = 5
SOON = 10
RACE = Benchmark(name="race", score="fast")
TABLES = "revisions, head, held, model_versions, part_versions, models, providers, benchmarks, notes, refreshes, lease"


def document(price):
    """Return a document of one model at this price."""
    return {"acme": {"models": {"rocket": {"cost": {"input": price}}}}}


@pytest.fixture
def server():
    with FakeModelsDev(document(1)) as server:
        yield server


class Turns:
    """Counts the turns of an event loop, and how long it took from one to the next."""

    def __init__(self):
        self.count = 0
        self._longest = 0.0

    async def take(self):
        """Take turns until cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            self.count, now = self.count + 1, time.monotonic()
            self._longest, last = max(self._longest, now - last), now

    def longest(self):
        """Return the longest time between two turns since this was last asked."""
        longest, self._longest = self._longest, 0.0
        return longest


@asynccontextmanager
async def turning():
    """Count the turns of the event loop meanwhile."""
    turns = Turns()
    task = asyncio.create_task(turns.take())
    yield turns
    task.cancel()


class Slow:
    """A store that takes its time for everything, and expects that the event loop has its turns meanwhile."""

    def __init__(self, store, turns):
        self._store = store
        self._turns = turns

    def __getattr__(self, name):
        method = getattr(self._store, name)

        def slow(*args, **kwargs):
            before, until = self._turns.count, time.monotonic() + SOON
            time.sleep(SLOW)
            while self._turns.count < before + TURNS:
                assert time.monotonic() < until, f"the event loop stood still during {name}"
                time.sleep(TICK)
            return method(*args, **kwargs)

        return slow


def questions(registry, server, others):
    """Yield everything that an asynchronous registry asks of its store; *others* make the head another one."""
    yield registry.refresh
    server.serve(document(2))
    yield registry.refresh
    yield registry.refresh
    yield registry.revisions
    yield lambda: as_of_the_oldest(registry)
    yield lambda: registry.history("acme/rocket")
    yield registry.changes
    yield registry.refreshes
    yield lambda: registry.put_note("acme/rocket", "fast")
    yield registry.notes
    yield lambda: registry.delete_note("acme/rocket")
    yield lambda: registry.put_benchmark("acme/rocket", RACE)
    yield registry.own_benchmarks
    yield lambda: registry.delete_benchmark("acme/rocket", RACE)
    server.serve(document(3))
    yield lambda: hear(registry, others)
    yield lambda: registry.prune(keep=1)


async def as_of_the_oldest(registry):
    oldest, _ = await registry.revisions()
    await registry.as_of(oldest)


async def hear(registry, others):
    """Wait until *registry* reads what *others* commit."""
    heard = asyncio.Event()
    registry.subscribe(lambda _change: heard.set())
    await asyncio.to_thread(others)
    await asyncio.wait_for(heard.wait(), SOON)


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    with closing(MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path}/store.db")) as store:
        yield store


async def test_the_event_loop_has_its_turns_during_every_call_of_a_slow_store(store, server):
    def others():
        with Registry(store=store, source=server.url) as registry:
            registry.refresh()

    async with turning() as turns, AsyncRegistry(store=Slow(store, turns), source=server.url) as registry:
        lags = [turns.longest()]
        for ask in questions(registry, server, others):
            await ask()
            lags.append(turns.longest())
    assert median(lags) < SLOW / 2, lags


def lock(connection):
    """Lock the tables, again where PostgreSQL chose this to be the one of two that gives way: whoever watches reads several tables at once."""
    while True:
        try:
            connection.execute(f"LOCK TABLE {TABLES}")
        except psycopg.errors.DeadlockDetected:
            connection.rollback()
        else:
            return


async def test_the_event_loop_goes_on_while_tables_are_locked(postgres_url, server):
    def others():
        with Registry(store=postgres_url, source=server.url) as registry:
            registry.refresh()

    with closing(open_store(postgres_url)) as store:
        store.migrate()
    with psycopg.connect(postgres_url) as connection:

        async def locked_out(ask):
            """Ask while tables are locked, until the event loop unlocks them."""
            lock(connection)
            asyncio.get_running_loop().call_later(SLOW, connection.rollback)
            await ask()
            assert TransactionStatus.IDLE == connection.info.transaction_status, "it waited for no table"

        registry = AsyncRegistry(store=postgres_url, source=server.url)
        try:
            await locked_out(registry.__aenter__)
            for ask in questions(registry, server, others):
                await locked_out(ask)
        finally:
            await registry.aclose()
