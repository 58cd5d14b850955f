"""Whatever a document holds, a layer of it holds only rows that upstream could have written, or the document is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import DecodeError, genai_prices_layer, litellm_layer, load_catalog, openrouter_layer

CATALOG = load_catalog({name: {"models": {"m": {}, "n": {}}} for name in ("openai", "openrouter", "azure")})
DAY = date(2026, 11, 1)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "m", "n", "-1", "0.000002", "1e-300", "9" * 40, "2026-11-01", "2026-02-31", "12:30", "text", "image", "azure", "a/b"]
    ),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=6
)


def rows(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Rows that have some of *fields*, each as it should be or anything else."""
    return st.fixed_dictionaries({}, optional={name: field | values for name, field in fields.items()})


sizes = st.sampled_from([0, 1, 100, 200000, "300", 1.0])
rates = st.sampled_from([0, 1e-06, "0.000002", 3, 5e-07])
steps = st.fixed_dictionaries({"base": rates, "tiers": st.lists(st.fixed_dictionaries({"start": sizes, "price": rates}), max_size=3)})

litellm_rows = rows(
    litellm_provider=st.sampled_from(["openai", "azure", "azure_ai", "fal_ai", "vertex_ai-x"]),
    mode=st.sampled_from(["chat", "embedding", "new"]),
    input_cost_per_token=rates,
    output_cost_per_token=rates,
    output_cost_per_reasoning_token=rates,
    cache_read_input_token_cost=rates,
    input_cost_per_token_above_128k_tokens=rates,
    output_cost_per_token_above_0k_tokens=rates,
    input_cost_per_token_above_128k_tokens_flex=rates,
    output_cost_per_token_batches=rates,
    output_cost_per_image=rates,
    tiered_pricing=st.lists(
        st.fixed_dictionaries(
            {"range": st.lists(sizes, max_size=2), "input_cost_per_token": rates, "output_cost_per_token": rates | values}
        ),
        max_size=3,
    ),
    max_input_tokens=sizes,
    max_output_tokens=sizes,
    supported_modalities=st.just(["text", "image"]),
    supports_vision=st.booleans(),
    supports_reasoning=st.booleans(),
    deprecation_date=st.just("2026-11"),
)
openrouter_rows = rows(
    id=st.sampled_from(["m", "n", "a/m", "new:free"]),
    name=st.just("M"),
    context_length=sizes,
    architecture=rows(input_modalities=st.just(["text", "file"]), output_modalities=st.just(["text"])),
    pricing=rows(
        prompt=rates,
        completion=rates,
        internal_reasoning=rates,
        overrides=st.lists(rows(min_prompt_tokens=sizes, prompt=rates, completion=rates, utc_start=sizes), max_size=3),
        discount=st.just(0.5),
    ),
    top_provider=rows(context_length=sizes, max_completion_tokens=sizes),
    supported_parameters=st.just(["tools"]),
)
genai_prices_rows = rows(
    id=st.sampled_from(["m", "n", "new"]),
    match=st.sampled_from([{"equals": "m"}, {"or": [{"regex": "^n$"}, {"and": []}]}, {"contains": ""}]),
    context_window=sizes,
    prices=rows(input_mtok=rates | steps, output_mtok=rates | steps, cache_read_mtok=rates)
    | st.lists(
        rows(
            prices=rows(input_mtok=rates),
            constraint=rows(start_date=st.just("2026-10-31"), start_time=st.just("10:00"), end_time=st.just("09:00:00Z")),
        ),
        max_size=3,
    ),
    price_variants=st.lists(rows(when=st.just({"processing": "batch"}), prices=rows(output_mtok=rates | steps)), max_size=2),
    deprecated=st.booleans(),
)


def litellm(document):
    return litellm_layer(json.dumps({**document, "good": {"litellm_provider": "openai"}}).encode(), catalog=CATALOG)


def openrouter(document):
    return openrouter_layer(json.dumps({"data": [*document.values()]}).encode(), catalog=CATALOG)


def genai_prices(document):
    providers = [{"id": "openai", "models": [*document.values()]}, {"id": "azure", "models": [], "fallback_model_providers": ["openai"]}]
    return genai_prices_layer(json.dumps(providers).encode(), catalog=CATALOG, day=DAY)


@pytest.mark.parametrize(
    ("read", "rows"),
    [(litellm, litellm_rows), (openrouter, openrouter_rows), (genai_prices, genai_prices_rows)],
    ids=lambda part: str(part)[:20],
)
@given(data=st.data())
def test_rows_of_any_kind_become_rows_of_upstream(ours, read, rows, data):
    layer = read(
        data.draw(st.dictionaries(st.sampled_from(["m", "openai/m", "M", "azure/n", "x", "", "us-east-1/m"]), rows | values, max_size=4))
    )
    assert () == ours("lab/any", **layer.with_new().models).problems
    assert {*layer.models} <= {*CATALOG.rows}
    assert {*layer.models, *layer.claims} <= {*layer.matched}


@given(document=values)
@pytest.mark.parametrize("read", [litellm_layer, openrouter_layer, genai_prices_layer])
def test_any_other_json_is_refused_or_empty(read, document):
    with suppress(DecodeError):
        layer = read(json.dumps(document).encode(), catalog=CATALOG)
        assert ({}, {}) == (layer.models, layer.new)


@given(data=st.binary(max_size=40))
@pytest.mark.parametrize("read", [litellm_layer, openrouter_layer, genai_prices_layer])
def test_any_other_bytes_are_refused(read, data):
    with suppress(DecodeError):
        assert {} == read(data, catalog=CATALOG).models
