"""What a registry says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from modelmeta import AsyncRegistry, Registry, RegistryStatus, load_catalog
from modelmeta.registry.head import Head
from modelmeta.registry.status import status_of
from modelmeta.testing import FakeClock, FakeModelsDev, Fault

FACADES = [Registry, AsyncRegistry]
BUNDLED = datetime(2026, 9, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
ACME = {"acme": {"id": "acme", "models": {f"rocket-{number}": {"id": f"rocket-{number}"} for number in range(10)}}}


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def server():
    with FakeModelsDev(ACME) as server:
        yield server


@pytest.fixture
def facts():
    """Return the function that makes a head of facts fetched at a given time."""

    def made(fetched_at=None):
        catalog = load_catalog({"acme": {"id": "acme", "models": {}}})
        catalog.content.fetched_at = fetched_at
        return Head(catalog)

    return made


@pytest.mark.parametrize("facade", FACADES)
def test_before_any_refresh_it_says_where_the_bundled_facts_are_from(facade, clock):
    registry = facade(clock=clock)

    assert registry.status() == RegistryStatus(
        revision=f"0-{registry.catalog.content.digest[:12]}",
        source="api-2026-09-30.json.gz",
        fetched_at=BUNDLED,
        age=NOON - BUNDLED,
        stale=True,
        models=8_337,
        providers=225,
    )
    assert (None, None, None, 0, None) == (
        registry.status().last_refresh,
        registry.status().last_error,
        registry.status().next_refresh,
        registry.status().consecutive_failures,
        registry.status().held,
    )


@pytest.mark.parametrize(
    ("now", "age", "stale"),
    [
        (BUNDLED, timedelta(0), False),
        (BUNDLED + timedelta(days=1, hours=12), timedelta(days=1, hours=12), False),
        (BUNDLED + WEEK, WEEK, False),
        (BUNDLED + WEEK + timedelta(seconds=1), WEEK + timedelta(seconds=1), True),
        (BUNDLED + timedelta(days=365), timedelta(days=365), True),
        (BUNDLED - timedelta(days=365), timedelta(0), False),
    ],
)
@pytest.mark.parametrize("facade", FACADES)
def test_it_says_how_old_the_facts_are(facade, now, age, stale):
    status = facade(clock=FakeClock(now)).status()

    assert (age, stale) == (status.age, status.stale)


@pytest.mark.parametrize(("stale_after", "stale"), [("36d", True), ("36d12h", False), (timedelta.max, False), (1, True)])
def test_stale_is_what_is_older_than_stale_after(clock, stale_after, stale):
    assert stale is Registry(clock=clock, stale_after=stale_after).status().stale


def test_without_a_clock_age_is_measured_from_now():
    before = datetime.now(UTC)
    status = Registry().status()
    after = datetime.now(UTC)

    assert max(timedelta(), before - status.fetched_at) <= status.age <= max(timedelta(), after - status.fetched_at)


async def test_a_refresh_tells_when_and_what(open_either, server, clock):
    registry = open_either(source=server.url, clock=clock)
    report = await registry.refresh()
    clock.advance(60)

    assert ("updated", server.url) == (report.status, report.source)
    assert registry.status() == RegistryStatus(
        revision=report.revision,
        source=server.url,
        fetched_at=NOON,
        age=timedelta(minutes=1),
        stale=False,
        models=10,
        providers=1,
        last_refresh=NOON,
    )


async def test_facts_that_are_confirmed_are_young_again(open_either, server, clock):
    registry = open_either(source=server.url, clock=clock)
    await registry.refresh()
    clock.advance(WEEK * 2)
    before = registry.status()
    assert "unchanged" == (await registry.refresh()).status
    status = registry.status()

    assert (True, WEEK * 2) == (before.stale, before.age)
    assert (False, timedelta(0)) == (status.stale, status.age)
    assert NOON + WEEK * 2 == status.fetched_at == status.last_refresh
    assert before.revision == status.revision


async def test_failures_are_counted_until_one_succeeds_and_the_facts_stay(open_either, server, clock):
    registry = open_either(source=server.url, clock=clock)
    await registry.refresh()
    before = registry.status()
    server.fail(Fault.status(500))
    for failures in range(1, 4):
        clock.advance(60)
        with pytest.raises(OSError, match="500"):
            await registry.refresh()
        status = registry.status()
        assert (failures, NOON + failures * timedelta(minutes=1)) == (status.consecutive_failures, status.last_refresh)
        assert "StatusError: " in status.last_error
        assert "answered 500" in status.last_error
        assert (before.revision, before.fetched_at, before.models) == (status.revision, status.fetched_at, status.models)
    server.heal()
    await registry.refresh()

    assert (0, None) == (registry.status().consecutive_failures, registry.status().last_error)


async def test_what_is_held_is_named_until_it_is_accepted_or_upstream_recovers(open_either, server, clock):
    registry = open_either(source=server.url, clock=clock)
    first = await registry.refresh()
    server.serve({"acme": {"id": "acme", "models": {"rocket-1": {"id": "rocket-1"}}}})
    held = await registry.refresh()
    assert ("held", held.revision, first.revision, 10) == (
        held.status,
        registry.status().held,
        registry.status().revision,
        registry.status().models,
    )
    assert (0, None) == (registry.status().consecutive_failures, registry.status().last_error)

    server.serve(ACME)
    await registry.refresh()
    assert registry.status().held is None

    server.serve({"acme": {"id": "acme", "models": {"rocket-1": {"id": "rocket-1"}}}})
    await registry.refresh()
    await registry.refresh(accept=held.revision)
    assert (None, held.revision, 1) == (registry.status().held, registry.status().revision, registry.status().models)


async def test_a_clock_that_is_set_back_makes_nothing_younger_than_new(open_either, server, clock):
    registry = open_either(source=server.url, clock=clock)
    await registry.refresh()
    clock.jump(-timedelta(days=365))

    assert (timedelta(0), False) == (registry.status().age, registry.status().stale)
    await registry.refresh()
    assert registry.status().last_refresh == NOON - timedelta(days=365)


async def test_closing_changes_nothing_that_is_said(open_either, server, clock):
    registry = open_either(source=server.url, clock=clock)
    await registry.refresh()
    before = registry.status()
    await registry.close()

    assert before == registry.status()


def test_facts_of_an_unknown_day_have_no_age(facts):
    status = status_of(facts(), NOON.timestamp(), WEEK)

    assert (status.fetched_at, status.age, status.stale) == (None, None, None)
    assert (status.source, status.models, status.providers) == ("memory", 0, 1)


@pytest.mark.parametrize("written", ["2026-09-30T06:00:00+00:00", "2026-09-30T06:00:00", "2026-09-30T06:00:00Z"])
def test_a_time_is_read_as_utc_whether_or_not_it_says_so(facts, written):
    status = status_of(facts(written), NOON.timestamp(), WEEK)

    assert datetime(2026, 9, 30, 6, tzinfo=UTC) == status.fetched_at
    assert status.fetched_at.utcoffset() == timedelta(0)
