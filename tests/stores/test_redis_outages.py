"""A store in Redis whose server, or whose connections, come and go."""

from __future__ import annotations

import contextlib
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import redis

from modelmeta.errors import StoreError, StoreUnavailableError
from modelmeta.records import ModelRef
from modelmeta.records.facts import Fact, Version
from modelmeta.records.own import Note
from modelmeta.stores.redis import RedisStore
from modelmeta.stores.store import Refresh, Revision

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOTE = Note(ref=ModelRef("a", "b"), name="n", text="t", written_at=NOON)


@pytest.fixture
def store(redis_url):
    store = RedisStore(redis_url)
    yield store
    store.close()


@pytest.fixture
def client(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def revision(number):
    digest = f"{number:064x}"
    return Revision(
        id=f"{number}-{digest[-12:]}",
        number=number,
        digest=digest,
        kind="api",
        source="a source",
        committed_at=NOON + timedelta(hours=number),
    )


def commit(store, number):
    """Commit the revision of this *number* on the one before."""
    facts = [Fact("models", "a/b", f"{number}"), Fact("models", f"a/{number}", f"{number}")]
    return store.commit(revision(number), f"{number}".encode(), facts, base=revision(number - 1).id if number > 1 else None)


def assert_whole(store):
    """Assert that all that is kept belongs to the newest revision, and return its number."""
    head, data = store.load()
    numbers = range(1, head.number + 1)
    assert data.decode() == f"{head.number}"
    assert store.revisions() == tuple(map(revision, reversed(numbers)))
    assert store.versions("models", "a/b") == tuple(
        Version("models", "a/b", f"{number}", number, None if number == head.number else number + 1) for number in numbers
    )
    assert store.changes(0, 1_000) == (
        *sorted((Version("models", f"a/{number}", f"{number}", number) for number in numbers), key=lambda version: version.key),
        *store.versions("models", "a/b"),
    )
    return head.number


def until_heard_by(client, number):
    """Return when so many subscribe to the news."""
    while client.pubsub_numsub("{modelmeta}:news")[0][1] != number:
        pass


class Relay:
    """Stands between a store and its server, and cuts each connection after so many bytes to the server and from it."""

    def __init__(self, url, folder):
        self.server = url.partition("@")[2]
        self.url = f"unix://:never-shown@{folder}/relay"
        self.limits = [float("inf"), float("inf")]
        self.passed = [0, 0]
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(f"{folder}/relay")
        self.listening.listen()
        Thread(target=self.accept, daemon=True).start()

    def accept(self):
        """Connect each who comes."""
        with contextlib.suppress(OSError):
            while True:
                near, far = self.listening.accept()[0], socket.socket(socket.AF_UNIX)
                far.connect(self.server)
                limits, self.limits, self.passed = self.limits, [float("inf"), float("inf")], [0, 0]
                for direction, (source, target) in enumerate([(near, far), (far, near)]):
                    Thread(target=self.pass_on, args=(source, target, direction, limits[direction]), daemon=True).start()

    def pass_on(self, source, target, direction, left):
        """Pass on what comes from *source*, until so many bytes are *left* to pass."""
        with contextlib.suppress(OSError), source, target:
            while left and (data := source.recv(65_536)[: int(min(left, 65_536))]):
                target.sendall(data)
                left -= len(data)
                self.passed[direction] += len(data)
            for end in (source, target):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(redis_url, tmp_path):
    relay = Relay(redis_url, tmp_path)
    yield relay
    relay.listening.shutdown(socket.SHUT_RDWR)
    relay.listening.close()


@pytest.mark.parametrize("direction", [0, 1], ids=["to the server", "from the server"])
def test_a_connection_cut_anywhere_in_a_commit_leaves_the_old_revision_or_the_new_one(relay, store, direction):
    assert commit(store, 1)
    relayed = RedisStore(relay.url)
    assert commit(relayed, 2)
    relayed.close()
    length = relay.passed[direction]
    assert length > 200

    outcomes = set()
    for place in (*range(1, length + length // 4, length // 40), 10 * length):
        number = assert_whole(store) + 1
        relay.limits[direction] = place
        relayed = RedisStore(relay.url)
        try:
            done = commit(relayed, number)
        except StoreUnavailableError:
            done = False
        relayed.close()
        outcomes.add(done)
        assert done == (assert_whole(store) == number)
    assert outcomes == {True, False}


def test_connections_that_were_cut_meanwhile_are_replaced(client, store):
    assert commit(store, 1)
    for _ in range(3):
        client.client_kill_filter(_type="normal", skipme=True)
        assert store.head() == revision(1)


def test_a_server_that_was_stopped_is_not_available_and_works_again_when_it_is_back(redis_server, tmp_path):
    options = ["--appendonly", "yes", "--appendfsync", "always"]
    process, url = redis_server(tmp_path, *options)
    store = RedisStore(url)
    with ThreadPoolExecutor(1) as pool, redis.Redis.from_url(url) as client:
        assert commit(store, 1)
        assert store.lease("run", 3_600)
        waiting = pool.submit(store.wait, revision(1).id, 3_600)
        until_heard_by(client, 1)
        process.kill()
        process.wait()
        with pytest.raises(StoreUnavailableError):
            waiting.result()
    for use in (
        store.head,
        store.load,
        store.held,
        store.revisions,
        lambda: store.versions("models", "a/b"),
        lambda: store.changes(0, 9),
        lambda: store.refreshes(9),
        lambda: store.notes(None),
        lambda: store.benchmarks(None),
        lambda: store.wait(None, 1),
        lambda: store.lease("other", 1),
        lambda: commit(store, 2),
        lambda: store.confirm(revision(2)),
        lambda: store.prune(2),
        lambda: store.hold(None),
        lambda: store.record(Refresh(id="other", started_at=NOON)),
        lambda: store.put(NOTE),
        lambda: store.discard(NOTE),
        lambda: store.release("run"),
    ):
        with pytest.raises(StoreUnavailableError, match=r"does not answer: .*\.") as refused:
            use()
        assert refused.value.store == store.name
        assert "never-shown" not in f"{refused.value!r} {refused.value.__cause__}"

    redis_server(tmp_path, *options)
    assert assert_whole(store) == 1
    assert commit(store, 2)
    assert assert_whole(store) == 2
    assert store.wait(revision(1).id, 60) is True
    store.close()


def test_a_server_that_hangs_is_not_available_and_works_again_when_it_goes_on(redis_server, tmp_path):
    process, url = redis_server(tmp_path)
    store = RedisStore(f"{url}?socket_timeout=0.2")
    with ThreadPoolExecutor(1) as pool, redis.Redis.from_url(url) as client:
        assert commit(store, 1)
        waiting = pool.submit(store.wait, revision(1).id, 0.5)
        until_heard_by(client, 1)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(StoreUnavailableError, match="does not answer: Timeout"):
            waiting.result()
        with pytest.raises(StoreUnavailableError, match="does not answer: Timeout"):
            store.head()
        process.send_signal(signal.SIGCONT)
        assert commit(store, 2)
        assert assert_whole(store) == 2
    store.close()


def test_a_replica_can_be_read_and_not_written(redis_server, tmp_path):
    process, url = redis_server(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    store = RedisStore(url)
    assert commit(store, 1)
    store.put(NOTE)
    process.kill()
    process.wait()
    redis_server(tmp_path, "--appendonly", "yes", "--replicaof", "127.0.0.1", "1")

    assert assert_whole(store) == 1
    assert store.notes(None) == (NOTE,)
    assert store.refreshes(9) == ()
    assert store.wait(None, 60) is True
    for use in (
        lambda: commit(store, 2),
        lambda: store.lease("run", 60),
        lambda: store.confirm(revision(1)),
        lambda: store.hold(revision(2)),
        lambda: store.record(Refresh(id="run", started_at=NOON)),
        lambda: store.discard(NOTE),
    ):
        with pytest.raises(StoreError, match="read only replica") as refused:
            use()
        assert refused.type is StoreError
    assert assert_whole(store) == 1
    store.close()


def test_waiting_goes_on_when_its_connection_breaks(client, store):
    assert commit(store, 1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.wait, revision(1).id, 3_600)
        for _ in range(3):
            until_heard_by(client, 1)
            client.client_kill_filter(_type="pubsub")
        until_heard_by(client, 1)
        assert commit(store, 2)
        assert waiting.result(60) is True


def test_news_of_other_things_do_not_end_the_waiting(client, store):
    assert commit(store, 1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.wait, revision(1).id, 3_600)
        until_heard_by(client, 1)
        client.publish("{modelmeta}:news", "of another database")
        store.put(NOTE)
        store.hold(revision(2))
        store.confirm(revision(1))
        assert not waiting.done()
        assert commit(store, 2)
        assert waiting.result(60) is True


def test_many_threads_may_wait_and_all_are_woken_when_the_store_is_closed(client, store, until_alone):
    assert commit(store, 1)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(store.wait, revision(1).id, 3_600) for _ in range(8)]
        until_heard_by(client, 8)
        store.close()
        assert [False] * 8 == [each.result(60) for each in waiting]
    until_alone(client)


def test_the_lease_of_a_store_that_loses_its_server_ends(redis_server, tmp_path):
    process, url = redis_server(tmp_path)
    store = RedisStore(url)
    assert store.lease("run", 5.5)
    keeper = store._lease._keeper
    process.kill()
    process.wait()
    keeper.join()
    store.close()
