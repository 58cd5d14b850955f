"""What is Redis' own in a store in Redis: its address, its keys, who else uses it, what it refuses."""

from __future__ import annotations

import logging
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import attrs
import pytest
import redis

from modelmeta.errors import MissingExtraError, SettingsError, StoreError, StoreUnavailableError, StoreVersionError
from modelmeta.records import ModelRef
from modelmeta.records.facts import Fact, Version
from modelmeta.records.own import Note
from modelmeta.stores.redis import RedisStore
from modelmeta.stores.store import Refresh, Revision

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEYS = {"head", "revisions", "pieces", "raw", "changed", "held", "lease", "refreshes", "runs", "running", "notes"}
HOSTILE = [
    "",
    "a/b:c:d@e",
    "nul \0 nul",
    "\ud800",
    "\udc00\ud800",
    "\ud83d\ude00",
    "\U0001f600",
    "\r\n*1\r\n$8\r\nFLUSHALL",
    "}{",
    "k" * 10_000,
]


@pytest.fixture
def client(redis_url):
    """A client of our own."""
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def store(redis_url):
    store = RedisStore(redis_url)
    yield store
    store.close()


def revision(number, **facts):
    digest = f"{number:064x}"
    return Revision(
        id=f"{number}-{digest[-12:]}",
        number=number,
        digest=digest,
        kind="api",
        source="a source",
        committed_at=NOON + timedelta(hours=number),
        **facts,
    )


def model(key, raw):
    return Fact("models", key, raw)


def fill(store):
    """Put something of everything into *store*."""
    assert store.lease("run", 3_600)
    store.record(Refresh(id="run", started_at=NOON))
    assert store.commit(revision(1), b"one", [model("a/b", "1"), model("a/c", "1")], base=None)
    assert store.commit(revision(2), b"two", [model("a/b", None), model("a/c", "2")], base=revision(1).id)
    store.hold(revision(3), b"three")
    store.put(Note(ref=ModelRef("a", "b"), name="n", text="t", written_at=NOON))


def everything(store):
    return [
        store.head(),
        store.load(),
        store.held(),
        store.revisions(),
        store.versions("models", "a/b"),
        store.changes(0, 9),
        store.refreshes(9),
        store.notes(None),
        store.benchmarks(None),
        store.wait(store.head() and store.head().id, 0),
    ]


NOTHING = [None, None, None, (), (), (), (), (), (), False]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("redis://", "redis://"),
        ("redis://localhost", "redis://localhost"),
        ("redis://:secret@localhost:6379/3", "redis://localhost:6379/3"),
        ("rediss://user:secret@cache.example:6380?db=2&password=secret", "rediss://cache.example:6380?db=2"),
        ("redis://user:secret@[::1]:6379/0", "redis://[::1]:6379/0"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("unix://user:secret@/run/redis.sock?password=secret&db=7", "unix:///run/redis.sock?db=7"),
    ],
)
def test_the_name_of_a_store_is_its_address_without_users_passwords_and_options(url, name):
    store = RedisStore(url)
    assert name == store.name
    assert repr(store) == f"<RedisStore at {name}, keys {{modelmeta}}:*>"
    assert "secret" not in str(vars(store))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:secret",
        "redis:localhost#secret",
        "redis://:sec#ret@localhost",
        "redis://:sec/ret@localhost",
        "redis://:sec?ret@localhost",
        "redis://:s@ecret@localhost",
        "redis://:12?secret@localhost",
        "redis://localhost/secret",
        "redis://localhost:secret",
        "unix://secret/redis.sock",
        "unix://",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(url):
    with pytest.raises(SettingsError, match="percent-encoded; what was given is not shown") as refused:
        RedisStore(url)
    assert refused.value.key == "store"
    assert "ret" not in str(refused.value).replace("redis", "")


@pytest.mark.parametrize("option", ["colour=red", "socket_timeout=soon", "max_connections=-1"])
def test_an_option_that_redis_py_does_not_take_is_refused_when_it_is_needed(redis_url, option):
    store = RedisStore(f"{redis_url}?{option}")
    with pytest.raises(SettingsError, match=option.partition("=")[0]) as refused:
        store.head()
    assert "never-shown" not in str(refused.value)


def test_options_of_other_uses_of_redis_do_no_harm(redis_url):
    store = RedisStore(f"{redis_url}?decode_responses=yes&protocol=3&retry_on_timeout=yes")
    fill(store)
    assert store.load() == (revision(2), b"two")
    store.close()


@pytest.mark.parametrize("prefix", ["", "{", "a}b"])
def test_a_prefix_with_braces_is_refused(prefix):
    with pytest.raises(SettingsError, match="is a text without braces, not ") as refused:
        RedisStore("redis://", prefix=prefix)
    assert refused.value.key == "prefix"


def test_without_redis_py_a_store_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[redis\]"') as missing:
        RedisStore("redis://")
    assert missing.value.extra == "redis"


def test_making_a_store_connects_to_nothing(client, redis_url):
    before = client.info("stats")["total_connections_received"]
    store = RedisStore(redis_url)
    repr(store)
    store.close()
    assert before == client.info("stats")["total_connections_received"]


def test_a_store_has_these_keys_and_no_others(client, store):
    fill(store)
    assert {f"{{modelmeta}}:{name}".encode() for name in KEYS} == set(client.scan_iter())


def test_two_prefixes_are_two_stores_and_keys_of_others_stay(client, redis_url):
    client.mset({"modelmeta": "x", "{modelmeta}": "y", "{modelmeta}head": "z", "other": "w"})
    one, other = RedisStore(redis_url), RedisStore(redis_url, prefix="modelmeta:other")
    fill(other)
    told = everything(other)

    assert NOTHING == everything(one)
    fill(one)
    assert one.prune(9) == 1
    one.hold(None)
    one.release("run")
    assert told == everything(other)
    assert client.mget("modelmeta", "{modelmeta}", "{modelmeta}head", "other") == [b"x", b"y", b"z", b"w"]
    one.close()
    other.close()


def test_a_user_with_the_rights_of_the_how_to_may_do_everything_and_touch_nothing_else(client, redis_url, root):
    how_to = (root / "docs" / "howto" / "stores" / "redis.md").read_text()
    (rights,) = re.findall("ACL SETUSER modelmeta (.+)", how_to)
    client.execute_command("ACL", "SETUSER", "modelmeta", "reset", *rights.split())
    address = redis_url.replace(":never-shown@", "modelmeta:password@")
    store, stranger = RedisStore(address), RedisStore(address, prefix="other")

    fill(store)
    everything(store)
    assert store.prune(2) == 1
    with pytest.raises(StoreError, match="no permissions") as refused:
        stranger.head()
    assert refused.type is StoreError
    store.close()
    stranger.close()


@pytest.mark.parametrize("login", ["", ":hidden@", "nobody:hidden@"])
def test_a_wrong_password_is_an_error_that_does_not_show_it(redis_url, login, caplog):
    caplog.set_level(logging.DEBUG)
    store = RedisStore(redis_url.replace(":never-shown@", login))
    with pytest.raises(StoreError, match="wants another user or password") as refused:
        store.head()
    store.close()
    assert refused.type is StoreError
    assert refused.value.store == store.name
    assert "hidden" not in f"{refused.value!r} {refused.value} {refused.value.__cause__} {caplog.text}"


@pytest.mark.parametrize("key", HOSTILE)
def test_any_text_may_be_a_key(store, key):
    at_first = [Fact(part, key, f'"{part}"') for part in ("labs", "models", "providers", "rest")]
    others = [model(f"{key}/1", "1"), model(f"1:{key}", "1")]
    assert store.commit(revision(1), b"", [*at_first, *others], base=None)
    assert store.commit(revision(2), b"", [model(key, None)], base=revision(1).id)

    for fact in at_first:
        until = 2 if fact.part == "models" else None
        assert store.versions(fact.part, key) == (Version(fact.part, key, fact.raw, 1, until),)
    told = store.changes(0, 2)
    assert {(fact.part, fact.key) for fact in [*at_first, *others]} == {(version.part, version.key) for version in told}
    assert list(told) == sorted(told, key=lambda version: (version.part, version.key))


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_comes_back_from_every_field(store, text):
    kept = attrs.evolve(revision(1), id=text, source=text, kind=text, fetched_at=text, scope=(text, ""), validators={text: text})
    run = Refresh(id=text, started_at=NOON, outcome="failed", source=text, revision=text, reason=text, error=text)
    note = Note(ref=ModelRef(text or "a", text or "b"), name=text, text=text, written_at=NOON)
    assert store.commit(kept, text.encode("utf-8", "surrogatepass"), [model("a/b", text)], base=None)
    store.record(run)
    store.put(note)

    assert store.load() == (kept, text.encode("utf-8", "surrogatepass"))
    assert store.refreshes(1) == (run,)
    assert store.notes(note.ref) == store.notes(None) == (note,)
    assert store.versions("models", "a/b") == (Version("models", "a/b", text, 1),)
    assert store.lease(text, 60)
    assert not store.lease(f"{text}.", 60)
    assert store.wait(text, 0) is False


def test_data_of_a_later_format_is_neither_read_nor_written(client, store):
    fill(store)
    client.hset("{modelmeta}:head", "format", 2)
    before = {key: client.dump(key) for key in client.scan_iter() if key != b"{modelmeta}:lease"}
    note = Note(ref=ModelRef("a", "b"), name="n", text="t", written_at=NOON)
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
        lambda: store.release("run"),
        lambda: store.commit(revision(3), b"", [], base=revision(2).id),
        lambda: store.confirm(revision(2)),
        lambda: store.prune(2),
        lambda: store.hold(None),
        lambda: store.record(Refresh(id="other", started_at=NOON)),
        lambda: store.put(note),
        lambda: store.discard(note),
    ):
        with pytest.raises(StoreVersionError, match="in format 2; this one reads up to 1: upgrade it") as refused:
            use()
        assert (refused.value.store, refused.value.found, refused.value.supported) == (store.name, 2, 1)
    assert before == {key: client.dump(key) for key in client.scan_iter() if key != b"{modelmeta}:lease"}


def test_a_key_that_is_something_else_is_an_error_and_stays(client, store):
    client.rpush("{modelmeta}:head", "x")
    client.set("{modelmeta}:notes", "x")
    for use in (store.head, lambda: store.commit(revision(1), b"", [], base=None), lambda: store.notes(None)):
        with pytest.raises(StoreError, match="WRONGTYPE") as refused:
            use()
        assert refused.type is StoreError
    assert (client.lrange("{modelmeta}:head", 0, -1), client.get("{modelmeta}:notes")) == ([b"x"], b"x")


def test_a_redis_that_is_full_keeps_the_old_revision_and_says_so(client, store):
    fill(store)
    before = everything(store)
    client.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(StoreError, match="maxmemory") as refused:
            store.commit(revision(3), b"x" * 2_000_000, [model("a/b", "3")], base=revision(2).id)
        assert refused.type is StoreError
        assert before == everything(store)
    finally:
        client.config_set("maxmemory", "0")
    assert store.commit(revision(3), b"x", [model("a/b", "3")], base=revision(2).id)


def test_a_redis_that_was_emptied_is_an_empty_store_that_can_be_filled_again(client, store):
    fill(store)
    before = everything(store)
    client.flushall()

    assert NOTHING == everything(store)
    store.confirm(revision(2))
    store.release("run")
    assert store.prune(9) == 0
    assert store.discard(Note(ref=ModelRef("a", "b"), name="n", text="t", written_at=NOON)) is False
    assert store.wait(revision(2).id, 60) is True
    assert store.commit(revision(3), b"", [], base=revision(2).id) is False
    assert store.head() is None
    fill(store)
    assert before == everything(store)


def test_what_an_evicted_head_leaves_behind_is_not_mixed_with_what_comes(client, store):
    fill(store)
    client.delete("{modelmeta}:head")
    assert store.commit(revision(7), b"", [model("a/b", "7")], base=None)

    assert store.revisions() == (revision(7),)
    assert store.changes(0, 9) == store.versions("models", "a/b") == (Version("models", "a/b", "7", 7),)
    assert store.versions("models", "a/c") == ()


@pytest.mark.parametrize("use", [lambda store: store.versions("models", "a/c"), lambda store: store.changes(0, 2)])
def test_a_history_of_which_redis_evicted_a_part_is_an_error(client, store, use):
    fill(store)
    client.delete("{modelmeta}:raw")
    with pytest.raises(StoreError, match="has lost part of its history: Redis evicts keys"):
        use(store)
    assert store.load() == (revision(2), b"two")


def test_a_run_that_redis_evicted_is_left_out(client, store):
    for name in "abc":
        store.record(Refresh(id=name, started_at=NOON, outcome="updated"))
    client.hdel("{modelmeta}:refreshes", "b")
    assert ["c", "a"] == [run.id for run in store.refreshes(9)]


def test_what_is_kept_grows_with_change_and_not_with_time(client, store):
    facts = [model(f"a/{number}", "x" * 500) for number in range(1_000)]
    assert store.commit(revision(1), b"", facts, base=None)
    first = sum(client.memory_usage(key, samples=0) for key in client.scan_iter())
    for number in range(2, 102):
        assert store.commit(revision(number), b"", [model("a/1", f"{number}")], base=revision(number - 1).id)

    assert (client.hlen("{modelmeta}:raw"), client.hlen("{modelmeta}:pieces")) == (1_100, 1_000)
    assert sum(client.memory_usage(key, samples=0) for key in client.scan_iter()) - first < 0.2 * first
    assert store.prune(101) == 100
    assert (client.hlen("{modelmeta}:raw"), client.zcard("{modelmeta}:changed")) == (1_000, 1_000)
    assert sum(client.memory_usage(key, samples=0) for key in client.scan_iter()) < 1.05 * first


def test_pruning_forgets_what_stood_only_then_and_old_runs(client, store):
    assert store.prune(5) == 0
    assert store.commit(revision(1), b"", [model("a/b", "1"), model("a/c", "1"), model("a/d", "1")], base=None)
    assert store.commit(revision(2), b"", [model("a/b", None), model("a/c", "2"), model("a/e", None)], base=revision(1).id)
    assert store.commit(revision(3), b"", [model("a/b", "3")], base=revision(2).id)
    store.record(Refresh(id="old", started_at=revision(2).committed_at - timedelta(microseconds=1)))
    store.record(Refresh(id="new", started_at=revision(2).committed_at, outcome="updated"))

    assert (store.prune(1), store.prune(2), store.prune(2)) == (0, 1, 0)
    assert store.revisions() == (revision(3), revision(2))
    assert ["new"] == [run.id for run in store.refreshes(9)]
    store.record(Refresh(id="late", started_at=NOON))
    assert store.prune(0) == 0
    assert ["new"] == [run.id for run in store.refreshes(9)]
    assert store.refreshes(0) == ()
    assert store.changes(0, 3) == (
        Version("models", "a/b", "3", 3),
        Version("models", "a/c", "2", 2),
        Version("models", "a/d", "1", 1),
    )
    assert store.commit(revision(4), b"", [model("a/b", None)], base=revision(3).id)
    assert store.prune(9) == 2
    assert store.versions("models", "a/b") == ()
    assert sorted(client.hkeys("{modelmeta}:pieces")) == [b"models:a/c", b"models:a/d"]
    assert (client.hlen("{modelmeta}:refreshes"), client.zcard("{modelmeta}:runs"), client.scard("{modelmeta}:running")) == (0, 0, 0)


def test_of_many_who_change_the_store_at_once_nobody_undoes_what_others_did(redis_url, store):
    """Commits, confirmations, pruning, notes: whatever is read first is written only where it is still so."""
    stores = [RedisStore(redis_url) for _ in range(6)]
    barrier = Barrier(6)

    def work(place):
        own, won = stores[place], 0
        barrier.wait()
        for turn in range(20):
            head = own.head()
            number = head.number + 1 if head else 1
            mine = attrs.evolve(revision(number), id=f"{number}-{place}-{turn}")
            won += own.commit(mine, mine.id.encode(), [model("a/b", mine.id), model(f"a/{place}", mine.id)], base=head and head.id)
            own.confirm(attrs.evolve(mine, validators={"a": mine.id}))
            assert {version.key for version in own.changes(0, number + 100)} >= {"a/b"}
            assert own.versions("models", "a/b")[-1].until is None
            own.put(Note(ref=ModelRef("a", "b"), name=f"{place}-{turn}", text="", written_at=NOON))
            if not turn % 7:
                own.prune(number - 5)
        own.close()
        return won

    with ThreadPoolExecutor(6) as pool:
        won = sum(pool.map(work, range(6)))

    head, data = store.load()
    assert (head.number, data.decode()) == (won, head.id)
    assert store.revisions()[0] == head
    kept = [each.number for each in store.revisions()]
    assert kept == list(range(won, won - len(kept), -1))
    versions = store.versions("models", "a/b")
    assert [(version.since, version.until) for version in versions] == [*zip(kept[:0:-1], kept[-2::-1], strict=True), (won, None)]
    assert {version.raw for version in versions} == {each.id for each in store.revisions()}
    assert len(store.notes(None)) == 120


def test_a_lease_is_renewed_while_its_holder_lives(client, store):
    assert store.lease("run", 3_600)
    assert 0 < client.pttl("{modelmeta}:lease") <= 5_000
    client.pexpire("{modelmeta}:lease", 2_500)
    while client.pttl("{modelmeta}:lease") <= 2_500:
        assert client.exists("{modelmeta}:lease")


def test_a_lease_that_is_over_or_lost_is_not_renewed(client, store):
    assert store.lease("run", 5.5)
    keeper = store._lease._keeper
    assert store.lease("run", 1)
    keeper.join()
    assert store.lease("run", 6)
    again = store._lease._keeper
    client.set("{modelmeta}:lease", "other")
    again.join()
    assert again is not keeper
    assert client.get("{modelmeta}:lease") == b"other"
    assert client.pttl("{modelmeta}:lease") == -1


def test_closing_releases_the_lease_and_every_connection(client, redis_url, until_alone):
    store, other = RedisStore(redis_url), RedisStore(redis_url)
    assert store.lease("run", 3_600)
    keeper = store._lease._keeper
    store.close()
    store.close()

    assert not keeper.is_alive()
    assert other.lease("other", 3_600)
    other.close()
    until_alone(client)


def test_a_store_that_cannot_release_its_lease_can_be_closed(client, store):
    assert store.lease("run", 3_600)
    client.hset("{modelmeta}:head", "format", 2)
    store.close()
    assert client.get("{modelmeta}:lease") == b"run"


def test_a_run_is_running_only_while_it_has_the_lease(client, store):
    store.record(Refresh(id="a", started_at=NOON))
    assert ["crashed"] == [run.outcome for run in store.refreshes(1)]
    assert store.lease("a", 60)
    store.release("b")
    assert ["running"] == [run.outcome for run in store.refreshes(1)]
    store.release("a")
    assert store.lease("b", 60)
    store.release("b")
    assert store.lease("a", 60)
    assert ["crashed"] == [run.outcome for run in store.refreshes(1)]


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_a_port_where_nobody_listens_is_not_available(scheme):
    store = RedisStore(f"{scheme}://:hidden@127.0.0.1:1/0")
    with pytest.raises(StoreUnavailableError, match=r"^rediss?://127\.0\.0\.1:1/0 does not answer: Error \d+") as refused:
        store.head()
    assert refused.value.store == store.name
