"""The ledger: what was used, at the price of that moment, in the order in which it was written."""
# ruff: noqa: S101  # tests assert, and what they expect is a literal

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs
import pytest

from ...records.frozen import FrozenDict
from ...records.usage import Usage
from .samples import EVER, HOSTILE, NOON, entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...records.ledger import Entry
    from ...stores.store import Store

__all__ = ["Ledger"]

_DAY = timedelta(days=1)
_MOST = 10**18
_TOTALS = ("0", "3.090000", "0.000037", "1E-300", "123456789012345678901234567890.5", "0.1000000000000000055511151231257827", "1E+500")


def _names(entries: tuple[Entry, ...]) -> list[str]:
    return [each.id for each in entries]


class Ledger:
    """What ``book``, ``booked`` and ``unbook`` promise."""

    def test_an_entry_comes_back_as_it_was(self, store: Store) -> None:
        """Each of its facts, set or not, with its time to the microsecond."""
        usage = Usage(*(_MOST, _MOST - 1, 1, 2, 3, 4, 5))
        full = entry("full", usage=usage, tags={"team": "search", "batch": ""}, tier=272_000, mode="fast", revision="3-0123456789ab")
        bare = attrs.evolve(entry("bare"), total=None, state="unpriced", rates=FrozenDict({"input": None, "output": Decimal("1.10")}))
        store.book([full, bare])
        kept = store.booked(0, EVER)
        assert kept == (full, bare)
        assert [each.at.utcoffset() for each in kept] == [timedelta()] * 2
        assert {type(each) for entry in kept for each in (entry.tags, entry.rates)} == {FrozenDict}

    @pytest.mark.parametrize("total", _TOTALS)
    def test_an_amount_keeps_all_its_digits(self, store: Store, total: str) -> None:
        """So does a rate."""
        store.book([entry(total=Decimal(total), rates={"input": Decimal(total)})])
        (kept,) = store.booked(0, EVER)
        assert (repr(kept.total), repr(kept.rates["input"])) == (repr(Decimal(total)),) * 2

    def test_an_entry_says_anything(self, store: Store) -> None:
        """In its tags, its mode and the name of its model."""
        said = [
            entry(f"e{place}", f"{text.replace('/', '') or 'acme'}/{text or 'x'}", tags={text: text}, mode=text)
            for place, text in enumerate(HOSTILE)
        ]
        store.book(said)
        assert store.booked(0, EVER) == tuple(said)

    def test_entries_are_numbered_in_the_order_in_which_they_were_written(self, store: Store) -> None:
        """Whenever they were used."""
        for names in ("b", "ca", ""):
            store.book([entry(name, minute=-ord(name)) for name in names])
        kept = store.booked(0, EVER)
        assert _names(kept) == ["b", "c", "a"]
        numbers = [each.number or 0 for each in kept]
        assert numbers == sorted(set(numbers))
        assert numbers[0] > 0

    def test_entries_are_read_page_by_page(self, store: Store) -> None:
        """The next page begins after the last number."""
        store.book([entry(f"e{number}") for number in range(5)])
        pages: list[list[str]] = []
        after = 0
        while page := store.booked(after, 2):
            pages.append(_names(page))
            after = page[-1].number or 0
        assert pages == [["e0", "e1"], ["e2", "e3"], ["e4"]]
        assert store.booked(0, 0) == ()

    def test_entries_are_read_of_a_time(self, store: Store) -> None:
        """From its beginning up to, and without, its end; page by page too, and whatever the order in which they were written."""
        store.book([entry(f"e{minute}", minute=minute) for minute in (0, 3, 1, 4, 2, 3 * 24 * 60)])
        one, three = (NOON + timedelta(minutes=minute) for minute in (1, 3))
        assert _names(store.booked(0, EVER, one, three)) == ["e1", "e2"]
        assert _names(store.booked(0, EVER, since=three)) == ["e3", "e4", "e4320"]
        assert _names(store.booked(0, EVER, until=three)) == ["e0", "e1", "e2"]
        first = store.booked(0, 1, one, three)
        assert _names(store.booked(first[0].number or 0, 1, one, three)) == ["e2"]
        assert store.booked(0, EVER, since=NOON + 9 * _DAY) == ()
        assert store.booked(0, EVER, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)) == store.booked(0, EVER)

    def test_what_is_written_again_is_kept_once(self, store: Store) -> None:
        """Whoever did not hear the answer may send it again."""
        store.book([entry("a"), entry("b")])
        store.book([entry("b"), entry("c")])
        assert _names(store.booked(0, EVER)) == ["a", "b", "c"]
        numbers = [each.number for each in store.booked(0, EVER)]
        store.book([entry("a")])
        assert [each.number for each in store.booked(0, EVER)] == numbers

    def test_what_is_older_is_forgotten(self, store: Store) -> None:
        """How much that was is told, and no number is given again."""
        store.book([entry(f"e{minute}", minute=minute) for minute in range(4)])
        last = store.booked(0, EVER)[-1].number or 0
        assert store.unbook(NOON + timedelta(minutes=3)) == len("012")
        assert _names(store.booked(0, EVER)) == ["e3"]
        assert store.unbook(NOON + _DAY) == 1
        assert store.unbook(NOON + _DAY) == 0
        store.book([entry("new")])
        assert _names(store.booked(last, EVER)) == ["new"]

    def test_the_ledger_survives_everything_else(self, store: Store, reopen: Callable[[Store], Store]) -> None:
        """Opening again too."""
        store.book([entry("a")])
        store.hold(None)
        store.prune(1)
        again = reopen(store)
        again.book([entry("a"), entry("b")])
        assert _names(again.booked(0, EVER)) == ["a", "b"]

    def test_who_reads_while_others_write_misses_nothing(self, store: Store, other: Store) -> None:
        """Who goes on from the greatest number read reads each entry once."""
        writers = [[f"{writer}-{number}" for number in range(30)] for writer in range(4)]
        every = sorted(name for names in writers for name in names)

        def write(names: list[str], to: Store) -> None:
            for start in range(0, len(names), 3):
                to.book([entry(name) for name in names[start : start + 3]])

        read: list[str] = []
        after = 0
        with ThreadPoolExecutor(4) as threads:
            writing = [threads.submit(write, names, to) for names, to in zip(writers, [store, other] * 2, strict=True)]
            while len(read) < len(every) and not (all(done.done() for done in writing) and not store.booked(after, 1)):
                for each in store.booked(after, 7):
                    read.append(each.id)
                    after = each.number or 0
            for done in writing:
                done.result()
        assert sorted(read) == every
