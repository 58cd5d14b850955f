"""Budgets: who is told, once, when so much was spent."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event

import pytest

from modelmeta import AsyncRegistry, Budget, QueryError, Registry, StoreError, Usage
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock
from modelmeta.testing.stores.samples import entry

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
REF = "openai/gpt-5.5"
DOLLAR = Usage(input_tokens=200_000)
SOON = 60


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def open_one(store, clock):
    """Return what opens another registry on the store, as another process would."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(Registry(store=store, clock=clock))


def spend(registry, dollars, **options):
    for _ in range(dollars):
        registry.ledger.record(REF, DOLLAR, **options)
    registry.ledger.flush()


def said(told):
    return [(crossing.period, str(crossing.threshold), crossing.spent) for crossing in told]


def test_a_crossing_is_told_once(open_one, clock):
    registry, told = open_one(), []
    budget = registry.ledger.budget(3, told.append)
    assert budget == Budget(amount=Decimal(3), per=None, tags={}, thresholds=(Decimal(1),))
    spend(registry, 2)
    assert told == []
    spend(registry, 1)
    spend(registry, 5)
    assert said(told) == [("ever", "1", 3)]
    assert (told[0].budget, told[0].unpriced, told[0].at) == (budget, 0, NOON)


def test_each_threshold_is_told(open_one):
    registry, told = open_one(), []
    registry.ledger.budget("10", told.append, thresholds=(1, 0.8, Decimal("0.1")))
    spend(registry, 1)
    spend(registry, 8)
    spend(registry, 3)
    assert said(told) == [("ever", "0.1", 1), ("ever", "0.8", 9), ("ever", "1", 12)]


@pytest.mark.parametrize(("per", "first", "second", "later"), [("day", "2026-11-24", "2026-11-25", 1), ("month", "2026-11", "2026-12", 7)])
def test_each_day_and_each_month_begins_anew(open_one, clock, per, first, second, later):
    registry, told = open_one(), []
    registry.ledger.budget(2, told.append, per=per)
    spend(registry, 2)
    clock.advance(timedelta(days=later))
    spend(registry, 1)
    assert said(told) == [(first, "1", 2)]
    spend(registry, 2)
    assert said(told) == [(first, "1", 2), (second, "1", 3)]


def test_the_period_that_goes_on_counts_from_its_beginning_and_those_before_are_not_told(open_one, clock):
    registry, told = open_one(), []
    spend(registry, 5, at=NOON - timedelta(days=1))
    spend(registry, 1, at=NOON.replace(hour=0))
    registry.ledger.budget(2, told.append, per="day")
    spend(registry, 1)
    assert said(told) == [("2026-11-24", "1", 2)]


def test_what_was_spent_before_is_told_without_another_usage(open_one, clock):
    registry = open_one()
    spend(registry, 5)
    heard = Event()
    registry.ledger.budget(2, lambda _: heard.set())
    while not heard.wait(0.01):
        clock.advance(1)


def test_only_usages_with_the_tags_count(open_one):
    registry, told = open_one(), []
    registry.ledger.budget(1, told.append, tags={"team": "search"})
    registry.ledger.budget(2, told.append, tags="team")
    spend(registry, 3)
    spend(registry, 1, tags={"team": "other"})
    assert told == []
    spend(registry, 1, tags={"team": "search", "x": "y"})
    assert [dict(crossing.budget.tags) for crossing in told] == [{"team": "search"}, {"team": None}]


def test_what_has_no_price_is_counted_and_not_spent(open_one):
    registry, told = open_one(), []
    registry.ledger.budget(1, told.append)
    for _ in range(3):
        registry.ledger.record("acme/unknown", DOLLAR)
    registry.ledger.flush()
    assert told == []
    spend(registry, 1)
    assert (told[0].spent, told[0].unpriced) == (1, 3)


def test_a_crossing_is_not_told_again_after_a_restart(open_one):
    for dollars, expected in ((2, []), (2, [("ever", "1", 4)]), (2, []), (0, [])):
        registry, told = open_one(), []
        registry.ledger.budget(3, told.append)
        spend(registry, dollars)
        assert said(told) == expected
        registry.close()


def test_of_many_processes_one_tells_of_what_all_spent(open_one):
    told = []
    registries = [open_one() for _ in range(4)]
    for registry in registries:
        registry.ledger.budget(4, told.append)
    for registry in registries:
        spend(registry, 1)
    for registry in registries:
        registry.ledger.flush()
    assert said(told) == [("ever", "1", 4)]


def test_who_does_not_spend_hears_what_others_do(open_one, clock):
    one, other = open_one(), open_one()
    heard = Event()
    one.ledger.budget(1, lambda _: heard.set())
    spend(other, 1)
    while not heard.wait(0.01):
        clock.advance(5)


def test_another_budget_is_told_by_itself(open_one):
    registry, told = open_one(), []
    for amount, options in ((2, {}), ("2.5", {}), (2, {"per": "day"}), (2, {"tags": "x"}), (2, {"tags": {"x": ""}}), (2, {}), ("2.0", {})):
        registry.ledger.budget(amount, told.append, **options)
    spend(registry, 3, tags="x")
    assert len(told) == 5


def test_a_callback_that_fails_is_logged_and_harms_nothing(open_one, caplog):
    registry, told = open_one(), []
    registry.ledger.budget(1, lambda _: 1 / 0)
    registry.ledger.budget(1, told.append, per="day")
    spend(registry, 2)
    assert "who was to be told of a budget failed" in caplog.messages
    assert len(told) == 1
    assert len(registry.ledger.entries()) == 2


def test_a_callback_may_record_ask_and_close(open_one):
    registry, told = open_one(), []

    def callback(crossing):
        registry.ledger.record(REF, DOLLAR)
        told.append(len(registry.ledger.entries()))
        registry.close()

    registry.ledger.budget(1, callback)
    spend(registry, 1)
    assert told == [2]


def test_a_callback_in_the_thread_that_writes_may_close_too(open_one, clock, store):
    registry, over = open_one(), Event()

    def callback(_):
        registry.ledger.record(REF, DOLLAR)
        registry.close()
        over.set()

    registry.ledger.budget(1, callback)
    registry.ledger.record(REF, DOLLAR)
    while not over.wait(0.01):
        clock.advance(1)
    assert len(store.booked(0, 9)) == 2


def test_a_crossing_is_told_although_the_store_fails_after_it(open_one, store, monkeypatch):
    registry, told = open_one(), []
    registry.ledger.budget(1, told.append)
    registry.ledger.budget(1, told.append, per="day")
    swap = store.swap

    def fails_for_days(kind, key, old, new):
        if key.startswith("2026"):
            message = "the store is down"
            raise StoreError(message)
        return swap(kind, key, old, new)

    with monkeypatch.context() as patched:
        patched.setattr(store, "swap", fails_for_days)
        with pytest.raises(StoreError, match="the store is down"):
            spend(registry, 1)
        assert said(told) == [("ever", "1", 1)]
    registry.ledger.flush()
    assert said(told) == [("ever", "1", 1), ("2026-11-24", "1", 1)]


def test_pruning_forgets_what_was_told_of_periods_that_are_over(open_one, store):
    registry = open_one()
    for per in ("day", "month", None):
        registry.ledger.budget(1, print, per=per)
    for day in (0, 1, 10):
        spend(registry, 1, at=NOON + timedelta(days=day))

    def told():
        return sorted(key.rsplit("-", 2)[0] for key in store.entries("budget"))

    assert told() == ["2026-11", "2026-11-24", "2026-11-25", "2026-12", "2026-12-04", "ever"]
    registry.ledger.prune(before="2026-12-01")
    assert told() == ["2026-12", "2026-12-04", "ever"]


@pytest.mark.parametrize(
    ("criterion", "arguments", "options"),
    [
        ("amount", (0, print), {}),
        ("amount", (-1, print), {}),
        ("amount", ("much", print), {}),
        ("amount", (float("nan"), print), {}),
        ("amount", (Decimal("inf"), print), {}),
        ("amount", (True, print), {}),
        ("amount", (None, print), {}),
        ("callback", (1, "call me"), {}),
        ("per", (1, print), {"per": "week"}),
        ("thresholds", (1, print), {"thresholds": ()}),
        ("thresholds", (1, print), {"thresholds": (0,)}),
        ("tags", (1, print), {"tags": {1: 2}}),
    ],
)
async def test_what_is_no_budget_is_refused(criterion, arguments, options):
    for registry in (Registry(), AsyncRegistry()):
        with pytest.raises(QueryError) as caught:
            registry.ledger.budget(*arguments, **options)
        assert caught.value.criterion == criterion


@pytest.mark.parametrize("awaits", [False, True])
async def test_an_async_registry_calls_in_its_event_loop_and_awaits(store, awaits):
    told, loop = [], asyncio.get_running_loop()

    async def callback(crossing):
        await asyncio.sleep(0)
        told.append((crossing.spent, asyncio.get_running_loop() is loop))

    def plain(crossing):
        told.append((crossing.spent, asyncio.get_running_loop() is loop))

    async with AsyncRegistry(store=store) as registry:
        registry.ledger.budget(1, callback if awaits else plain)
        registry.ledger.record(REF, DOLLAR)
        await registry.ledger.flush()
        assert told == [(1, True)]


async def test_a_callback_of_an_async_registry_may_close_it(store):
    closed = asyncio.Event()
    registry = AsyncRegistry(store=store)

    async def callback(_):
        await registry.aclose()
        closed.set()

    registry.ledger.budget(1, callback)
    registry.ledger.record(REF, DOLLAR)
    async with asyncio.timeout(SOON):
        await closed.wait()
    assert [each.ref for each in store.booked(0, 9)] == [entry(model=REF).ref]


async def test_what_is_crossed_at_the_end_is_told(store):
    told = []
    async with AsyncRegistry(store=store) as registry:
        registry.ledger.budget(1, told.append)
        registry.ledger.record(REF, DOLLAR)
    assert said(told) == [("ever", "1", 1)]


def test_tasks_set_a_budget_within_their_event_loop():
    with pytest.raises(RuntimeError, match="no running event loop"):
        AsyncRegistry().ledger.budget(1, print)
