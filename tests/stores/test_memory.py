"""What a store in memory keeps."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import attrs
import pytest

from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.store import Refresh, Revision

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def clock(monkeypatch):
    """The seconds that ``time.monotonic`` shows, in a list."""
    seconds = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def revision(name):
    return Revision(name, name.encode(), "a source", f"v-{name}", NOON)


def run(name, **facts):
    return Refresh(id=name, started_at=NOON, **facts)


def test_a_new_store_is_empty(store):
    assert (store.head(), store.held(), store.refreshes(10)) == (None, None, ())


def test_the_newest_revision_is_the_one_committed_last(store):
    assert store.commit(revision("a"), base=None) is True
    assert store.commit(revision("b"), base="a") is True
    assert store.head() == revision("b")


@pytest.mark.parametrize("base", [None, "b", "x"])
def test_a_revision_on_another_base_is_refused(store, base):
    store.commit(revision("a"), base=None)
    store.hold(revision("h"))
    assert store.commit(revision("c"), base=base) is False
    assert (store.head(), store.held()) == (revision("a"), revision("h"))


def test_a_first_revision_has_no_base(store):
    assert store.commit(revision("a"), base="x") is False
    assert store.head() is None


def test_of_many_who_commit_at_once_one_succeeds(store):
    barrier = Barrier(16)

    def commit(number):
        barrier.wait()
        return store.commit(revision(str(number)), base=None)

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(commit, range(16)))
    assert done.count(True) == 1
    assert store.head().id == str(done.index(True))


def test_one_revision_is_held_until_another_is_or_none_or_something_is_committed(store):
    store.hold(revision("a"))
    store.hold(revision("b"))
    assert store.held() == revision("b")
    store.hold(None)
    assert store.held() is None
    store.hold(revision("c"))
    assert store.head() is None
    store.commit(revision("d"), base=None)
    assert store.held() is None


def test_a_lease_has_one_holder_who_may_ask_again(store, clock):
    assert [store.lease(holder, 10) for holder in ("one", "one", "other")] == [True, True, False]


def test_a_lease_ends_with_its_time(store, clock):
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


def test_a_lease_ends_when_its_holder_says_so_and_nobody_else(store, clock):
    store.lease("one", 10)
    store.release("other")
    assert store.lease("other", 10) is False
    store.release("one")
    assert store.lease("other", 10) is True
    store.release("one")
    assert store.lease("one", 10) is False


def test_of_many_who_want_the_lease_one_gets_it(store):
    barrier = Barrier(16)

    def lease(number):
        barrier.wait()
        return store.lease(str(number), 3_600)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lease, range(16))).count(True) == 1


def test_runs_are_kept_newest_first_and_by_their_ids(store):
    for name in "abc":
        store.record(run(name))
    store.record(run("b", outcome="failed", error="no", duration=timedelta(seconds=1)))
    assert [(kept.id, kept.outcome) for kept in store.refreshes(10)] == [("c", "running"), ("b", "failed"), ("a", "running")]
    assert [kept.id for kept in store.refreshes(2)] == ["c", "b"]
    assert store.refreshes(0) == ()


def test_the_last_thousand_runs_are_kept(store):
    for number in range(1_050):
        store.record(run(str(number)))
    assert [kept.id for kept in store.refreshes(5_000)] == [str(number) for number in range(1_049, 49, -1)]


def test_a_store_that_was_closed_can_still_be_read(store):
    store.commit(revision("a"), base=None)
    store.close()
    assert store.head() == revision("a")


def test_a_revision_does_not_change_and_does_not_print_its_data():
    large = Revision("a", b"x" * 1_000_000, "a source")
    assert (large.validator, large.confirmed_at) == (None, None)
    assert len(repr(large)) < 200
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        large.id = "b"
