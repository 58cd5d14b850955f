"""Work that a thread has done by an event loop of another."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Event, current_thread

import pytest

from modelmeta.registry.threads import in_loop

SOON = 60


class Work:
    """Work that notes in which thread it was done, and ends, fails, or waits for ever."""

    def __init__(self, ending=None):
        self.ending = ending
        self.begun = Event()
        self.thread = None

    async def __call__(self):
        """Begin."""
        self.thread = current_thread()
        self.begun.set()
        if self.ending is not None:
            await self.ending()


@pytest.fixture
def elsewhere():
    """Return the function that calls another in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit


async def test_it_is_done_by_the_event_loop(elsewhere):
    work = Work()
    assert await asyncio.wrap_future(elsewhere(in_loop, asyncio.get_running_loop(), work, Event()))
    assert work.thread is current_thread()


async def test_its_error_is_raised_where_it_is_waited_for(elsewhere):
    async def fail():
        await asyncio.sleep(0)
        message = "it failed"
        raise LookupError(message)

    with pytest.raises(LookupError, match="it failed"):
        await asyncio.wrap_future(elsewhere(in_loop, asyncio.get_running_loop(), Work(fail), Event()))


async def test_who_is_stopped_waits_no_longer(elsewhere):
    work, stopped, over = Work(asyncio.Event().wait), Event(), Event()
    waiting = elsewhere(in_loop, asyncio.get_running_loop(), work, stopped)
    waiting.add_done_callback(lambda _future: over.set())
    assert await asyncio.to_thread(work.begun.wait, SOON)
    assert not over.is_set()
    stopped.set()
    assert await asyncio.wrap_future(waiting) is False
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_what_the_event_loop_cancels_is_not_done(elsewhere):
    work = Work(asyncio.Event().wait)
    waiting = asyncio.wrap_future(elsewhere(in_loop, asyncio.get_running_loop(), work, Event()))
    assert await asyncio.to_thread(work.begun.wait, SOON)
    (task,) = (task for task in asyncio.all_tasks() if task.get_coro().__name__ == "__call__")
    task.cancel()
    assert await waiting is False


def test_an_event_loop_that_is_closed_does_nothing():
    loop, work = asyncio.new_event_loop(), Work()
    loop.close()
    assert in_loop(loop, work, Event()) is False
    gc.collect()  # a coroutine that was never awaited would say so
    assert not work.begun.is_set()


def test_an_event_loop_that_is_closed_before_it_turns_does_nothing(elsewhere):
    loop, work, scheduled = asyncio.new_event_loop(), Work(), Event()
    schedule = loop.call_soon_threadsafe
    loop.call_soon_threadsafe = lambda *args: (schedule(*args), scheduled.set())
    waiting = elsewhere(in_loop, loop, work, Event())
    assert scheduled.wait(SOON)
    loop.close()
    assert waiting.result(SOON) is False
    gc.collect()
    assert not work.begun.is_set()
