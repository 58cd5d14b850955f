"""The rate limit: one schedule for threads and for tasks."""

from __future__ import annotations

import asyncio
import selectors
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from types import SimpleNamespace

import httpx
import pytest
from aiolimiter import AsyncLimiter
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import DeadlineError, FetchError, Settings
from modelmeta._clock import Clock
from modelmeta.client.fetch import Wanted
from modelmeta.client.http import AsyncHttp, Http
from modelmeta.client.limiter import PERIOD, Bucket
from modelmeta.testing import FakeClock

URL = "http://models.test/api.json"
EXACT = 1e-3
"""Seconds by which two schedules may differ: clocks are exact to a microsecond, and their errors add up."""

arrivals = st.lists(st.integers(0, 180_000).map(lambda moment: moment / 1000), min_size=1, max_size=40).map(sorted)
rates = st.one_of(st.integers(1, 12), st.integers(13, 100_000))


class Jumping(asyncio.SelectorEventLoop):
    """An event loop that never waits: where nothing else is to do, its time jumps to the next timer."""

    def __init__(self):
        selector = selectors.DefaultSelector()
        super().__init__(
            SimpleNamespace(**{name: getattr(selector, name) for name in dir(selector) if name[0] != "_"} | {"select": self.jump})
        )
        self.selector, self.now = selector, 0.0

    def time(self):
        """Return the time it shows."""
        return self.now

    def jump(self, timeout=None):
        """Move on instead of waiting for so long. Time never stands quite still."""
        assert timeout is not None, "everybody waits, and for nothing"
        self.now += max(timeout, 1e-9)
        return self.selector.select(0)


class LoopClock(Clock):
    """The time of the running event loop."""

    def monotonic(self):
        """Return it."""
        return asyncio.get_running_loop().time()


def jumping(main):
    with asyncio.Runner(loop_factory=Jumping) as runner:
        return runner.run(main)


async def admitted_by_aiolimiter(moments: list[float], rate: int) -> list[float]:
    loop, limiter = asyncio.get_running_loop(), AsyncLimiter(rate, PERIOD)

    async def arrive(moment):
        await asyncio.sleep(moment - loop.time())
        await limiter.acquire()
        return loop.time()

    return sorted(await asyncio.gather(*map(arrive, moments)))


def admitted_by_bucket(moments: list[float], rate: int) -> list[float]:
    """Let callers in one after the other, as threads that wait would come in."""
    clock = FakeClock()
    bucket, times = Bucket(rate, clock), []
    for moment in moments:
        clock.advance(max(0.0, moment - clock.monotonic()))
        while seconds := bucket.take():
            clock.advance(seconds)
        times.append(clock.monotonic())
    return times


@given(arrivals, rates)
def test_threads_are_let_in_when_tasks_would_be(moments, rate):
    assert pytest.approx(jumping(admitted_by_aiolimiter(moments, rate)), abs=EXACT) == admitted_by_bucket(moments, rate)


@given(arrivals, rates)
def test_no_stretch_of_time_sees_more_than_the_burst_and_the_rate(moments, rate):
    times = admitted_by_bucket(moments, rate)
    for first, begin in enumerate(times):
        for last, end in enumerate(times[first:], first):
            assert last - first + 1 <= rate + rate * (end - begin + EXACT) / 60 + 1e-9


@given(st.integers(1, 300))
def test_a_burst_comes_at_once_and_the_rest_in_even_steps(rate):
    times = admitted_by_bucket([0.0] * (rate + 3), rate)
    assert [0.0] * rate == times[:rate]
    assert pytest.approx([60 / rate] * 3, abs=1e-5) == [after - before for before, after in pairwise(times[rate - 1 :])]


@pytest.mark.parametrize("rate", [1, 7, 11, 13, 59, 60, 77, 999, 123_457])
def test_who_waited_as_long_as_told_is_let_in_also_by_a_clock_of_microseconds(rate):
    clock = FakeClock()
    bucket = Bucket(rate, clock)
    for _ in range(rate):
        assert bucket.take() == 0
    clock.advance(bucket.take())
    assert bucket.take() == 0
    assert pytest.approx(60 / rate, abs=1e-5) == bucket.take()


def test_asking_takes_no_place_where_there_is_none():
    clock = FakeClock()
    bucket = Bucket(1, clock)
    assert bucket.take() == 0
    assert [60.0] * 10 == [bucket.take() for _ in range(10)]
    clock.advance(60)
    assert bucket.take() == 0


def test_a_clock_that_never_moves_lets_in_no_more_than_the_burst_from_many_threads():
    bucket = Bucket(100, FakeClock())
    with ThreadPoolExecutor(16) as pool:
        assert sum(seconds == 0 for seconds in pool.map(lambda _: bucket.take(), range(400))) == 100


def answering():
    return httpx.MockTransport(lambda _request: httpx.Response(200, json={}))


@pytest.fixture
def starved():
    """An ``Http`` whose only place of the minute is taken, its clock, and a thread for another fetch."""
    clock = FakeClock()
    with httpx.Client(transport=answering()) as client, ThreadPoolExecutor(1) as pool:
        http = Http(Settings(rate_limit=1, deadline=90), clock, client)
        http.fetch(Wanted(URL))
        try:
            yield http, clock, lambda: pool.submit(http.fetch, Wanted(URL))
        finally:
            http.close()


def test_a_thread_waits_for_its_place_and_holds_nobody_up_meanwhile(starved):
    http, clock, fetching = starved
    waiting = fetching()
    clock.wait_for_sleepers()
    assert http._bucket.take() == 60  # answered at once: who waits holds no lock
    clock.advance(59.9)
    assert not waiting.done()
    clock.advance(0.1)
    assert waiting.result(timeout=30).data == b"{}"


def test_closing_wakes_a_thread_that_waits_for_its_place(starved):
    http, clock, fetching = starved
    waiting = fetching()
    clock.wait_for_sleepers()
    http.close()
    with pytest.raises(FetchError, match="the client was closed"):
        waiting.result(timeout=30)


def test_a_thread_does_not_wait_for_a_place_beyond_its_deadline(starved):
    http, clock, fetching = starved
    clock.advance(1)
    http.settings = http.settings.replace(deadline=58.9)
    with pytest.raises(DeadlineError, match="within the deadline"):
        fetching().result(timeout=30)
    assert clock.monotonic() == 1


def fetching_tasks(steps, **settings):
    """Run *steps* on a client whose only place of the minute is taken, in a loop that jumps."""

    async def main():
        async with httpx.AsyncClient(transport=answering()) as client:
            http = AsyncHttp(Settings(rate_limit=1, **settings), LoopClock(), client)
            await http.fetch(Wanted(URL))
            await steps(http, asyncio.get_running_loop())
            await http.aclose()

    jumping(main())


def test_a_task_waits_for_its_place():
    async def steps(http, loop):
        await http.fetch(Wanted(URL))
        assert pytest.approx(60, abs=EXACT) == loop.time()

    fetching_tasks(steps, deadline=90)


def test_a_cancelled_task_gives_its_place_up():
    async def steps(http, loop):
        waiting = [asyncio.ensure_future(http.fetch(Wanted(URL))) for _ in range(3)]
        await asyncio.sleep(1)
        for task in waiting[:2]:
            task.cancel()
        await asyncio.wait(waiting)
        assert [True, True, False] == [task.cancelled() for task in waiting]
        assert pytest.approx(60, abs=EXACT) == loop.time()

    fetching_tasks(steps, deadline=90)


def test_a_task_does_not_wait_for_a_place_beyond_its_deadline():
    async def steps(http, loop):
        with pytest.raises(DeadlineError, match="within the deadline"):
            await http.fetch(Wanted(URL))
        assert loop.time() < 60

    fetching_tasks(steps, deadline=59)


def test_closing_wakes_a_task_that_waits_for_its_place():
    async def steps(http, loop):
        waiting = asyncio.ensure_future(http.fetch(Wanted(URL)))
        await asyncio.sleep(1)
        await http.aclose()
        with pytest.raises(FetchError, match="the client was closed"):
            await waiting
        assert loop.time() < 59

    fetching_tasks(steps, deadline=90)
