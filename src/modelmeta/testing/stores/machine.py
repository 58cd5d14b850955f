"""Anything, in any order: random operations on a store and on one in memory, of which every answer is compared."""
# ruff: noqa: S101  # tests assert

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ...records.facts import Version
from ...records.frozen import FrozenDict
from ...registry.catalogs import load_catalog
from ...stores.memory import MemoryStore
from ..strategies import documents
from .samples import EVER, HOSTILE, NOON, entry, everything, note, pieces, result, revision, run, samples, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...catalog.catalog import Catalog
    from ...records.ledger import Entry
    from ...records.own import Note, OwnBenchmark
    from ...stores.store import RefreshOutcome, Store

__all__ = ["Anything"]

_LONG = 3_600.0
_QUICK = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

_texts = st.integers(0, len(HOSTILE) - 1).map(lambda number: HOSTILE[number]) | st.text(max_size=8)
_models = st.sampled_from(["acme/rocket", "acme/glider", "a-x/m", "a/m", "a/\0", "a/\ud83d"])
_names = st.sampled_from(["", "a", "A"]) | _texts
_words = st.none() | _names
_notes = st.builds(note, _models, _names, _texts)
_scores = st.builds(Decimal.scaleb, st.integers(-(10**20), 10**20).map(Decimal), st.integers(-12, 0)) | _texts
_results = st.builds(result, _models, _names, _scores, metric=_words, variant=_words, harness=_words, version=_words, dataset=_words)
_own: st.SearchStrategy[Note | OwnBenchmark] = _notes | _results
_outcomes = st.sampled_from(["running", "updated", "unchanged", "held", "failed"])
_holders = st.sampled_from("abc")
_places = st.integers(0, 30)
_minutes = st.integers(-5_000, 5_000)
_booked = st.builds(entry, st.sampled_from("abcdefgh"), _models, _minutes, mode=_words, tags=st.dictionaries(_names, _names, max_size=2))
_flawed = st.builds(load_catalog, documents(flawed=True))


@st.composite  # hypothesis prints the strategies of rules: this one by its name
def _catalogs(draw: st.DrawFn) -> Catalog:
    place = draw(_places)
    return samples()[place % len(samples())] if place else draw(_flawed)


class Anything:
    """What is true of any document, and after any operations."""

    lasts: ClassVar[bool]

    def test_any_document_is_kept_to_the_letter(self, open_store: Callable[[str], Store]) -> None:
        """However flawed it is: as new, as what replaces another, and when it is gone."""
        names = map("document_{}".format, count())

        @_QUICK
        @given(_flawed)
        def keeps(catalog: Catalog) -> None:
            store, sample = open_store(next(names)), samples()[0]
            try:
                base = None
                for number, (old, new) in enumerate([(None, catalog), (catalog, sample), (sample, catalog)], 1):
                    made = revision(number)
                    assert store.commit(made, bytes(snapshot(new)), pieces(old, new), base=base) is True
                    base = made.id
                found = store.changes(0, EVER)
                expected = [Version(fact.part, fact.key, fact.raw or "", 1) for fact in pieces(None, catalog)]
                first = [attrs.evolve(version, until=None) for version in found if version.since == 1]
                assert sorted(first, key=attrs.astuple) == sorted(expected, key=attrs.astuple)
                standing = [attrs.evolve(version, since=1) for version in found if version.until is None]
                assert sorted(standing, key=attrs.astuple) == sorted(expected, key=attrs.astuple)
            finally:
                store.close()

        keeps()

    def test_after_any_operations_it_is_as_a_store_in_memory(self, open_store: Callable[[str], Store]) -> None:
        """Every answer on the way is the same."""
        names = map("machine_{}".format, count())
        run_state_machine_as_test(lambda: _Machine(open_store, next(names), lasts=self.lasts), settings=_QUICK)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # any function will do


class _Machine(RuleBasedStateMachine):
    """Does the same to both stores."""

    def __init__(self, open_store: Callable[[str], Store], name: str, *, lasts: bool) -> None:
        super().__init__()
        self.open, self.name, self.lasts = open_store, name, lasts
        self.store, self.memory = open_store(name), MemoryStore()
        self.catalog: Catalog | None = None
        self.minutes, self.times_opened = count(), 0

    def both(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Return what both stores answer."""
        expected, answer = (getattr(store, method)(*args, **kwargs) for store in (self.memory, self.store))
        assert answer == expected, method
        return answer

    @rule(catalog=_catalogs(), step=st.integers(1, 3))
    def commit(self, catalog: Catalog, step: int) -> None:
        """Replace the newest revision."""
        head = self.memory.head()
        made = self.made((head.number if head else 0) + step)
        facts = pieces(self.catalog, catalog)
        assert self.both("commit", made, bytes(snapshot(catalog)), facts, base=head and head.id)
        self.catalog = catalog

    @rule(catalog=_catalogs(), base=st.none() | st.sampled_from(["", "1-abc"]))
    def commit_late(self, catalog: Catalog, base: str | None) -> None:
        """Fail to replace what is not the newest revision."""
        if base is not None or self.memory.head() is not None:
            assert not self.both("commit", self.made(EVER), b"", pieces(self.catalog, catalog), base=base)

    @rule(text=_texts, older=st.booleans())
    def confirm(self, text: str, *, older: bool) -> None:
        """Confirm the newest revision, or what is none."""
        head = self.memory.head()
        if head is not None:
            confirmed = attrs.evolve(head, validators=FrozenDict({text: text}), confirmed_at=self.now(), source=text)
            self.both("confirm", attrs.evolve(confirmed, id="0-abc") if older else confirmed)

    @rule(data=st.none() | st.binary(max_size=20))
    def hold(self, data: bytes | None) -> None:
        """Hold something, or nothing."""
        self.both("hold", None if data is None else self.made(EVER), data or b"")

    @precondition(lambda self: self.memory.head() is not None)
    @rule(place=_places)
    def prune(self, place: int) -> None:
        """Forget all but the newest revisions."""
        kept = self.memory.revisions()
        self.both("prune", kept[place % len(kept)].number)

    @rule(holder=_holders)
    def lease(self, holder: str) -> None:
        """Ask to refresh."""
        self.both("lease", self.called(holder), _LONG)

    @rule(holder=_holders)
    def release(self, holder: str) -> None:
        """Let others refresh."""
        self.both("release", self.called(holder))

    @rule(holder=_holders, outcome=_outcomes, error=st.none() | _texts)
    def record(self, holder: str, outcome: RefreshOutcome, error: str | None) -> None:
        """Begin a run, or say how it goes."""
        known = {kept.id: kept.started_at for kept in self.memory.refreshes(EVER)}
        name = self.called(holder)
        begun = attrs.evolve(run(name), started_at=known.get(name) or self.now())
        self.both("record", attrs.evolve(begun, outcome=outcome, error=error, duration=timedelta(seconds=len(known))))

    @rule(own=_own)
    def put(self, own: Note | OwnBenchmark) -> None:
        """Keep what a user knows."""
        self.both("put", own)

    @rule(own=_own, place=_places)
    def discard(self, own: Note | OwnBenchmark, place: int) -> None:
        """Forget what a user knows, if it is there."""
        known = [own, *self.known()]
        self.both("discard", known[place % len(known)])

    @rule(entries=st.lists(_booked, max_size=4, unique_by=lambda each: each.id))
    def book(self, entries: list[Entry]) -> None:
        """Keep entries of the ledger, new ones and old ones."""
        self.both("book", entries)

    @rule(minute=_minutes)
    def unbook(self, minute: int) -> None:
        """Forget those of before a time."""
        self.both("unbook", NOON + timedelta(minutes=minute))

    @rule(since=st.none() | _minutes, until=st.none() | _minutes, limit=_places)
    def booked(self, since: int | None, until: int | None, limit: int) -> None:
        """Ask for those of a time."""
        self.both("booked", 0, limit, *(None if minute is None else NOON + timedelta(minutes=minute) for minute in (since, until)))

    @rule(place=_places, after=_places, upto=_places, limit=_places)
    def ask(self, place: int, after: int, upto: int, limit: int) -> None:
        """Ask what is asked with something."""
        versions = self.memory.changes(0, EVER)
        if versions:
            asked = versions[place % len(versions)]
            assert self.both("versions", asked.part, asked.key)
        self.both("changes", after, upto)
        self.both("refreshes", limit)
        for own in self.known():
            self.both("notes", own.ref)
            self.both("benchmarks", own.ref)
        head = self.memory.head()
        self.both("wait", head and head.id, 0)
        self.both("wait", "unknown", 0)

    @precondition(lambda self: self.lasts)
    @rule()
    def reopen(self) -> None:
        """Open the store again, which was nobody's to refresh."""
        for holder in "abc":
            self.both("release", self.called(holder))
        self.times_opened += 1
        self.store.close()
        self.store = self.open(self.name)

    @invariant()
    def they_are_equal(self) -> None:
        """All that one keeps, the other keeps."""
        assert everything(self.store) == everything(self.memory)

    def teardown(self) -> None:
        """Close the store."""
        self.store.close()

    def known(self) -> list[Note | OwnBenchmark]:
        """Return what users know."""
        return [*self.memory.notes(None), *self.memory.benchmarks(None)]

    def called(self, holder: str) -> str:
        """Return a name of its own for each time the store was opened: the runs of before have crashed."""
        return f"{holder}{self.times_opened}"

    def now(self) -> Any:
        """Return a later time than ever before."""
        return NOON + timedelta(minutes=next(self.minutes))

    def made(self, number: int) -> Any:
        """Return a revision of now."""
        return attrs.evolve(revision(number), committed_at=self.now())
