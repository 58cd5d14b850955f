"""A clock that moves only when told to."""

from __future__ import annotations

import asyncio
import math
import threading
from datetime import UTC, datetime, timedelta

import pytest

from modelmeta._clock import Clock
from modelmeta.testing import FakeClock


def test_it_stands_still_on_a_fixed_day():
    clock = FakeClock()
    assert (clock.time(), clock.monotonic()) == (datetime(2030, 1, 1, tzinfo=UTC).timestamp(), 0)
    assert isinstance(clock, Clock)


@pytest.mark.parametrize("start", [86_400, 86_400.0, datetime(1970, 1, 2, tzinfo=UTC)])
def test_it_starts_when_told(start):
    assert FakeClock(start).time() == 86_400


@pytest.mark.parametrize("by", [1.5, timedelta(seconds=1.5)])
def test_advancing_moves_both_times(by):
    clock = FakeClock(1_000)
    clock.advance(by)
    assert (clock.time(), clock.monotonic()) == (1_001.5, 1.5)


@pytest.mark.parametrize("by", [-5, timedelta(seconds=-5)])
def test_a_jump_moves_the_wall_clock_only(by):
    clock = FakeClock(1_000)
    clock.jump(by)
    assert (clock.time(), clock.monotonic()) == (995, 0)


@pytest.mark.parametrize("by", [-1, timedelta(microseconds=-1)])
def test_time_never_passes_backwards(by):
    clock = FakeClock(1_000)
    with pytest.raises(ValueError, match="time cannot pass by"):
        clock.advance(by)
    assert clock.monotonic() == 0


def test_ten_tenths_of_a_second_are_a_second():
    clock = FakeClock()
    for _ in range(10):
        clock.advance(0.1)
    assert clock.monotonic() == 1


def waiting(clock: FakeClock, event: threading.Event, seconds: float) -> tuple[threading.Thread, list[bool]]:
    """Start a thread that waits; return it and where it will put what it was told."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(clock.wait(event, seconds)))
    thread.start()
    clock.wait_for_sleepers()
    return thread, answers


def test_a_thread_waits_until_its_time_has_come():
    clock, event = FakeClock(), threading.Event()
    thread, answers = waiting(clock, event, 10)
    clock.advance(9.999)
    clock.jump(1_000_000)
    assert clock.sleepers == 1
    clock.advance(0.001)
    thread.join(5)
    assert answers == [False]


def test_a_thread_waits_until_its_event_is_set():
    clock, event = FakeClock(), threading.Event()
    thread, answers = waiting(clock, event, 10)
    event.set()
    assert clock.sleepers == 0
    thread.join(5)
    assert answers == [True]


def test_none_waits_longer_than_a_month_as_on_the_real_clock():
    clock = FakeClock()
    thread, answers = waiting(clock, threading.Event(), math.inf)
    clock.advance(timedelta(days=29))
    assert clock.sleepers == 1
    clock.advance(timedelta(days=1))
    thread.join(5)
    assert answers == [False]


@pytest.mark.parametrize("seconds", [0, -1])
@pytest.mark.parametrize("is_set", [False, True])
def test_waiting_no_time_only_looks_at_the_event(seconds, is_set):
    event = threading.Event()
    if is_set:
        event.set()
    assert FakeClock().wait(event, seconds) is is_set


def test_who_waits_for_an_event_that_is_set_does_not_wait():
    event = threading.Event()
    event.set()
    assert FakeClock().wait(event, 1_000)


def test_a_background_loop_runs_in_step_with_the_test():
    clock, stop, ticks = FakeClock(), threading.Event(), []

    def loop():
        while not clock.wait(stop, 60):
            ticks.append(clock.monotonic())

    thread = threading.Thread(target=loop)
    thread.start()
    for _ in range(50):
        clock.wait_for_sleepers()
        clock.advance(60)
    clock.wait_for_sleepers()
    stop.set()
    thread.join(5)
    assert ticks == [60 * n for n in range(1, 51)]


def test_those_whose_time_has_come_no_longer_count_as_sleepers():
    clock, event = FakeClock(), threading.Event()
    threads = [threading.Thread(target=clock.wait, args=(event, seconds)) for seconds in (1, 2, 3)]
    for thread in threads:
        thread.start()
    clock.wait_for_sleepers(3)
    counts = []
    for _ in range(3):
        counts.append(clock.sleepers)
        clock.advance(1)
    assert [*counts, clock.sleepers] == [3, 2, 1, 0]
    for thread in threads:
        thread.join(5)


def test_waiting_for_sleepers_gives_up():
    with pytest.raises(TimeoutError, match=r"0 of 2 wait on the clock after 0\.01 seconds"):
        FakeClock().wait_for_sleepers(2, timeout=0.01)


async def test_settling_gives_up():
    with pytest.raises(TimeoutError, match=r"0 of 1 wait on the clock after 0\.01 seconds"):
        await FakeClock().settle(timeout=0.01)


async def test_a_task_sleeps_until_its_time_has_come():
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(10))
    await clock.settle()
    clock.advance(9)
    for _ in range(5):
        await asyncio.sleep(0)
    assert (task.done(), clock.sleepers) == (False, 1)
    clock.advance(1)
    assert clock.sleepers == 0
    await asyncio.wait_for(task, 5)


async def test_tasks_wake_in_the_order_of_their_times():
    clock, woken = FakeClock(), []

    async def sleeper(seconds: float):
        await clock.sleep(seconds)
        woken.append(seconds)

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2)]
    await clock.settle(3)
    clock.advance(3)
    await asyncio.gather(*tasks)
    assert woken == [1, 2, 3]


async def test_advancing_twice_before_a_task_runs_wakes_it_once():
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(1))
    await clock.settle()
    clock.advance(1)
    clock.advance(1)
    await asyncio.wait_for(task, 5)
    assert (clock.sleepers, clock.monotonic()) == (0, 2)


async def test_a_cancelled_task_is_no_sleeper():
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(1))
    await clock.settle()
    task.cancel()
    assert clock.sleepers == 0
    clock.advance(1)
    with pytest.raises(asyncio.CancelledError):
        await task
    clock.advance(1)


@pytest.mark.parametrize("seconds", [0, -1])
async def test_sleeping_no_time_lets_others_run(seconds):
    ran = []

    async def other():
        ran.append(True)

    task = asyncio.create_task(other())
    await FakeClock().sleep(seconds)
    assert ran
    await task


def test_a_thread_advances_the_time_of_a_loop_in_another():
    clock = FakeClock()
    thread = threading.Thread(target=asyncio.run, args=(clock.sleep(10),))
    thread.start()
    clock.wait_for_sleepers()
    clock.advance(10)
    thread.join(5)
    assert not thread.is_alive()


async def test_threads_and_tasks_share_a_clock():
    clock, event = FakeClock(), threading.Event()
    task = asyncio.create_task(clock.sleep(10))
    thread = asyncio.create_task(asyncio.to_thread(clock.wait, event, 10))
    await clock.settle(2)
    clock.advance(10)
    assert await asyncio.wait_for(asyncio.gather(task, thread), 5) == [None, False]
