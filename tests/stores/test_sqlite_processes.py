"""A SQLite file that several processes share: who refreshes, who died, and what a fork takes along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest

from modelmeta.stores.sql.sqlite import connections
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import commit, everything, note, run, samples

_LONG = 3_600.0
_PATIENCE = 60.0

HOLDING = """
import sys
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import run
store = SqliteStore(f"sqlite:///{sys.argv[1]}")
assert store.lease("theirs", 3600)
store.record(run("theirs"))
print("held", flush=True)
sys.stdin.readline()
store.close()
"""

FORKING = """
import os, sys, warnings
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import commit, samples
warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
one, two, three = samples()[:3]
store = SqliteStore(f"sqlite:///{sys.argv[1]}")
commit(store, one)
assert store.lease("parent", 3600)
child = os.fork()
if not child:
    assert not store.lease("child", 3600)
    commit(store, two, one)
    store.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
commit(store, three, two)
assert SqliteStore(f"sqlite:///{sys.argv[1]}").lease("another", 3600) is False
store.close()
print(*(kept.number for kept in SqliteStore(f"sqlite:///{sys.argv[1]}").revisions()))
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def store(path):
    with closing(SqliteStore(f"sqlite:///{path}")) as store:
        yield store


@pytest.fixture
def other(path):
    """Another process that refreshes the store, for longer than any test."""
    with subprocess.Popen([sys.executable, "-c", HOLDING, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def in_child(work):
    """Return what *work* returns, as text, in a forked child; raise what it raises there."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = f"returned {work()}"
        except BaseException as error:  # noqa: BLE001  # a child of a test must not go on with other tests
            told = f"raised {error!r}"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    assert told.startswith("returned "), told
    return told.removeprefix("returned ")


# Who refreshes


def test_one_process_at_a_time_refreshes(store, other):
    assert store.lease("ours", _LONG) is False
    assert [each.outcome for each in store.refreshes(1)] == ["running"]
    other.communicate("done\n")
    assert store.lease("ours", _LONG) is True


def test_a_process_that_was_killed_loses_the_lease_at_once(store, other):
    assert store.lease("ours", _LONG) is False
    other.send_signal(signal.SIGKILL)
    other.wait(_PATIENCE)
    assert [each.outcome for each in store.refreshes(1)] == ["crashed"]
    assert store.lease("ours", _LONG) is True
    assert [each.outcome for each in store.refreshes(1)] == ["crashed"]


def test_who_opens_a_store_marks_the_run_that_died(path, store, other):
    other.send_signal(signal.SIGKILL)
    other.wait(_PATIENCE)
    assert store.head() is None
    with store._transaction() as cursor:
        assert cursor.execute("SELECT outcome FROM refreshes").fetchall() == [("crashed",)]


def test_who_opens_a_store_does_not_mark_the_run_that_lives(store, other):
    assert store.head() is None
    with store._transaction() as cursor:
        assert cursor.execute("SELECT outcome FROM refreshes").fetchall() == [("running",)]


def test_a_process_that_hangs_loses_the_lease_with_its_time(path, store, other):
    with store._transaction(write=True) as cursor:
        cursor.execute("UPDATE lease SET expires_at = '2000-01-01T00:00:00.000000+00:00'")
    other.send_signal(signal.SIGSTOP)
    try:
        assert store.lease("ours", _LONG) is True
        with closing(SqliteStore(f"sqlite:///{path}")) as third:
            assert third.lease("theirs", _LONG) is False
    finally:
        other.send_signal(signal.SIGCONT)
    other.communicate("done\n")
    with closing(SqliteStore(f"sqlite:///{path}")) as third:
        assert third.lease("theirs", _LONG) is False
    assert store.lease("ours", _LONG) is True


# Forks


def test_a_child_has_connections_of_its_own_and_both_go_on(path, store):
    one, two, three = samples()[:3]
    commit(store, one)

    def work():
        commit(store, two, one)
        return store.head().number

    assert in_child(work) == "2"
    assert store.head().number == 2
    commit(store, three, two)
    assert [kept.number for kept in store.revisions()] == [3, 2, 1]


def test_a_child_that_ends_as_programs_do_leaves_all_to_its_parent(path):
    done = subprocess.run([sys.executable, "-c", FORKING, path], capture_output=True, text=True, check=False, timeout=_PATIENCE)
    assert (done.stdout, done.stderr, done.returncode) == ("3 2 1\n", "", 0)


def test_what_a_child_writes_outlives_the_parents_closing(path, store):
    one, two = samples()[:2]
    commit(store, one)
    asked, told = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        done = b"no"
        try:
            store.head()
            os.write(told[1], b"open")
            os.read(asked[0], 1)
            commit(store, two, one)
            done = b"ok"
        finally:
            os.write(told[1], done)
            os._exit(0)
    assert os.read(told[0], 10) == b"open"
    store.close()
    os.write(asked[1], b"x")
    assert os.read(told[0], 10) == b"ok"
    with closing(SqliteStore(f"sqlite:///{path}")) as again:
        assert again.head().number == 2
        again.put(note())
    os.waitpid(child, 0)
    with closing(SqliteStore(f"sqlite:///{path}")) as again:
        assert (again.head().number, again.notes(None)) == (2, (note(),))
    for descriptor in (*asked, *told):
        os.close(descriptor)


def test_a_child_does_not_hold_its_parents_lease_nor_does_its_end_release_it(path, store):
    assert store.lease("parent", _LONG) is True
    store.record(run("parent"))

    def work():
        lost = store.lease("child", _LONG)
        store.release("parent_not")
        return [lost, [each.outcome for each in store.refreshes(1)]]

    assert in_child(work) == "[False, ['running']]"
    with closing(SqliteStore(f"sqlite:///{path}")) as another:
        assert another.lease("another", _LONG) is False
    assert in_child(store.close) == "None"
    with closing(SqliteStore(f"sqlite:///{path}")) as another:
        assert another.lease("another", _LONG) is False
        store.release("parent")
        assert another.lease("another", _LONG) is True


def test_a_fork_waits_for_what_other_threads_are_at(store):
    commit(store, samples()[0])
    within, over = Event(), Event()

    def write():
        with store._transaction(write=True):
            within.set()
            assert over.wait(_PATIENCE)

    threading.Timer(0.2, over.set).start()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert within.wait(_PATIENCE)
        assert in_child(lambda: (over.is_set(), store.put(note()), len(store.notes(None)))) == "(True, None, 1)"
        writing.result(_PATIENCE)
    assert store.notes(None) == (note(),)


def test_a_fork_does_not_wait_for_ever(store, monkeypatch):
    monkeypatch.setattr(connections, "_FORK_PATIENCE", 0.01)
    commit(store, samples()[0])
    before = everything(store)
    with store._transaction():
        assert in_child(lambda: 1) == "1"
    with store._connections._returned:
        assert in_child(lambda: 1) == "1"
    assert everything(store) == before


def test_who_waits_in_the_parent_is_not_woken_by_what_a_child_closes(store):
    commit(store, samples()[0])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.wait, store.head().id, _LONG)
        assert in_child(store.close) == "None"
        assert not waiting.done()
        commit(store, samples()[1], samples()[0])
        assert waiting.result(_PATIENCE) is True
