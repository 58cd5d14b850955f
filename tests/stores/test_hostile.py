"""Texts that a database may stumble over, in every place of a document: through every kind of store, and out again as they went in."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelmeta import Registry, dump_catalog
from modelmeta.testing import documents
from modelmeta.testing.stores.samples import HOSTILE

ROW = {
    "id": "text",
    "name": "text",
    "description": "text",
    "family": "text",
    "type": "text",
    "status": "text",
    "canonical_model_id": "text",
    "knowledge": "text",
    "release_date": "text",
    "last_updated": "text",
    "modalities": {"input": ["text"], "output": ["text", "text"]},
    "interleaved": {"field": "text"},
    "reasoning_options": [{"type": "text", "values": ["text", None]}],
    "limit": {"context": 10**30, "output": 0},
    "cost": {"output": 1e-300, "tiers": [{"input": 5, "tier": {"type": "text", "size": 1}}]},
    "experimental": {"modes": {"text": {"cost": {"input": 6}, "provider": {"body": {"text": "text"}}}}},
    "provider": {"npm": "text", "api": "text", "shape": "text", "headers": {"text": "text"}},
    "text": "text",
}
PROVIDER = {"id": "text", "name": "text", "npm": "text", "api": "text", "doc": "text", "env": ["text", "text"], "text": "text"}
BENCHMARK = dict.fromkeys(("name", "score", "metric", "harness", "variant", "dataset", "version", "source", "date"), "text")
LINK = dict.fromkeys(("url", "label", "type"), "text")
LAB = {**ROW, "license": "text", "links": [LINK], "weights": [LINK], "benchmarks": [BENCHMARK]}


def saying(text, value):
    """Return *value* with *text* in every place of a text, be it a key."""
    match value:
        case "text":
            return text
        case dict():
            return {saying(text, key): saying(text, each) for key, each in value.items()}
        case list():
            return [saying(text, each) for each in value]
        case _:
            return value


def hostile(price):
    """Return a catalog.json with every hostile text as the id and in every field of a provider, a model and a lab model."""
    ids = {text.replace("/", "|") or "empty": text for text in HOSTILE}
    rows = {key: {**saying(text, ROW), "cost": {**saying(text, ROW["cost"]), "input": price}} for key, text in ids.items()}
    return {
        "models": {f"lab/{key}": saying(text, LAB) for key, text in ids.items()},
        "providers": {key: {**saying(text, PROVIDER), "models": {key: rows[key]}} for key, text in ids.items()}
        | {"acme": {"models": rows}},
    }


@pytest.fixture
def take(any_store, tmp_path):
    """Return what makes a document the newest revision, in a registry of its own, and returns its id."""

    def take_one(document):
        path = tmp_path / f"{len([*tmp_path.iterdir()])}.json"
        path.write_text(json.dumps(document))
        with Registry(store=any_store, source=str(path)) as registry:
            return registry.refresh(accept=True).revision

    return take_one


def test_hostile_texts_everywhere_go_in_and_out_unchanged(any_store, take):
    taken = {take(document): document for document in map(hostile, (1, 2))}
    with Registry(store=any_store) as registry:
        assert {"odd"} == {problem.kind for problem in registry.problems}
        assert [2 * len(HOSTILE), len(HOSTILE)] == [len(registry), len(registry.lab_models)]
        assert hostile(2) == dump_catalog(registry.catalog)
        assert [*taken.values()] == [dump_catalog(registry.as_of(revision)) for revision in taken]
        for model in registry:
            told = [(change.revision, change.kind, change.path) for change in registry.history(model.ref)]
            assert [*zip(taken, ["added", "price"], [None, "cost.input"], strict=True)] == told, model.ref
            registry.put_note(model.ref, model.ref.model_id, name=model.ref.provider_id)
    with Registry(store=any_store) as registry:
        assert {model.ref: (model.ref.provider_id, model.ref.model_id) for model in registry} == {
            note.ref: (note.name, note.text) for note in registry.notes()
        }


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(days=st.lists(documents(flawed=True), min_size=1, max_size=3))
def test_any_documents_go_in_and_out_unchanged(any_store, take, days):
    taken = [take(document) for document in days]
    with Registry(store=any_store) as registry:
        assert days[-1] == dump_catalog(registry.catalog)
        assert days == [dump_catalog(registry.as_of(revision)) for revision in taken]
        assert len(registry) == sum(1 for model in registry if registry.history(model.ref))
