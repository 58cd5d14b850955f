"""A child process made by a fork: it reads, refreshes and refreshes in the background by itself, whatever its parent was doing."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from threading import RLock, Thread
from weakref import WeakSet

import pytest

from modelmeta import AsyncRegistry, RefreshError, Registry, _forks, bundled_catalog
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeModelsDev

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
START = """
import asyncio, faulthandler, os, sys, threading, time, warnings
from modelmeta import AsyncRegistry, Registry, Usage, bundled_catalog
from modelmeta.stores.memory import MemoryStore
warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which is what this is about
url = sys.argv[1]
sys.setswitchinterval(1e-5)


def read(registry):
    assert registry.get("acme/rocket-1").id == "rocket-1"
    assert registry.resolve("rocket-2").model.id == "rocket-2"
    assert len(registry.filter("tool_call", max_input_cost=1_000)) > 40
    assert registry.search("rocket")[0].model.provider_id == "acme"
    assert registry.price("acme/rocket-3", Usage(input_tokens=1_000_000)).total == 3
    assert registry.select(prefer="cheapest").provider_id == "acme"


def working():
    return [thread for thread in threading.enumerate() if thread.name == "modelmeta-refresh"]


def watching(number):
    return number == sum(thread.name == "modelmeta-watch" for thread in threading.enumerate())


def until(is_so):
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def in_child(function, abruptly=False):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        faulthandler.dump_traceback_later(60, exit=True)
        function()
        (os._exit if abruptly else sys.exit)(0)
    assert os.waitpid(child, 0)[1] == 0, "the child failed"
"""


@pytest.fixture
def server():
    rows = {
        f"rocket-{number}": {"id": f"rocket-{number}", "tool_call": True, "cost": {"input": number, "output": number}}
        for number in range(50)
    }
    with FakeModelsDev({"acme": {"id": "acme", "models": rows}}) as server:
        yield server


def run(code, server, *, without=""):
    env = {name: value for name, value in os.environ.items() if not (without and name.startswith(without))}
    command = [sys.executable, "-c", START + code, server.url]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150, env=env)
    assert (result.returncode, result.stderr) == (0, "")


@FORKS
def test_a_child_of_busy_threads_does_all_that_its_parent_does(server):
    run(
        """
registry = Registry(source=url, auto_refresh=True, refresh_interval="1h", rate_limit=1_000_000)
registry.refresh()
other = Registry(source=url, store=registry.world().store)
read(registry)  # a child whose parent is just importing something cannot import it: that is Python's own affair
read(other)
until(working)
until(lambda: watching(1))
over = threading.Event()


def busy(work):
    while not over.is_set():
        work()


def go_on():
    read(registry)
    assert len(working()) == 1
    assert registry.refresh().status == "unchanged"
    assert registry.refresh(force=True).status == "unchanged"
    assert registry.status().consecutive_failures == 0
    registry.stop()
    assert not working()
    registry.start()
    until(lambda: registry.status().next_refresh)
    read(other)
    until(lambda: watching(1))
    other.close()
    registry.close()
    until(lambda: threading.active_count() == 1)
    read(registry)


works = [lambda: read(registry), lambda: read(other), lambda: registry.refresh(force=True), lambda: Registry().get("openai/gpt-5.5")]
threads = [threading.Thread(target=busy, args=(work,), daemon=True) for work in works]  # a child that fails ends the parent too
for thread in threads:
    thread.start()
for _ in range(8):
    in_child(go_on)
over.set()
for thread in threads:
    thread.join()
other.close()
registry.close()
""",
        server,
        without="COVERAGE",  # what measures has locks of its own, and they stay locked in a child
    )


@FORKS
def test_no_lock_is_inherited_locked(server):
    run(
        """
def hold(lock):
    with lock:
        held.append(lock)
        over.wait()


def go_on():
    read(registry)
    registry.subscribe(print).cancel()
    assert registry.refresh(force=True).status == "unchanged"
    assert opened.get("openai/gpt-5.5").limit.context
    assert unopened.get("openai/gpt-5.5").limit.context
    assert opened.price("openai/gpt-5.5", Usage(1_000, 1_000)).total
    registry.close()


registry = Registry(source=url, store=(store := MemoryStore()))
registry.refresh()
read(registry)
opened, unopened = bundled_catalog(), Registry()
opened.get("anthropic/claude-opus-4-5")
catalog, world = registry.catalog, registry.world()
locks = [registry._opening, unopened._opening, store._changed, world.subscriptions._lock, registry._flights._lock, opened._decoding]
locks += [catalog._decoding, catalog.matching._lock, catalog.names._lock, catalog.ranking._lock, catalog.price_book._reading]
locks += [value.lock for cls in (type(catalog), type(catalog.content), type(catalog.names)) for value in vars(cls).values() if hasattr(value, "lock")]
held, over = [], threading.Event()
store.lease("who refreshes in the parent", 1_000)
threads = [threading.Thread(target=hold, args=(lock,)) for lock in locks]
for thread in threads:
    thread.start()
until(lambda: len(held) == len(locks))
in_child(go_on)
over.set()
for thread in threads:
    thread.join()
registry.close()
""",
        server,
    )


@FORKS
def test_a_closed_registry_stays_closed_in_a_child(server):
    run(
        """
def go_on():
    read(registry)
    try:
        registry.refresh()
    except RuntimeError as error:
        assert "closed" in str(error)
    else:
        raise AssertionError


registry = Registry(source=url)
registry.refresh()
registry.close()
in_child(go_on)
""",
        server,
    )


@FORKS
def test_a_child_of_an_event_loop_has_one_of_its_own(server):
    run(
        """
def go_on():
    async def serve():
        read(registry)
        assert (await registry.refresh()).status == "unchanged"
        await registry.start()
        until(lambda: registry._background)
        await registry.aclose()

    asyncio.run(serve())


async def serve():
    await registry.refresh()
    await registry.start()
    await asyncio.sleep(0)
    in_child(go_on, abruptly=True)  # the event loop is its parent's
    assert (await registry.refresh()).status == "unchanged"
    await registry.aclose()


registry = AsyncRegistry(source=url)
asyncio.run(serve())
""",
        server,
    )


@FORKS
def test_a_child_hears_of_what_is_committed_in_it(server, tmp_path):
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"acme": {"id": "acme", "models": {"rocket-1": {"id": "rocket-1", "name": "Another"}}}}))
    run(
        f"""
def is_renamed():
    return reader.get("acme/rocket-1").name == "Another"


def go_on():
    until(lambda: watching(2))
    Registry(source={str(path)!r}, store=store).refresh(accept=True)
    until(is_renamed)
    for registry in (writer, reader):
        registry.close()
    store.close()


store = MemoryStore()
writer, reader = (Registry(source=url, store=store) for _ in range(2))
writer.refresh()
read(reader)
until(lambda: watching(2))
in_child(go_on)
assert not is_renamed()
for registry in (writer, reader):
    registry.close()
store.close()
until(lambda: watching(0))
""",
        server,
    )


@FORKS
def test_a_child_of_an_event_loop_hears_in_the_one_of_its_own(server, tmp_path):
    path = tmp_path / "api.json"
    path.write_text(json.dumps({"acme": {"id": "acme", "models": {"rocket-1": {"id": "rocket-1", "name": "Another"}}}}))
    run(
        f"""
def go_on():
    async def serve():
        assert watching(0)
        await registry.revisions()
        assert watching(1)
        async with AsyncRegistry(source={str(path)!r}, store=store) as other:
            await other.refresh(accept=True)
        while registry.get("acme/rocket-1").name != "Another":
            await asyncio.sleep(0.002)
        await registry.aclose()

    asyncio.run(serve())


async def serve():
    await registry.refresh()
    assert watching(1)
    in_child(go_on, abruptly=True)  # the event loop is its parent's
    await registry.aclose()


store = MemoryStore()
registry = AsyncRegistry(source=url, store=store)
asyncio.run(serve())
store.close()
""",
        server,
    )


@FORKS
def test_multiprocessing_may_fork(server):
    run(
        """
import multiprocessing

registry = Registry(source=url, auto_refresh=True)
registry.refresh()
until(working)


def go_on():
    read(registry)
    assert registry.refresh().status == "unchanged"
    assert len(working()) == 1
    registry.close()


child = multiprocessing.get_context("fork").Process(target=go_on)
child.start()
child.join()
assert child.exitcode == 0
registry.close()
""",
        server,
    )


@pytest.fixture
def fork(monkeypatch):
    """Return the function that tells objects that they are in a child process, as the system does."""

    def tell(*whom):
        monkeypatch.setattr(_forks, "_watched", WeakSet(whom))
        _forks._forked()

    return tell


def test_a_child_of_nobody_who_was_busy_keeps_what_its_parent_built(fork):
    catalog = bundled_catalog()
    model, names, matching = catalog.get("openai/gpt-5.5"), catalog.names, catalog.matching
    fork(catalog)

    assert (names, matching) == (catalog.names, catalog.matching)
    assert model is catalog.get("openai/gpt-5.5")


def test_what_another_thread_was_building_is_built_anew(fork):
    catalog = bundled_catalog()
    model, found, book = catalog.get("openai/gpt-5.5"), catalog.filter("vision"), catalog.price_book
    assert catalog.price_book._reading.acquire()
    fork(catalog)

    assert book is not catalog.price_book
    assert found == catalog.filter("vision")
    assert model is catalog.get("openai/gpt-5.5")


def test_who_refreshes_a_parent_in_memory_does_not_refresh_its_child(fork):
    store = MemoryStore()
    assert store.lease("parent", 1_000)
    fork(store)

    assert store.lease("child", 1_000)


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
def test_a_child_has_connections_and_threads_of_its_own(fork, facade, server):
    registry = facade(source=server.url)
    before = registry.world()
    sources, flights, http = before.sources, registry._flights, registry._http
    fork(registry)

    assert registry.world() is before
    assert registry._http is not http
    assert registry._flights is not flights
    assert [source.name for source in sources] == [source.name for source in before.sources]
    assert sources[0] is not before.sources[0]


def test_a_background_goes_on_in_a_child(fork, server):
    with Registry(source=server.url, refresh_interval="1h") as registry:
        registry.start()
        before = registry._background
        fork(registry)
        after = registry._background
        assert before is not after
        before.tell()
        before.join()
        assert not after.is_over


def test_a_closed_registry_is_closed_in_a_child(fork):
    registry = Registry()
    registry.close()
    fork(registry)

    with pytest.raises(RefreshError, match="closed"):
        registry.refresh()


def test_what_is_no_longer_there_is_not_told(fork):
    fork(MemoryStore())
    assert not _forks._watched


def test_a_lock_that_a_class_has_in_a_cached_property_is_opened(monkeypatch, fork):
    class Property:
        lock = RLock()

    @_forks.unlocked_in_child
    class Thing:
        fact = Property()
        other = "no property"

    holding = Thread(target=Property.lock.acquire)
    holding.start()
    holding.join()
    assert not Property.lock.acquire(blocking=False)
    monkeypatch.setattr(_forks, "_locks", [lock for lock in _forks._locks if lock is Property.lock])
    fork()
    assert Property.lock.acquire(blocking=False)


def test_without_forks_there_is_nothing_to_do(monkeypatch):
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    spec = importlib.util.spec_from_file_location("modelmeta._forks_of_windows", _forks.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert module.watch_forks(MemoryStore()) is None
