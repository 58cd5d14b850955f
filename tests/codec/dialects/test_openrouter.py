"""OpenRouter's list of models as a layer."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal

import pytest

from modelmeta import DecodeError, Usage, openrouter_layer

ROW = {
    "id": "anthropic/claude-sonnet-4.5",
    "canonical_slug": "anthropic/claude-4.5-sonnet-20250929",
    "name": "Anthropic: Claude Sonnet 4.5",
    "created": 1759161676,
    "description": "A model.",
    "context_length": 1000000,
    "architecture": {"modality": "text+image+file->text", "input_modalities": ["text", "image", "file"], "output_modalities": ["text"]},
    "pricing": {
        "prompt": "0.000003",
        "completion": "0.000015",
        "request": "0",
        "web_search": "0.01",
        "internal_reasoning": "0",
        "input_cache_read": "0.0000003",
        "input_cache_write": "0.00000375",
        "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000006", "completion": "0.0000225", "input_cache_write_1h": "0.000012"}],
    },
    "top_provider": {"context_length": 1000000, "max_completion_tokens": 64000, "is_moderated": True},
    "per_request_limits": None,
    "supported_parameters": ["max_tokens", "reasoning", "temperature", "tools"],
    "knowledge_cutoff": "2025-01-31",
    "expiration_date": "2027-01-01",
}
REF = "openrouter/anthropic/claude-sonnet-4.5"


@pytest.fixture
def read(ours):
    """Return the function that reads a row with these facts of the model ``openrouter/m``."""
    return lambda **facts: openrouter_layer({"data": [{"id": "m", **facts}]}, catalog=ours("openrouter/m"))


def test_a_row_says_what_upstream_would_in_upstreams_words(ours):
    layer = openrouter_layer({"data": [ROW]}, catalog=ours(REF))
    rates = {"input": 3, "output": 15, "cache_read": Decimal("0.3"), "cache_write": Decimal("3.75")}
    tier = {**rates, "input": 6, "output": Decimal("22.5"), "tier": {"type": "context", "size": 200_000}}
    expected = {
        "name": "Anthropic: Claude Sonnet 4.5",
        "description": "A model.",
        "knowledge": "2025-01-31",
        "deprecation_date": "2027-01-01",
        "limit": {"context": 1_000_000, "output": 64_000},
        "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
        "tool_call": True,
        "reasoning": True,
        "structured_output": False,
        "temperature": True,
        "cost": {**rates, "tiers": [tier]},
    }
    assert {REF: expected} == layer.models
    assert ("openrouter", False, ()) == (layer.name, layer.wins, layer.problems)
    assert {"canonical_slug", "created", "pricing.request", "pricing.web_search", "pricing.input_cache_write_1h"} < layer.ignored.keys()


def test_a_row_reads_as_a_row_of_upstream_and_prices_as_it_says(ours, as_catalog):
    catalog = as_catalog(openrouter_layer({"data": [ROW]}, catalog=ours(REF)))
    assert () == catalog.problems
    usage = Usage(input_tokens=300_000, output_tokens=1000)
    assert Decimal("0.000006") * 300_000 + Decimal("0.0000225") * 1000 == catalog.price(REF, usage).total


@pytest.mark.parametrize("price", ["-1", -1, "-1.0"])
def test_a_price_that_varies_is_unknown(read, price):
    layer = read(pricing={"prompt": price, "completion": "0.000001"})
    assert ({"cost": {"output": 1}}, ()) == (layer.models["openrouter/m"], layer.problems)


def test_free_is_free_and_an_unknown_price_is_none(read):
    assert {"input": 0, "output": 0} == read(pricing={"prompt": "0", "completion": "0", "input_cache_read": "0"}).models["openrouter/m"][
        "cost"
    ]
    assert {} == read(pricing={}).models


@pytest.mark.parametrize("parameters", [None, []])
def test_without_a_list_of_parameters_nothing_is_known_of_them(read, parameters):
    assert {} == read(supported_parameters=parameters).models


def test_the_context_of_the_top_provider_stands_in_for_a_missing_one(read):
    top = {"context_length": 32000, "max_completion_tokens": 0}
    assert {"context": 32000} == read(top_provider=top).models["openrouter/m"]["limit"]
    assert {"context": 64000} == read(top_provider=top, context_length=64000).models["openrouter/m"]["limit"]


def test_of_several_tiers_later_ones_win_where_both_apply(read):
    overrides = [
        {"min_prompt_tokens": 500_000, "prompt": "0.000009"},
        {"min_prompt_tokens": 200_000, "prompt": "0.000006", "completion": "0.000004"},
        {"min_prompt_tokens": 900_000, "prompt": "0.000010"},
    ]
    tiers = read(pricing={"prompt": "0.000003", "completion": "0.000002", "overrides": overrides}).models["openrouter/m"]["cost"]["tiers"]
    assert [(200_000, 6, 4), (500_000, 6, 4), (900_000, 10, 4)] == [(tier["tier"]["size"], tier["input"], tier["output"]) for tier in tiers]


@pytest.mark.parametrize(
    ("override", "names"),
    [
        ({"min_prompt_tokens": 100, "utc_start": 1630, "utc_end": 30, "prompt": "0.1"}, "utc_end, utc_start"),
        ({"prompt": "0.1"}, "none it names"),
    ],
)
def test_a_price_under_other_conditions_is_set_aside(read, override, names):
    layer = read(pricing={"prompt": "0.000003", "overrides": [override]})
    assert {"input": 3} == layer.models["openrouter/m"]["cost"]
    [problem] = layer.problems
    assert ("$.data[0].pricing.overrides[0]", override) == (problem.path, problem.raw)
    assert problem.reason.endswith(f"no record has a place for: {names}")


def test_a_discount_is_pointed_out(read):
    [problem] = read(pricing={"prompt": "0.000003", "discount": 0.5}).problems
    assert ("$.data[0].pricing.discount", "odd") == (problem.path, problem.kind)
    assert () == read(pricing={"prompt": "0.000003", "discount": 0}).problems


def test_more_pages_are_pointed_out(ours):
    document = {"data": [ROW], "links": {"next": "/api/v1/models?offset=500"}}
    [problem] = openrouter_layer(document, catalog=ours(REF)).problems
    assert "$.links.next: there is more than this document: fetch the next pages too" == str(problem)
    assert () == openrouter_layer({"data": [ROW], "links": {"next": None}}, catalog=ours(REF)).problems


def test_what_cannot_be_read_is_set_aside_with_its_place(ours):
    document = {
        "data": [
            {"id": "m", "pricing": {"prompt": "cheap", "completion": "0.000001", "overrides": ["x"]}, "context_length": -1},
            "row",
            {"name": "Nameless"},
            {"id": "m", "architecture": "text"},
        ]
    }
    layer = openrouter_layer(document, catalog=ours("openrouter/m"))
    assert {"openrouter/m": {"cost": {"output": 1}}} == layer.models
    assert {
        "$.data[0].pricing.prompt": 'must be a number, not "cheap"',
        "$.data[0].pricing.overrides[0]": 'must be an object, not "x"',
        "$.data[0].context_length": "must be a whole number of tokens, not -1",
        "$.data[1]": 'must be an object, not "row"',
        "$.data[2]": "says no id",
        "$.data[3].architecture": 'must be an object, not "text"',
    } == {problem.path: problem.reason for problem in layer.problems}


def test_models_we_do_not_know_are_new(ours):
    layer = openrouter_layer({"data": [ROW]}, catalog=ours("openrouter/m"))
    assert ({}, {REF}) == (layer.models, {*layer.new})


@pytest.mark.parametrize("document", [{}, [], {"data": {}}, {"openai": {"models": {}}}])
def test_what_is_no_such_list_is_refused(document, ours):
    with pytest.raises(DecodeError, match="is not OpenRouter's list of models: it has no list called data"):
        openrouter_layer(document, catalog=ours("openrouter/m"))


def test_bytes_may_be_gzipped(ours):
    data = json.dumps({"data": [ROW]}).encode()
    assert openrouter_layer(data, catalog=ours(REF)) == openrouter_layer(gzip.compress(data), catalog=ours(REF))


def test_the_bundled_catalog_is_matched_with_where_none_is_given():
    assert {REF: ROW["id"]} == openrouter_layer({"data": [ROW]}).matched
