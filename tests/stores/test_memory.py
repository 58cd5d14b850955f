"""What is a store in memory's own; what it has in common with all others, ``test_conformance.py`` tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from modelmeta.records.facts import Fact
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.store import Refresh, Revision

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROCKET = Fact("models", "acme/rocket", "{}")
FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
IN_CHILD = """
import faulthandler, os, sys, threading, warnings
from datetime import UTC, datetime
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.store import Refresh, Revision
warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which is what this is about


def revision(number):
    return Revision(id=f"{number}-a", number=number, digest="a", kind="api.json", source="a source", committed_at=datetime.now(UTC))


def in_child(function):
    child = os.fork()
    if not child:
        faulthandler.dump_traceback_later(60, exit=True)
        function()
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0, "the child failed"


store = MemoryStore()
store.commit(revision(1), b"1", [], base=None)
"""


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def clock(monkeypatch):
    """The seconds that ``time.monotonic`` shows, in a list."""
    seconds = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def revision(number, **facts):
    told = {"digest": "a" * 64, "kind": "api.json", "source": "a source", "committed_at": NOON + timedelta(minutes=number)}
    return Revision(id=f"{number}-aaaaaaaaaaaa", number=number, **{**told, **facts})


def run(name, minute=0, **facts):
    return Refresh(id=name, started_at=NOON + timedelta(minutes=minute), **facts)


def forked(code):
    result = subprocess.run([sys.executable, "-c", IN_CHILD + code], capture_output=True, text=True, check=False, timeout=120)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_lease_ends_exactly_with_its_time(store, clock):
    store.lease("one", 10)
    clock[0] += 9.9
    assert store.lease("other", 10) is False
    clock[0] += 0.1
    assert store.lease("other", 10) is True
    assert store.lease("one", 10) is False


def test_asking_again_prolongs_a_lease(store, clock):
    store.lease("one", 10)
    clock[0] += 9
    store.lease("one", 10)
    clock[0] += 9
    assert store.lease("other", 10) is False


def test_a_run_has_crashed_once_its_lease_is_over(store, clock):
    store.lease("one", 10)
    store.record(run("one"))
    assert [kept.outcome for kept in store.refreshes(1)] == ["running"]
    clock[0] += 10
    assert [kept.outcome for kept in store.refreshes(1)] == ["crashed"]
    assert store.lease("one", 10) is True
    assert [kept.outcome for kept in store.refreshes(1)] == ["running"]


def test_the_last_thousand_runs_are_kept(store):
    for number in range(1_050):
        store.record(run(str(number), number, outcome="unchanged"))
    store.record(run("50", 50, outcome="failed"))
    kept = store.refreshes(5_000)
    assert [each.id for each in kept] == [str(number) for number in range(1_049, 49, -1)]
    assert kept[-1].outcome == "failed"


def test_a_store_that_was_closed_can_still_be_read(store):
    store.commit(revision(1), b"1", [ROCKET], base=None)
    store.close()
    assert store.load() == (revision(1), b"1")
    assert [version.raw for version in store.versions("models", "acme/rocket")] == ["{}"]


def test_a_store_that_was_closed_does_not_wait(store):
    store.close()
    assert store.wait(None, 3_600) is False
    store.commit(revision(1), b"1", [], base=None)
    assert store.wait(None, 3_600) is True


def test_what_is_kept_is_not_what_was_given_but_equal_to_it(store):
    facts = [ROCKET]
    store.commit(revision(1), b"1", facts, base=None)
    facts.clear()
    assert [version.key for version in store.changes(0, 1)] == ["acme/rocket"]


@FORKS
def test_a_child_has_its_own_copy():
    forked("""
def committing():
    assert store.load() == (store.head(), b"1")
    assert store.commit(revision(2), b"2", [], base="1-a")

in_child(committing)
assert store.load() == (store.head(), b"1")
""")


@FORKS
def test_a_child_does_not_hold_its_parents_lease():
    forked("""
store.lease("parent", 3_600)
store.record(Refresh(id="parent", started_at=datetime.now(UTC)))

def leasing():
    assert [run.outcome for run in store.refreshes(10)] == ["crashed"]
    assert store.lease("child", 3_600)

in_child(leasing)
assert [run.outcome for run in store.refreshes(10)] == ["running"]
assert not store.lease("child", 3_600)
""")


@FORKS
def test_a_child_of_a_store_in_use_does_not_hang():
    forked("""
over = threading.Event()

def busy():
    while not over.is_set():
        store.wait("1-a", 0.001)
        store.changes(0, 1)

def using():
    store.close()
    assert store.head().number == 1
    assert store.wait("1-a", 3_600) is False

sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=busy) for _ in range(3)]
for thread in threads:
    thread.start()
for _ in range(20):
    in_child(using)
over.set()
for thread in threads:
    thread.join()
""")


def test_a_revision_and_a_run_do_not_change():
    for record in (revision(1), run("one")):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            record.id = "b"
