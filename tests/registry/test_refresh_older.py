"""No source takes the catalog back in time, unless it is the one that the facts came from, or somebody insists."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from modelmeta import RefreshError, load_catalog
from modelmeta.testing import FakeClock, FakeModelsDev, Fault

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def document(name):
    return {"acme": {"id": "acme", "models": {"m": {"id": "m", "name": name}}}}


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def server():
    with FakeModelsDev(document("from the network")) as server:
        yield server


@pytest.fixture
def file(tmp_path):
    """Return the function that writes a file of a given time."""

    def write(name, when, path=tmp_path / "fallback.json"):
        path.write_bytes(name if isinstance(name, bytes) else json.dumps(document(name)).encode())
        os.utime(path, (when.timestamp(), when.timestamp()))
        return path

    return write


async def test_an_older_fallback_is_refused(settle, server, file, clock):
    path = file("older", NOON - 3 * DAY)
    registry = await settle(source=[server.url, path], clock=clock)
    server.fail(Fault.status(503))
    with pytest.raises(RefreshError, match="none of the 2 sources could be read") as caught:
        await registry.refresh()
    down, older = caught.value.errors
    assert down.status == 503
    assert str(older) == f"{path} is of 2026-10-29, older than what is read; force=True takes it all the same"
    assert registry.get("acme/m").name == "from the network"


@pytest.mark.parametrize("wish", [{"force": True}, {"accept": True}])
async def test_an_older_fallback_is_taken_if_somebody_insists(settle, server, file, clock, wish):
    registry = await settle(source=[server.url, file("older", NOON - 3 * DAY)], clock=clock)
    server.fail(Fault.status(503))
    assert (await registry.refresh(**wish)).status == "updated"
    assert (registry.get("acme/m").name, registry.status().age) == ("older", 3 * DAY)


async def test_a_younger_fallback_is_taken(settle, server, file, clock):
    path = file("younger", NOON + DAY)
    registry = await settle(source=[server.url, path], clock=clock)
    clock.advance(2 * DAY)
    server.fail(Fault.status(503))
    assert (await registry.refresh()).source == str(path)
    assert registry.status().age == DAY


async def test_the_next_source_is_asked_where_one_is_older(settle, server, file, clock, tmp_path):
    older = file("older", NOON - 3 * DAY)
    younger = file("younger", NOON + DAY, tmp_path / "younger.json")
    registry = await settle(source=[server.url, older, younger], clock=clock)
    server.fail(Fault.status(503))
    assert (await registry.refresh()).source == str(younger)


async def test_the_floor_is_older_than_anything(open_either, file, clock):
    registry = open_either(source=file("ancient", datetime(2001, 1, 1, tzinfo=UTC)), clock=clock)
    assert (await registry.refresh()).status == "updated"


def snapshot(name, path):
    path.write_text(json.dumps(document(name)))
    return bytes(load_catalog(path).content)


@pytest.mark.parametrize("form", ["document", "snapshot"])
async def test_a_file_may_go_back_in_time_by_itself(settle, file, clock, tmp_path, form):
    def write(name, when):
        return file(snapshot(name, tmp_path / f"{when:%Y-%m-%d}.json") if form == "snapshot" else name, when)

    registry = await settle(source=write("first", NOON - DAY), clock=clock)
    write("put back", NOON - 3 * DAY)
    assert (await registry.refresh()).status == "updated"
    assert registry.get("acme/m").name == "put back"


async def test_a_mirror_asked_in_the_same_second_is_no_older(settle, server, clock):
    with FakeModelsDev(document("from the mirror")) as mirror:
        registry = await settle(source=[server.url, mirror.url], clock=clock)
        clock.advance(0.5)
        assert (await registry.refresh()).status == "unchanged"
        clock.advance(0.1)
        server.fail(Fault.status(503))
        assert (await registry.refresh()).source == mirror.url
        assert registry.status().age == timedelta()


async def test_a_mirror_is_no_older_because_the_clock_was_set_back(settle, server, clock):
    with FakeModelsDev(document("from the mirror")) as mirror:
        registry = await settle(source=[server.url, mirror.url], clock=clock)
        clock.jump(-400 * DAY)
        server.fail(Fault.status(503))
        assert (await registry.refresh()).source == mirror.url
        assert registry.status().fetched_at == NOON - 400 * DAY
