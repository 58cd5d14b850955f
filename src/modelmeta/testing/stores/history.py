"""History: every version of every piece, with the revisions it stood in."""
# ruff: noqa: S101, PLR2004  # tests assert, and what they expect is a literal

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ...records.facts import Version
from ...registry.catalogs import load_catalog
from ..scale import scaled_document
from .samples import EVER, NOON, acme, commit, everything, hostile_document, pieces, run, samples, standing

if TYPE_CHECKING:
    from ...catalog.catalog import Catalog
    from ...stores.store import Store

__all__ = ["History"]

ROCKET = "acme/rocket"


class History:
    """What ``versions``, ``changes`` and ``prune`` promise."""

    def test_a_piece_has_a_version_for_each_time_it_changed(self, store: Store) -> None:
        """Each ends where the next begins, and the last has no end."""
        spans = [(version.since, version.until) for version in _prices(store, 1, 2, 2, 2, 3)]
        assert spans == [(1, 2), (2, 5), (5, None)]

    def test_versions_hold_the_piece_as_it_was(self, store: Store) -> None:
        """To the letter, with its part and its key."""
        one, two = samples()[:2]
        facts = [next(fact for fact in pieces(None, catalog) if fact.key == ROCKET) for catalog in (one, two)]
        commit(store, one)
        commit(store, two, one)
        expected = [
            Version("models", ROCKET, fact.raw or "", since, until) for fact, since, until in zip(facts, (1, 2), (2, None), strict=True)
        ]
        assert store.versions("models", ROCKET) == tuple(expected)

    def test_a_piece_that_is_gone_keeps_its_versions(self, store: Store) -> None:
        """The last of them ended when it went."""
        assert [(version.since, version.until) for version in _prices(store, 1, None)] == [(1, 2)]

    def test_a_piece_that_comes_back_goes_on_with_its_history(self, store: Store) -> None:
        """With a gap, also where it is what it was before."""
        spans = [(version.since, version.until) for version in _prices(store, 1, None, None, 1, 2, None, 3)]
        assert spans == [(1, 2), (4, 5), (5, 6), (7, None)]

    def test_pieces_of_different_parts_may_have_one_key(self, store: Store) -> None:
        """They are told apart."""
        document = {"models": {ROCKET: {"name": "Lab's", "limit": {}}}, "providers": acme(rocket=1)}
        commit(store, load_catalog(document))
        raws = [[version.raw for version in store.versions(part, ROCKET)] for part in ("labs", "models", "providers", "rest")]
        assert [len(found) for found in raws] == [1, 1, 0, 0]
        assert raws[0] != raws[1]
        assert [len(store.versions(part, "acme")) for part in ("labs", "models", "providers", "rest")] == [0, 0, 1, 0]

    def test_any_past_revision_can_be_put_together(self, store: Store) -> None:
        """The pieces that stood in it are exactly those that were committed until then."""
        pasts = _write(store, *samples())
        found = store.changes(0, EVER)
        assert {part for past in pasts for part, _ in past} == {"labs", "models", "providers", "rest"}
        assert [standing(found, number) for number in range(1, len(pasts) + 1)] == pasts
        for version in found:
            assert version in store.versions(version.part, version.key)

    def test_changes_are_what_began_or_ended_after_one_revision_and_up_to_another(self, store: Store) -> None:
        """So that what stood in the one can be made of what stands in the other, and nothing else is read."""
        pasts = [{}, *_write(store, *samples())]
        every = store.changes(0, EVER)
        for after in range(len(pasts)):
            for upto in range(len(pasts)):
                found = store.changes(after, upto)
                assert found == tuple(
                    version for version in every if after < version.since <= upto or (version.until and after < version.until <= upto)
                )
                keys = {key for key in pasts[after].keys() | pasts[upto].keys() if pasts[after].get(key) != pasts[upto].get(key)}
                assert upto < after or keys <= {(version.part, version.key) for version in found}

    def test_changes_are_ordered_by_part_and_key_and_time(self, store: Store) -> None:
        """Keys in the order of their code points, whatever the language of the machine."""
        hostile = load_catalog(hostile_document())
        _write(store, *samples()[:3], hostile, samples()[3], hostile)
        found = store.changes(0, EVER)
        assert list(found) == sorted(found, key=lambda version: (version.part, version.key, version.since))

    def test_hostile_keys_and_texts_go_in_and_out_unchanged(self, store: Store) -> None:
        """No two are taken for one, none is lost, and none does what it says."""
        hostile = load_catalog(hostile_document())
        facts = pieces(None, hostile)
        assert len({(fact.part, fact.key) for fact in facts}) == len(facts) > 200
        commit(store, hostile)
        for fact in facts:
            assert store.versions(fact.part, fact.key) == (Version(fact.part, fact.key, fact.raw or "", 1),)
        commit(store, samples()[0], hostile)
        commit(store, hostile, samples()[0])
        again = [fact for fact in facts if (fact.part, fact.key) not in {(fact.part, fact.key) for fact in pieces(None, samples()[0])}]
        assert len(again) == len(facts) - 1
        for fact in again:
            assert [(version.since, version.until) for version in store.versions(fact.part, fact.key)] == [(1, 2), (3, None)]

    def test_many_pieces_change_at_once(self, store: Store) -> None:
        """As many as there are in the world."""
        small = {f"m{number}": number / 8 for number in range(40)}
        large = load_catalog(scaled_document(acme(**small), 150))
        few = load_catalog(acme(**small))
        pasts = _write(store, few, large, few)
        assert [len(past) for past in pasts] == [41, 6_150, 41]
        assert len(store.changes(1, 2)) == 6_109
        assert [standing(store.changes(0, EVER), number) for number in (1, 2, 3)] == pasts

    def test_pruning_forgets_what_stood_only_in_older_revisions(self, store: Store) -> None:
        """What stands in one that is kept keeps its beginning; that one can still be put together, and so can all later ones."""
        pasts = _write(store, *samples())
        before, revisions = store.changes(0, EVER), store.revisions()
        assert store.prune(4) == 3
        found = store.changes(0, EVER)
        assert store.revisions() == revisions[:-3]
        assert found == tuple(version for version in before if version.until is None or version.until > 4)
        assert [standing(found, number) for number in range(4, len(pasts) + 1)] == pasts[3:]
        for version in before:
            assert (version in store.versions(version.part, version.key)) is (version in found)

    def test_pruning_the_oldest_that_is_kept_forgets_nothing(self, store: Store) -> None:
        """Nor does pruning what was forgotten before. But a run may have begun before it."""
        _write(store, *samples())
        store.prune(3)
        before = everything(store)
        assert [store.prune(number) for number in (3, 2, 1, 0)] == [0, 0, 0, 0]
        assert everything(store) == before
        store.record(run("old", 2, outcome="unchanged"))
        assert store.prune(3) == 0
        assert everything(store) == before

    def test_the_newest_revision_is_never_forgotten(self, store: Store) -> None:
        """Whatever number is asked for; and the store goes on from there."""
        one, two, three = samples()[:3]
        _write(store, one, two)
        loaded = store.load()
        assert store.prune(EVER) == 1
        assert store.load() == loaded
        assert [kept.number for kept in store.revisions()] == [2]
        commit(store, three, two)
        assert [(version.since, version.until) for version in store.versions("models", "acme/glider")] == [(1, 3)]

    def test_pruning_forgets_runs_that_began_before(self, store: Store) -> None:
        """Before the oldest revision that is kept was committed."""
        _write(store, *samples()[:3])
        for minute in (0, 1, 2, 3):
            store.record(run(f"run {minute}", minute, outcome="unchanged"))
        assert [kept.committed_at.minute - NOON.minute for kept in store.revisions()] == [3, 2, 1]
        store.prune(2)
        assert [kept.id for kept in store.refreshes(10)] == ["run 3", "run 2"]

    def test_pruning_leaves_what_is_held(self, store: Store) -> None:
        """Nobody has accepted it yet."""
        _write(store, *samples()[:3])
        newest = store.revisions()[0]
        store.hold(newest, b"held")
        store.prune(3)
        assert store.held() == (newest, b"held")


def _prices(store: Store, *prices: float | None) -> tuple[Version, ...]:
    """Return the versions of a model after revisions in which it had these prices, or was not there."""
    catalogs = [load_catalog(acme(kite=1) if price is None else acme(kite=1, rocket=price)) for price in prices]
    _write(store, *catalogs)
    return store.versions("models", ROCKET)


def _write(store: Store, *catalogs: Catalog) -> list[dict[tuple[str, str], str]]:
    """Commit one catalog after the other; return the pieces of each."""
    commit(store, catalogs[0])
    for old, new in pairwise(catalogs):
        commit(store, new, old)
    return [{(fact.part, fact.key): fact.raw or "" for fact in pieces(None, catalog)} for catalog in catalogs]
