"""models.json: what labs say of their models, whoever sells them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from modelmeta import Benchmark, LabModel, Limit, Link, Modalities, PartialDate, dump_catalog, load_catalog

ROW: dict[str, Any] = {
    "id": "lab/m",
    "name": "M",
    "description": "A model.",
    "family": "m",
    "type": "chat",
    "attachment": False,
    "reasoning": True,
    "tool_call": True,
    "structured_output": False,
    "temperature": True,
    "knowledge": "2025-06",
    "release_date": "2026-01-15",
    "last_updated": "2026-02-31",
    "modalities": {"input": ["text", "smell"], "output": ["text"]},
    "open_weights": True,
    "limit": {"context": 262_144, "input": 0, "output": 32_768},
    "license": "apache-2.0",
    "links": [{"url": "https://lab.example", "label": "Home", "type": "website"}],
    "weights": [{"url": "https://hub.example/m", "label": "Hub"}, {"url": "https://hub.example/m-fp8"}],
    "benchmarks": [
        {
            "name": "SWE-Bench Pro",
            "score": 57.70,
            "metric": "percent resolved",
            "harness": "mini",
            "variant": "public",
            "dataset": "pro",
            "version": "1.0",
            "source": "https://lab.example/scores",
            "date": "2026-01",
        },
        {"name": "Elo", "score": 1_420},
        {"name": "Vibe", "score": "excellent"},
    ],
}


def labs(*sources: Any):
    """Return the lab models of each document, read at first and read again from its snapshot."""
    for source in sources:
        catalog = load_catalog(json.dumps(source).encode())
        assert source == dump_catalog(catalog)
        yield {lab.id: lab for lab in catalog.lab_models}
        yield {lab.id: lab for lab in load_catalog(bytes(catalog.content)).lab_models}


def test_every_field_of_a_lab_model_is_read_under_its_own_name():
    expected = LabModel(
        id="lab/m",
        name="M",
        description="A model.",
        family="m",
        type="chat",
        attachment=False,
        reasoning=True,
        tool_call=True,
        structured_output=False,
        temperature=True,
        knowledge=PartialDate("2025-06"),
        release_date=PartialDate("2026-01-15"),
        last_updated=PartialDate("2026-02-31"),
        modalities=Modalities(("text", "smell"), ("text",)),
        open_weights=True,
        limit=Limit(262_144, None, 32_768),
        license="apache-2.0",
        links=(Link(url="https://lab.example", label="Home", type="website"),),
        weights=(Link(url="https://hub.example/m", label="Hub"), Link(url="https://hub.example/m-fp8")),
        benchmarks=(
            Benchmark(
                name="SWE-Bench Pro",
                score=Decimal("57.7"),
                metric="percent resolved",
                harness="mini",
                variant="public",
                dataset="pro",
                version="1.0",
                source="https://lab.example/scores",
                date=PartialDate("2026-01"),
            ),
            Benchmark(name="Elo", score=Decimal(1_420)),
            Benchmark(name="Vibe", score="excellent"),
        ),
    )
    for models in labs({"lab/m": ROW}, {"models": {"lab/m": ROW}, "providers": {}}):
        assert {"lab/m": expected} == models


def test_a_lab_model_that_says_little_goes_by_its_id():
    for models in labs({"lab/m": {"limit": {}}, "lab/n": {"modalities": None, "name": None}}):
        assert {"lab/m": LabModel(id="lab/m", name="lab/m"), "lab/n": LabModel(id="lab/n", name="lab/n")} == models


def test_unknown_fields_of_a_lab_model_survive_in_extra():
    row = {"limit": {"context": 5, "image": 7}, "modalities": {"x": [1]}, "new": {"a": [None]}, "also": 0.10}
    for models in labs({"lab/m": row}):
        assert {"limit.image": 7, "modalities.x": [1], "new": {"a": [None]}, "also": Decimal("0.1")} == models["lab/m"].extra
        assert isinstance(hash(models["lab/m"]), int)


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"links": [{"url": "u", "x": 1}]}, "links.0.x"),
        ({"weights": [{"url": "u"}, {"url": "v", "quantization": "fp8"}]}, "weights.1.quantization"),
        ({"benchmarks": [{"name": "B", "score": 1, "x": 1}]}, "benchmarks.0.x"),
    ],
)
def test_unknown_fields_deeper_in_a_lab_model_survive_in_extra_too(row: dict[str, Any], path: str):
    (value,) = [item for entry in next(iter(row.values())) for key, item in entry.items() if key in {"x", "quantization"}]
    for models in labs({"lab/m": {"limit": {}, **row}}):
        assert {path: value} == models["lab/m"].extra


@pytest.mark.parametrize(
    ("row", "path", "word"),
    [
        (5, "", "object"),
        (None, "", "object"),
        ({"limit": 5}, ".limit", "object"),
        ({"limit": {"context": "5"}}, ".limit.context", "whole number"),
        ({"modalities": {"input": "text"}}, ".modalities.input", "list"),
        ({"license": 5}, ".license", "text"),
        ({"links": {}}, ".links", "list"),
        ({"links": ["https://x"]}, ".links[0]", "object"),
        ({"links": [{"label": "no url"}]}, ".links[0].url", "url"),
        ({"weights": [{"url": 5}]}, ".weights[0].url", "text"),
        ({"benchmarks": [{"name": "B", "score": 1}, {"name": "B"}]}, ".benchmarks[1].score", "score"),
        ({"benchmarks": [{"score": 1}]}, ".benchmarks[0].name", "name"),
        ({"benchmarks": [{"name": "B", "score": True}]}, ".benchmarks[0].score", "number or text"),
        ({"benchmarks": [{"name": "B", "score": [5]}]}, ".benchmarks[0].score", "number or text"),
        ({"benchmarks": [{"name": "B", "score": None}]}, ".benchmarks[0].score", "'score'"),
        ({"benchmarks": [{"name": "B", "score": 1, "date": 2026}]}, ".benchmarks[0].date", "text"),
    ],
)
def test_a_lab_model_that_cannot_be_read_is_set_aside_and_the_rest_loads(row: Any, path: str, word: str):
    document = {"lab/bad": row, "lab/m": ROW}
    catalog = load_catalog(json.dumps(document).encode())
    (problem,) = [problem for problem in catalog.problems if problem.kind == "quarantined"]
    assert (f"$['lab/bad']{path}", row) == (problem.path, problem.raw)
    assert word in problem.reason
    assert [lab.id for lab in catalog.lab_models] == ["lab/m"]
    assert document == dump_catalog(catalog)


def test_odd_dates_and_ids_of_lab_models_are_pointed_out():
    problems = load_catalog({"models": {"lab/m": ROW, "lab/n": {"id": "lab/m"}}, "providers": {}}).problems
    assert {("odd", "$.models['lab/m'].last_updated", "2026-02-31"), ("odd", "$.models['lab/n'].id", "lab/m")} == {
        (problem.kind, problem.path, problem.raw) for problem in problems
    }


@pytest.mark.parametrize("part", [5, None, [1], {"a": {"b": 0.5}}])
def test_a_part_that_catalog_json_never_had_is_set_aside(part: Any):
    document = {"models": {}, "providers": {}, "new": part}
    catalog = load_catalog(json.dumps(document).encode())
    (problem,) = catalog.problems
    assert ("quarantined", "$.new", part) == (problem.kind, problem.path, problem.raw)
    assert document == dump_catalog(catalog)


def test_real_lab_models_have_the_numbers_of_their_document(real):
    document = json.loads(real.data, parse_float=Decimal)
    models = document.get("models", document)
    expected = {lab_id: row for lab_id, row in models.items() if "models" not in row}
    catalog = load_catalog(real.data)
    assert {
        lab_id: ([result["score"] for result in row.get("benchmarks", ())], len(row.get("weights", ()))) for lab_id, row in expected.items()
    } == {lab.id: ([result.score for result in lab.benchmarks], len(lab.weights)) for lab in catalog.lab_models}
