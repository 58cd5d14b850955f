"""Whatever comes in: only records, Problems and DecodeErrors come out, and nothing is lost."""

from __future__ import annotations

import ast
import copy
import gzip
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import Catalog, DecodeError, Model, ModelMetaError, Usage, dump_catalog, load_catalog
from modelmeta.records.plain import flatten, to_dict
from modelmeta.testing.strategies import documents, json_texts, json_values

USAGE = Usage(input_tokens=1_000_000, output_tokens=100_000, cache_read_tokens=1_000, reasoning_tokens=1_000)
EDIT = st.tuples(
    st.sampled_from(["replace", "delete", "add", "duplicate"]),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(["name", "cost", "models", "id", "tiers", "new"]),
    json_values(),
)
"""What to do, how far into the document, under which name where a new one is needed, and with which value."""


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) in *tree*."""
    if not isinstance(tree, (dict, list)):
        return []
    items = list(tree.items() if isinstance(tree, dict) else enumerate(tree))
    return [(tree, key) for key, _ in items] + [place for _, item in items for place in places(item)]


def mutate(document: Any, edits: list[Any]) -> None:
    """Change *document* in as many places as there are *edits*."""
    for edit, where, name, value in copy.deepcopy(edits):
        options = places(document)
        container, key = options[int(where * len(options))] if options else (document, name)
        match edit, container:
            case "replace", _:
                container[key] = value
            case "delete", _ if options:
                del container[key]
            case "add", dict():
                container[name] = value
            case "add", list():
                container.insert(key, value)
            case "duplicate", dict() if options:
                container[name] = copy.deepcopy(container[key])
            case "duplicate", list():
                container.append(copy.deepcopy(container[key]))


STEP = r"""\.(\w+)|\[(\d+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]"""


def follow(document: Any, path: str) -> None:
    """Go along the JSONPath *path* of *document*; only what stands at the end of it may be missing."""
    assert re.fullmatch(rf"\$({STEP})*", path)
    *way, last = (step[1] if step[1] else ast.literal_eval(step[2]) for step in re.finditer(STEP, path))
    for step in way:
        document = document[step]
    assert isinstance(document, dict) or last < len(document)


def check(catalog: Catalog, document: Any) -> None:
    """Check all that holds of any catalog, of *document*, and use each of its records."""
    assert json.dumps(document, sort_keys=True) == json.dumps(dump_catalog(catalog), sort_keys=True)
    reopened = load_catalog(bytes(catalog.content))
    assert list(catalog) == list(reopened)
    assert catalog.problems == reopened.problems
    assert catalog.providers() == reopened.providers()
    for problem in catalog.problems:
        follow(document, problem.path)
        assert problem.reason
        assert problem.kind in {"quarantined", "odd"}
    for model in catalog:
        assert isinstance(model, Model)
        assert isinstance(hash(model), int)
        assert (model.id, model.name) == (to_dict(model)["id"], flatten(model)["name"])
        assert isinstance(model.capabilities, frozenset)
        catalog.price(model.ref, USAGE)


@settings(max_examples=600)
@given(data=st.data(), edits=st.lists(EDIT, min_size=1, max_size=3))
def test_a_real_row_changed_anyhow_is_read_or_set_aside_and_comes_back(real_rows, data, edits):
    row = data.draw(real_rows)
    document = {"openai": {"name": "OpenAI", "env": ["KEY"], "models": {"changed": row, "sound": {"cost": {"input": 1, "output": 2}}}}}
    mutate(row, edits)
    catalog = load_catalog(json.dumps(document).encode())
    assert "openai/sound" in catalog
    set_aside = [problem for problem in catalog.problems if problem.kind == "quarantined"]
    assert len(catalog) + len(set_aside) == 2
    assert [row] == [problem.raw for problem in set_aside] or not set_aside
    check(catalog, document)


@settings(max_examples=400)
@given(data=st.data(), edits=st.lists(EDIT, min_size=1, max_size=3))
def test_a_document_changed_anywhere_is_read_or_refused(real_rows, data, edits):
    rows = data.draw(st.lists(real_rows, min_size=1, max_size=2))
    head = {"id": "p", "name": "P", "env": ["KEY"], "npm": "n", "doc": "d"}
    api = {"p": {**head, "models": {f"m{number}": row for number, row in enumerate(rows)}}, "q": {**head, "models": {}}}
    labs = {f"lab/m{number}": {**row, "benchmarks": [{"name": "B", "score": 5.5, "date": "2026-01"}]} for number, row in enumerate(rows)}
    document = copy.deepcopy(data.draw(st.sampled_from([api, labs, {"models": labs, "providers": api}])))
    mutate(document, edits)
    try:
        catalog = load_catalog(json.dumps(document).encode())
    except DecodeError as error:
        assert "not a models.dev document" in str(error)  # noqa: PT017  # it need not be raised
    else:
        check(catalog, document)
        assert all(isinstance(hash(lab), int) for lab in catalog.lab_models)


@settings(max_examples=150)
@given(json_texts(documents(flawed=True)))
def test_any_document_is_read_into_records_and_problems(text: str):
    check(load_catalog(text.encode()), json.loads(text))


@given(json_texts(json_values(max_leaves=30)))
def test_json_that_is_no_document_is_refused(text: str):
    with pytest.raises(DecodeError):
        load_catalog(text.encode())


@settings(max_examples=300)
@given(
    st.binary(max_size=200) | st.binary(max_size=50).map(lambda tail: b"\x1f\x8b\x08" + tail) | st.binary(max_size=100).map(gzip.compress)
)
def test_random_bytes_are_refused(data: bytes):
    with pytest.raises(DecodeError):
        load_catalog(data)


@settings(max_examples=300)
@given(st.text('{}[]",:0123456789.eE+-tfn \\u', max_size=60).map('{{"p":{{"models":{{"m":{{"cost":{}}}}}}}}}'.format))
def test_almost_json_is_read_or_refused_as_json_itself_would(text: str):
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(DecodeError):
            load_catalog(text.encode())
    else:
        check(load_catalog(text.encode()), expected)


BYTE_EDITS = st.lists(
    st.tuples(st.sampled_from(["flip", "insert", "delete", "truncate", "swap"]), st.floats(0, 1, exclude_max=True), st.integers(0, 255)),
    min_size=1,
    max_size=3,
)


def damage(data: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    """Return *data* changed in as many places as there are *edits*."""
    damaged = bytearray(data)
    for edit, where, byte in edits:
        place = int(where * len(damaged))
        match edit:
            case "flip":
                damaged[place : place + 1] = bytes([byte])
            case "insert":
                damaged[place:place] = bytes([byte])
            case "delete":
                del damaged[place : place + 1 + byte // 32]
            case "truncate":
                del damaged[place:]
            case "swap":
                damaged = damaged[place:] + damaged[:place]
    return bytes(damaged)


SNAPSHOT = bytes(
    load_catalog(
        {
            "providers": {
                "p": {"name": "P", "models": {"m": {"cost": {"input": 1, "output": 2.5}, "release_date": "2025-01"}, "n": 5}},
                "q": 7,
            },
            "models": {"lab/m": {"limit": {"context": 5}}},
        }
    ).content
)


def use(catalog: Catalog) -> None:
    """Touch everything a catalog holds."""
    list(catalog)
    catalog.providers()
    repr(catalog)
    assert catalog.problems is not None
    assert catalog.lab_models is not None
    dump_catalog(catalog)
    catalog.filter("tool_call", max_input_cost=5, released_after="2024")


@settings(max_examples=1_000)
@given(BYTE_EDITS)
def test_a_damaged_snapshot_is_refused_or_still_a_catalog(edits):
    try:
        catalog = load_catalog(damage(SNAPSHOT, edits))
    except ModelMetaError:
        return
    use(catalog)


@given(st.integers(0, SNAPSHOT.index(b"\n")), BYTE_EDITS)
def test_a_snapshot_with_a_damaged_header_is_refused_or_still_a_catalog(start, edits):
    header, parts = SNAPSHOT.split(b"\n", 1)
    try:
        catalog = load_catalog(header[:start] + damage(header[start:], edits).replace(b"\n", b"") + b"\n" + parts)
    except ModelMetaError:
        return
    use(catalog)


@settings(max_examples=300)
@given(st.sampled_from(sorted(json.loads(SNAPSHOT.split(b"\n", 1)[0]))), json_values())
def test_a_header_that_says_anything_anywhere_is_refused_or_still_a_catalog(key, value):
    header, parts = SNAPSHOT.split(b"\n", 1)
    try:
        catalog = load_catalog(json.dumps({**json.loads(header), key: value}).encode() + b"\n" + parts)
    except ModelMetaError:
        return
    use(catalog)
