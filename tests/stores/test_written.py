"""Revisions, runs, notes and results as JSON: all that they hold comes back, of the same type and to the last digit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import attrs
import pytest

from modelmeta.records import Benchmark, FrozenDict, ModelRef, PartialDate
from modelmeta.records.own import Note, OwnBenchmark
from modelmeta.stores.store import Refresh, Revision
from modelmeta.stores.written import read_benchmarks, read_notes, read_refresh, read_revision, write

NOON = datetime(2026, 11, 1, 12, 30, 15, 123_456, tzinfo=UTC)
REF = ModelRef("acme", "rocket/1")
LEAST = Revision(id="1-a", number=1, digest="a", kind="api", source="a source", committed_at=NOON)
TEXTS = ["", "nul \0 nul", "\ud800", "\ud83d\ude00", "\U0001f600", "\u2028", '"\\', "k" * 10_000]


@pytest.mark.parametrize(
    "revision",
    [
        LEAST,
        attrs.evolve(LEAST, scope=(), fetched_at="2026-11-01"),
        Revision(
            id="2-b",
            number=2,
            digest="b" * 64,
            kind="catalog",
            source="https://models.dev",
            validators=FrozenDict({"https://models.dev": '"etag"', "": ""}),
            scope=("acme", "openai"),
            fetched_at="2026-11-01T12:00:00+00:00",
            confirmed_at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30))),
            committed_at=NOON,
            models=8_337,
            providers=100,
            added=1,
            removed=2,
            changed=3,
            price_changes=4,
        ),
    ],
)
def test_a_revision_comes_back(revision):
    again = read_revision(write(revision))
    assert again == revision
    assert (type(again.validators), type(again.scope)) == (FrozenDict, type(revision.scope))


@pytest.mark.parametrize("duration", [None, timedelta(0), timedelta(microseconds=1), timedelta(days=400_000, microseconds=999_999)])
def test_a_run_comes_back(duration):
    run = Refresh(id="r", started_at=NOON, outcome="held", duration=duration, source="s", revision="1-a", problems=7, reason="r", error="e")
    assert read_refresh(write(run)) == run


@pytest.mark.parametrize("score", [Decimal("0.10"), Decimal("1E+3"), Decimal("-0"), Decimal(10) ** 40 + 1, "0.10", "C+", "", *TEXTS])
@pytest.mark.parametrize("date", [None, PartialDate("2026"), PartialDate("2026-02-31"), PartialDate("soon")])
def test_a_result_comes_back_to_the_last_digit(score, date):
    own = OwnBenchmark(ref=REF, benchmark=Benchmark(name="b", score=score, date=date, harness=""), written_at=NOON)
    (again,) = read_benchmarks(write([own]))
    assert again == own
    assert (type(again.benchmark.score), str(again.benchmark.score)) == (type(score), str(score))


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_comes_back(text):
    notes = [Note(ref=ModelRef(text, text), name=text, text=text, written_at=NOON), Note(ref=REF, name="n", text="t", written_at=NOON)]
    assert read_notes(write(notes)) == notes
    told = Benchmark(name=text, score=text, metric=text, harness=text, variant=text, dataset=text, version=text, source=text)
    assert read_benchmarks(write([OwnBenchmark(ref=REF, benchmark=told, written_at=NOON)]))[0].benchmark == told


def test_what_is_written_is_json():
    assert json.loads(write(LEAST))["committed_at"] == "2026-11-01T12:30:15.123456+00:00"
