"""One run at a time, shared: in threads."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep

import pytest

from modelmeta import RefreshError
from modelmeta.registry.flights import Flights

WAITING = threading.Event.wait.__code__
CROWD = 12
SOON = 60


def until(is_so):
    end = monotonic() + SOON
    while not is_so():
        assert monotonic() < end
        sleep(0.002)


def waiting():
    """Return how many threads wait for something in Flights.run."""

    def codes(frame):
        while frame is not None:
            yield frame.f_code
            frame = frame.f_back

    stacks = [set(codes(frame)) for frame in sys._current_frames().values()]
    return sum({WAITING, Flights.run.__code__} <= stack for stack in stacks)


class Work:
    """Work that is under way until it is let go; each time it is done, it returns another object or raises what it is told to."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.begun = 0
        self.under_way = 0
        self.go = Event()

    def __call__(self):
        """Work."""
        self.begun += 1
        self.under_way += 1
        assert self.under_way == 1
        try:
            assert self.go.wait(SOON)
            if self.errors:
                raise self.errors.pop(0)
            return [self.begun]
        finally:
            self.under_way -= 1


@pytest.fixture
def flights():
    return Flights()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2 * CROWD) as pool:
        yield pool


def crowd(pool, flights, work, keys=("key",) * CROWD):
    """Let many threads ask at once, and let *work* go when all of them wait for it; return what came of it for each."""
    asked = [pool.submit(flights.run, key, work) for key in keys]
    until(lambda: waiting() == len(keys))
    work.go.set()
    return asked


def test_those_who_ask_for_the_same_at_the_same_time_get_the_same_object(pool, flights):
    work = Work()
    results = [asked.result(SOON) for asked in crowd(pool, flights, work)]

    assert work.begun == 1
    assert {id(results[0])} == {*map(id, results)}


def test_who_asks_later_gets_another(pool, flights):
    work = Work()
    work.go.set()

    assert [[1], [2]] == [flights.run("key", work), flights.run("key", work)]


def test_who_asks_for_something_else_waits_and_has_it_done(pool, flights):
    work = Work()
    results = [asked.result(SOON) for asked in crowd(pool, flights, work, ["one", "other", "third"] * 3)]

    assert 3 <= work.begun <= 9
    assert work.begun == len({*map(id, results)})
    assert not {*map(id, results[::3])} & {*map(id, results[1::3])}


def test_an_error_is_shared(pool, flights):
    error, work = RefreshError("no"), Work()
    work.errors.append(error)
    asked = crowd(pool, flights, work)

    assert [error] * CROWD == [each.exception(SOON) for each in asked]
    assert work.begun == 1
    assert [2] == flights.run("key", work)


def test_an_interrupted_leader_leaves_the_work_to_the_others(pool, flights):
    work = Work(KeyboardInterrupt())
    came = [asked.exception(SOON) or asked.result() for asked in crowd(pool, flights, work)]

    (interrupted,) = (result for result in came if isinstance(result, KeyboardInterrupt))
    others = [result for result in came if result is not interrupted]
    assert CROWD - 1 == len(others)
    assert all(isinstance(result, list) for result in others)
    assert [work.begun + 1] == flights.run("key", work)


def test_who_is_interrupted_before_leading_leaves_nobody_waiting(monkeypatch, flights):
    def interrupt(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(flights, "_lead", interrupt)
        with pytest.raises(KeyboardInterrupt):
            flights.run("key", list)

    assert [] == flights.run("key", list)


@pytest.mark.parametrize("key", ["key", "other"])
def test_who_is_under_way_cannot_wait_for_it(flights, key):
    with pytest.raises(RefreshError, match="from within itself"):
        flights.run("key", lambda: flights.run(key, list))
    assert [] == flights.run("key", list)


def test_landing_waits_for_who_is_under_way_and_lets_nobody_take_off(pool, flights):
    work, landed = Work(), Event()
    asked = pool.submit(flights.run, "key", work)
    until(lambda: work.begun)
    landing = pool.submit(lambda: (flights.land(), landed.set()))
    until(lambda: flights._closed)
    with pytest.raises(RefreshError, match="closed"):
        flights.run("key", work)

    assert not landed.is_set()
    work.go.set()
    landing.result(SOON)
    assert asked.result(SOON) == [1]


def test_landing_where_nothing_is_under_way_is_at_once(flights):
    flights.land()
    with pytest.raises(RefreshError, match="closed"):
        flights.run("key", list)


def test_those_who_wait_for_something_else_do_not_take_off_after_landing(pool, flights):
    work = Work()
    one, other = pool.submit(flights.run, "one", work), pool.submit(flights.run, "other", work)
    until(lambda: waiting() == 2)
    landing = pool.submit(flights.land)
    until(lambda: flights._closed)
    work.go.set()

    landing.result(SOON)
    assert ["RefreshError"] == [type(error).__name__ for each in (one, other) if (error := each.exception(SOON))]
    assert work.begun == 1


def test_landing_from_within_does_not_wait(flights):
    assert [] == flights.run("key", lambda: flights.land() or [])


def test_what_is_to_happen_outside_happens_at_once_there_and_at_the_end_from_within(pool, flights):
    happened = []
    flights.outside(lambda: happened.append("at once"))
    assert happened == ["at once"]

    def work():
        flights.outside(lambda: happened.append("afterwards"))
        pool.submit(flights.outside, lambda: happened.append("another thread")).result(SOON)
        happened.append("under way")
        return []

    flights.run("key", work)
    assert happened == ["at once", "another thread", "under way", "afterwards"]


def test_what_happens_afterwards_may_wait_for_those_who_waited(pool, flights):
    """A subscriber stops the background, which waits for the same refresh."""
    waited = []

    def work():
        waited.append(pool.submit(flights.run, "key", list))
        until(lambda: waiting() == 1)
        flights.outside(lambda: waited[0].result(SOON))
        return ["shared"]

    assert flights.run("key", work) is waited[0].result()
