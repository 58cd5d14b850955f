"""Runs: one at a time refreshes, and how each ended is kept."""
# ruff: noqa: S101  # tests assert

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from .samples import HOSTILE, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...stores.store import Store

__all__ = ["Runs"]

_LONG = 3_600.0
_SHORT = 0.2
_PATIENCE = 60.0


class Runs:
    """What ``lease``, ``release``, ``record`` and ``refreshes`` promise."""

    def test_one_at_a_time_refreshes(self, store: Store) -> None:
        """Who does may ask again; others are told that they may not."""
        assert [store.lease(holder, _LONG) for holder in ("one", "one", "other", "one")] == [True, True, False, True]

    def test_a_lease_that_was_given_back_is_free(self, store: Store) -> None:
        """It is given back by its holder and by nobody else."""
        store.lease("one", _LONG)
        store.release("other")
        assert store.lease("other", _LONG) is False
        store.release("one")
        assert store.lease("other", _LONG) is True
        store.release("one")
        assert store.lease("one", _LONG) is False

    def test_a_lease_ends_with_its_time(self, store: Store) -> None:
        """Then another gets it, and the one who had it does not."""
        store.lease("one", _SHORT)
        _until(lambda: store.lease("other", _LONG))
        assert store.lease("one", _LONG) is False

    def test_a_lease_that_is_asked_for_again_ends_later(self, store: Store) -> None:
        """Its first time is over, and it is not free."""
        store.lease("one", _SHORT)
        assert store.lease("one", _LONG) is True
        over = time.monotonic() + 2 * _SHORT
        while time.monotonic() < over:
            assert store.lease("other", _LONG) is False
            time.sleep(_SHORT / 10)

    def test_of_many_who_want_to_refresh_one_does(self, store: Store) -> None:
        """All ask at once."""
        barrier = Barrier(8)

        def ask(number: int) -> bool:
            barrier.wait()
            return store.lease(str(number), _LONG)

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, range(8))).count(True) == 1

    def test_runs_are_kept_in_place_and_newest_first(self, store: Store) -> None:
        """What a run says last is what is kept of it, where it began."""
        for minute, name in enumerate("abc"):
            store.record(run(name, minute, outcome="unchanged"))
        ended = run("b", 1, outcome="failed", error="no", duration=timedelta(seconds=1))
        store.record(ended)
        assert store.refreshes(10) == (run("c", 2, outcome="unchanged"), ended, run("a", outcome="unchanged"))

    @pytest.mark.parametrize("limit", [0, 1, 2, 30])
    def test_so_many_runs_are_read_as_are_asked_for(self, store: Store, limit: int) -> None:
        """The newest of them."""
        runs = [run(str(number), number, outcome="unchanged") for number in range(30)]
        for each in runs:
            store.record(each)
        assert store.refreshes(limit) == tuple(runs[::-1][:limit])

    @pytest.mark.parametrize("outcome", ["updated", "unchanged", "held", "failed", "crashed"])
    def test_a_run_comes_back_as_it_was(self, store: Store, outcome: str) -> None:
        """To the microsecond, set or not."""
        counts = dict.fromkeys(("added", "removed", "changed", "price_changes", "problems"), 2**31 - 1)
        every = run("every", 1, outcome=outcome, duration=timedelta(days=2, microseconds=1), source="a source", revision="1-abc", **counts)
        bare = run("bare", outcome=outcome)
        for each in (bare, every):
            store.record(each)
        assert store.refreshes(10) == (every, bare)
        assert [each.started_at.utcoffset() for each in store.refreshes(10)] == [timedelta(), timedelta()]

    def test_a_run_may_say_anything(self, store: Store) -> None:
        """An error speaks of what it met, and that may be any text."""
        runs = [run(f"run {number}", number, outcome="failed", source=text, reason=text, error=text) for number, text in enumerate(HOSTILE)]
        for each in runs:
            store.record(each)
        assert store.refreshes(len(runs)) == tuple(reversed(runs))

    def test_a_run_is_running_while_it_holds_the_lease(self, store: Store) -> None:
        """It is what it says when it has ended."""
        store.lease("one", _LONG)
        store.record(run("one"))
        assert [each.outcome for each in store.refreshes(10)] == ["running"]
        store.record(run("one", outcome="updated"))
        store.release("one")
        assert [each.outcome for each in store.refreshes(10)] == ["updated"]

    def test_a_run_that_lost_the_lease_has_crashed(self, store: Store) -> None:
        """Nobody need note it; and as nobody knows how long it ran, that stays unknown."""
        store.lease("one", _SHORT)
        store.record(run("one"))
        _until(lambda: store.refreshes(1)[0].outcome == "crashed")
        assert store.refreshes(1) == (run("one", outcome="crashed"),)

    def test_who_gets_the_lease_finds_the_runs_of_others_crashed(self, store: Store) -> None:
        """They stay so when that one has ended. Its own runs, and those that ended before, are what they say."""
        store.record(run("ended", outcome="updated"))
        store.lease("one", _SHORT)
        store.record(run("one", 1))
        _until(lambda: store.lease("other", _LONG))
        store.record(run("other", 2))
        assert [each.outcome for each in store.refreshes(10)] == ["running", "crashed", "updated"]
        store.record(run("other", 2, outcome="unchanged"))
        store.release("other")
        assert store.lease("one", _LONG) is True
        assert [each.outcome for each in store.refreshes(10)] == ["unchanged", "crashed", "updated"]

    def test_a_run_that_was_taken_for_dead_may_still_say_how_it_ended(self, store: Store) -> None:
        """It was only slow."""
        store.lease("one", _SHORT)
        store.record(run("one"))
        _until(lambda: store.lease("other", _LONG))
        store.record(run("one", outcome="failed", error="somebody else was faster"))
        assert store.refreshes(10) == (run("one", outcome="failed", error="somebody else was faster"),)


def _until(happened: Callable[[], bool]) -> None:
    """Ask again until it happened: leases end by the real clock."""
    last = time.monotonic() + _PATIENCE
    while not happened():
        assert time.monotonic() < last, f"nothing happened for {_PATIENCE:g} s"
        time.sleep(_SHORT / 10)
