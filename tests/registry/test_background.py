"""Refreshing in the background, in threads and in tasks, on a clock that obeys."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from modelmeta import AsyncRegistry, Registry
from modelmeta.errors import RefreshError, StatusError
from modelmeta.sources.source import Fetched
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev, Fault

BUNDLED = datetime(2026, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Shelf:
    """A source that counts how often it is asked, and raises what it is told to."""

    name = "the shelf"
    offline = True

    def __init__(self):
        self.asked = 0
        self.error = None

    def fetch(self, validator):
        """Return another document each time."""
        del validator
        self.asked += 1
        if self.error is not None:
            raise self.error
        rocket = {"id": "rocket", "name": f"Rocket {self.asked}"}
        return Fetched(json.dumps({"acme": {"id": "acme", "models": {"rocket": rocket}}}).encode())


def workers():
    """Return the threads and tasks that refresh in the background, by name."""
    threads = [thread.name for thread in threading.enumerate() if thread.name == "modelmeta-refresh"]
    return threads + [name for task in asyncio.all_tasks() if "_run_async" in (name := repr(task.get_coro()))]


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def clock():
    """A clock that shows two days after the facts in the wheel."""
    return FakeClock(BUNDLED + 2 * DAY)


@pytest.fixture
def begin(open_either, shelf, clock):
    """Return the function that opens a registry of the shelf, starts it and waits until it has nothing more to do."""

    async def begin_one(**options):
        registry = open_either(**{"source": shelf, "clock": clock, "refresh_interval": DAY, **options})
        await registry.start()
        await clock.settle(timeout=60)
        return registry

    return begin_one


def left(registry, clock):
    return registry.status().next_refresh - datetime.fromtimestamp(clock.time(), UTC)


async def pass_to_next(registry, clock):
    clock.advance(left(registry, clock) + timedelta(seconds=1))  # a status shows whole microseconds
    await clock.settle(timeout=60)


async def test_what_is_stale_is_refreshed_at_once_and_then_every_interval(begin, shelf, clock):
    registry = await begin()
    for times in range(1, 4):
        assert times == shelf.asked
        assert f"Rocket {times}" == registry.get("acme/rocket").name
        assert 0.9 * DAY <= left(registry, clock) <= 1.1 * DAY
        clock.advance(0.8 * DAY)
        await clock.settle(timeout=60)
        assert times == shelf.asked
        await pass_to_next(registry, clock)


async def test_what_is_fresh_is_not_refreshed_before_it_is_due(begin, shelf, clock):
    clock.jump(-DAY * 1.75)
    registry = await begin()
    assert 0.9 * 18 * HOUR <= left(registry, clock) <= 1.1 * 18 * HOUR
    clock.advance(16 * HOUR)
    await clock.settle(timeout=60)
    assert shelf.asked == 0
    await pass_to_next(registry, clock)
    assert shelf.asked == 1


async def test_of_those_that_share_a_store_one_asks_in_an_interval(begin, shelf, clock):
    random.seed(1)  # who is due when: no two in the same second
    store = MemoryStore()
    fleet = [await begin(store=store) for _ in range(4)]
    await eventually(lambda: all(registry.status().next_refresh for registry in fleet))
    for times in range(2, 5):
        for registry in sorted(fleet, key=lambda registry: registry.status().next_refresh):
            await pass_to_next(registry, clock)
            await eventually(lambda registry=registry: left(registry, clock) >= 0.7 * DAY)
            assert times == shelf.asked
        await eventually(lambda times=times: {registry.get("acme/rocket").name for registry in fleet} == {f"Rocket {times}"})


async def test_failures_are_tried_again_later_and_later_and_a_success_ends_that(begin, shelf, clock, caplog):
    shelf.error = OSError("on fire")
    registry = await begin(refresh_interval=HOUR)
    before = registry.catalog
    for failures in range(1, 10):
        status = registry.status()
        assert (failures, failures) == (shelf.asked, status.consecutive_failures)
        assert "the shelf failed: OSError: on fire" in status.last_error
        most = min(30 * 2 ** (failures - 1), 3_600)
        assert most / 2 <= left(registry, clock).total_seconds() <= most
        await pass_to_next(registry, clock)
    assert registry.catalog is before
    failed = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert {"modelmeta.registry"} == {record.name for record in failed}
    assert 10 == sum("on fire" in record.getMessage() for record in failed)

    shelf.error = None
    await pass_to_next(registry, clock)
    status = registry.status()
    assert (status.consecutive_failures, status.last_error) == (0, None)
    assert 0.9 * HOUR <= left(registry, clock) <= 1.1 * HOUR


async def test_a_source_that_asks_to_wait_is_left_alone_as_long(begin, shelf, clock):
    shelf.error = StatusError("no", status=503, retry_after=5_000.0)
    registry = await begin(refresh_interval=HOUR)

    assert timedelta(seconds=5_000) == left(registry, clock)
    shelf.error = StatusError("no", status=503, retry_after=float("inf"))
    await pass_to_next(registry, clock)
    assert timedelta(days=7) == left(registry, clock)


async def test_a_site_that_stays_down_gets_one_request_a_time_after_three_failures(open_either, clock):
    with FakeModelsDev({"acme": {"models": {"rocket": {"name": "Rocket"}}}}) as server:
        server.fail(Fault.status(503))
        registry = open_either(source=server.url, clock=clock, max_retries=2, deadline="1h", refresh_interval="20s", rate_limit=1_000)
        await registry.start()
        asked = []
        for failures in range(1, 6):
            await until(lambda failures=failures: registry.status().consecutive_failures == failures, clock)
            asked.append(len(server.requests))
        assert [3, 6, 9, 10, 11] == asked

        server.heal()
        await until(lambda: registry.status().consecutive_failures == 0, clock)
        assert "acme/rocket" in registry.catalog
        await registry.stop()
        server.fail(Fault.status(503))
        with pytest.raises(RefreshError):
            await asyncio.wait_for(refresh_while_time_passes(registry, clock), 60)
        assert len(server.requests) == 11 + 1 + 3


async def until(is_so, clock):
    """Let time pass, a second at a time, until something is so."""
    await eventually(lambda: is_so() or clock.advance(1))


async def eventually(is_so):
    """Wait until something is so, while the clock stands still."""
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.01)


async def refresh_while_time_passes(registry, clock):
    passing = asyncio.create_task(until(lambda: False, clock))
    try:
        return await (registry.refresh() if isinstance(registry.registry, AsyncRegistry) else asyncio.to_thread(registry.registry.refresh))
    finally:
        passing.cancel()


class Broken(MemoryStore):
    """A store that cannot be read until it is mended."""

    is_broken = True

    def head(self):
        """Fail, or not."""
        if self.is_broken:
            message = "the disk is full"
            raise OSError(message)
        return super().head()


async def test_a_store_that_cannot_be_opened_is_tried_again_too(begin, clock, caplog):
    store = Broken()
    registry = await begin(store=store)
    assert "refreshing in the background failed" in caplog.text
    assert "the disk is full" in caplog.text
    store.is_broken = False
    await pass_to_next(registry, clock)

    assert "acme/rocket" in registry.catalog


async def test_starting_twice_and_stopping_twice_is_fine(begin, shelf, clock):
    registry = await begin()
    await registry.start()
    await clock.settle(timeout=60)
    assert (len(workers()), clock.sleepers, shelf.asked) == (1, 1, 1)

    for _ in range(2):
        assert await registry.stop() is None
        assert (workers(), clock.sleepers, registry.status().next_refresh) == ([], 0, None)
    clock.advance(3 * DAY)
    await asyncio.sleep(0.01)
    assert shelf.asked == 1

    await registry.start()
    await clock.settle(timeout=60)
    assert (len(workers()), shelf.asked) == (1, 2)


async def test_a_closed_registry_cannot_be_started(begin):
    registry = await begin()
    await registry.close()

    assert workers() == []
    with pytest.raises(RefreshError, match="closed"):
        await registry.start()


async def test_stopping_before_it_began_is_fine(open_either, shelf):
    registry = open_either(source=shelf)
    await registry.stop()
    assert registry.status().next_refresh is None


async def test_an_interval_may_be_longer_than_a_thread_can_wait(begin, shelf, clock):
    clock.jump(100 * DAY)
    registry = await begin(refresh_interval="90d")
    for _ in range(2):
        clock.advance(32 * DAY)
        await clock.settle(timeout=60)
        assert shelf.asked == 1
    await pass_to_next(registry, clock)
    assert shelf.asked == 2


async def test_an_interval_may_be_longer_than_time(begin):
    registry = await begin(refresh_interval=timedelta.max)

    assert registry.status().next_refresh.year == 9_999


async def test_what_is_offline_starts_nothing(open_either, clock, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", lambda *_args: pytest.fail("a connection"))
    registry = open_either(source="https://models.dev", enabled=False, auto_refresh=True, clock=clock)
    await registry.start()
    assert "openai/gpt-5.5" in registry.catalog
    await asyncio.sleep(0)

    assert (workers(), clock.sleepers, registry.status().next_refresh) == ([], 0, None)


async def test_what_is_offline_refreshes_from_what_needs_no_network(begin, shelf):
    await begin(enabled=False, source=["https://models.dev", shelf])
    assert shelf.asked == 1


async def test_auto_refresh_begins_with_the_first_question(open_either, shelf, clock):
    registry = open_either(source=shelf, clock=clock, auto_refresh=True)
    repr(registry.registry)
    await asyncio.sleep(0)
    assert workers() == []
    assert "openai/gpt-5.5" in registry.catalog
    await clock.settle(timeout=60)

    assert (len(workers()), shelf.asked) == (1, 1)
    assert "acme/rocket" in registry.catalog


def test_auto_refresh_begins_with_a_with_block(shelf, clock):
    with Registry(source=shelf, clock=clock, auto_refresh=True):
        clock.wait_for_sleepers(timeout=60)
        assert shelf.asked == 1


async def test_auto_refresh_begins_with_an_async_with_block(shelf, clock):
    async with AsyncRegistry(source=shelf, clock=clock, auto_refresh=True):
        await clock.settle(timeout=60)
        assert shelf.asked == 1
    assert workers() == []


def test_a_question_outside_of_an_event_loop_begins_nothing_there(shelf, clock):
    registry = AsyncRegistry(source=shelf, clock=clock, auto_refresh=True)
    assert "openai/gpt-5.5" in registry
    assert registry.status().next_refresh is None

    async def serve():
        async with registry:
            await clock.settle(timeout=60)

    asyncio.run(serve())
    assert shelf.asked == 1


def test_it_begins_anew_in_another_event_loop(shelf, clock):
    registry = AsyncRegistry(source=shelf, clock=clock, refresh_interval=DAY)

    async def serve():
        await registry.start()
        await clock.settle(timeout=60)
        assert len(workers()) == 1

    asyncio.run(serve())
    assert registry.status().next_refresh is None
    clock.advance(2 * DAY)
    asyncio.run(serve())
    asyncio.run(registry.aclose())
    assert shelf.asked == 2


def test_it_can_be_stopped_from_another_event_loop(shelf, clock):
    registry = AsyncRegistry(source=shelf, clock=clock)

    async def begin():
        await registry.start()
        await clock.settle(timeout=60)
        (task,) = asyncio.all_tasks() - {asyncio.current_task()}
        return task

    loop = asyncio.new_event_loop()
    task = loop.run_until_complete(begin())
    asyncio.run(registry.stop())
    assert registry.status().next_refresh is None

    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()
    asyncio.run(registry.aclose())
