"""Registries that share a store hear of each other, as long as they live and no longer."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import warnings
import weakref
from datetime import UTC, datetime
from time import monotonic, sleep

import pytest

from modelmeta import AsyncRegistry, RefreshError, Registry, StoreError, load_catalog
from modelmeta.registry import watch
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeModelsDev, Fault
from modelmeta.testing.stores.samples import acme, commit

SOON = 60
REF = "acme/rocket"
OLD, NEW, LATER = (load_catalog(acme(rocket=price)) for price in (1, 2, 3))


def watching():
    return [thread for thread in threading.enumerate() if thread.name == "modelmeta-watch"]


async def until(is_so):
    async with asyncio.timeout(SOON):
        while not is_so():  # noqa: ASYNC110  # threads make it so
            await asyncio.sleep(0.002)


def until_sync(is_so):
    end = monotonic() + SOON
    while not is_so():
        assert monotonic() < end
        sleep(0.002)


def price(registry):
    return registry.get(REF).cost.input


class Shared(MemoryStore):
    """A store that others share, and that fails and forgets on command."""

    def __init__(self, *broken):
        super().__init__()
        self.broken = {*broken}
        self.waits = 0
        self.deaf = False

    def wait(self, known, seconds):
        """Wait, unless that is broken, or nobody is to hear of anything."""
        self.waits += 1
        self.fail("wait")
        return not self.deaf and super().wait(known, seconds)

    def load(self):
        """Load, unless that is broken."""
        self.fail("load")
        return super().load()

    def fail(self, name):
        """Fail where *name* is broken."""
        if name in self.broken:
            message = f"{name} is broken"
            raise StoreError(message)

    def forget(self):
        """Lose everything, as a cache does."""
        with self._changed:
            self._revisions, self._spans, self._data = [], {}, b""
            self._changed.notify_all()


@pytest.fixture(autouse=True)
def nobody_watches_on():
    until_sync(lambda: not watching())  # those of other tests may wait a moment yet
    yield
    until_sync(lambda: not watching())


@pytest.fixture
def store(nobody_watches_on):
    """A store with one revision; closed in the end, so that nobody waits there any more."""
    store = Shared()
    commit(store, OLD)
    yield store
    store.close()


@pytest.fixture
def hasty(monkeypatch):
    """Let watches wait and rest for moments only."""
    for name in ("_LONGEST", "_PAUSE", "_AGAIN"):
        monkeypatch.setattr(watch, name, 0.01)


async def test_registries_of_a_store_hear_of_what_is_committed_and_tell_it_once(open_either, store):
    one, other = open_either(store=store), open_either(store=store)
    heard = {one: [], other: []}
    for registry, told in heard.items():
        assert price(registry) == 1
        registry.subscribe(told.append)
    for old, new in ((OLD, NEW), (NEW, LATER)):
        commit(store, new, old)
        await until(lambda new=new: {price(registry) for registry in heard} == {new.get(REF).cost.input})
    await until(lambda: [len(told) for told in heard.values()] == [4, 4])
    assert [*heard.values()] == [[*OLD.diff(NEW), *NEW.diff(LATER)]] * 2
    assert {registry.status().revision for registry in heard} == {store.head().id}


@pytest.mark.parametrize("facades", [(Registry, AsyncRegistry), (AsyncRegistry, Registry)])
async def test_a_refresh_of_one_colour_is_heard_by_the_other(facades, store):
    with FakeModelsDev(acme(rocket=2)) as server:
        writer, reader = (facade(store=store, source=server.url) for facade in facades)
        heard = []
        assert price(reader) == 1
        reader.subscribe(heard.append)
        report = await writer.refresh() if isinstance(writer, AsyncRegistry) else await asyncio.to_thread(writer.refresh)
        await until(lambda: len(heard) == 2)
        assert (heard, reader.status().revision) == (list(report.changes), report.revision)
        requests = len(server.requests)
        report = await reader.refresh() if isinstance(reader, AsyncRegistry) else await asyncio.to_thread(reader.refresh)
        assert (report.status, len(heard), len(server.requests)) == ("unchanged", 2, requests + 1)
        for registry in (writer, reader):
            await registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close()


async def test_what_did_not_change_stays_the_same_objects(open_either, store):
    both = acme(rocket=1, glider=2)
    commit(store, load_catalog(both), OLD)
    registry = open_either(store=store)
    glider = registry.get("acme/glider")
    commit(store, load_catalog(acme(rocket=5, glider=2)), load_catalog(both))
    await until(lambda: price(registry) == 5)
    assert registry.get("acme/glider") is glider


async def test_a_registry_of_its_own_has_nobody_to_hear_of(open_either):
    registry = open_either()
    assert registry.status().models == 8_337
    assert watching() == []


async def waited(store):
    """Wait until somebody has begun to wait for *store* some times more."""
    before = store.waits
    await until(lambda: store.waits > before + 2)


@pytest.mark.parametrize("broken", ["wait", "load"])
async def test_a_store_that_fails_is_told_of_once_and_watched_again_when_it_is_back(open_either, store, hasty, caplog, broken):
    caplog.set_level(logging.DEBUG, "modelmeta.registry")
    registry = open_either(store=store)
    assert price(registry) == 1
    store.broken.add(broken)
    await waited(store)
    commit(store, NEW, OLD)
    await waited(store)
    assert price(registry) == 1

    store.broken.clear()
    await until(lambda: price(registry) == 2)
    said = [(record.levelname, record.getMessage()) for record in caplog.records if "cannot be watched" in record.getMessage()]
    message = f"the store cannot be watched, and is tried again: {broken} is broken"
    assert said[0] == ("WARNING", message)
    assert {*said[1:]} == {("DEBUG", message)}

    store.broken.add("wait")
    await until(lambda: [record.levelname for record in caplog.records].count("WARNING") == 2)


async def test_a_store_that_tells_nothing_is_looked_at_once_in_cache_ttl(open_either, store, hasty):
    store.deaf = True
    hasty_one, trusting = open_either(store=store, cache_ttl=0), open_either(store=store, cache_ttl="1h")
    assert price(hasty_one) == price(trusting) == 1
    commit(store, NEW, OLD)
    await until(lambda: price(hasty_one) == 2)
    assert price(trusting) == 1


async def test_a_store_that_lost_everything_is_filled_again_by_who_hears_of_it(open_either, store, caplog):
    registry, heard = open_either(store=store), []
    assert price(registry) == 1
    registry.subscribe(heard.append)
    head = store.load()
    store.forget()
    await until(store.head)
    assert (store.load(), store.head().number, heard) == (head, 1, [])
    await until(lambda: "the store was empty" in caplog.text)
    assert {version.key for version in store.changes(0, 1)} == {"acme", REF}

    commit(store, NEW, OLD)
    await until(lambda: price(registry) == 2)


async def test_closing_ends_the_watch(open_either, store, hasty):
    registry = open_either(store=store)
    assert price(registry) == 1
    thread = registry.registry._watch
    assert not thread.is_over
    await registry.close()
    await until(lambda: thread.is_over)
    commit(store, NEW, OLD)
    assert price(registry) == 1


async def test_a_closed_registry_begins_no_watch(open_either, store):
    registry = open_either(store=store)
    await registry.close()
    assert price(registry) == 1
    assert watching() == []


async def test_a_registry_watches_once_however_often_it_is_entered(store):
    registry, other = Registry(store=store), AsyncRegistry(store=store)
    assert price(registry) == price(other) == 1
    with registry:
        async with other:
            assert len(watching()) == 2


async def test_a_block_begins_to_watch_before_anything_is_asked(store):
    with Registry(store=store) as registry:
        commit(store, NEW, OLD)
        await until(lambda: price(registry) == 2)
    async with AsyncRegistry(store=store) as registry:
        commit(store, LATER, NEW)
        await until(lambda: price(registry) == 3)


async def test_a_background_that_has_nothing_to_do_yet_does_not_keep_from_watching(open_either, store):
    commit(store, NEW, OLD, confirmed_at=datetime.now(UTC))
    registry = open_either(store=store, source=__file__, refresh_interval="1h")
    await registry.start()
    await until(lambda: registry._background.next_at)
    await until(lambda: len(watching()) == 1)
    commit(store, LATER, NEW)
    await until(lambda: price(registry) == 3)


async def test_a_subscriber_may_close_the_registry_that_tells_it(open_either, store):
    registry, heard = open_either(store=store), []
    assert price(registry) == 1

    def listen(change):
        heard.append(change)
        registry.registry.close()

    async def listen_and_wait(change):
        heard.append(change)
        await registry.registry.aclose()

    registry.subscribe(listen if isinstance(registry.registry, Registry) else listen_and_wait)
    commit(store, NEW, OLD)
    await until(lambda: heard)
    await asyncio.wait_for(registry.close(), SOON)
    store.close()
    await until(lambda: not watching())
    with pytest.raises(RefreshError, match="closed"):
        await registry.refresh()


async def test_a_subscriber_that_refreshes_is_told_that_it_cannot(open_either, store, caplog):
    registry, ended = open_either(store=store), []
    assert price(registry) == 1

    def listen(_change):
        try:
            return registry.registry.refresh()
        finally:
            ended.append(1)

    registry.subscribe(listen)
    commit(store, NEW, OLD)
    await until(lambda: len(ended) == 2)
    await until(lambda: caplog.text.count("a refresh cannot be waited for from within itself") == 2)
    assert price(registry) == 2


@pytest.fixture
def said():
    """Collect the warnings of a test, those of what is collected too."""
    gc.collect()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
async def test_a_registry_that_is_dropped_is_collected_says_so_and_its_watch_ends(facade, store, said):
    registry = facade(store=store)
    assert price(registry) == 1
    text, gone = repr(registry), weakref.ref(registry)
    registry = None
    gc.collect()
    assert [str(warning.message) for warning in said] == [f"unclosed {text}"]
    said.clear()  # a warning knows what it is about
    assert gone() is None
    commit(store, NEW, OLD)
    await until(lambda: not watching())


async def test_a_watch_that_finds_its_registry_gone_ends(store, said, hasty):
    registry = AsyncRegistry(store=store)
    assert price(registry) == 1
    registry = None
    gc.collect()
    said.clear()
    await until(lambda: not watching())


def test_a_watch_outlives_an_event_loop_and_goes_on_in_the_next(store, hasty):
    registry = AsyncRegistry(store=store)
    calls = []

    async def until_it_costs(expected):
        await registry.revisions()
        await until(lambda: price(registry) == expected)

    asyncio.run(until_it_costs(1))
    hear = registry.hear
    registry.hear = lambda: calls.append(hear()) or calls[-1]
    commit(store, NEW, OLD)
    until_sync(lambda: len(calls) > 2)
    assert ({*calls}, price(registry)) == ({False}, 1)
    asyncio.run(until_it_costs(2))
    asyncio.run(registry.aclose())


def test_a_watch_that_no_event_loop_listens_to_rests_between(store):
    """It would find the same news without end."""
    registry = AsyncRegistry(store=store)
    asyncio.run(registry.revisions())
    waits = store.waits
    commit(store, NEW, OLD)
    until_sync(lambda: store.waits > waits)
    sleep(0.3)
    assert store.waits < waits + 5
    asyncio.run(registry.aclose())


def test_what_was_opened_outside_of_an_event_loop_is_watched_from_within(store):
    registry = AsyncRegistry(store=store, source=__file__, refresh_interval="1h", auto_refresh=True)
    assert price(registry) == 1
    assert watching() == []

    async def serve():
        async with registry:
            assert registry._background is not None
            commit(store, NEW, OLD)
            await until(lambda: price(registry) == 2)

    asyncio.run(serve())


async def test_many_who_refresh_at_once_share_one_request(open_either, store):
    """Who waits for somebody else's refresh takes what that one brought."""
    asked = set()
    lease = store.lease
    store.lease = lambda holder, seconds: asked.add(holder) or lease(holder, seconds)

    def refresh(registry):
        call = registry.registry.refresh
        return asyncio.create_task(call() if isinstance(registry.registry, AsyncRegistry) else asyncio.to_thread(call))

    with FakeModelsDev(acme(rocket=2)) as server:
        registries = [open_either(store=store, source=server.url, timeout="1h", deadline="2h") for _ in range(6)]
        assert [price(registry) for registry in registries] == [1] * 6
        server.fail(Fault.hang())
        asking = [refresh(registry) for registry in registries]
        await until(lambda: len(asked) == len(registries) and server.requests)
        server.heal()
        reports = await asyncio.wait_for(asyncio.gather(*asking), SOON)
        assert {report.revision for report in reports} == {store.head().id}
        assert (len(server.requests), [revision.number for revision in store.revisions()]) == (1, [2, 1])
        for registry in registries:
            await registry.close()
