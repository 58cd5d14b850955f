"""LiteLLM's cost map as a layer: hand-made rows, hostile ones, and the map of the installed package."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from importlib.metadata import distribution

import pytest

from modelmeta import DecodeError, MissingExtraError, SourceNotFoundError, litellm_layer


def row(**facts):
    return {"litellm_provider": "openai", "mode": "chat", **facts}


@pytest.fixture
def read(ours):
    """Return the function that reads a row of the model ``openai/m``."""
    return lambda **facts: litellm_layer({"m": row(**facts)}, catalog=ours("openai/m"))


def test_a_row_says_what_upstream_would_in_upstreams_words(read):
    layer = read(
        input_cost_per_token=2.5e-06,
        output_cost_per_token=1e-05,
        cache_read_input_token_cost=1.25e-07,
        cache_creation_input_token_cost=3.125e-06,
        output_cost_per_reasoning_token=1.2e-05,
        input_cost_per_audio_token=4e-05,
        output_cost_per_audio_token=8e-05,
        max_input_tokens=272000,
        max_output_tokens=128000.0,
        supports_function_calling=True,
        supports_response_schema=False,
        supported_modalities=["text", "image"],
        deprecation_date="2027-06-25",
    )
    rates = {"input": 2.5, "output": 10, "cache_read": 0.125, "cache_write": 3.125, "reasoning": 12, "input_audio": 40, "output_audio": 80}
    expected = {
        "cost": rates,
        "limit": {"input": 272000, "output": 128000},
        "modalities": {"input": ["text", "image"]},
        "tool_call": True,
        "structured_output": False,
        "deprecation_date": "2027-06-25",
    }
    assert {"openai/m": expected} == layer.models
    assert ("litellm", False, ()) == (layer.name, layer.wins, layer.problems)


def test_what_a_row_does_not_say_is_unknown(read):
    layer = read()
    assert ({}, {}, {"openai/m": "m"}) == (layer.models, layer.claims, layer.matched)


def test_a_capability_without_a_list_of_its_side_is_only_a_claim(read):
    layer = read(supports_vision=True, supports_audio_output=False)
    assert ({}, {"openai/m": {"vision": True, "audio_output": False}}) == (layer.models, layer.claims)


def test_prices_above_a_size_of_input_are_tiers_and_what_does_not_change_stands_in_them(read):
    layer = read(
        input_cost_per_token=1e-06,
        output_cost_per_token=4e-06,
        cache_read_input_token_cost=1.25e-07,
        input_cost_per_token_above_200k_tokens=2e-06,
        input_cost_per_token_above_128_tokens=1.5e-06,
    )
    assert [
        {"input": 1.5, "output": 4, "cache_read": 0.125, "tier": {"type": "context", "size": 128}},
        {"input": 2, "output": 4, "cache_read": 0.125, "tier": {"type": "context", "size": 200_000}},
    ] == layer.models["openai/m"]["cost"]["tiers"]


def test_a_table_of_ranges_is_tiers_too_and_caches_cost_what_their_range_says(read):
    ranges = [
        {"range": [0, 32000.0], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
        {"range": [32000.0, 256000.0], "input_cost_per_token": 3e-06},
    ]
    cost = read(tiered_pricing=ranges, cache_read_input_token_cost=1.25e-07).models["openai/m"]["cost"]
    assert cost == {
        "input": 1,
        "output": 2,
        "cache_read": 0.125,
        "tiers": [{"input": 3, "output": 2, "cache_read": 3, "tier": {"type": "context", "size": 32000}}],
    }


def test_batches_flex_and_priority_are_modes_with_tiers_of_their_own(read):
    layer = read(
        input_cost_per_token=2e-06,
        output_cost_per_token=8e-06,
        output_cost_per_reasoning_token=8e-06,
        input_cost_per_token_batches=1e-06,
        output_cost_per_token_batches=4e-06,
        input_cost_per_token_above_272k_tokens=4e-06,
        input_cost_per_token_above_272k_tokens_priority=8e-06,
    )
    modes = layer.models["openai/m"]["experimental"]["modes"]
    tier = {"type": "context", "size": 272_000}
    assert modes == {
        "batch": {"cost": {"input": 1, "output": 4, "reasoning": 4, "tiers": [{"input": 4, "output": 4, "reasoning": 4, "tier": tier}]}},
        "priority": {"cost": {"input": 2, "output": 8, "reasoning": 8, "tiers": [{"input": 8, "output": 8, "reasoning": 8, "tier": tier}]}},
    }


def test_zero_is_free_for_tokens_but_unknown_where_something_else_is_paid_for(read):
    free = {"input_cost_per_token": 0, "output_cost_per_token": 0.0}
    assert {"input": 0, "output": 0} == read(**free).models["openai/m"]["cost"]
    assert {} == read(**free, output_cost_per_image=0.04).models
    assert {"input": 0, "output": 0} == read(**free, output_cost_per_image=0).models["openai/m"]["cost"]


def test_a_cache_for_nothing_is_a_cache_without_a_price_of_its_own(read):
    assert {"input": 1} == read(input_cost_per_token=1e-06, cache_creation_input_token_cost=0).models["openai/m"]["cost"]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("chat", None), ("responses", None), ("completion", None), ("embedding", "embedding"), ("rerank", "reranking"), ("ocr", "ocr")],
)
def test_a_mode_is_a_type_and_chat_needs_none(read, mode, kind):
    assert kind == read(mode=mode).models.get("openai/m", {}).get("type")


@pytest.mark.parametrize(
    ("key", "provider", "ref"),
    [
        ("gpt-x", "openai", "openai/gpt-x"),
        ("openai/gpt-x", "openai", "openai/gpt-x"),
        ("azure_ai/gpt-x", "azure_ai", "azure/gpt-x"),
        ("bedrock/anthropic.claude-x-v1:0", "bedrock_converse", "amazon-bedrock/anthropic.claude-x-v1:0"),
        ("anthropic.claude-x-v1:0", "bedrock", "amazon-bedrock/anthropic.claude-x-v1:0"),
        ("vertex_ai/gemini-x", "vertex_ai-language-models", "google-vertex/gemini-x"),
        ("gemini/gemini-x", "gemini", "google/gemini-x"),
        ("fireworks_ai/kimi-x", "fireworks_ai", "fireworks-ai/accounts/fireworks/models/kimi-x"),
        ("moonshot/kimi-x", "moonshot", "moonshotai/kimi-x"),
        ("GPT_X", "OpenAI", "openai/gpt-x"),
    ],
)
def test_rows_find_our_models_under_litellms_names(ours, key, provider, ref):
    catalog = ours(
        *("openai/gpt-x", "azure/gpt-x", "amazon-bedrock/anthropic.claude-x-v1:0", "google-vertex/gemini-x", "google/gemini-x"),
        *("fireworks-ai/accounts/fireworks/models/kimi-x", "moonshotai/kimi-x", "moonshotai-cn/kimi-x"),
    )
    assert {ref: key} == litellm_layer({key: {"litellm_provider": provider}}, catalog=catalog).matched


@pytest.mark.parametrize(
    ("key", "provider", "reason"),
    [
        ("bedrock/us-east-1/m", "bedrock", "a price of one size, region or commitment, not of a model"),
        ("1024-x-1024/m", "openai", "a price of one size, region or commitment, not of a model"),
        ("m", None, "says no litellm_provider"),
        ("twin", "openai", "can mean openai/a/twin, openai/b/twin"),
        ("m", "a/b", 'no reference can be made of the provider "a/b" and the id "m"'),
        ("", "acme", 'no reference can be made of the provider "acme" and the id ""'),
    ],
)
def test_a_row_without_a_place_says_why(ours, key, provider, reason):
    document = {key: {"litellm_provider": provider}, "other": row()}
    layer = litellm_layer(document, catalog=ours("openai/a/twin", "openai/b/twin", "openai/other"))
    assert ({key: reason}, {"openai/other": "other"}) == (layer.unplaced, layer.matched)


def test_an_alias_names_what_it_stands_for(ours):
    assert {"latest": "an alias of m"} == litellm_layer({"latest": {"alias_of": "m"}, "m": row()}, catalog=ours("openai/m")).unplaced


def test_other_dates_and_regions_are_other_models(ours):
    document = {"m-2026-01-01": row(), "eu.anthropic.claude-x-v1:0": row(litellm_provider="bedrock")}
    layer = litellm_layer(document, catalog=ours("openai/m", "amazon-bedrock/anthropic.claude-x-v1:0"))
    assert ({}, {"openai/m-2026-01-01", "amazon-bedrock/eu.anthropic.claude-x-v1:0"}) == (layer.matched, {*layer.new})


def test_of_two_rows_about_one_model_the_closer_one_counts_whatever_their_order(ours):
    rows = {"M": row(input_cost_per_token=1e-06), "openai/m": row(input_cost_per_token=2e-06), "m": row(input_cost_per_token=3e-06)}
    for document in (rows, dict(reversed(rows.items()))):
        layer = litellm_layer(document, catalog=ours("openai/m"))
        assert layer.matched["openai/m"] in {"m", "openai/m"}
        assert {"M"} <= layer.unplaced.keys()
        assert 3 == len(layer.unplaced) + len(layer.matched)


def test_models_we_do_not_know_come_only_when_asked_for(ours):
    document = {"m": row(), "new": row(mode="embedding"), "openai/new": row(), "fal_ai/draw": {"litellm_provider": "fal_ai"}}
    layer = litellm_layer(document, catalog=ours("openai/m"))
    assert ({}, {}) == (layer.models, layer.providers)
    assert {"openai/new": {"type": "embedding"}, "fal_ai/draw": {}} == layer.new
    assert {"openai/new": "another row says what openai/new is"} == layer.unplaced
    assert ({**layer.new}, {"openai": {}, "fal_ai": {}}, {}) == (
        layer.with_new().models,
        layer.with_new().providers,
        layer.with_new().new,
    )


@pytest.mark.parametrize(
    ("facts", "path", "reason"),
    [
        ({"input_cost_per_token": -1e-06}, "input_cost_per_token", "must be a price, not -0.000001"),
        ({"input_cost_per_token": "cheap"}, "input_cost_per_token", 'must be a number, not "cheap"'),
        ({"max_input_tokens": "lots"}, "max_input_tokens", 'must be a number, not "lots"'),
        ({"max_output_tokens": -5}, "max_output_tokens", "must be a whole number of tokens, not -5"),
        ({"supports_vision": "yes"}, "supports_vision", 'must be true or false, not "yes"'),
        ({"supports_reasoning": 1}, "supports_reasoning", "must be true or false, not 1"),
        ({"supported_modalities": "text"}, "supported_modalities", 'must be a list, not "text"'),
        ({"supported_modalities": ["text", 1]}, "supported_modalities", "must be text, not 1"),
        ({"deprecation_date": "2026-02-31"}, "deprecation_date", 'must be a date, not "2026-02-31"'),
        ({"mode": ["chat"]}, "mode", 'must be text, not ["chat"]'),
        ({"tiered_pricing": [{"range": []}]}, "tiered_pricing[0]", "must be an object with the range of input it is for"),
        ({"tiered_pricing": {}}, "tiered_pricing", "must be a list, not {}"),
        ({"litellm_provider": 5}, "litellm_provider", "must be text, not 5"),
    ],
)
def test_a_field_that_cannot_be_read_is_set_aside_and_the_rest_of_the_row_lives(ours, facts, path, reason):
    document = {"m": row(**{"output_cost_per_token": 1e-06, **facts}), "other": row()}
    layer = litellm_layer(document, catalog=ours("openai/m"))
    assert [(f"$.m.{path}", reason)] == [(problem.path, problem.reason) for problem in layer.problems]
    if "litellm_provider" not in facts:
        assert {"output": 1} == layer.models["openai/m"]["cost"]


def test_a_row_that_is_no_object_is_set_aside(ours):
    layer = litellm_layer({"m": row(), "broken": [1]}, catalog=ours("openai/m"))
    assert [("$.broken", "must be an object, not [1]", [1])] == [(problem.path, problem.reason, problem.raw) for problem in layer.problems]


def test_fields_without_a_place_are_counted(ours):
    document = {"m": row(rpm=5, source="…"), "n": row(rpm=6, comment=None)}
    assert {"rpm": 2, "source": 1} == litellm_layer(document, catalog=ours("openai/m")).ignored


@pytest.mark.parametrize("document", [{}, [], {"m": {}}, {"openai": {"models": {}}}])
def test_what_is_no_cost_map_is_refused(document, ours):
    with pytest.raises(DecodeError, match=r"the document is not LiteLLM's cost map: no row in it has a litellm_provider"):
        litellm_layer(document, catalog=ours("openai/m"))


def test_a_path_is_read_and_named_in_errors(tmp_path, ours):
    path = tmp_path / "map.json"
    path.write_text(json.dumps({"m": row()}))
    assert {"openai/m": "m"} == litellm_layer(path, catalog=ours("openai/m")).matched
    path.write_text('{"m": 1, "m": 2}')
    with pytest.raises(DecodeError, match=r"map\.json repeats the key 'm'"):
        litellm_layer(str(path), catalog=ours("openai/m"))
    with pytest.raises(SourceNotFoundError, match="a layer takes a path, bytes or a parsed document"):
        litellm_layer(tmp_path / "none.json", catalog=ours("openai/m"))


def test_a_layer_may_be_told_to_win(ours):
    assert litellm_layer({"m": row()}, catalog=ours("openai/m"), wins=True).wins


def cost_map():
    text = next(file for file in distribution("litellm").files if file.name == "model_prices_and_context_window_backup.json").read_text()
    return json.loads(text, parse_float=str, parse_int=str)


def test_every_row_of_the_installed_map_is_accounted_for(litellm):
    document = cost_map()
    new = {key for key, facts in document.items() if key not in litellm.unplaced and key not in litellm.matched.values()} - {"sample_spec"}
    assert len(new) == len(litellm.new)
    assert len(document) == 1 + len({*litellm.matched.values()}) + len(litellm.new) + len(litellm.unplaced)
    assert len(litellm.matched) > 1000


def test_the_prices_of_the_installed_map_are_exactly_its_texts_times_a_million(litellm):
    document = cost_map()
    fields = {"input": "input_cost_per_token", "output": "output_cost_per_token", "cache_read": "cache_read_input_token_cost"}
    compared = 0
    for ref, key in litellm.matched.items():
        for name, field in fields.items():
            price = litellm.models.get(ref, {}).get("cost", {}).get(name)
            if price is not None and field in document[key]:
                assert Fraction(document[key][field]) * 10**6 == Fraction(price)
                compared += 1
    assert compared > 2500


def test_every_row_of_the_installed_map_reads_as_a_row_of_upstream(litellm, as_catalog):
    catalog = as_catalog(litellm)
    assert () == catalog.problems
    assert len(catalog) == len({**litellm.models, **litellm.new})
    priced = catalog["openai/gpt-5.5"].cost
    assert (5, 30, 272_000) == (priced.input, priced.output, priced.tiers[0].size)


def test_litellm_itself_is_not_imported():
    script = "import sys; from modelmeta import litellm_layer; litellm_layer(); print([n for n in sys.modules if n.startswith('litellm')])"
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert "[]\n" == run.stdout


def test_without_litellm_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(MissingExtraError, match="pip install litellm, or give the map as source"):
        litellm_layer()


def test_a_layer_prints_in_one_line(ours):
    layer = litellm_layer({"m": row(rpm=1), "new": row(), "odd": 1}, catalog=ours("openai/m"))
    assert "<ForeignLayer 'litellm': 1 matched, 1 new, 0 unplaced, 1 problems>" == repr(layer)
