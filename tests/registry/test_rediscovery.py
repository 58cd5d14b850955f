"""Asking a provider again and again."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import weakref
from threading import Event

import pytest

from modelmeta import AsyncRegistry, Client, QueryError, Registry
from modelmeta.registry.providing import AsyncProviding, Providing
from modelmeta.testing import FakeClock, FakeProvider, Fault

KEY = "sk-0123456789-not-for-your-eyes"


class Threads(Registry, Providing):
    """A registry that discovers."""

    def close(self):
        """Close it."""
        self._end_discoveries()
        super().close()


class Tasks(AsyncRegistry, AsyncProviding):
    """As above."""

    async def aclose(self):
        """Close it."""
        self._end_discoveries()
        await super().aclose()


async def finished(result):
    return await result if inspect.isawaitable(result) else result


async def until(condition):
    """Let others have their turns until *condition* holds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # what it waits for happens in other threads too
            await asyncio.sleep(0.005)


@pytest.fixture(params=[Threads, Tasks], ids=["sync", "async"])
async def keeping(request):
    clock, opened = FakeClock(), []

    def open_one(**options):
        opened.append(request.param(clock=clock, max_retries=0, **options))
        return opened[-1], clock

    yield open_one
    for registry in opened:
        await finished(registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close())


async def test_it_asks_at_once_and_then_every_so_often(keeping):
    registry, clock = keeping()
    heard = []
    with FakeProvider(["a"], key=KEY) as server:
        again = registry.keep_discovering(server.base_url, heard.append, every="10m", api_key=KEY)
        await until(lambda: len(heard) == 1)
        server.models.append({"id": "b"})
        await until(lambda: clock.sleepers)
        clock.advance(600)
        await until(lambda: len(heard) == 2)
        assert [len(discovery.unknown) for discovery in heard] == [1, 2]
        assert KEY not in repr(again)
        await finished(again.stop())
        clock.advance(6_000)
        assert len(server.requests) == 2


async def test_what_goes_wrong_is_logged_without_the_key_and_tried_again(keeping, caplog):
    registry, clock = keeping()
    heard = []

    def hear(discovery):
        heard.append(discovery)
        if len(heard) == 1:
            message = "not now"
            raise ValueError(message)

    with FakeProvider(["a"]) as server:
        server.fail(Fault.status(403), times=1)
        again = registry.keep_discovering(server.base_url, hear, every=60, api_key=KEY)
        for count in (1, 2, 3):
            await until(lambda count=count: len(server.requests) == count and clock.sleepers)
            clock.advance(60)
        await until(lambda: len(heard) >= 2)
        await finished(again.stop())
    assert "answered 403" in caplog.text
    assert "not now" in caplog.text
    assert KEY not in caplog.text


async def test_it_ends_with_its_registry(keeping, caplog):
    registry, clock = keeping()
    with FakeProvider(["a"]) as server:
        again = registry.keep_discovering(server.base_url, lambda _: None, every=60)
        await until(lambda: len(server.requests) == 1 and clock.sleepers)
        await finished(registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close())
        await until(lambda: not again._thread.is_alive() if isinstance(registry, Registry) else again._task.done())
        assert len(server.requests) == 1
    assert caplog.records == []


async def test_it_keeps_no_registry_alive():
    heard = Event()
    with FakeProvider(["a"]) as server, Client() as client:
        clock = FakeClock()
        registry = Threads(clock=clock, client=client)
        again = registry.keep_discovering(server.base_url, lambda _: heard.set(), every=60)
        assert heard.wait(10)
        clock.wait_for_sleepers()
        gone = weakref.ref(registry)
        del registry
        gc.collect()
        assert gone() is None
        clock.advance(60)
        again._thread.join(10)
        assert not again._thread.is_alive()


async def test_a_callback_may_stop_it(keeping):
    registry, _ = keeping()
    made, over = asyncio.Event(), Event()

    if isinstance(registry, AsyncRegistry):

        async def hear(_):
            await made.wait()
            await again.stop()
            over.set()
    else:
        ready = Event()

        def hear(_):
            ready.wait(10)
            again.stop()
            over.set()

    with FakeProvider(["a"]) as server:
        again = registry.keep_discovering(server.base_url, hear)
        made.set() if isinstance(registry, AsyncRegistry) else ready.set()
        await until(over.is_set)
        assert len(server.requests) == 1


async def test_a_closed_registry_is_asked_no_more_while_it_asks(keeping, caplog):
    caplog.set_level(logging.ERROR)
    registry, _ = keeping(deadline="30s")
    with FakeProvider(["a"]) as server:
        server.fail(Fault.hang())
        again = registry.keep_discovering(server.base_url, lambda _: None)
        await until(lambda: server.requests)
        await finished(registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close())
        await until(lambda: not again._thread.is_alive() if isinstance(registry, Registry) else again._task.done())
        server.heal()
    assert caplog.records == []


def test_a_loop_that_is_over_needs_no_end():
    async def begin():
        with FakeProvider(["a"]) as server:
            registry = Tasks()
            again = registry.keep_discovering(server.base_url, lambda _: None)
            await registry.aclose()
            return again

    asyncio.run(begin()).tell()


async def test_what_breaks_off_since_the_registry_is_closed_is_not_logged(caplog):
    with FakeProvider(["a"]) as server:
        server.fail(Fault.hang())
        registry = Tasks(max_retries=0)
        again = registry.keep_discovering(server.base_url, lambda _: None)
        await until(lambda: server.requests)
        await AsyncRegistry.aclose(registry)
        await until(again._task.done)
    assert caplog.records == []


async def test_what_cannot_be_kept_up_is_refused(keeping):
    registry, _ = keeping()
    for every in (0, -1, "soon", True):
        with pytest.raises(QueryError, match="every must be a duration above 0"):
            registry.keep_discovering("openai", print, every=every)
    with pytest.raises(QueryError, match="callback must be a function"):
        registry.keep_discovering("openai", None)
