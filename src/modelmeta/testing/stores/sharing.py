"""Sharing: others hear of what one commits, and all of it is there for those who come later."""
# ruff: noqa: S101  # tests assert

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from .samples import VALIDATORS, commit, everything, note, result, revision, run, samples, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...stores.store import Store

__all__ = ["Sharing"]

_LONG = 200.0
_PATIENCE = 60.0


class Sharing:
    """What ``wait`` and ``close`` promise, and what is there when a store is opened a second time."""

    def test_who_knows_another_revision_does_not_wait(self, store: Store) -> None:
        """The newest is another already."""
        assert store.wait("unknown", _LONG) is True
        made = commit(store, samples()[0])
        assert [store.wait(None, _LONG), store.wait("unknown", _LONG)] == [True, True]
        assert store.wait(made.id, 0) is False

    def test_waiting_ends_with_its_time(self, store: Store) -> None:
        """Nobody committed anything."""
        assert [store.wait(None, 0), store.wait(None, 0.05)] == [False, False]
        made = commit(store, samples()[0])
        assert store.wait(made.id, 0.05) is False

    def test_who_waits_hears_of_a_commit(self, store: Store, other: Store) -> None:
        """Everybody does, from here and from elsewhere."""
        with ThreadPoolExecutor(4) as pool:
            waiting = [pool.submit(waits.wait, None, _LONG) for waits in (store, store, other, other)]
            made = commit(store, samples()[0])
            assert [future.result(_PATIENCE) for future in waiting] == [True] * 4
            waiting = [pool.submit(waits.wait, made.id, _LONG) for waits in (store, store, other, other)]
            commit(other, samples()[1], samples()[0])
            assert [future.result(_PATIENCE) for future in waiting] == [True] * 4

    def test_closing_wakes_who_waits(self, store: Store) -> None:
        """Also who was only about to."""
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(store.wait, None, _LONG) for _ in range(2)]
            store.close()
            assert [future.result(_PATIENCE) for future in waiting] == [False, False]

    def test_closing_twice_is_fine(self, store: Store) -> None:
        """So is closing what was never used."""
        store.close()
        store.close()

    def test_closing_gives_the_lease_back(self, store: Store, open_store: Callable[[str], Store]) -> None:
        """Who held it with this store cannot refresh any more."""
        store.lease("one", _LONG)
        store.record(run("one"))
        store.close()
        again = open_store("store")
        try:
            assert [each.outcome for each in again.refreshes(10) if each.id == "one"] in ([], ["crashed"])
            assert again.lease("other", _LONG) is True
        finally:
            again.close()

    def test_all_is_there_when_the_store_is_opened_again(self, store: Store, reopen: Callable[[Store], Store]) -> None:
        """Revisions, pieces, what is held, runs, notes and results."""
        old = None
        for new in samples():
            commit(store, new, old, validators=VALIDATORS, scope=("acme",))
            old = new
        store.confirm(revision(9, validators=VALIDATORS))
        store.hold(revision(10), b"held")
        for minute, outcome in enumerate(("failed", "held", "updated")):
            store.record(run(outcome, minute, outcome=outcome))
        store.put(note())
        store.put(result(date="2026-11"))
        before = everything(store)
        again = reopen(store)
        assert everything(again) == before
        assert again.versions("models", "acme/rocket")
        commit(again, samples()[0], old)
        assert [kept.number for kept in again.revisions()] == list(range(10, 0, -1))

    def test_what_was_forgotten_stays_so(self, store: Store, reopen: Callable[[Store], Store]) -> None:
        """Pruned, dropped, discarded."""
        commit(store, samples()[0])
        commit(store, samples()[1], samples()[0])
        store.hold(revision(3), b"held")
        store.put(note())
        store.put(result())
        store.prune(2)
        store.hold(None)
        store.discard(note())
        store.discard(result())
        before = everything(store)
        assert everything(reopen(store)) == before

    def test_two_who_share_a_store_see_the_same(self, store: Store, other: Store) -> None:
        """Each sees at once what the other does."""
        made = commit(store, samples()[0])
        assert other.load() == (made, bytes(snapshot(samples()[0])))
        commit(other, samples()[1], samples()[0])
        store.hold(revision(9), b"held")
        other.put(note())
        store.put(result())
        other.record(run("one", outcome="failed"))
        assert everything(store) == everything(other)
        other.discard(note())
        store.prune(2)
        assert everything(store) == everything(other)

    def test_of_two_who_share_a_store_one_refreshes(self, store: Store, other: Store) -> None:
        """And one replaces a revision."""
        assert [store.lease("one", _LONG), other.lease("other", _LONG)] == [True, False]
        store.record(run("one"))
        assert [each.outcome for each in other.refreshes(10)] == ["running"]
        store.release("one")
        assert [other.lease("other", _LONG), store.lease("one", _LONG)] == [True, False]
        base = commit(store, samples()[0])
        assert other.commit(revision(2, "other"), b"", [], base=base.id) is True
        assert store.commit(revision(2, "one"), b"", [], base=base.id) is False

    def test_closing_one_does_not_close_the_other(self, store: Store, other: Store) -> None:
        """It goes on as before."""
        made = commit(other, samples()[0])
        if other is not store:
            other.close()
        assert store.head() == made
        commit(store, samples()[1], samples()[0])
