"""What was and what changed, beside an oracle that keeps every document itself and compares them in pairs."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import Change, Registry, RevisionNotFoundError, dump_catalog, load_catalog
from modelmeta.catalog.diff import compare_catalogs
from modelmeta.sources.source import Fetched
from modelmeta.testing import FakeClock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
KINDS = ("added", "removed", "price", "limit", "capability", "status", "metadata")
NOTHING = {"models": {}, "providers": {}}


class Shelf:
    """A source of one document."""

    name = "the shelf"

    def __init__(self):
        self.document = NOTHING

    def fetch(self, validator):
        """Return the document, whatever was known."""
        del validator
        return Fetched(json.dumps(self.document).encode())


class Oracle:
    """Lets a registry live through documents, and keeps what it should know of them."""

    def __init__(self, **options):
        self.clock, self.shelf = FakeClock(NOON), Shelf()
        self.options = {"source": self.shelf, "clock": self.clock, **options}
        self.documents: list[dict[str, Any]] = []
        self.revisions: list[Any] = []
        self.changed: list[Change] = []

    def read(self, registry, document):
        """Let *registry* refresh to *document*, an hour later."""
        self.clock.advance(HOUR)
        self.shelf.document = copy.deepcopy(document)
        report = registry.refresh(accept=True)
        if not self.documents or self.documents[-1] != document:
            before = self.documents[-1] if self.documents else NOTHING
            self.documents.append(self.shelf.document)
            self.revisions.append(registry.world().store.head())
            self.changed += self.told(before, document)
        assert report.revision == self.revisions[-1].id == registry.status().revision

    def told(self, before, after):
        """Return the changes from one document to another, as the newest revision tells them."""
        revision, changes = self.revisions[-1], compare_catalogs(load_catalog(before), load_catalog(after))
        return [attrs.evolve(change, revision=revision.id, at=revision.committed_at) for change in changes]

    def changes(self, after=0, upto=10**6, kinds=KINDS):
        """Return the changes of the revisions *after* < number <= *upto*, as a history lists them."""
        numbers = {revision.id: revision.number for revision in self.revisions}
        told = [change for change in self.changed if after < numbers[change.revision] <= upto and change.kind in kinds]
        return tuple(sorted(told, key=lambda change: (numbers[change.revision], str(change.ref))))

    def at(self, when):
        """Return the number of the revision that was read at *when*, 0 where none was."""
        return max((revision.number for revision in self.revisions if revision.committed_at <= when), default=0)

    @property
    def refs(self):
        """Every model that ever was."""
        return {str(change.ref) for change in self.changed}

    def check(self, registry, oldest=1):
        """Compare all that *registry* answers, of a store that was pruned to the revision *oldest*."""
        kept = self.revisions[oldest - 1 :]
        assert [revision.id for revision in registry.revisions()] == [revision.id for revision in kept]
        for revision, document in zip(kept, self.documents[oldest - 1 :], strict=True):
            self.check_catalog(registry.as_of(revision.id), revision, document)
        told_after = 0 if oldest == 1 else oldest
        for ref in self.refs:
            told = tuple(change for change in self.changes(told_after) if str(change.ref) == ref)
            if told or ref in registry:
                assert registry.history(ref) == told
        everything = self.changes(told_after)
        assert registry.changes() == everything
        ids = {revision.id: revision.number for revision in kept}
        for since, after in ids.items():
            for until, upto in ids.items():
                assert registry.changes(since=since, until=until) == self.changes(max(after, told_after), upto)
        for kind in KINDS:
            assert registry.changes(kinds=kind) == tuple(change for change in everything if change.kind == kind)

    def check_catalog(self, catalog, revision, document):
        """Compare a past catalog with its document."""
        assert dump_catalog(catalog) == document
        expected = load_catalog(document)
        assert (
            (catalog.content.digest, catalog.content.kind)
            == (expected.content.digest, expected.content.kind)
            == (revision.digest, "catalog.json")
        )
        assert [*catalog] == [*expected]
        assert (catalog.problems, catalog.lab_models, catalog.providers()) == (expected.problems, expected.lab_models, expected.providers())
        assert (catalog.content.source, catalog.content.fetched_at) == ("the shelf", revision.fetched_at)


CELL = st.sampled_from(
    [
        *({"cost": {"input": price}} for price in (0, 1, 2.5)),
        *({"cost": {"input": 1}, "limit": {"context": context}} for context in (5, 10)),
        {"cost": {"input": 1}, "tool_call": True},
        {"cost": {"input": 1}, "status": "deprecated"},
        {"cost": {"input": 1}, "name": "Another \ud83d"},
        {"limit": "no limit"},
        5,
    ]
)
SELLER = st.fixed_dictionaries(
    {"name": st.sampled_from(["Acme", "Acme Duo"]), "models": st.dictionaries(st.sampled_from(["a", "b", "c/d", "'"]), CELL, max_size=3)}
)
LAB = st.sampled_from([{"limit": {}}, {"limit": {}, "benchmarks": [{"name": "race", "score": 1.50}]}, {"limit": 5}])
DOCUMENT = st.fixed_dictionaries(
    {
        "models": st.dictionaries(st.sampled_from(["acme/a", "acme/b"]), LAB, max_size=1),
        "providers": st.dictionaries(st.sampled_from(["acme", "beta", "\0"]), SELLER | st.just(7), max_size=2),
    }
)


@st.composite
def lives(draw):
    """Return documents of which each is any, one that was there before, or the one before with one provider from another."""
    life = [draw(DOCUMENT)]
    for _ in range(draw(st.integers(0, 7))):
        other = draw(DOCUMENT | st.sampled_from(life))
        edited = {**life[-1], "providers": {**life[-1]["providers"], **dict([*other["providers"].items()][:1])}}
        life.append(draw(st.sampled_from([other, edited, life[-1]])))
    return life


@settings(max_examples=60)
@given(lives())
def test_every_past_is_as_the_documents_say(life):
    oracle = Oracle()
    with Registry(**oracle.options) as registry:
        for each in life:
            oracle.read(registry, each)
        oracle.check(registry)


@settings(max_examples=40)
@given(lives(), st.integers(1, 9))
def test_a_pruned_past_begins_later_and_is_the_same_from_there(life, keep):
    oracle = Oracle()
    with Registry(**oracle.options) as registry:
        for each in life:
            oracle.read(registry, each)
        gone = registry.prune(keep=keep)
        assert gone == max(0, len(oracle.revisions) - keep)
        oracle.check(registry, oldest=gone + 1)
        for revision in oracle.revisions[:gone]:
            with pytest.raises(RevisionNotFoundError, match="the oldest that is kept is of 2026-11-24"):
                registry.as_of(revision)
        oracle.read(registry, {"models": {}, "providers": {"acme": {"models": {"a": {"cost": {"input": 99}}}}}})
        oracle.check(registry, oldest=gone + 1)


@settings(max_examples=40)
@given(lives(), st.lists(st.sampled_from([-9 * HOUR, -HOUR, HOUR]), max_size=8), st.data())
def test_a_time_means_the_revision_that_was_read_then_however_the_clock_jumps(life, jumps, data):
    oracle = Oracle()
    with Registry(**oracle.options) as registry:
        for number, each in enumerate(life):
            oracle.clock.jump(jumps[number] if number < len(jumps) else HOUR)
            oracle.read(registry, each)
        assert [*oracle.revisions] == sorted(oracle.revisions, key=attrgetter("committed_at"))
        times = sorted({revision.committed_at + by for revision in oracle.revisions for by in (-TICK, timedelta(), TICK)})
        for when in times:
            number = oracle.at(when)
            if number:
                assert registry.as_of(when) is registry.as_of(oracle.revisions[number - 1])
            else:
                with pytest.raises(RevisionNotFoundError):
                    registry.as_of(when)
        since, until = (data.draw(st.sampled_from(times)) for _ in range(2))
        assert registry.changes(since=since, until=until) == oracle.changes(oracle.at(since), oracle.at(until))
