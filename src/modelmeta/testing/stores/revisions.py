"""Revisions: the newest is replaced by who knows it, whole or not at all."""
# ruff: noqa: S101, PLR2004  # tests assert, and what they expect is a literal

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from ...records.frozen import FrozenDict
from ...registry.catalogs import load_catalog
from .samples import EVER, HOSTILE, NOON, VALIDATORS, acme, commit, everything, pieces, revision, samples, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...records.facts import Fact
    from ...stores.store import Store

__all__ = ["Revisions"]


class Revisions:
    """What ``head``, ``load``, ``commit``, ``confirm``, ``revisions``, ``hold`` and ``held`` promise."""

    def test_a_new_store_is_empty(self, store: Store) -> None:
        """Asking it is no error."""
        answers = (store.head(), store.load(), store.held(), store.revisions(), store.versions("models", "acme/rocket"))
        assert answers == (None, None, None, (), ())
        assert (store.changes(0, EVER), store.refreshes(10), store.notes(None), store.benchmarks(None)) == ((), (), (), ())
        assert store.prune(1) == 0
        store.confirm(revision())
        store.hold(None)
        store.release("nobody")
        assert (store.head(), store.held()) == (None, None)

    def test_the_newest_revision_is_the_one_committed_last(self, store: Store) -> None:
        """It is there with the bytes of its snapshot, and those before it without."""
        one, two, three = samples()[:3]
        made = [commit(store, one), commit(store, two, one), commit(store, three, two, step=5)]
        assert store.head() == made[-1]
        assert store.load() == (made[-1], bytes(snapshot(three)))
        assert store.revisions() == tuple(reversed(made))

    def test_the_first_revision_has_any_number(self, store: Store) -> None:
        """A store that lost everything is filled again with the revision that a process still has."""
        made = commit(store, samples()[0], step=42)
        assert store.head() == made

    @pytest.mark.parametrize("base", [None, "older", "unknown"])
    def test_a_revision_on_another_base_is_refused(self, store: Store, base: str | None) -> None:
        """Nothing is changed by it: not what is kept, and not what is held."""
        one, two, three = samples()[:3]
        older = commit(store, one)
        commit(store, two, one)
        store.hold(revision(9), b"held")
        before = everything(store)
        assert store.commit(revision(3), b"", pieces(two, three), base=older.id if base == "older" else base) is False
        assert everything(store) == before

    def test_a_first_revision_has_no_base(self, store: Store) -> None:
        """Where nothing is, there is nothing to replace."""
        assert store.commit(revision(), b"", pieces(None, samples()[0]), base="unknown") is False
        assert (store.head(), store.revisions(), store.changes(0, EVER)) == (None, (), ())

    def test_equal_facts_that_come_back_are_another_revision(self, store: Store) -> None:
        """The digest is the same and the number is not."""
        one, two = samples()[:2]
        first = commit(store, one)
        second = commit(store, two, one)
        third = attrs.evolve(first, number=3, id=f"3-{first.digest[:12]}", committed_at=NOON + timedelta(hours=1))
        assert store.commit(third, b"again", pieces(two, one), base=second.id) is True
        assert store.revisions() == (third, second, first)

    def test_a_revision_may_change_no_piece(self, store: Store) -> None:
        """What stood, stands."""
        commit(store, samples()[0])
        before = store.changes(0, EVER)
        commit(store, samples()[0], samples()[0])
        assert (store.changes(0, EVER), len(store.revisions())) == (before, 2)

    def test_a_revision_comes_back_as_it_was(self, store: Store) -> None:
        """Each of its facts, set or not, whatever text it holds."""
        counts: dict[str, Any] = dict.fromkeys(("models", "providers", "added", "removed", "changed", "price_changes"), 2**31 - 1)
        full = revision(
            validators=VALIDATORS,
            scope=HOSTILE,
            fetched_at="2026-09-30",
            confirmed_at=NOON - timedelta(microseconds=1),
            **counts,
        )
        one = samples()[0]
        bare = revision(2, validators=FrozenDict(), scope=())
        assert store.commit(full, b"1", pieces(None, one), base=None) is True
        assert store.head() == full
        assert store.commit(bare, b"2", [], base=full.id) is True
        assert store.load() == (bare, b"2")
        assert store.revisions() == (bare, full)
        assert [(kept.committed_at.utcoffset(), kept.scope) for kept in store.revisions()] == [(timedelta(), ()), (timedelta(), HOSTILE)]

    def test_a_source_is_called_anything(self, store: Store) -> None:
        """It may be a path, and paths hold what they like."""
        base = None
        for number, text in enumerate(HOSTILE, 1):
            made = revision(number, source=text, validators=FrozenDict({text: text}), scope=(text,))
            assert store.commit(made, b"", [], base=base) is True
            store.hold(made, b"")
            assert (store.head(), store.held()) == (made, (made, b"")), ascii(text)
            base = made.id

    @pytest.mark.parametrize("data", [b"", b"\0", bytes(range(256)), os.urandom(6_000_000)], ids=["empty", "NUL", "all", "large"])
    def test_a_snapshot_is_any_bytes(self, store: Store, data: bytes) -> None:
        """They come back as they were, committed or held."""
        made = revision()
        store.commit(made, data, [], base=None)
        store.hold(made, data)
        assert store.load() == store.held() == (made, data)

    def test_a_commit_that_fails_changes_nothing(self, store: Store) -> None:
        """Half of it was written when it failed."""
        one, two = samples()[:2]
        first = commit(store, one)
        store.hold(revision(9), b"held")
        before = everything(store)
        with pytest.raises(ZeroDivisionError):
            store.commit(revision(2), b"", _Failing(pieces(one, two)), base=first.id)
        assert everything(store) == before
        commit(store, two, one)

    def test_confirming_keeps_when_and_with_what(self, store: Store) -> None:
        """All else of the newest revision, and those before it, stay as they are."""
        one, two = samples()[:2]
        older, newest = commit(store, one), commit(store, two, one)
        confirmed: dict[str, Any] = {"validators": FrozenDict({"a source": '"etag"'}), "confirmed_at": NOON + timedelta(hours=2)}
        store.confirm(attrs.evolve(newest, source="another", models=99, **confirmed))
        expected = attrs.evolve(newest, **confirmed)
        assert store.head() == expected
        assert store.load() == (expected, bytes(snapshot(two)))
        assert store.revisions() == (expected, older)

    def test_only_the_newest_revision_is_confirmed(self, store: Store) -> None:
        """Somebody may have committed another in the meantime."""
        one, two = samples()[:2]
        older = commit(store, one)
        commit(store, two, one)
        before = everything(store)
        store.confirm(attrs.evolve(older, confirmed_at=NOON))
        store.confirm(attrs.evolve(revision(7), confirmed_at=NOON))
        assert everything(store) == before

    def test_one_revision_is_held_until_another_is_or_none(self, store: Store) -> None:
        """It is not committed by that."""
        store.hold(revision(1), b"one")
        store.hold(revision(2, scope=("acme",)), b"two")
        assert store.held() == (revision(2, scope=("acme",)), b"two")
        store.hold(None)
        assert (store.held(), store.head()) == (None, None)

    def test_a_commit_drops_what_is_held(self, store: Store) -> None:
        """Somebody accepted it, or something newer."""
        store.hold(revision(1, "held"), b"one")
        commit(store, samples()[0])
        assert store.held() is None

    def test_of_many_who_replace_one_revision_one_succeeds(self, store: Store) -> None:
        """The others are told so."""
        one = samples()[0]
        base = commit(store, one)
        barrier = Barrier(8)
        revisions = [revision(2, str(number)) for number in range(8)]

        def replace(number: int) -> bool:
            barrier.wait()
            return store.commit(revisions[number], b"%d" % number, pieces(one, samples()[1]), base=base.id)

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(replace, range(8)))
        assert done.count(True) == 1
        winner = done.index(True)
        assert store.load() == (revisions[winner], b"%d" % winner)
        assert store.revisions() == (revisions[winner], base)

    def test_no_update_is_lost(self, store: Store) -> None:
        """Who is refused tries again on what is there, and all that was committed is there in the end."""
        catalogs = [load_catalog(acme(rocket=price)) for price in range(33)]
        commit(store, catalogs[0])

        def count(worker: int) -> None:
            for turn in range(4):
                while True:
                    head = store.head()
                    assert head is not None
                    made = revision(head.number + 1, f"{worker} {turn}")
                    facts = pieces(catalogs[head.number - 1], catalogs[head.number])
                    if store.commit(made, b"", facts, base=head.id):
                        break

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(count, range(8)))
        assert [kept.number for kept in store.revisions()] == list(range(33, 0, -1))
        versions = store.versions("models", "acme/rocket")
        assert [(version.since, version.until) for version in versions] == [(n, n + 1 if n < 33 else None) for n in range(1, 34)]

    def test_a_revision_and_its_snapshot_are_read_together(self, store: Store) -> None:
        """However often somebody commits in between."""
        base = revision()
        store.commit(base, base.id.encode(), [], base=None)
        over = Event()

        def read() -> int:
            times = 0
            while not over.is_set():
                loaded = store.load()
                assert loaded is not None
                assert loaded[1] == loaded[0].id.encode()
                times += 1
            return times

        with ThreadPoolExecutor(3) as pool:
            reading = [pool.submit(read) for _ in range(3)]
            try:
                for number in range(2, 30):
                    made = revision(number)
                    assert store.commit(made, made.id.encode(), [], base=base.id) is True
                    base = made
            finally:
                over.set()
            assert all(future.result() for future in reading)


class _Failing(list["Fact"]):
    """Facts, of which the last cannot be read."""

    def __iter__(self) -> Iterator[Fact]:
        yield from super().__iter__()
        raise ZeroDivisionError
