"""One run at a time, shared: in tasks."""

from __future__ import annotations

import asyncio

import pytest

from modelmeta import RefreshError
from modelmeta.registry.async_flights import AsyncFlights

CROWD = 12
TURNS = 10


class Work:
    """Work that is under way until it is let go; each time it is done, it returns another object or raises what it is told to."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.begun = self.ended = self.cancelled = 0
        self.go = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def __call__(self):
        """Work."""
        self.begun += 1
        assert self.begun == self.ended + 1
        try:
            await self.go.wait()
            if self.errors:
                raise self.errors.pop(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            await self.may_end.wait()
            raise
        else:
            return [self.begun]
        finally:
            self.ended += 1


@pytest.fixture
def flights():
    return AsyncFlights()


@pytest.fixture
async def complaints():
    """Collect what the event loop complains about."""
    complained = []
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.set_exception_handler(lambda _loop, context: complained.append(context))
    yield complained
    loop.set_exception_handler(None)


async def turns():
    """Let everybody else go on as far as they can."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def ask(flights, work, keys=("key",) * CROWD):
    """Let many tasks ask at once; return them when all of them wait."""
    asked = [asyncio.create_task(flights.run(key, work)) for key in keys]
    await turns()
    return asked


async def test_those_who_ask_for_the_same_at_the_same_time_get_the_same_object(flights):
    work = Work()
    asked = await ask(flights, work)
    work.go.set()
    results = await asyncio.gather(*asked)

    assert work.begun == 1
    assert {id(results[0])} == {*map(id, results)}
    assert [2] == await flights.run("key", work)


async def test_who_asks_for_something_else_waits_and_has_it_done(flights):
    work = Work()
    asked = await ask(flights, work, ["one", "other", "third"])
    assert work.begun == 1
    work.go.set()

    assert [[1], [2], [3]] == sorted(await asyncio.gather(*asked))


async def test_an_error_is_shared(flights, complaints):
    error, work = RefreshError("no"), Work()
    work.errors.append(error)
    asked = await ask(flights, work)
    work.go.set()

    assert [error] * CROWD == await asyncio.gather(*asked, return_exceptions=True)
    assert work.begun == 1
    assert complaints == []


async def test_a_run_goes_on_as_long_as_anybody_waits_for_it(flights):
    work = Work()
    first, *others = await ask(flights, work)
    first.cancel()
    others[0].cancel()
    await turns()
    assert (first.cancelled(), others[0].cancelled(), work.cancelled) == (True, True, 0)
    work.go.set()

    assert [[1]] * (CROWD - 2) == await asyncio.gather(*others[1:])


async def test_a_run_nobody_waits_for_is_cancelled_and_over_when_the_last_of_them_is(flights, complaints):
    work = Work()
    work.may_end.clear()
    asked = await ask(flights, work)
    for each in asked:
        each.cancel()
    await turns()
    assert (work.cancelled, work.ended) == (1, 0)
    assert sum(not each.done() for each in asked) == 1
    work.may_end.set()
    await asyncio.wait(asked)

    assert all(each.cancelled() for each in asked)
    assert (work.begun, work.ended) == (1, 1)
    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert complaints == []


async def test_being_cancelled_twice_is_being_cancelled(flights):
    work = Work()
    work.may_end.clear()
    (asked,) = await ask(flights, work, ["key"])
    for _ in range(2):
        asked.cancel()
        await turns()
    assert not asked.done()
    work.may_end.set()
    await asyncio.wait([asked])

    assert asked.cancelled()
    assert work.ended == 1


async def test_who_asks_while_a_run_is_being_cancelled_gets_a_run_of_their_own(flights):
    work = Work()
    work.may_end.clear()
    (first,) = await ask(flights, work, ["key"])
    first.cancel()
    (second,) = await ask(flights, work, ["key"])
    assert (work.begun, work.cancelled) == (1, 1)
    work.go.set()
    work.may_end.set()

    assert [2] == await second
    assert first.cancelled()


async def test_who_asks_again_at_once_is_not_forgotten_when_the_others_leave(flights):
    work, again = Work(), []

    async def twice():
        await flights.run("key", work)
        work.go.clear()
        again.append(await flights.run("key", work))

    asked = [asyncio.create_task(twice()), *await ask(flights, work, ["key"] * 3)]
    work.go.set()
    await asyncio.gather(*asked[1:])
    (passing,) = await ask(flights, work, ["key"])
    passing.cancel()
    await turns()
    assert work.cancelled == 0
    work.go.set()
    await asked[0]

    assert again == [[2]]


async def test_an_error_that_nobody_waited_for_any_more_is_nobodys_business(flights, complaints):
    work = Work(RefreshError("no"))
    (asked,) = await ask(flights, work, ["key"])
    work.go.set()
    await asyncio.sleep(0)
    assert work.ended
    asked.cancel()
    await asyncio.wait([asked])
    flights._flight = None
    del asked
    await turns()

    assert complaints == []


async def test_who_is_under_way_cannot_wait_for_it(flights):
    for key in ("key", "other"):
        with pytest.raises(RefreshError, match="from within itself"):
            await flights.run("key", lambda key=key: flights.run(key, Work()))


async def test_landing_cancels_what_is_under_way_and_lets_nobody_take_off(flights, complaints):
    work = Work()
    asked = await ask(flights, work, ["key", "key", "other"])
    await flights.land()
    assert (work.begun, work.ended) == (1, 1)

    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert ["the registry was closed during the refresh"] * 3 == [str(error) for error in errors]
    with pytest.raises(RefreshError, match="closed"):
        await flights.run("key", work)
    assert work.begun == 1
    assert complaints == []


async def test_landing_where_nothing_is_under_way_is_at_once(flights):
    await flights.land()
    with pytest.raises(RefreshError, match="closed"):
        await flights.run("key", Work())


async def test_landing_from_within_does_not_wait(flights):
    async def work():
        assert flights.is_within()
        await flights.land()
        return "landed"

    assert not flights.is_within()
    assert await flights.run("key", work) == "landed"


async def test_what_is_to_happen_outside_happens_at_once_there_and_at_the_end_from_within(flights):
    happened = []
    flights.outside(lambda: happened.append("at once"))
    assert happened == ["at once"]

    async def work():
        flights.outside(lambda: happened.append("afterwards"))
        await asyncio.sleep(0)
        happened.append("under way")

    await flights.run("key", work)
    await turns()
    assert happened == ["at once", "under way", "afterwards"]


def test_what_was_under_way_in_a_loop_that_is_over_is_no_longer():
    flights = AsyncFlights()

    async def never():
        await asyncio.Event().wait()

    async def begin():
        task = asyncio.create_task(flights.run("key", never))
        await turns()
        return task

    async def again():
        return await flights.run("key", done)

    async def done():
        return "done"

    loop = asyncio.new_event_loop()
    left = loop.run_until_complete(begin())
    assert asyncio.run(again()) == "done"

    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(left)
    loop.close()
