"""What other parts of modelmeta keep in a store: small texts, replaced by compare-and-set."""
# ruff: noqa: S101  # tests assert, and what they expect is a literal

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...stores.store import Store

__all__ = ["Entries"]


class Entries:
    """What ``kinds``, ``entries`` and ``swap`` promise."""

    def test_an_entry_is_made_replaced_and_removed_by_who_knows_what_is_there(self, store: Store) -> None:
        """And by nobody else."""
        assert store.entries("hook") == {}
        assert store.swap("hook", "a", None, "1")
        assert not store.swap("hook", "a", None, "2")
        assert not store.swap("hook", "a", "2", "3")
        assert store.swap("hook", "a", "1", "2")
        assert store.entries("hook") == {"a": "2"}
        assert not store.swap("hook", "a", "1", None)
        assert store.swap("hook", "a", "2", None)
        assert store.entries("hook") == {}
        assert store.swap("hook", "a", None, None)

    def test_kinds_know_nothing_of_each_other(self, store: Store) -> None:
        """Keys are ordered."""
        for kind, key in (("hook", "b"), ("hooks", "a"), ("hook", "a")):
            assert store.swap(kind, key, None, f"{kind} {key}")
        assert store.entries("hook") == {"a": "hook a", "b": "hook b"}
        assert list(store.entries("hook")) == ["a", "b"]
        assert store.entries("hooks") == {"a": "hooks a"}
        assert store.kinds() == ("hook", "hooks")
        assert store.swap("hooks", "a", "hooks a", None)
        assert store.kinds() == ("hook",)

    def test_of_many_who_swap_at_once_one_succeeds(self, store: Store) -> None:
        """Whatever the threads do."""
        with ThreadPoolExecutor(8) as threads:
            for number in range(5):
                old = None if number == 0 else store.entries("hook")["a"]
                won = [*threads.map(lambda each, old=old, number=number: store.swap("hook", "a", old, f"{number} by {each}"), range(8))]
                assert won.count(True) == 1
