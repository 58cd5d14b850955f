"""Some providers of one snapshot, all others of another, beside documents that are put together by hand and then read."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelmeta.codec.dump import dump
from modelmeta.codec.json_text import parse
from modelmeta.codec.merge import merge, merge_by_provider
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.records.columns import COLUMNS
from modelmeta.testing.strategies import documents

WHOLE = {
    "api.json": lambda providers, _: providers,
    "catalog.json": lambda providers, labs: {"models": labs, "providers": providers},
    "with more": lambda providers, labs: {"models": labs, "providers": providers, "new": {"p": 5}},
    "models.json": lambda _, labs: {**labs, "lab/sure": {"limit": {}}},
}
BAD = {"name": 5, "models": {"ok": {}, "bad": {"limit": 5}, "odd": {"id": "x"}}}
PROVIDERS = {
    "p": {"name": "P", "models": {"m": {"cost": {"input": 1}}}},
    "p.q": BAD,
    "p q": {"models": [5]},
    "q": BAD,
    "r": {"models": {"n": {"knowledge": "2025-02-31"}}},
    "a/b": BAD,
    "": 5,
}
LABS = {"lab/m": {"limit": {"context": 5}}, "p": {"knowledge": "2025-02-31"}, "q": 5, "lab/bad": {"limit": 5}}
IDS = [*PROVIDERS, "nobody"]


def snapshot(document: Any, source: str = "test", fetched_at: str | None = None) -> Snapshot:
    """Return the snapshot of *document*, a tree or a text."""
    text = document if isinstance(document, str) else json.dumps(document)
    return Snapshot(encode(read_document(parse(text)), source=source, fetched_at=fetched_at))


def sellers(tree: Any, kind: str) -> Any:
    """Return the providers in a document."""
    return {"api.json": tree, "models.json": {}}.get(kind) if kind in {"api.json", "models.json"} else tree["providers"]


def by_hand(base: Any, base_kind: str, new: Any, new_kind: str, providers: Any) -> Any:
    """Return the document *base* in which these *providers* are as *new* has them."""
    theirs = {key: value for key, value in sellers(new, new_kind).items() if key in providers}
    merged = {key: value for key, value in sellers(base, base_kind).items() if key not in providers} | theirs
    if base_kind == "api.json":
        return merged
    return {"models": base, "providers": merged} if base_kind == "models.json" else {**base, "providers": merged}


def check(base: Any, base_kind: str, new: Any, new_kind: str, providers: Any) -> None:
    """See that merging what was read comes to what reading what was merged comes to."""
    expected = snapshot(by_hand(base, base_kind, new, new_kind, providers))
    merged = merge(snapshot(base), snapshot(new), providers)
    merged.verify()
    assert expected.kind == merged.kind
    assert expected.problems() == merged.problems()
    assert json.dumps(dump(expected), sort_keys=True) == json.dumps(dump(merged), sort_keys=True)
    assert (expected.digest, expected.refs, expected.text("asides")) == (merged.digest, merged.refs, merged.text("asides"))
    for name in COLUMNS:
        one, other = expected.column(name), merged.column(name)
        assert (one.values, one.codes) == (other.values, other.codes)


@settings(suppress_health_check=[HealthCheck.too_slow])  # which is a matter of who else is at work
@given(documents(flawed=True), st.sampled_from(list(WHOLE)), st.sampled_from(list(WHOLE)), st.integers(0, 2**32))
def test_a_merged_snapshot_is_that_of_the_merged_document(document: Any, base_kind: str, new_kind: str, seed: int):
    rng = Random(seed)
    ids = [*document, *IDS]
    tables = [value["models"] for value in document.values() if isinstance(value, dict) and isinstance(value.get("models"), dict)]
    labs = [{f"lab/{key}": row for table in tables for key, row in table.items() if rng.random() < 0.5} for _ in range(2)]
    base, new = ({rng.choice(ids): value for value in document.values() if rng.random() < 0.8} for _ in range(2))
    base, new = ({**providers, "sure": {"models": {}}} for providers in (base, new))
    providers = [provider_id for provider_id in ids if rng.random() < 0.3]
    check(WHOLE[base_kind](base, labs[0]), base_kind, WHOLE[new_kind](new, labs[1]), new_kind, providers)


@pytest.mark.parametrize("providers", [[], ["p"], ["q"], ["p.q", "p q"], ["a/b", ""], ["a"], ["nobody"], IDS], ids=repr)
@pytest.mark.parametrize("new_kind", WHOLE)
@pytest.mark.parametrize("base_kind", WHOLE)
def test_problems_come_and_go_with_the_providers_they_are_of(base_kind: str, new_kind: str, providers: list[str]):
    sound = {"s": {"models": {"m": {}}}}
    flawed, other = ({**sound, **some} for some in (PROVIDERS, {"p": BAD, "p.q": 5, "p q": PROVIDERS["p"], "t": BAD, "a": BAD}))
    for base, new in ((flawed, other), (other, flawed), (flawed, sound), (sound, flawed)):
        check(WHOLE[base_kind](base, LABS), base_kind, WHOLE[new_kind](new, LABS), new_kind, providers)


@pytest.mark.parametrize("new_kind", WHOLE)
@pytest.mark.parametrize("base_kind", [kind for kind in WHOLE if kind != "models.json"])
@pytest.mark.parametrize("providers", [[], ["nobody"], ["nobody", "s/m", "lab/m", "providers", "models", "new", "P"]])
def test_providers_that_nobody_has_change_nothing(base_kind: str, new_kind: str, providers: list[str]):
    base = snapshot(WHOLE[base_kind](PROVIDERS, LABS))
    merged = merge(base, snapshot(WHOLE[new_kind]({"s": {"models": {"m": {}}}}, {"x": {"limit": {}}})), providers)
    assert (base.digest, base.kind, base.problems()) == (merged.digest, merged.kind, merged.problems())


@pytest.mark.parametrize("providers", [{"p"}, {"q"}, {"p", "q"}, {"nobody"}], ids=sorted)
def test_numbers_stay_as_they_are_written(providers: set[str]):
    flawed = '{"x": 1.10, "doc": 0.10, "models": {"m": {"x": 1.10}, "odd": {"id": 0.10}, "bad": {"limit": 10E-1}}}'
    text = f'{{"models": {{"lab/m": {{"x": 1.10}}, "lab/bad": {{"limit": 1.10}}}}, "providers": {{"p": {flawed}, "q": {flawed}}}}}'
    expected = text
    for provider in providers:
        expected = expected.replace(f'"{provider}": {flawed}', f'"{provider}": {flawed.replace("1.10", "1.1")}')
    assert snapshot(expected).digest == merge(snapshot(text), snapshot(text.replace("1.10", "1.1")), providers).digest


def test_a_merged_snapshot_says_where_the_new_facts_are_from_and_how_old_the_old_ones_are():
    base = snapshot(PROVIDERS, "here", "2026-01-01")
    merged = merge(base, snapshot({"p": {"models": {"n": {}}}}, "there", "2026-09-30"), {"p"})
    assert ("there", "2026-01-01") == (merged.source, merged.fetched_at)


def test_a_provider_that_becomes_a_plan_brings_the_price_states_of_its_models():
    free = {"models": {"m": {"cost": {"input": 0, "output": 0}}}}
    base, new = snapshot({"p": free, "q": free}), snapshot({"p": {**free, "name": "P Duo"}, "q": {**free, "name": "Q Duo"}})
    merged = merge(base, new, {"p"})
    assert ["plan", "free"] == [merged.column("price_state")[row] for row in range(2)]
    assert [True, False] == [merged.model(row).subscription for row in range(2)]


@pytest.mark.parametrize("providers", [["p"], ["p", "q"], [], ["nobody"], ["p/m"]])
def test_facts_under_a_reference_are_merged_by_its_provider(providers: list[str]):
    base, new = {"p/m": 1, "p/m/n": 2, "q/m": 3, "p": 4}, {"p/m": 5, "p/x": 6, "q/x": 7, "q": 8}
    kept = {ref: number for ref, number in base.items() if ref.split("/")[0] not in providers}
    come = {ref: number for ref, number in new.items() if ref.split("/")[0] in providers}
    assert {**kept, **come} == merge_by_provider(base, new, providers)
