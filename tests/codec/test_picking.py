"""Some rows of a snapshot, beside documents from which all others are taken out by hand before they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta.codec.json_text import parse
from modelmeta.codec.models_dev import Document, read_document
from modelmeta.codec.picking import pick
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.testing.strategies import documents

BAD = {"name": 5, "models": {"ok": {}, "bad": {"limit": 5}, "odd": {"id": "x"}, "models": {"knowledge": "2025-02-31"}}}
PROVIDERS = {
    "p": {"name": "P", "models": {"m": {"cost": {"input": 1}}, "m.n": {"id": "m"}}},
    "p.q": BAD,
    "q": BAD,
    "models": BAD,
    "r": {"models": {"n": {"knowledge": "2025-02-31"}}, "name": 5},
    "none": {"models": {}},
    "not": 5,
}
LABS = {"lab/m": {"limit": {"context": 5}}, "p": {"knowledge": "2025-02-31"}, "q": 5, "lab/bad": {"limit": 5}}
WHOLE = {
    "api.json": lambda providers, _: providers,
    "models.json": lambda _, labs: {**labs, "lab/sure": {"limit": {}}},
    "catalog.json": lambda providers, labs: {"models": labs, "providers": providers, "new": 5},
}


def snapshot(tree: Any) -> Snapshot:
    return Snapshot(encode(read_document(parse(json.dumps(tree))), source="test", fetched_at="2026-01-01"))


def by_hand(tree: Any, kind: str, refs: set[str], labs: set[str]) -> bytes:
    """Return the snapshot of *tree* without what is not of *refs* and *labs*."""
    providers = {"api.json": lambda: tree, "models.json": dict, "catalog.json": lambda: tree["providers"]}[kind]()
    kept = {
        key: {**head, "models": {model_id: row for model_id, row in head["models"].items() if f"{key}/{model_id}" in refs}}
        for key, head in providers.items()
        if any(ref.startswith(f"{key}/") for ref in refs)
    }
    said = {"api.json": dict, "models.json": lambda: tree, "catalog.json": lambda: tree["models"]}[kind]()
    said = {key: row for key, row in said.items() if key in labs}
    less = {"api.json": kept, "models.json": said, "catalog.json": {"models": said, "providers": kept}}[kind]
    document = read_document(parse(json.dumps(less))) if less else Document(kind)
    return encode(document, source="test", fetched_at="2026-01-01")


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
def test_some_rows_are_the_snapshot_of_a_document_of_only_them(kind, data):
    tree = WHOLE[kind](PROVIDERS, LABS)
    base = snapshot(tree)
    rows = sorted(data.draw(st.sets(st.sampled_from(range(len(base.refs)))))) if base.refs else []
    read = {key for key, _ in json.loads(base.text("lab"))}
    labs = data.draw(st.sets(st.sampled_from(sorted(read)))) if read else set()
    picked = pick(base, rows, labs)
    if kind != "models.json" or "lab/sure" in labs:  # without it nothing tells a models.json
        assert by_hand(tree, kind, {base.refs[row] for row in rows}, labs) == picked
    Snapshot.checked(picked)


@given(tree=documents(flawed=True), data=st.data())
def test_whatever_upstream_writes_is_picked_from(tree, data):
    base = snapshot({**tree, "sound": {"models": {"m": {}}}})
    rows = sorted(data.draw(st.sets(st.sampled_from(range(len(base.refs))), min_size=1)))
    picked = Snapshot.checked(pick(base, rows, ()))
    assert [base.refs[row] for row in rows] == picked.refs
    assert [base.line(row) for row in rows] == [picked.line(row) for row in range(len(rows))]
    assert [base.model(row) for row in rows] == [picked.model(row) for row in range(len(rows))]
    assert picked.problems() == tuple(problem for problem in base.problems() if problem in picked.problems())


def test_aliases_of_what_is_left_are_kept():
    document = read_document({"p": {"models": {"a": {}, "b": {}}}})
    document.aliases = {"one": "p/a", "two": "p/b"}
    aliased = Snapshot(encode(document, source="test", fetched_at=None))
    assert {"two": "p/b"} == Snapshot(pick(aliased, [1], ())).aliases


def test_models_that_are_there_are_not_read_again():
    base = snapshot({"p": {"models": {"a": {}, "b": {}}}})
    one = base.model(1)
    assert one is base.only([1], (), {one.ref: one}).model(0)
