"""Writing the ledger: recording never waits, nothing is lost but by a kill, nothing is written twice."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import subprocess
import sys
import threading
import weakref
from contextlib import closing
from datetime import UTC, datetime
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from modelmeta import AsyncRegistry, Registry, StoreError, Usage
from modelmeta.registry.ledger import writer
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing import FakeClock
from modelmeta.testing.stores.samples import EVER

SOON = 60
REF = "openai/gpt-5.5"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
START = """
import os, signal, sys, warnings
from modelmeta import Registry, Usage
warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
registry = Registry(store=sys.argv[1])
def record(*names):
    for name in names:
        registry.ledger.record("openai/gpt-5.5", Usage(1), tags=[name])
"""


class Shaky(MemoryStore):
    """A store that fails when it is told to, or waits, or writes and does not answer."""

    def __init__(self):
        super().__init__()
        self.down, self.mute = Event(), Event()
        self.asked, self.goes_on = Event(), Event()
        self.goes_on.set()
        self.batches = []

    def book(self, entries):
        """Keep them, or not."""
        self.asked.set()
        assert self.goes_on.wait(SOON)
        if self.down.is_set():
            message = "the store is down"
            raise StoreError(message)
        super().book(entries)
        self.batches.append(len(entries))
        if self.mute.is_set():
            message = "no answer"
            raise StoreError(message)


@pytest.fixture
def store():
    return Shaky()


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def registry(store, clock):
    with Registry(store=store, clock=clock) as registry:
        yield registry
        store.goes_on.set()


def record(registry, *names):
    for name in names:
        registry.ledger.record(REF, Usage(1), tags=[name])


def kept(store):
    return [next(iter(entry.tags)) for entry in store.booked(0, EVER)]


def until(is_so, clock=None):
    """Wait until it is so, while *clock* goes on."""
    end = monotonic() + SOON
    while not is_so():
        assert monotonic() < end
        if clock is not None:
            clock.advance(1)
        sleep(0.002)


def writing():
    return [thread for thread in threading.enumerate() if thread.name == "modelmeta-ledger"]


def run(code, url):
    """Return what a process prints."""
    return subprocess.run([sys.executable, "-c", START + code, url], capture_output=True, text=True, check=False, timeout=SOON * 2)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


def lasting(url):
    with closing(SqliteStore(url)) as store:
        return kept(store)


# When it is written


def test_recording_does_not_wait_for_the_store(registry, store, clock):
    store.goes_on.clear()
    record(registry, "a")
    until(store.asked.is_set, clock)
    record(registry, "b", "c")
    assert kept(store) == []
    store.goes_on.set()
    registry.ledger.flush()
    assert kept(store) == ["a", "b", "c"]


def test_what_was_recorded_is_written_a_second_later(registry, store, clock):
    record(registry, "a", "b")
    assert kept(store) == []
    until(lambda: kept(store) == ["a", "b"], clock)
    record(registry, "c")
    until(lambda: kept(store) == ["a", "b", "c"], clock)


def test_a_thousand_do_not_wait_for_their_second(registry, store):
    record(registry, *map(str, range(1_000)))
    until(lambda: store.batches == [1_000])


def test_a_batch_is_of_a_thousand_at_most(registry, store):
    store.goes_on.clear()
    record(registry, *map(str, range(2_500)))
    store.goes_on.set()
    registry.ledger.flush()
    until(lambda: sum(store.batches) == 2_500)
    assert max(store.batches) == 1_000
    assert kept(store) == list(map(str, range(2_500)))


def test_what_is_recorded_while_others_are_written_is_written_too(registry, store, clock):
    store.goes_on.clear()
    record(registry, "a")
    until(store.asked.is_set, clock)
    record(registry, "b")
    store.goes_on.set()
    until(lambda: kept(store) == ["a"])
    until(lambda: kept(store) == ["a", "b"], clock)


def test_every_question_writes_first(registry, store):
    for name, ask in (
        ("a", registry.ledger.entries),
        ("b", registry.ledger.totals),
        ("c", lambda: registry.ledger.what_if(REF)),
        ("d", lambda: registry.ledger.prune(before="2020-01-01")),
    ):
        record(registry, name)
        ask()
        assert kept(store)[-1] == name


def test_many_threads_record_at_once(registry, store):
    threads = [Thread(target=record, args=(registry, *(f"{each}-{number}" for number in range(500)))) for each in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        registry.ledger.flush()
    registry.ledger.flush()
    until(lambda: len(kept(store)) == 4_000)
    assert len({*kept(store)}) == 4_000


# A store that fails


def test_a_store_that_fails_is_tried_again_and_said_to_fail_once(registry, store, clock, caplog):
    caplog.set_level(logging.DEBUG, "modelmeta.registry")
    store.down.set()
    record(registry, "a")
    until(lambda: len(caplog.records) > 2, clock)
    assert [each.levelname for each in caplog.records][:3] == ["WARNING", "DEBUG", "DEBUG"]
    assert caplog.messages[0] == "the ledger cannot be written, and is tried again: the store is down"
    store.down.clear()
    record(registry, "b")
    until(lambda: kept(store) == ["a", "b"], clock)


def test_who_asks_hears_that_the_store_failed_and_nothing_is_lost(registry, store):
    store.down.set()
    record(registry, "a")
    for ask in (registry.ledger.flush, registry.ledger.entries):
        with pytest.raises(StoreError, match="the store is down"):
            ask()
    store.down.clear()
    assert len(registry.ledger.entries()) == 1


def test_a_store_whose_answer_got_lost_keeps_each_usage_once(registry, store):
    store.mute.set()
    record(registry, "a", "b")
    with pytest.raises(StoreError, match="no answer"):
        registry.ledger.flush()
    store.mute.clear()
    record(registry, "c")
    assert len(registry.ledger.entries()) == 3
    assert kept(store) == ["a", "b", "c"]


def test_when_too_many_wait_no_more_are_taken_until_the_store_is_back(registry, store, monkeypatch):
    monkeypatch.setattr(writer, "_MOST", 3)
    store.down.set()
    record(registry, "a", "b", "c")
    with pytest.raises(StoreError, match="3 usages wait to be written, since the store has failed for some time; this one is not recorded"):
        record(registry, "d")
    store.down.clear()
    registry.ledger.flush()
    record(registry, "e")
    registry.ledger.flush()
    assert kept(store) == ["a", "b", "c", "e"]


# The end


def test_closing_writes_and_ends_the_thread(store):
    with Registry(store=store) as registry:
        record(registry, "a", "b")
        assert len(writing()) == 1
    assert kept(store) == ["a", "b"]
    assert writing() == []
    with pytest.raises(StoreError, match="this registry was closed; nothing more can be recorded in its ledger"):
        record(registry, "c")
    with pytest.raises(StoreError, match="this registry was closed"):
        registry.ledger.budget(1, print)
    assert len(registry.ledger.entries()) == 2
    registry.close()


@pytest.mark.parametrize("memory", [False, True])
async def test_closing_an_async_registry_writes_too(store, memory):
    registry = AsyncRegistry() if memory else AsyncRegistry(store=store)
    record(registry, "a")
    kept_in = registry.world().store
    await registry.aclose()
    assert kept(kept_in) == ["a"]
    assert writing() == []


def test_closing_does_not_fail_with_the_store_and_says_what_is_lost(store, caplog):
    store.down.set()
    with Registry(store=store) as registry:
        record(registry, "a", "b")
    assert "2 usages could not be written into the ledger, and are lost: the store is down" in caplog.messages
    assert caplog.messages.count(caplog.messages[-1]) == 1


def test_a_ledger_that_is_first_asked_for_after_closing_only_reads(store):
    with Registry(store=store) as registry:
        record(registry, "a")
    closed = Registry(store=store)
    closed.close()
    assert len(closed.ledger.entries()) == 1
    with pytest.raises(StoreError, match="this registry was closed"):
        record(closed, "b")
    assert writing() == []


def test_a_file_that_was_closed_with_its_registry_is_not_asked(url):
    with Registry(store=url) as registry:
        record(registry, "a")
    with pytest.raises(StoreError, match="this registry was closed, and its store with it"):
        registry.ledger  # noqa: B018  # to ask is enough
    assert lasting(url) == ["a"]


def test_a_registry_that_is_dropped_is_collected_and_what_it_recorded_is_written(store):
    registry = Registry(store="memory://")
    registry._store = store
    record(registry, "a")
    ref = weakref.ref(registry)
    del registry

    def is_collected():
        gc.collect()
        return ref() is None

    until(is_collected)
    until(lambda: writing() == [])
    assert kept(store) == ["a"]


def test_a_program_that_ends_without_closing_writes_first(url):
    done = run("record('a', 'b')", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert lasting(url) == ["a", "b"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no such signal")
def test_a_process_that_is_killed_loses_what_was_not_written_and_nothing_else(url):
    done = run("record('a', 'b'); registry.ledger.flush(); record('c'); os.kill(os.getpid(), signal.SIGKILL)", url)
    assert done.returncode == -signal.SIGKILL
    assert lasting(url)[:2] == ["a", "b"]
    assert lasting(url)[2:] in ([], ["c"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_what_waits_in_a_parent_is_written_by_it_and_what_a_child_records_by_the_child(url):
    code = """
record("parent")
child = os.fork()
if not child:
    record("child")
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
record("parent again")
registry.close()
child = os.fork()
if not child:
    try:
        record("late")
    except OSError as error:
        print(error)
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
"""
    done = run(code, url)
    assert (done.returncode, done.stderr, done.stdout[:24]) == (0, "", "this registry was closed")
    assert sorted(lasting(url)) == ["child", "parent", "parent again"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_ledger_that_was_closed_is_closed_in_a_child():
    with Registry() as registry:
        record(registry, "a")
    ledger = registry.ledger
    child = os.fork()
    if not child:
        try:
            ledger.record(REF, Usage(1))
        except StoreError:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


# A registry that keeps none


def test_who_keeps_no_ledger_loads_none_and_has_no_thread(url):
    code = """
with registry:
    registry.get("openai/gpt-5.5"); registry.revisions()
import threading
print([name for name in sys.modules if "ledger" in name and "records" not in name])
print([thread.name for thread in threading.enumerate() if "ledger" in thread.name])
"""
    assert run(code, url).stdout == "[]\n[]\n"


async def test_tasks_record_while_the_store_is_slow(store):
    async with AsyncRegistry(store=store) as registry:
        store.goes_on.clear()
        record(registry, "a")
        flushing = asyncio.create_task(registry.ledger.flush())
        await asyncio.to_thread(store.asked.wait, SOON)
        record(registry, "b")
        store.goes_on.set()
        await flushing
        assert len(await registry.ledger.entries()) == 2
