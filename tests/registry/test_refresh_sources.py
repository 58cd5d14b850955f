"""Sources of one's own: whatever they give or raise, the registry goes on."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from modelmeta import AsyncRegistry, ContentError, RefreshError, Registry, load_catalog
from modelmeta.sources.source import Fetched
from modelmeta.testing import FakeClock

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def document(name):
    return {"acme": {"id": "acme", "models": {"m": {"id": "m", "name": name}}}}


def encoded(name):
    return json.dumps(document(name)).encode()


class Shelf:
    """A source that gives one thing after the other, and keeps what it was asked with."""

    def __init__(self, *things, name="the shelf"):
        self.name = name
        self.things = list(things)
        self.asked = []
        self.threads = []

    def fetch(self, validator):
        """Give or raise what is next."""
        self.asked.append(validator)
        self.threads.append(threading.current_thread())
        thing = self.things.pop(0)
        if isinstance(thing, BaseException):
            raise thing
        return thing


class AsyncShelf(Shelf):
    """A shelf that is awaited."""

    fetch = None

    async def afetch(self, validator):
        """Give or raise what is next."""
        return Shelf.fetch(self, validator)


each_shelf = pytest.mark.parametrize(
    ("open_either", "shelf_of"), [(Registry, Shelf), (AsyncRegistry, Shelf), (AsyncRegistry, AsyncShelf)], indirect=["open_either"]
)
"""Only a registry of tasks awaits a source."""


@pytest.fixture
def clock():
    return FakeClock(NOON)


@each_shelf
async def test_a_source_is_asked_with_what_it_gave(open_either, shelf_of):
    shelf = shelf_of(Fetched(encoded("one"), "v1"), None, Fetched(encoded("two"), "v2"), None)
    registry = open_either(source=shelf)
    statuses = [(await registry.refresh(accept=True)).status for _ in range(4)]
    assert statuses == ["updated", "unchanged", "updated", "unchanged"]
    assert shelf.asked == [None, "v1", "v1", "v2"]
    assert registry.get("acme/m").name == "two"
    assert registry.status().source == "the shelf"


@each_shelf
async def test_a_source_without_validators_is_asked_for_the_whole_each_time(open_either, shelf_of):
    shelf = shelf_of(Fetched(encoded("one")), Fetched(encoded("one")), Fetched(encoded("two")))
    registry = open_either(source=shelf)
    assert [(await registry.refresh(accept=True)).status for _ in range(3)] == ["updated", "unchanged", "updated"]
    assert shelf.asked == [None] * 3


@each_shelf
async def test_forcing_asks_a_source_for_the_whole(open_either, shelf_of):
    shelf = shelf_of(Fetched(encoded("one"), "v1"), Fetched(encoded("one"), "v2"), None)
    registry = open_either(source=shelf)
    for options in ({"accept": True}, {"force": True}, {}):
        await registry.refresh(**options)
    assert shelf.asked == [None, None, "v2"]


@each_shelf
@pytest.mark.parametrize(
    "error",
    [ValueError("s"), OSError("s"), KeyError("s"), TimeoutError("s"), RecursionError("s"), AssertionError("s"), ImportError("s")],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_a_source_raises_is_a_failed_refresh_with_that_as_its_cause(open_either, shelf_of, error):
    registry = open_either(source=shelf_of(error, Fetched(encoded("one"))))
    with pytest.raises(RefreshError, match=f"^the shelf failed: {type(error).__name__}: ") as caught:
        await registry.refresh()
    assert type(caught.value) is RefreshError
    assert caught.value.__cause__ is error
    assert (await registry.refresh()).status == "updated"


@each_shelf
async def test_a_refresh_error_of_a_source_is_raised_as_it_is(open_either, shelf_of):
    error = ContentError("nothing today", url="the shelf")
    registry = open_either(source=shelf_of(error))
    with pytest.raises(ContentError) as caught:
        await registry.refresh()
    assert caught.value is error


@each_shelf
async def test_a_source_that_fails_is_passed_over(open_either, shelf_of):
    registry = open_either(source=[shelf_of(ValueError("s")), shelf_of(Fetched(encoded("one")), name="another shelf")])
    assert (await registry.refresh()).source == "another shelf"
    assert registry.status().last_error is None


@each_shelf
@pytest.mark.parametrize("thing", [encoded("one"), "text", document("one"), 5, Fetched("text"), Fetched(None), Fetched(document("one"))])
async def test_what_is_no_document_fetched_is_a_failed_refresh(open_either, shelf_of, thing):
    registry = open_either(source=shelf_of(thing))
    with pytest.raises(RefreshError, match=r"^the shelf failed: "):
        await registry.refresh()


@each_shelf
@pytest.mark.parametrize("data", [b"", b"{", b"null", b"<html>", b"\x1f\x8bno gzip", b"\xff"])
async def test_a_document_that_cannot_be_read_is_the_content_of_its_source(open_either, shelf_of, data):
    registry = open_either(source=shelf_of(Fetched(data)))
    with pytest.raises(ContentError, match="the shelf") as caught:
        await registry.refresh()
    assert caught.value.url == "the shelf"


@each_shelf
async def test_nothing_is_no_answer_to_one_who_has_nothing(open_either, shelf_of):
    registry = open_either(source=shelf_of(None))
    with pytest.raises(RefreshError, match="the shelf gave no document, though it was not told that one is there"):
        await registry.refresh()


async def test_without_any_source_a_refresh_is_an_error(open_either):
    registry = open_either(source=[])
    with pytest.raises(RefreshError, match="there is no source to refresh from") as caught:
        await registry.refresh()
    assert type(caught.value) is RefreshError


@each_shelf
async def test_a_source_says_when_its_facts_were_current(open_either, shelf_of, clock):
    then = NOON - timedelta(days=3)
    registry = open_either(source=shelf_of(Fetched(encoded("one"), fetched_at=then)), clock=clock)
    await registry.refresh()
    assert (registry.status().fetched_at, registry.status().age) == (then, timedelta(days=3))
    assert registry.catalog.content.fetched_at == "2026-10-29T12:00:00+00:00"


@each_shelf
@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=2))])
async def test_the_same_facts_of_a_later_time_are_younger_in_whatever_zone_it_is_told(open_either, shelf_of, clock, zone):
    old, new = NOON - timedelta(days=9), NOON - timedelta(days=3)
    told = new.replace(tzinfo=None) if zone is None else new.astimezone(zone)
    shelf = shelf_of(
        Fetched(encoded("one"), fetched_at=old), Fetched(encoded("one"), fetched_at=told), Fetched(encoded("one"), fetched_at=old)
    )
    registry = open_either(source=shelf, clock=clock)
    await registry.refresh()
    for _ in range(2):
        assert (await registry.refresh()).status == "unchanged"
        assert (registry.status().fetched_at, registry.status().age) == (new, timedelta(days=3))
        assert registry.status().fetched_at.utcoffset() == timedelta()


@each_shelf
async def test_a_snapshot_says_itself_when_it_was_current(open_either, shelf_of, tmp_path, clock):
    path = tmp_path / "2026-10-01.json"
    path.write_bytes(encoded("one"))
    snapshot = bytes(load_catalog(path).content)
    registry = open_either(source=shelf_of(Fetched(snapshot, fetched_at=NOON)), clock=clock)
    assert (await registry.refresh()).status == "updated"
    assert registry.status().fetched_at == datetime(2026, 10, 1, tzinfo=UTC)
    assert registry.catalog.content.source == path.name


async def test_a_source_may_block_in_a_registry_of_tasks():
    shelf = Shelf(Fetched(encoded("one")))
    async with AsyncRegistry(source=shelf) as registry:
        await registry.refresh()
    assert shelf.threads != [threading.main_thread()]
    assert not shelf.threads[0].is_alive()
