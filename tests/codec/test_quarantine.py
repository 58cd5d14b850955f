from __future__ import annotations

import json

import pytest

from modelmeta import dump_catalog, load_catalog

ROWS = [
    (5, "", "object"),
    (None, "", "object"),
    ([], "", "object"),
    ("a model", "", "object"),
    ({"name": 5}, ".name", "text"),
    ({"description": ["a"]}, ".description", "text"),
    ({"family": False}, ".family", "text"),
    ({"status": 1}, ".status", "text"),
    ({"type": {}}, ".type", "text"),
    ({"canonical_model_id": 7}, ".canonical_model_id", "text"),
    ({"attachment": "yes"}, ".attachment", "true or false"),
    ({"reasoning": 1}, ".reasoning", "true or false"),
    ({"tool_call": "true"}, ".tool_call", "true or false"),
    ({"structured_output": []}, ".structured_output", "true or false"),
    ({"temperature": 0.7}, ".temperature", "true or false"),
    ({"open_weights": "MIT"}, ".open_weights", "true or false"),
    ({"interleaved": "reasoning_content"}, ".interleaved", "object"),
    ({"interleaved": {"field": 5}}, ".interleaved.field", "text"),
    ({"experimental": "yes"}, ".experimental", "object"),
    ({"experimental": {"modes": ["fast"]}}, ".experimental.modes", "object"),
    ({"experimental": {"modes": {"fast": None}}}, ".experimental.modes.fast", "object"),
    ({"experimental": {"modes": {"very fast": {"provider": 5}}}}, ".experimental.modes['very fast'].provider", "object"),
    ({"experimental": {"modes": {"fast": {"cost": {"input": "5"}}}}}, ".experimental.modes.fast.cost.input", "price"),
    ({"release_date": 2025}, ".release_date", "text"),
    ({"knowledge": ["2025"]}, ".knowledge", "text"),
    ({"last_updated": 20251124.5}, ".last_updated", "text"),
    ({"modalities": "text"}, ".modalities", "object"),
    ({"modalities": {"input": "text"}}, ".modalities.input", "list"),
    ({"modalities": {"output": {"text": True}}}, ".modalities.output", "list"),
    ({"modalities": {"input": ["text", 5]}}, ".modalities.input[1]", "text"),
    ({"modalities": {"input": ["text", None]}}, ".modalities.input[1]", "text"),
    ({"limit": "128k"}, ".limit", "object"),
    ({"limit": [8192]}, ".limit", "object"),
    ({"limit": {"context": "128k"}}, ".limit.context", "whole number"),
    ({"limit": {"input": 0.5}}, ".limit.input", "whole number"),
    ({"limit": {"output": -1}}, ".limit.output", "whole number"),
    ({"limit": {"output": True}}, ".limit.output", "whole number"),
    ({"cost": []}, ".cost", "object"),
    ({"cost": "free"}, ".cost", "object"),
    ({"cost": {"input": -1}}, ".cost.input", "price"),
    ({"cost": {"input": -0.001}}, ".cost.input", "price"),
    ({"cost": {"input": "1.5"}}, ".cost.input", "price"),
    ({"cost": {"output": True}}, ".cost.output", "price"),
    ({"cost": {"cache_read": {}}}, ".cost.cache_read", "price"),
    ({"cost": {"cache_write": [1]}}, ".cost.cache_write", "price"),
    ({"cost": {"tiers": {"input": 1}}}, ".cost.tiers", "list"),
    ({"cost": {"tiers": [5]}}, ".cost.tiers[0]", "object"),
    ({"cost": {"tiers": [{"tier": {"size": 5}, "reasoning": "1"}]}}, ".cost.tiers[0].reasoning", "price"),
    ({"reasoning_options": "effort"}, ".reasoning_options", "list"),
    ({"reasoning_options": ["effort"]}, ".reasoning_options[0]", "object"),
    ({"reasoning_options": [{}, {"values": "low"}]}, ".reasoning_options[1].values", "list"),
    ({"reasoning_options": [{"values": [None, 5]}]}, ".reasoning_options[0].values[1]", "text"),
    ({"reasoning_options": [{"min": "0"}]}, ".reasoning_options[0].min", "whole number"),
    ({"reasoning_options": [{"max": 1.5}]}, ".reasoning_options[0].max", "whole number"),
    ({"provider": "openai"}, ".provider", "object"),
    ({"provider": {"npm": 5}}, ".provider.npm", "text"),
    ({"provider": {"body": "x"}}, ".provider.body", "object"),
    ({"provider": {"headers": ["x"]}}, ".provider.headers", "object"),
]
"""A row with something wrong, the path from the row to it, and a word of the reason."""

AS_WRITTEN = [
    ({"cost": {"context_over_200k": {"input": "2"}}}, ".cost.context_over_200k.input"),
    ({"cost": {"context_over_200k": 5}}, ".cost.context_over_200k"),
    ({"cost": {"tiers": [{"tier": {"size": "200k"}}]}}, ".cost.tiers[0].tier.size"),
    ({"cost": {"tiers": [{"tier": {"size": 9}}, {"tier": {"size": 5}, "input": "1"}]}}, ".cost.tiers[1].input"),
    ({"cost": {"tiers": [{"tier": {"type": "time"}}, {"tier": {"size": 5}, "input": "1"}]}}, ".cost.tiers[1].input"),
    ({"cost": {}, "experimental": {"modes": {"fast": {"cost": {"input": "5"}}}}}, ".experimental.modes.fast.cost.input"),
    (
        {"experimental": {"modes": {"a.b": {"cost": {"context_over_200k": {"input": "5"}}}}}},
        ".experimental.modes['a.b'].cost.context_over_200k.input",
    ),
    (
        {"cost": {}, "experimental": {"modes": {"fast": {"cost": {"context_over_200k": 5}}}}},
        ".experimental.modes.fast.cost.context_over_200k",
    ),
    ({"cost": {}, "experimental": {"modes": {"fast": {"cost": 5}}}}, ".experimental.modes.fast.cost"),
    ({"cost": {"tiers": [None, {"tier": {"size": "5"}}]}}, ".cost.tiers[0]"),
    ({"cost": {"tiers": [{"tier": "5"}]}}, ".cost.tiers[0].tier"),
    ({"cost": {"tiers": [], "context_over_200k": {"input": []}}}, ".cost.context_over_200k.input"),
    ({"input_modalities": "text"}, ".input_modalities"),
    ({"output_modalities": ["text", 5]}, ".output_modalities[1]"),
    ({"open_weights": "yes", "open": True}, ".open_weights"),
    ({"open": "yes"}, ".open"),
    ({"interleaved": {"name": 5}}, ".interleaved.name"),
]
"""A row whose shape differs from the record's, and the path from the row to what is wrong in it."""


def load(document):
    """Return the catalog of *document* after checking that it can be given back, before and after it was a snapshot."""
    catalog = load_catalog(json.dumps(document).encode())
    reopened = load_catalog(bytes(catalog.content))
    assert document == dump_catalog(catalog) == dump_catalog(reopened)
    assert catalog.problems == reopened.problems
    return catalog


@pytest.mark.parametrize(("row", "path", "word"), ROWS)
def test_a_row_that_cannot_be_read_is_set_aside_with_path_reason_and_raw_value_and_the_rest_loads(row, path, word):
    catalog = load({"openai": {"models": {"a": {"name": "A"}, "gpt-5.5": row, "z": {"cost": {"input": 1}}}}})
    (problem,) = catalog.problems
    assert ("quarantined", f"$.openai.models['gpt-5.5']{path}", row) == (problem.kind, problem.path, problem.raw)
    assert problem.reason.startswith("must be ")
    assert word in problem.reason
    assert [str(model.ref) for model in catalog] == ["openai/a", "openai/z"]
    assert "openai/gpt-5.5" not in catalog
    assert catalog.provider("openai").model_count == 2


@pytest.mark.parametrize(("row", "path"), AS_WRITTEN)
def test_the_path_leads_to_the_fault_in_the_document_as_it_is_written(row, path):
    (problem,) = load({"openai": {"models": {"m": row}}}).problems
    assert f"$.openai.models.m{path}" == problem.path


@pytest.mark.parametrize(
    "tier", [{"input": 1}, {"input": 1, "tier": None}, {"input": 1, "tier": {}}, {"tier": {"type": "context", "size": None}}]
)
def test_a_tier_without_a_size_cannot_be_applied_so_its_row_is_set_aside(tier):
    catalog = load({"openai": {"models": {"m": {"cost": {"input": 1, "tiers": [tier]}}}}})
    assert [problem.kind for problem in catalog.problems] == ["quarantined"]
    assert len(catalog) == 0


def test_a_reason_speaks_json():
    (problem,) = load({"openai": {"models": {"m": {"limit": {"context": 0.5}}}}}).problems
    assert "Decimal" not in problem.reason
    assert "0.5" in problem.reason


@pytest.mark.parametrize("row", [{"limit": ["x" * 10_000]}, {"id": "x" * 10_000}, {"release_date": "x" * 10_000}])
def test_a_reason_quotes_no_more_than_a_line_of_what_is_wrong(row):
    (problem,) = load({"openai": {"models": {"m": row}}}).problems
    assert len(problem.reason) < 200
    assert problem.raw in (row, *row.values())


def test_only_the_first_fault_of_a_row_is_told():
    (problem,) = load({"openai": {"models": {"m": {"name": 5, "cost": [], "limit": []}}}}).problems
    assert problem.path == "$.openai.models.m.name"


def test_a_model_with_an_empty_id_is_set_aside():
    catalog = load({"openai": {"models": {"": {"name": "A"}, "b": {}}}})
    (problem,) = catalog.problems
    assert (problem.kind, problem.path, problem.raw) == ("quarantined", "$.openai.models['']", {"name": "A"})
    assert "empty" in problem.reason
    assert [str(model.ref) for model in catalog] == ["openai/b"]


@pytest.mark.parametrize(
    ("provider_id", "path"), [("a/b", "$['a/b']"), ("/", "$['/']"), ("", "$['']"), ("it's/it", '$["it\'s/it"]'), ("a\n/b", r"$['a\n/b']")]
)
def test_a_provider_whose_id_cannot_be_is_set_aside(provider_id, path):
    catalog = load({provider_id: {"models": {"m": {}}}, "openai": {"models": {"m": {}}}})
    (problem,) = catalog.problems
    assert ("quarantined", path, {"models": {"m": {}}}) == (problem.kind, problem.path, problem.raw)
    assert [provider.id for provider in catalog.providers()] == ["openai"]


@pytest.mark.parametrize("raw", [5, None, [], "openai", True, 0.5])
def test_a_provider_that_is_no_object_is_set_aside(raw):
    catalog = load({"azure": raw, "openai": {"models": {"m": {}}}})
    (problem,) = catalog.problems
    assert ("quarantined", "$.azure", raw) == (problem.kind, problem.path, problem.raw)
    assert "object" in problem.reason
    assert [provider.id for provider in catalog.providers()] == ["openai"]


@pytest.mark.parametrize("models", [5, None, [], "gpt", [{"id": "gpt"}]])
def test_models_that_are_no_object_are_set_aside_and_the_provider_stays(models):
    catalog = load({"azure": {"name": "Azure", "models": models}, "openai": {"models": {"m": {}}}})
    (problem,) = catalog.problems
    assert ("quarantined", "$.azure.models", models) == (problem.kind, problem.path, problem.raw)
    assert {provider.id: provider.model_count for provider in catalog.providers()} == {"azure": 0, "openai": 1}
    assert catalog.provider("azure").name == "Azure"


@pytest.mark.parametrize(
    ("field", "raw", "path"),
    [
        ("env", "KEY", ".env"),
        ("env", ["KEY", 5], ".env[1]"),
        ("name", 5, ".name"),
        ("npm", ["x"], ".npm"),
        ("api", {}, ".api"),
        ("doc", False, ".doc"),
    ],
)
def test_a_field_of_a_provider_that_cannot_be_read_is_set_aside_and_its_models_stay(field, raw, path):
    sound = {"name": "OpenAI", "env": ["KEY"], "npm": "n", "api": "a", "doc": "d"}
    catalog = load({"openai": {**sound, field: raw, "models": {"m": {}}}})
    (problem,) = catalog.problems
    assert ("quarantined", f"$.openai{path}", raw) == (problem.kind, problem.path, problem.raw)
    provider = catalog.provider("openai")
    kept = {name: value for name, value in sound.items() if name not in {field, "env"}}
    assert kept == {name: getattr(provider, name) for name in kept}
    assert provider.env == () or field != "env"
    assert [str(model.ref) for model in catalog] == ["openai/m"]


def test_every_bad_field_of_a_provider_is_told():
    catalog = load({"openai": {"name": 5, "env": 6, "doc": 7, "models": {"m": 8, "n": {}}}})
    assert {problem.path: problem.raw for problem in catalog.problems} == {
        "$.openai.name": 5,
        "$.openai.env": 6,
        "$.openai.doc": 7,
        "$.openai.models.m": 8,
    }
    assert (catalog.provider("openai").name, catalog.provider("openai").model_count) == ("openai", 1)


def test_a_price_beyond_reason_spoils_its_row_at_most():
    """Anything JSON and Decimal can say is a price; a limit of 10**300 tokens is not worth losing the document for."""
    catalog = load_catalog(b'{"p": {"models": {"m": {"limit": {"context": 1e300}}, "n": {"cost": {"input": 1e300}}}}}')
    assert float(catalog.get("p/n").cost.input) == 1e300
    assert "p/m" not in catalog
