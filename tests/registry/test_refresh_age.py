"""When upstream is asked, with what, and how old facts are called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from modelmeta.testing import FakeClock, Fault

DAY = timedelta(days=1)
REF = "anthropic/claude-opus-4-5"


@pytest.fixture
def clock():
    return FakeClock(datetime(2026, 11, 1, 12, tzinfo=UTC))


async def test_the_second_question_is_whether_anything_changed(settle, upstream):
    registry = await settle(source=upstream.url)
    upstream.fail(Fault.not_modified())
    assert (await registry.refresh()).status == "unchanged"
    first, second = upstream.requests
    assert "If-None-Match" not in first.headers
    assert second.headers["If-None-Match"].strip('W/"') != ""
    assert [(request.path, dict(request.query)) for request in (first, second)] == [("/catalog.json", {"type": "all"})] * 2


async def test_forcing_asks_for_the_whole_document(settle, upstream):
    registry = await settle(source=upstream.url)
    upstream.clear()
    assert (await registry.refresh(force=True)).status == "unchanged"
    assert ["If-None-Match" in request.headers for request in upstream.requests] == [False]
    await registry.refresh()
    assert ["If-None-Match" in request.headers for request in upstream.requests] == [False, True]


@pytest.mark.parametrize("options", [{}, {"force": True}])
async def test_facts_that_upstream_confirms_are_as_young_as_new_ones(settle, upstream, clock, options):
    registry = await settle(source=upstream.url, clock=clock)
    assert (registry.status().fetched_at, registry.status().age) == (datetime(2026, 11, 1, 12, tzinfo=UTC), timedelta())
    clock.advance(10 * DAY)
    assert (registry.status().age, registry.status().stale) == (10 * DAY, True)
    await registry.refresh(**options)
    assert (registry.status().fetched_at, registry.status().age, registry.status().stale) == (
        datetime(2026, 11, 11, 12, tzinfo=UTC),
        timedelta(),
        False,
    )


async def test_a_failure_makes_nothing_younger(settle, upstream, clock):
    registry = await settle(source=upstream.url, clock=clock)
    clock.advance(10 * DAY)
    upstream.fail(Fault.status(500))
    with pytest.raises(OSError, match="500"):
        await registry.refresh()
    status = registry.status()
    assert (status.age, status.stale, status.last_refresh) == (10 * DAY, True, datetime(2026, 11, 11, 12, tzinfo=UTC))


async def test_fresh_facts_are_not_asked_for_again(settle, upstream, clock):
    registry = await settle(source=upstream.url, clock=clock, max_age="1h")
    upstream.close()
    for _ in range(4):
        report = await registry.refresh()
        assert (report.status, report.source, report.revision) == ("unchanged", upstream.url, registry.status().revision)
        clock.advance(20 * 60)
    with pytest.raises(OSError, match="could not be reached"):
        await registry.refresh()


async def test_fresh_facts_are_asked_for_when_forced(settle, upstream, clock):
    registry = await settle(source=upstream.url, clock=clock, max_age="1h")
    upstream.clear()
    await registry.refresh(force=True)
    assert len(upstream.requests) == 1


async def test_a_max_age_of_nothing_asks_as_soon_as_any_time_passed(settle, upstream, clock):
    registry = await settle(source=upstream.url, clock=clock, max_age=0)
    upstream.clear()
    await registry.refresh()
    assert len(upstream.requests) == 0
    clock.advance(0.001)
    await registry.refresh()
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("jump", [DAY, 400 * DAY, -DAY, -400 * DAY])
@pytest.mark.parametrize("max_age", [None, "1h"])
async def test_a_clock_that_jumps_harms_nothing(settle, upstream, clock, edited, thirty_providers, jump, max_age):
    registry = await settle(source=upstream.url, clock=clock, max_age=max_age)
    clock.jump(jump)
    assert registry.status().age == max(jump, timedelta())
    upstream.serve(edited(thirty_providers, REF, name="Another"))
    report = await registry.refresh()
    assert (report.status, report.duration) == ("updated", timedelta())
    assert registry.get(REF).name == "Another"
    assert (registry.status().age, registry.status().fetched_at.timestamp()) == (timedelta(), clock.time())

    clock.jump(-jump)
    assert registry.status().age == max(-jump, timedelta())
    upstream.clear()
    assert (await registry.refresh()).status == "unchanged"
    assert len(upstream.requests) == 1
    assert registry.status().age == timedelta()
