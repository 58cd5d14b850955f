from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from itertools import cycle, islice
from math import isclose
from random import Random

import dspy
import pytest

from modelmeta import Catalog, MissingExtraError, ProviderNotFoundError, Usage, load_catalog
from modelmeta.integrations.litellm import register, usage_of

pytestmark = pytest.mark.filterwarnings("ignore:Items? '.*' on TypedDict class:UserWarning")  # LiteLLM's own types

TIERED = {"input": 2, "output": 8, "cache_read": 0.2, "tiers": [{"input": 4, "output": 16, "tier": {"type": "context", "size": 200_000}}]}


@pytest.fixture(autouse=True)
def as_it_was(litellm, registered):
    """Take back what a test registers besides."""
    before = dict(litellm.model_cost)
    yield
    litellm.model_cost.clear()
    litellm.model_cost.update(before)
    litellm.utils._invalidate_model_cost_lowercase_map()


def random_usages(count: int, *, most: int = 100_000) -> list[Usage]:
    dice = Random(7)
    usages = []
    for _ in range(count):
        read, write, heard, other, reasoning, spoken, said = (dice.randrange(most) for _ in range(7))
        usages.append(Usage(read + write + heard + other, reasoning + spoken + said, read, write, reasoning, heard, spoken))
    return usages


def billed(litellm, name: str, usage: Usage, **details) -> float:
    row = litellm.model_cost[name]
    provider = "vertex_ai" if row["litellm_provider"].startswith("vertex_ai") else row["litellm_provider"]
    response = litellm.ModelResponse(model=name, usage=usage_of(usage))
    return litellm.completion_cost(response, model=name, custom_llm_provider=provider, **details)


def one_model(**facts) -> Catalog:
    model = {"name": "Rocket", "limit": {"context": 1_000_000, "output": 4096}, **facts}
    return load_catalog({"openrouter": {"id": "openrouter", "name": "OpenRouter", "models": {"acme/rocket": model}}})


def test_completion_cost_agrees_with_ours_on_1000_random_usages_without_tiers(litellm, registered, catalog):
    """The models of a provider, which LiteLLM has one calculator for, share the usages out."""
    flat = {name: ref for name, ref in registered.names.items() if name not in registered.inexact and not catalog.get(ref).cost.tiers}
    by_calculator = defaultdict(list)
    for name in flat:
        by_calculator[litellm.model_cost[name]["litellm_provider"]].append(name)
    usages = cycle(random_usages(1_000))
    apart = []
    for names in by_calculator.values():
        for name in names:
            for usage in islice(usages, max(5, 200 // len(names))):
                ours, theirs = catalog.price(flat[name], usage).total, billed(litellm, name, usage)
                if not isclose(float(ours), theirs, rel_tol=1e-12, abs_tol=1e-9):
                    apart.append((name, usage, ours, theirs))
    assert apart == []
    assert len(flat.keys() & litellm.own_names) > 900


def test_tiers_that_litellm_can_express_agree_on_both_sides_of_each_edge(litellm, registered, catalog):
    tiered = {name: ref for name, ref in registered.names.items() if name not in registered.inexact and catalog.get(ref).cost.tiers}
    for name, ref in tiered.items():
        for size in [tier.size for tier in catalog.get(ref).cost.tiers]:
            for usage in (Usage(size, 1_000), Usage(size + 1, 1_000), Usage(2 * size, 1_000, size, 5, 500)):
                assert float(catalog.price(ref, usage).total) == pytest.approx(billed(litellm, name, usage), rel=1e-12, abs=1e-9), name
    assert len(tiered) > 100


def test_the_report_accounts_for_every_model(registered, catalog):
    assert {str(model.ref) for model in catalog} == {*registered.names.values(), *registered.left_out}
    assert set() == set(registered.names.values()) & set(registered.left_out)
    assert registered.inexact.keys() <= registered.names.keys()


def test_what_has_no_price_for_tokens_is_left_out_with_the_reason(registered, catalog):
    for model in catalog:
        reason = registered.left_out.get(str(model.ref))
        assert ("no published price" == reason) == (model.price_state == "unpriced")
        assert ("sold as a subscription plan: LiteLLM would call it free" == reason) == (model.price_state == "plan")


def test_most_rows_of_litellm_that_we_know_are_written(litellm, registered):
    assert len(registered.names.keys() & litellm.own_names) > 1_000
    assert len(registered.inexact) < 100


def test_registering_again_changes_no_price(litellm, registered, catalog):
    def prices():
        return {
            name: {field: rate for field, rate in row.items() if "cost" in field and rate is not None}
            for name, row in litellm.model_cost.items()
        }

    before = prices()
    assert registered == register(catalog)
    assert before == prices()


def test_a_dated_name_gets_a_row_of_its_own_beside_the_undated_one(litellm, registered):
    for name in ("openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o-2024-05-13"):
        assert name in registered.names
        assert name in litellm.model_cost


def test_a_row_that_litellm_lacks_gets_limits_and_capabilities(litellm):
    facts = {"cost": {"input": 1, "output": 2}, "tool_call": True, "modalities": {"input": ["text", "image"], "output": ["text"]}}
    report = register(one_model(**facts, type="embedding"))
    assert {"openrouter/acme/rocket": "openrouter/acme/rocket"} == report.names
    info = litellm.get_model_info("openrouter/acme/rocket")
    assert (1_000_000, 4096, "embedding") == (info["max_input_tokens"], info["max_output_tokens"], info["mode"])
    assert litellm.supports_vision("openrouter/acme/rocket")
    assert litellm.supports_function_calling("openrouter/acme/rocket")
    assert "supports_reasoning" not in litellm.model_cost["openrouter/acme/rocket"] or info["supports_reasoning"] is None


def test_a_new_price_takes_the_place_of_the_old_one_with_its_tiers(litellm):
    register(one_model(cost=TIERED))
    assert 300_000 * 4e-6 == pytest.approx(billed(litellm, "openrouter/acme/rocket", Usage(300_000)))
    register(one_model(cost={"input": 1, "output": 2}))
    assert 300_000 * 1e-6 == pytest.approx(billed(litellm, "openrouter/acme/rocket", Usage(300_000)))


@pytest.mark.parametrize(("mode", "exact"), [("priority", True), ("fast", False)])
def test_a_mode_is_registered_where_litellm_has_a_service_tier_for_it(litellm, mode, exact):
    catalog = one_model(cost={"input": 1, "output": 2}, experimental={"modes": {mode: {"cost": {"input": 3, "output": 6}}, "dear": {}}})
    report = register(catalog)
    assert exact == (report.inexact == {})
    if exact:
        assert 3e-3 == pytest.approx(billed(litellm, "openrouter/acme/rocket", Usage(1_000), service_tier=mode))
    else:
        assert {"openrouter/acme/rocket": "LiteLLM has no place for the prices of mode fast"} == report.inexact


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, "no published price"),
        ({"cost": {"input": 1}}, "no published rate for output: LiteLLM would call it free"),
    ],
)
def test_a_model_without_a_rate_is_left_out(litellm, facts, reason):
    assert {"openrouter/acme/rocket": reason} == register(one_model(**facts)).left_out


def test_prices_at_certain_hours_and_by_ranges_give_way_to_ours(litellm):
    rows = {"input_cost_per_token": 1.0, "output_cost_per_token": 1.0, "litellm_provider": "openrouter", "mode": "chat"}
    always = {"hours_utc": "00:00-23:59", "input_cost_per_token": 9.0}
    ranges = [{"range": [0, 10**6], "input_cost_per_token": 5.0, "output_cost_per_token": 5.0}]
    litellm.register_model({"openrouter/acme/rocket": {**rows, "off_peak_pricing": always, "tiered_pricing": ranges}})
    report = register(one_model(cost={"input": 1, "output": 2}))
    assert {} == report.inexact
    assert 1e-3 == pytest.approx(billed(litellm, "openrouter/acme/rocket", Usage(1_000)))


def test_a_tier_of_reasoning_is_billed_otherwise_and_said_so(litellm):
    tier = {"input": 4, "output": 16, "reasoning": 20, "tier": {"type": "context", "size": 200_000}}
    report = register(one_model(cost={"input": 2, "output": 8, "reasoning": 9, "tiers": [tier]}))
    assert {"openrouter/acme/rocket": "LiteLLM bills reasoning at another rate above 200,000 tokens of input"} == report.inexact


def test_preferred_providers_get_the_names_that_several_could_have(litellm):
    models = {"claude-opus-4-6": {"name": "Opus", "cost": {"input": 1, "output": 2}}}
    catalog = load_catalog({shop: {"id": shop, "name": shop, "models": models} for shop in ("azure", "azure-cognitive-services")})
    name, usual, other = "azure_ai/claude-opus-4-6", "azure/claude-opus-4-6", "azure-cognitive-services/claude-opus-4-6"
    report, preferring = register(catalog), register(catalog, prefer=["azure-cognitive-services"])
    assert ({name: usual}, {other: f"LiteLLM's {name} is {usual}"}) == (report.names, report.left_out)
    assert ({name: other}, {usual: f"LiteLLM's {name} is {other}"}) == (preferring.names, preferring.left_out)


def test_only_a_provider_can_be_preferred(litellm, catalog):
    with pytest.raises(ProviderNotFoundError, match="'opnai'"):
        register(catalog, prefer=["opnai"])


def test_a_provider_that_bills_the_edge_by_the_next_tier_is_reported(litellm):
    models = {"grok-9": {"name": "Grok", "cost": TIERED}}
    report = register(load_catalog({"xai": {"id": "xai", "name": "xAI", "models": models}}))
    assert {"xai/grok-9": "LiteLLM bills exactly 200,000 tokens of input by the next tier"} == report.inexact


def test_the_report_prints_what_is_inexact_and_left_out(registered):
    text = str(registered)
    assert f"{len(registered.names):,} models registered, {len(registered.inexact):,} of them inexact" in text
    assert all(name in text for name in (*registered.inexact, *registered.left_out))
    assert len(registered.sheet().rows) == 30


def test_a_usage_goes_to_litellm_and_back(litellm):
    usage = Usage(100, 50, 20, 30, 10, 5, 2)
    assert usage == Usage.from_openai(usage_of(usage))


def test_without_litellm_the_error_names_the_extra(uninstalled, catalog):
    uninstalled("litellm", "modelmeta.integrations.litellm")
    from modelmeta.integrations.litellm import register as fresh  # noqa: PLC0415  # as if LiteLLM were not there

    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[litellm\]"') as caught:
        fresh(catalog)
    assert caught.value.extra == "litellm"


def test_litellm_is_not_imported_before_it_is_asked_for():
    code = "import sys, modelmeta.integrations.litellm; sys.exit('litellm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_dspy_says_a_call_costs_is_our_price(litellm, registered, catalog):
    model = dspy.LM("openai/gpt-4o", mock_response="Hi", cache=False)
    model("Hello")
    (call,) = model.history
    assert float(catalog.price("openai/gpt-4o", Usage.from_openai(call["usage"])).total) == pytest.approx(call["cost"], rel=1e-12)
