"""Columns hold what a database can hold, and reading gives back what was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import load_catalog
from modelmeta.records.facts import Fact, Version
from modelmeta.records.frozen import FrozenDict
from modelmeta.stores.sql import columns
from modelmeta.stores.store import place_of
from modelmeta.testing.stores.samples import HOSTILE, NOON, note, result, revision, run

UNHELD = ("\0", *map(chr, range(0xD800, 0xE000, 0x3F)))
REPLACED = "\N{REPLACEMENT CHARACTER}"


def read_result(row):
    """Return the result that a row of all columns but ``origin``, which is not asked for, is."""
    return columns.read_benchmark({name: value for name, value in row.items() if name != "origin"})


def holds(text):
    """Return whether any database can hold *text* in a column with an index."""
    return len(text.encode()) <= 400 and "\0" not in text


@pytest.mark.parametrize("text", ["", "gpt-4o", "a/b:c@d", "é" * 200, "🦖" * 100, "x" * 400, "…", "x…" + "0" * 63])
def test_a_key_is_the_text_itself(text):
    assert columns.key(text) == text


@pytest.mark.parametrize("text", ["x" * 401, "é" * 201, "🦖" * 101, "a\0b", "a\ud83d", "n" * 10_000])
def test_a_key_that_no_index_holds_is_its_beginning_and_its_digest(text):
    beginning, digest = columns.key(text).split("…")
    assert text.replace("\0", REPLACED).replace("\ud83d", REPLACED).startswith(beginning)
    assert len(digest) == 64
    assert holds(columns.key(text))


def test_a_key_that_looks_like_a_shortened_one_is_shortened_too():
    short = columns.key("n" * 10_000)
    assert columns.key(short) != short
    assert columns.key(columns.key(short)) != columns.key(short)


def test_no_two_keys_are_taken_for_one():
    texts = {*HOSTILE, *map(columns.key, HOSTILE), "\ud83d\ude00", "😀", *("a" + each for each in UNHELD)}
    assert len({columns.key(text) for text in texts}) == len(texts)


@given(st.text(st.characters(codec=None), max_size=600))
def test_any_key_can_be_held(text):
    assert holds(columns.key(text))


def test_a_model_is_known_by_its_whole_reference():
    for text in HOSTILE:
        provider_id, model_id = text.replace("/", "") or "p", text or "m"
        row = columns.version_row(Fact("models", f"{provider_id}/{model_id}", "{}"), 3)
        assert (row["provider_id"], row["model_id"]) == (columns.key(provider_id), columns.key(model_id))
        told = {**{name: row[name] for name in ("provider_id", "model_id", "raw", "exact")}, "valid_from": 3, "valid_to": None}
        assert columns.read_version(told) == Version("models", f"{provider_id}/{model_id}", "{}", 3)


def test_exact_is_only_there_where_columns_lose_something():
    assert columns.own_row(note())["exact"] is None
    assert columns.own_row(note(name="a\0b", text="c"))["exact"] == '{"name": "a\\u0000b"}'
    assert columns.own_row(note(name="a", text="c\ud83d"))["exact"] == '{"text": "c\\ud83d"}'
    assert columns.own_row(note(text="c\ud83d"))["text"] == f"c{REPLACED}"


def test_revisions_and_runs_say_anything():
    for text in HOSTILE:
        each = attrs.evolve(
            revision(source=text, fetched_at=text, scope=(text, ""), confirmed_at=NOON), validators=FrozenDict({text: text})
        )
        assert columns.read_revision(columns.revision_row(each)) == each
        each = run(text, source=text, reason=text, error=text, revision=text, duration=timedelta())
        assert columns.read_refresh(columns.refresh_row(each)) == each


def test_what_is_not_known_stays_so():
    each = revision()
    assert columns.read_revision(columns.revision_row(each)) == each
    assert columns.read_refresh(columns.refresh_row(run("x"))) == run("x")
    assert (columns.revision_row(each)["scope"], columns.refresh_row(run("x"))["duration"]) == (None, None)


def test_times_are_read_from_text_and_from_other_zones_as_utc():
    row = columns.own_row(note())
    for written in (NOON, NOON.isoformat(), NOON.astimezone(timezone(timedelta(hours=5)))):
        read = columns.read_note({**row, "written_at": written})
        assert read == note()
        assert read.written_at.tzinfo is UTC


@pytest.mark.parametrize("score", ["0", "5", "5.0", "86.1", "-3.25", "0.001", "9223372036854775807"])
def test_a_plain_score_is_in_its_column(score):
    row = columns.own_row(result(score=Decimal(score)))
    assert (row["score"], row["score_text"], row["exact"]) == (Decimal(score), None, None)


@pytest.mark.parametrize("score", ["1.50", "-0", "1E+3", "1E-30", "9223372036854775808", "0.1000000000000000055511151231257827"])
def test_a_score_whose_digits_a_column_may_not_keep_is_kept_exactly_beside_it(score):
    row = columns.own_row(result(score=Decimal(score)))
    assert row["score"] == Decimal(score)
    assert str(read_result({**row, "score": float(row["score"])}).benchmark.score) == score


@pytest.mark.parametrize("score", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+1000000", "1E-401", "1E+401"])
def test_a_score_that_no_column_holds_is_kept_beside_it(score):
    row = columns.own_row(result(score=Decimal(score)))
    assert row["score"] is None
    assert str(read_result(row).benchmark.score) == score


def test_a_score_may_be_any_text():
    for text in HOSTILE:
        each = result(score=text, metric=text, variant=text or None)
        assert read_result(columns.own_row(each)) == each


def test_a_word_that_is_not_there_is_the_empty_text_in_a_key():
    bare, empty = columns.own_row(result(score="x")), columns.own_row(result(score="x", metric="", variant=""))
    assert [bare[name] for name in ("metric", "variant", "harness", "version")] == [""] * 4
    assert bare["exact"] is None
    assert empty["exact"] == '{"metric": "", "variant": ""}'


def model(**facts):
    catalog = load_catalog({"p": {"name": "P", "models": {"m": {"id": "m", **facts}}}})
    return columns.model_row(catalog.get("p/m"))


def test_what_nobody_said_of_a_model_is_null():
    row = model(name="M")
    assert {name: value for name, value in row.items() if value is not None} == {
        "provider_id": "p",
        "model_id": "m",
        "name": "M",
        "price_state": "unpriced",
    }


def test_a_model_says_what_upstream_says():
    cost = {"input": 0.1, "output": 3, "cache_read": 0, "cache_write": 1.25, "reasoning": 5, "input_audio": 6, "output_audio": 7}
    row = model(
        name="M",
        family="f",
        type="chat",
        status="beta",
        description="d",
        release_date="2026-11",
        last_updated="2026",
        knowledge="soon",
        attachment=False,
        reasoning=True,
        tool_call=True,
        structured_output=False,
        temperature=True,
        open_weights=True,
        interleaved={"field": "reasoning"},
        modalities={"input": ["text", "image"], "output": ["text", "audio"]},
        limit={"context": 200_000, "input": 180_000, "output": 0},
        cost=cost,
    )
    assert {name: str(value) for name, value in row.items() if name.startswith("cost_")} == {
        f"cost_{name}": str(value) for name, value in cost.items()
    }
    assert (row["context"], row["input_limit"], row["output_limit"]) == (200_000, 180_000, None)
    assert [row[name] for name in ("release_date", "last_updated", "knowledge")] == ["2026-11", "2026", "soon"]
    assert (row["input_modalities"], row["output_modalities"]) == ('["text", "image"]', '["text", "audio"]')
    flags = {name for name, value in row.items() if value is True}
    assert flags == {"reasoning", "tool_call", "temperature", "open_weights", "interleaved", "vision", "audio_output"}
    assert {name for name, value in row.items() if value is False} == {
        *("attachment", "structured_output", "audio_input", "video_input", "pdf_input", "image_output", "video_output")
    }


def test_a_limit_that_no_column_holds_is_null():
    assert model(limit={"context": 2**63, "output": 2**63 - 1})["context"] is None
    assert model(limit={"context": 2**63, "output": 2**63 - 1})["output_limit"] == 2**63 - 1


def test_texts_of_models_and_providers_can_be_held():
    for text in HOSTILE:
        words = dict.fromkeys(("name", "family", "description", "status", "release_date", "canonical_model_id"), text)
        catalog = load_catalog({"p": {"name": text, "doc": text, "env": [text], "models": {"m": words}}})
        for row in (columns.model_row(catalog.get("p/m")), columns.provider_row(catalog.provider("p"))):
            texts = [value for value in row.values() if isinstance(value, str)]
            assert "\0" not in "".join(texts)
            assert "".join(texts).encode()


def test_own_results_and_notes_are_ordered_by_model_and_key():
    mine = [result("b/m"), result("a/m", metric="x"), result("a/m")]
    assert sorted(mine, key=place_of) == mine[::-1]
    assert place_of(attrs.evolve(note("a/m"), name="n")) == ("a/m", "n")
    assert place_of(result("a/m", "race")) == ("a/m", "race", "", "", "", "")


def test_a_time_of_writing_is_that_of_the_record():
    assert columns.own_row(result())["written_at"] == NOON
    assert columns.own_row(note())["written_at"] == datetime(2026, 11, 1, 12, 30, 15, 123_456, tzinfo=UTC)
