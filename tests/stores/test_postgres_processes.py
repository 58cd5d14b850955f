"""A store in PostgreSQL that several processes share: one dies, one hears of another, one is the fork of another."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from modelmeta.stores.postgres import PostgresStore
from modelmeta.testing.stores.samples import commit, samples

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
LONG = 3_600.0
START = """
import os, signal, sys, threading, warnings
from modelmeta.stores.postgres import PostgresStore
from modelmeta.testing.stores.samples import commit, run, samples

warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which is what this is about
LONG = 3_600.0
store = PostgresStore(sys.argv[1])


def in_child(function):
    child = os.fork()
    if not child:
        signal.alarm(50)
        function()
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0, "the child failed"


"""


@pytest.fixture
def store(postgres_url):
    store = PostgresStore(postgres_url)
    yield store
    store.close()


@pytest.fixture
def start(postgres_url):
    """Return what starts a process that runs some code."""
    started = []

    def run(code):
        command = [sys.executable, "-W", "error", "-c", START + code, postgres_url]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


HOLD = """
assert store.lease("theirs", LONG)
store.record(run("theirs"))
print("taken", flush=True)
sys.stdin.readline()
"""
HOLD_AND_FORK = """
assert store.lease("theirs", LONG)
store.record(run("theirs"))
child = os.fork()
if child:
    print("taken", flush=True)
    os.waitpid(child, 0)
else:
    sys.stdin.readline()
"""


@pytest.mark.parametrize("code", [HOLD, pytest.param(HOLD_AND_FORK, marks=FORKS)], ids=["alone", "with a child that lives on"])
def test_who_dies_loses_the_lease_at_once_and_its_run_is_crashed(start, store, code):
    holder = start(code)
    assert "taken\n" == holder.stdout.readline()
    assert not store.lease("ours", LONG)
    assert ["running"] == [run.outcome for run in store.refreshes(9)]
    holder.kill()
    while store.refreshes(9)[0].outcome == "running":  # the server takes a moment to notice
        pass
    assert store.lease("ours", LONG)
    assert ["crashed"] == [run.outcome for run in store.refreshes(9)]


def test_the_run_of_who_died_is_marked_when_the_store_is_opened(start, store, postgres_url):
    holder = start(HOLD)
    assert "taken\n" == holder.stdout.readline()
    holder.kill()
    while store.refreshes(9)[0].outcome == "running":
        pass
    store.close()
    again = PostgresStore(postgres_url)
    again.head()
    again.close()
    with psycopg.connect(postgres_url) as connection:
        assert [("crashed",)] == connection.execute("SELECT outcome FROM refreshes").fetchall()


def test_a_process_hears_of_what_another_commits(start, store, postgres_url):
    other = start("""
made = commit(store, samples()[0])
print("committed", flush=True)
print(store.wait(made.id, LONG), flush=True)
print(store.head().number, flush=True)
store.close()
""")
    assert "committed\n" == other.stdout.readline()
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN modelmeta'").fetchone() == (0,):
            assert other.poll() is None
    commit(store, samples()[1], samples()[0])
    assert ("True\n2\n", None) == other.communicate(timeout=60)
    assert 0 == other.returncode


def test_a_process_that_does_not_close_its_store_ends_all_the_same(start):
    done = start("print(store.head(), store.lease('x', 9))")
    assert ("None True\n", None) == done.communicate(timeout=60)


@FORKS
def test_a_fork_has_connections_of_its_own_and_not_the_lease(start):
    parent = start("""
made = commit(store, samples()[0])
assert store.lease("parent", LONG)
waiting = threading.Thread(target=store.wait, args=(made.id, LONG))
waiting.start()
held = threading.Thread(target=lambda: (store._connections._lock.acquire(), store._leasing.acquire(), store._opening.acquire()))
held.start()
held.join()


def child():
    assert store.head().id == made.id
    assert not store.lease("child", LONG)
    commit(store, samples()[1], samples()[0])
    assert store.wait(made.id, LONG)
    in_child(lambda: store.head().number == 2 or sys.exit(1))
    store.close()


in_child(child)
in_child(lambda: None)
for lock in (store._connections._lock, store._leasing, store._opening):
    lock.release()
waiting.join()
assert store.head().number == 2
other = PostgresStore(sys.argv[1])
assert not other.lease("other", LONG)
store.release("parent")
assert other.lease("other", LONG)
in_child(lambda: other.close())
assert not store.lease("parent", LONG)
other.close()
store.close()
print("done")
""")
    assert ("done\n", None) == parent.communicate(timeout=100)
    assert 0 == parent.returncode


@FORKS
def test_the_fork_of_a_closed_store_connects_to_nothing(start):
    parent = start("""
store.head()
store.close()
in_child(store.close)
print("done")
""")
    assert ("done\n", None) == parent.communicate(timeout=60)
