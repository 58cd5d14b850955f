"""A store in Redis that several processes share: one dies, one hears of another, one is the fork of another."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import redis

from modelmeta.stores.redis import RedisStore
from modelmeta.stores.store import Revision

START = """
import faulthandler, os, sys, threading, time, warnings
from datetime import UTC, datetime, timedelta
from modelmeta.records.facts import Fact
from modelmeta.stores.redis import RedisStore
from modelmeta.stores.store import Refresh, Revision

warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, which is what this is about
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
store = RedisStore(sys.argv[1])


def commit(number):
    revision = Revision(id=f"{number}-x", number=number, digest="x", kind="api", source="a source", committed_at=NOON)
    facts = [Fact("models", "a/b", f"{number}")] + [Fact("models", f"a/{place}", f"{number}") for place in range(500)]
    return store.commit(revision, f"{number}".encode() * 100_000, facts, base=f"{number - 1}-x" if number > 1 else None)


"""


@pytest.fixture
def store(redis_url):
    store = RedisStore(redis_url)
    yield store
    store.close()


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def start(redis_url):
    """Return what starts a process that runs some code."""
    started = []

    def run(code):
        command = [sys.executable, "-W", "error", "-c", START + code, redis_url]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_who_dies_loses_the_lease_soon_and_its_run_is_crashed(start, client, store):
    holder = start("""
assert store.lease("theirs", 3_600)
store.record(Refresh(id="theirs", started_at=NOON))
print("taken", flush=True)
threading.Event().wait()
""")
    assert holder.stdout.readline() == "taken\n"
    assert store.lease("ours", 3_600) is False
    assert ["running"] == [run.outcome for run in store.refreshes(9)]
    holder.kill()
    holder.wait()
    assert 0 < client.pttl("{modelmeta}:lease") <= 5_000

    while client.exists("{modelmeta}:lease"):
        pass
    assert ["crashed"] == [run.outcome for run in store.refreshes(9)]
    assert store.lease("ours", 3_600) is True
    assert ["crashed"] == [run.outcome for run in store.refreshes(9)]


def test_a_process_hears_of_what_another_commits(start, client, store):
    other = start("""
assert commit(1)
print(store.wait("1-x", 3_600), flush=True)
print(store.head().id, flush=True)
store.close()
""")
    while client.pubsub_numsub("{modelmeta}:news")[0][1] != 1:
        assert other.poll() is None
    mine = Revision(id="2-y", number=2, digest="y", kind="api", source="a source", committed_at=datetime(2026, 11, 2, tzinfo=UTC))
    assert store.commit(mine, b"", [], base="1-x")
    assert other.communicate(timeout=60) == ("True\n2-y\n", None)
    assert other.returncode == 0


@pytest.mark.parametrize("commits", [1, 2, 3, 5, 8])
def test_a_process_that_is_killed_while_it_commits_leaves_whole_revisions(start, store, commits):
    committer = start("""
for number in range(1, 10_000):
    assert commit(number)
    print(number, flush=True)
""")
    for _ in range(commits):
        committer.stdout.readline()
    committer.kill()
    committer.wait()

    revision, data = store.load()
    number = revision.number
    assert number >= commits
    assert data.decode() == f"{number}" * 100_000
    assert [each.number for each in store.revisions()] == list(range(number, 0, -1))
    versions = store.versions("models", "a/b")
    assert [(version.raw, version.since) for version in versions] == [(f"{each}", each) for each in range(1, number + 1)]
    assert len(store.changes(number - 1, number)) == 501 * min(number, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_has_connections_and_locks_of_its_own_and_not_the_lease(start):
    parent = start("""
assert commit(1)
assert store.lease("parent", 3_600)
waiting = threading.Thread(target=store.wait, args=("1-x", 3_600))
waiting.start()
held = threading.Thread(target=lambda: (store._server._lock.acquire(), store._lease._lock.acquire()))
held.start()
held.join()

child = os.fork()
if not child:
    faulthandler.dump_traceback_later(50, exit=True)
    assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
    assert store.head().id == "1-x"
    assert not store.lease("child", 3_600)
    assert commit(2)
    assert store.wait("1-x", 60)
    store.close()
    os._exit(0)

assert os.waitpid(child, 0)[1] == 0, "the child failed"
store._server._lock.release()
store._lease._lock.release()
waiting.join()
assert store.head().id == "2-x"
other = RedisStore(sys.argv[1])
assert not other.lease("other", 60)
assert store._lease._keeper.is_alive()
store.release("parent")
assert other.lease("other", 60)
other.close()
store.close()
print("done")
""")
    assert parent.communicate(timeout=60) == ("done\n", None)
    assert parent.returncode == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_the_fork_of_a_closed_store_is_closed(client, redis_url, until_alone):
    store = RedisStore(redis_url)
    store.close()
    store.forked()
    assert store.wait("x", 3_600) is True
    assert store.wait(None, 3_600) is False
    until_alone(client)
