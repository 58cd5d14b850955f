"""A snapshot in pieces: whatever is cut comes together again, forwards and backwards, to the byte."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from modelmeta import DecodeError, Fact, dump_catalog, load_catalog
from modelmeta.catalog.catalog import Catalog
from modelmeta.codec.pieces import assemble, cut, read_row
from modelmeta.codec.snapshot import Snapshot
from modelmeta.testing.strategies import documents, json_texts, json_values, rows

DAYS = ("2026-03-01", "2026-04-01", "2026-05-21", "2026-07-02", "2026-09-30")
LAB = {"name": "M", "limit": {"context": 5}, "benchmarks": [{"name": "race", "score": 3.50}, {"name": "race", "score": "fast"}]}
LABS = st.dictionaries(st.sampled_from(["lab/m", "lab/n", "lab/a/b"]), rows() | json_values() | st.just(LAB), max_size=3)
ANY = st.one_of(
    documents(flawed=True),
    documents(),
    LABS.map(lambda labs: {**labs, "lab/x": LAB}),
    st.builds(lambda labs, providers: {"models": labs, "providers": providers}, LABS, documents(flawed=True)),
)


@st.composite
def pairs(draw) -> tuple[Snapshot, Snapshot]:
    """Return two snapshots: of any two documents, or of one and what became of it."""
    old = draw(ANY)
    new = {**draw(ANY), **{key: value for key, value in old.items() if draw(st.booleans())}}
    try:
        return read(draw(json_texts(st.just(old)))), read(draw(json_texts(st.just(new))))
    except DecodeError:
        reject()


def read(document: Any) -> Snapshot:
    return load_catalog(document.encode() if isinstance(document, str) else document).content


def pieces(base: Snapshot | None, new: Snapshot) -> list[Fact]:
    return cut(base, new, Catalog(new).peek)


def by_key(facts: list[Fact]) -> dict[tuple[str, str], str | None]:
    return {(fact.part, fact.key): fact.raw for fact in facts}


def put_together(base: Snapshot, raws: dict[tuple[str, str], str | None], like: Snapshot) -> Snapshot:
    """Return *base* with these pieces in place of its own, said to be from where *like* is from."""
    parts: dict[Any, dict[str, str | None]] = {}
    for (part, key), raw in raws.items():
        parts.setdefault(part, {})[key] = raw
    return assemble(base, parts, kind=like.kind, source=like.source, fetched_at=like.fetched_at)


def provider(name: str = "Acme", **models: Any) -> dict[str, Any]:
    return {"id": "acme", "name": name, "models": {key: {"id": key, "cost": cost} for key, cost in models.items()}}


def assert_cut_and_put_together(old: Snapshot, new: Snapshot) -> None:
    before, after, changed = by_key(pieces(None, old)), by_key(pieces(None, new)), by_key(pieces(old, new))
    assert bytes(put_together(old, changed, new)) == bytes(new)

    undone = {place: before.get(place) for place in changed}
    assert bytes(put_together(new, undone, old)) == bytes(old)
    assert changed.keys() == by_key(pieces(new, old)).keys()
    assert {**before, **changed} == {**dict.fromkeys(before), **after}
    assert {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)} <= changed.keys()


@given(pairs())
def test_what_is_cut_from_any_two_documents_makes_one_of_the_other(both):
    assert_cut_and_put_together(*both)


@given(pairs())
def test_a_snapshot_that_was_kept_is_cut_as_the_one_just_read(both):
    kept_old, kept_new = (Snapshot(bytes(snapshot)) for snapshot in both)
    assert pieces(kept_old, kept_new) == pieces(*both)
    assert [fact.record for fact in pieces(kept_old, kept_new)] == [fact.record for fact in pieces(*both)]


@given(pairs())
def test_every_piece_is_ascii_has_a_place_of_its_own_and_the_record_that_a_catalog_has(both):
    old, new = both
    catalog = Catalog(new)
    for facts in (pieces(old, new), pieces(None, new)):
        assert {*Counter((fact.part, fact.key) for fact in facts).values()} <= {1}
        for fact in facts:
            assert fact.raw is None or (fact.raw.isascii() and "\n" not in fact.raw)
            assert fact.record == (None if fact.raw is None else record_of(catalog, fact))


def record_of(catalog: Catalog, fact: Fact) -> object:
    match fact.part:
        case "models":
            return catalog.get(fact.key)
        case "providers":
            return catalog.content.providers()[fact.key]
        case "labs":
            return catalog.content.lab_models()[fact.key]
    return None


@given(pairs())
def test_what_is_not_among_the_pieces_is_as_it_was(both):
    old, new = both
    changed = by_key(pieces(old, new))
    before, after = by_key(pieces(None, old)), by_key(pieces(None, new))
    assert {place: raw for place, raw in before.items() if place not in changed} == {
        place: raw for place, raw in after.items() if place not in changed
    }
    assert pieces(new, Snapshot(bytes(new))) == []


def test_the_real_documents_come_together_from_one_another(shared_data):
    snapshots = [read(gzip.decompress((shared_data / f"api-{day}.json.gz").read_bytes()).decode()) for day in DAYS]
    for old, new in pairwise(snapshots):
        assert_cut_and_put_together(old, new)


def test_a_real_document_comes_together_from_one_of_another_kind(shared_data):
    models, api = (gzip.decompress((shared_data / f"{part}-2026-07-02.json.gz").read_bytes()).decode() for part in ("models", "api"))
    of_each_kind = [read(models), read(f'{{"models":{models},"providers":{api}}}'), read(api)]
    assert [snapshot.kind for snapshot in of_each_kind] == ["models.json", "catalog.json", "api.json"]
    for old, new in [*pairwise(of_each_kind), (of_each_kind[2], of_each_kind[0])]:
        assert_cut_and_put_together(old, new)


def test_only_what_changed_is_cut():
    old = read({"acme": provider(a={"input": 1}, b={"input": 2}, c={"input": 3}), "beta": {"models": {"x": {}}}})
    new = read({"acme": provider(a={"input": 1}, b={"input": 2.5}, d={"input": 3}), "beta": {"models": {"x": {}}}})
    assert by_key(pieces(old, new)) == {
        ("models", "acme/b"): '{"cost":{"input":2.5},"id":"b"}',
        ("models", "acme/c"): None,
        ("models", "acme/d"): '{"cost":{"input":3},"id":"d"}',
    }


def test_a_piece_is_decoded_when_its_record_is_asked_for():
    new = read({"acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"id": "rocket", "name": "Rocket"}}}})
    asked = []

    def model(row: int) -> Any:
        asked.append(row)
        return new.model(row)

    facts = cut(None, new, model)
    assert asked == []
    assert [fact.record.name for fact in facts] == ["Rocket", "Acme"]
    assert asked == [0]


def test_numbers_keep_every_digit():
    text = '{"acme": {"x": 5.0, "models": {"m": {"cost": {"input": 0.10}, "x": 12345678901234567890.5}}}}'
    assert by_key(pieces(None, read(text))) == {
        ("models", "acme/m"): '{"cost":{"input":0.10},"x":12345678901234567890.5}',
        ("providers", "acme"): '{"models":{},"x":5.0}',
    }


def test_a_provider_that_began_to_sell_a_plan_takes_its_models_along():
    old, new = (read({"acme": provider(name, m={"input": 0, "output": 0})}) for name in ("Acme", "Acme Duo"))
    facts = pieces(old, new)
    assert [(fact.part, fact.key) for fact in facts] == [("models", "acme/m"), ("providers", "acme")]
    assert facts[0].record.price_state == "plan"
    assert by_key(pieces(new, old)).keys() == by_key(facts).keys()
    for base, like in ((old, new), (new, old)):
        only_the_provider = {("providers", "acme"): by_key(pieces(None, like))["providers", "acme"]}
        assert bytes(put_together(base, only_the_provider, like)) == bytes(like)
        assert Catalog(put_together(base, only_the_provider, like)).get("acme/m").price_state == Catalog(like).get("acme/m").price_state


def test_a_provider_that_came_or_went_with_its_models_needs_nothing_else():
    old, new = read({"models": {}, "providers": {}}), read({"acme": provider("Acme Duo", m={"input": 0})})
    assert by_key(pieces(old, new)).keys() == {("models", "acme/m"), ("providers", "acme")}
    assert by_key(pieces(new, old)) == {("models", "acme/m"): None, ("providers", "acme"): None}


def test_a_provider_counts_the_models_it_has_now():
    old, new = read({"acme": provider(a={})}), read({"acme": {**provider(a={}, b={}), "npm": "acme"}})
    assert [fact.record.model_count for fact in pieces(old, new) if fact.part == "providers"] == [2]


def test_what_could_not_be_read_and_what_has_no_place_are_pieces_too():
    broken = {"acme": {"models": {"m": {"limit": 5}, "n": 7}}, "beta": 5}
    raws = by_key(pieces(None, read(broken)))
    assert {key: json.loads(raw) for (part, key), raw in raws.items() if part == "rest"}.keys() == {"problems", "asides"}
    mended = read({"acme": {"models": {"m": {}, "n": {}}}, "beta": {"models": {}}})
    assert {place: raw for place, raw in by_key(pieces(read(broken), mended)).items() if place[0] == "rest"} == {
        ("rest", "problems"): None,
        ("rest", "asides"): None,
    }
    again = put_together(mended, {**dict.fromkeys(by_key(pieces(None, mended))), **raws}, read(broken))
    assert dump_catalog(Catalog(again)) == broken
    assert again.problems() == read(broken).problems()


def test_where_a_snapshot_is_from_is_said_by_who_puts_it_together():
    snapshot = read({"acme": provider(m={})})
    again = assemble(snapshot, {}, kind="api.json", source="elsewhere", fetched_at="2026-11-24T12:00:00+00:00")
    assert (again.source, again.fetched_at, again.digest) == ("elsewhere", "2026-11-24T12:00:00+00:00", snapshot.digest)


@pytest.mark.parametrize(("name", "state"), [("Acme", "free"), ("Acme Duo", "plan")])
def test_a_row_of_its_own_is_read_as_if_nobody_sold_a_plan(name, state):
    catalog = load_catalog({"acme": provider(name, m={"input": 0, "output": 0})})
    model = catalog.get("acme/m")
    (raw,) = (fact.raw for fact in pieces(None, catalog.content) if fact.part == "models")
    assert (read_row(model.ref, raw).price_state, model.price_state) == ("free", state)
