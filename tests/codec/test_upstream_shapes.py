"""Every shape a row of api.json has had, from June 2025 on."""

from __future__ import annotations

import calendar
import json
import re
from decimal import Decimal

import pytest

from modelmeta import (
    Cost,
    CostTier,
    Experimental,
    Interleaved,
    Limit,
    Modalities,
    Mode,
    PartialDate,
    ProviderOverride,
    ReasoningOption,
    load_catalog,
)


def test_a_row_that_says_nothing_is_a_model_named_by_its_id(read_model):
    model = read_model({})
    assert (str(model.ref), model.name, model.cost, model.temperature, model.tool_call) == ("lab/m", "m", None, None, None)
    assert (Limit(), Modalities(), {}) == (model.limit, model.modalities, model.extra)


def test_every_plain_field_is_read_under_its_own_name(read_model):
    facts = {
        "name": "Opus",
        "description": "A model.",
        "family": "claude",
        "type": "chat",
        "attachment": True,
        "reasoning": False,
        "tool_call": True,
        "structured_output": False,
        "temperature": True,
        "open_weights": False,
        "status": "deprecated",
        "canonical_model_id": "anthropic/claude-opus-4-5",
    }
    model = read_model({"id": "m", **facts})
    assert facts == {name: getattr(model, name) for name in facts}
    assert model.extra == {}


def test_null_says_nothing(read_model):
    everything = [
        "name",
        "cost",
        "limit",
        "modalities",
        "reasoning",
        "interleaved",
        "experimental",
        "provider",
        "reasoning_options",
        "release_date",
    ]
    assert read_model({}) == read_model(dict.fromkeys(everything))
    assert read_model({"limit": {}, "cost": {}}) == read_model({"limit": {"context": None}, "cost": {"input": None, "tiers": None}})


@pytest.mark.parametrize("said", [True, False])
def test_interleaved_as_a_flag(read_model, said):
    assert said is read_model({"interleaved": said}).interleaved


def test_interleaved_as_an_object_names_the_field(read_model):
    assert Interleaved("reasoning_content") == read_model({"interleaved": {"field": "reasoning_content"}}).interleaved


def test_interleaved_as_written_for_one_day_in_december_2025(read_model):
    assert Interleaved("reasoning_details") == read_model({"interleaved": {"name": "reasoning_details"}}).interleaved


@pytest.mark.parametrize("said", [True, False])
def test_experimental_as_the_flag_of_september_2025(read_model, said):
    assert said is read_model({"experimental": said}).experimental


def test_experimental_as_an_object_holds_the_modes(read_model):
    mode = {"cost": {"input": 10, "output": 50}, "provider": {"body": {"speed": {"tier": "fast"}}, "headers": {"x-beta": "fast"}}}
    model = read_model({"cost": {"input": 5}, "experimental": {"modes": {"fast": mode, "ultrafast": {}}}})
    fast = Cost(input=Decimal(10), output=Decimal(50))
    override = ProviderOverride(body={"speed": {"tier": "fast"}}, headers={"x-beta": "fast"})
    assert Experimental({"fast": Mode(fast, override), "ultrafast": Mode()}) == model.experimental
    assert Cost(input=Decimal(5), modes={"fast": fast}) == model.cost


def test_a_mode_may_have_tiers_of_its_own(read_model):
    tier = {"input": 20, "tier": {"type": "context", "size": 200_000}}
    model = read_model({"cost": {"input": 5}, "experimental": {"modes": {"fast": {"cost": {"input": 10, "tiers": [tier]}}}}})
    assert (CostTier(size=200_000, input=Decimal(20)),) == model.cost.modes["fast"].tiers


def test_experimental_without_modes_is_an_object_without_modes(read_model):
    assert Experimental() == read_model({"experimental": {}}).experimental


def test_a_missing_cost_is_no_cost(read_model):
    model = read_model({"limit": {"context": 8192}})
    assert (model.cost, model.price_state) == (None, "unpriced")


def test_a_missing_temperature_is_unknown(read_model):
    model = read_model({"attachment": False})
    assert (model.temperature, model.supports("temperature")) == (None, None)


def test_reasoning_options_of_every_type_and_of_a_new_one(read_model):
    model = read_model(
        {
            "reasoning_options": [
                {"type": "effort", "values": [None, "minimal", "high", "default"]},
                {"type": "budget_tokens", "min": -1, "max": 32_768},
                {"type": "budget_tokens", "min": 0},
                {"type": "toggle"},
                {"type": "mood", "values": []},
            ]
        }
    )
    assert (
        ReasoningOption("effort", (None, "minimal", "high", "default")),
        ReasoningOption("budget_tokens", min=-1, max=32_768),
        ReasoningOption("budget_tokens", min=0),
        ReasoningOption("toggle"),
        ReasoningOption("mood"),
    ) == model.reasoning_options


def test_no_reasoning_options_differ_from_unknown_ones(read_model):
    assert read_model({"reasoning_options": []}).reasoning_options == ()
    assert read_model({}).reasoning_options is None


def test_an_override_may_be_nothing_but_a_shape(read_model):
    assert ProviderOverride(shape="completions") == read_model({"provider": {"shape": "completions"}}).provider


def test_an_override_may_change_everything(read_model):
    override = {"npm": "@ai-sdk/anthropic", "api": "https://x", "shape": "responses", "body": {"a": [1]}, "headers": {"b": "c"}}
    assert ProviderOverride(**override) == read_model({"provider": override}).provider


def test_words_not_yet_known_are_kept_as_they_are(read_model):
    model = read_model(
        {"status": "retired", "type": "dreaming", "family": "new", "modalities": {"input": ["text", "smell"], "output": ["pdf", "3d"]}}
    )
    assert (model.status, model.type, model.family) == ("retired", "dreaming", "new")
    assert Modalities(("text", "smell"), ("pdf", "3d")) == model.modalities


def test_a_date_may_be_a_month(read_model):
    model = read_model({"knowledge": "2025-03", "release_date": "2025-11", "last_updated": "2025-11-24"})
    assert (PartialDate("2025-03"), PartialDate("2025-11"), PartialDate("2025-11-24")) == (
        model.knowledge,
        model.release_date,
        model.last_updated,
    )


@pytest.mark.parametrize("field", ["knowledge", "release_date", "last_updated"])
@pytest.mark.parametrize("text", ["2025-25-11", "2025-02-31", "soon", ""])
def test_an_impossible_date_is_kept_and_pointed_out(read_model, field, text):
    model = read_model({field: text})
    assert PartialDate(text) == getattr(model, field)
    (problem,) = load_catalog({"lab": {"models": {"m": {field: text}}}}).problems
    assert ("odd", f"$.lab.models.m.{field}", text) == (problem.kind, problem.path, problem.raw)
    assert json.dumps(text) in problem.reason


def test_a_limit_of_zero_is_unknown(read_model):
    assert Limit(None, None, None) == read_model({"limit": {"context": 0, "input": 0, "output": 0}}).limit
    assert Limit(200_000, None, 64_000) == read_model({"limit": {"context": 200_000, "output": 64_000}}).limit
    assert Limit(output=99_999_999) == read_model({"limit": {"context": 0, "output": 99_999_999}}).limit


def test_an_id_that_differs_from_its_key_is_pointed_out_and_the_key_is_used(read_model):
    assert str(read_model({"id": "M"}).ref) == "lab/m"
    (problem,) = load_catalog({"lab": {"models": {"Big": {"id": "big"}}}}).problems
    assert (problem.kind, problem.path, problem.raw) == ("odd", "$.lab.models.Big.id", "big")
    assert '"big"' in problem.reason
    assert '"Big"' in problem.reason


def test_tiers_are_read_with_their_true_threshold_in_ascending_order(read_model):
    model = read_model(
        {
            "cost": {
                "input": 1,
                "tiers": [
                    {"input": 3, "output": 30, "tier": {"type": "context", "size": 272_000}},
                    {"input": 2, "cache_read": 0.2, "tier": {"size": 128_000}},
                ],
                "context_over_200k": {"input": 3, "output": 30},
            }
        }
    )
    assert (
        CostTier(size=128_000, input=Decimal(2), cache_read=Decimal("0.2")),
        CostTier(size=272_000, input=Decimal(3), output=Decimal(30)),
    ) == model.cost.tiers


@pytest.mark.parametrize("tiers", [{}, {"tiers": []}, {"tiers": None}])
def test_only_without_tiers_is_context_over_200k_read(read_model, tiers):
    model = read_model({"cost": {"input": 1, "context_over_200k": {"input": 2, "cache_write": 2.5}, **tiers}})
    assert (CostTier(size=200_000, input=Decimal(2), cache_write=Decimal("2.5")),) == model.cost.tiers


def test_a_tier_by_something_else_than_context_is_kept_but_not_applied(read_model):
    by_time = {"input": 9, "tier": {"type": "time", "size": 5}}
    by_context = {"input": 2, "tier": {"type": "context", "size": 200_000}}
    model = read_model({"cost": {"input": 1, "tiers": [by_time, by_context]}})
    assert (CostTier(size=200_000, input=Decimal(2)),) == model.cost.tiers
    assert {"cost.tiers.0": by_time} == model.extra


@pytest.mark.parametrize("status", ["alpha", "beta", "deprecated"])
def test_the_status_flags_of_october_2025_read_as_status(read_model, status):
    model = read_model({"alpha": False, "beta": False, "deprecated": False, status: True})
    assert (status, {}) == (model.status, model.extra)
    assert read_model({status: False}).status is None


def test_the_field_names_of_june_2025_read_as_their_successors(read_model):
    model = read_model({"open": True, "input_modalities": ["text", "pdf"], "output_modalities": ["text"]})
    assert (True, Modalities(("text", "pdf"), ("text",)), {}) == (model.open_weights, model.modalities, model.extra)
    assert Modalities((), ("text",)) == read_model({"output_modalities": ["text"]}).modalities


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ({"status": "beta", "alpha": True}, "alpha"),
        ({"open_weights": False, "open": True}, "open"),
        ({"modalities": {"input": ["text"]}, "input_modalities": ["image"]}, "input_modalities"),
    ],
)
def test_an_old_field_beside_its_successor_is_an_unknown_field(read_model, row, kept):
    assert {kept: row[kept]} == read_model(row).extra


UNKNOWN = {"a": [1, {"b": None}], "c": False}


@pytest.mark.parametrize(
    ("row", "path"),
    [
        ({"x": UNKNOWN}, "x"),
        ({"cost": {"x": UNKNOWN}}, "cost.x"),
        ({"cost": {"tiers": [{"tier": {"size": 5}, "x": UNKNOWN}]}}, "cost.tiers.0.x"),
        ({"cost": {"tiers": [{"tier": {"size": 5, "x": UNKNOWN}}]}}, "cost.tiers.0.tier.x"),
        ({"limit": {"x": UNKNOWN}}, "limit.x"),
        ({"modalities": {"x": UNKNOWN}}, "modalities.x"),
        ({"provider": {"x": UNKNOWN}}, "provider.x"),
        ({"interleaved": {"field": "f", "x": UNKNOWN}}, "interleaved.x"),
        ({"reasoning_options": [{"type": "toggle"}, {"x": UNKNOWN}]}, "reasoning_options.1.x"),
        ({"experimental": {"x": UNKNOWN}}, "experimental.x"),
        ({"experimental": {"modes": {"fast": {"x": UNKNOWN}}}}, "experimental.modes.fast.x"),
        ({"experimental": {"modes": {"fast": {"cost": {"x": UNKNOWN}}}}}, "experimental.modes.fast.cost.x"),
        ({"experimental": {"modes": {"fast": {"provider": {"x": UNKNOWN}}}}}, "experimental.modes.fast.provider.x"),
    ],
)
def test_an_unknown_field_survives_in_extra_under_its_path(read_model, row, path):
    extra = read_model(row).extra
    assert {path: UNKNOWN} == extra
    assert isinstance(hash(extra), int)


def test_the_prices_upstream_once_dropped_silently_are_extras(read_model):
    model = read_model({"cost": {"input": 1, "cached_input": 0.1, "image": 0.04, "request": 5}})
    assert {"cost.cached_input": Decimal("0.1"), "cost.image": Decimal("0.04"), "cost.request": 5} == model.extra


def test_a_provider_is_read_under_its_own_names():
    head = {
        "id": "lab",
        "name": "Lab",
        "env": ["LAB_KEY", "LAB_URL"],
        "npm": "@ai-sdk/lab",
        "api": "https://${LAB_URL}/v1",
        "doc": "https://lab",
    }
    for catalog in (first := load_catalog({"lab": {**head, "new": [1], "models": {"m": {}}}}), load_catalog(bytes(first.content))):
        provider = catalog.provider("lab")
        assert (provider.name, provider.env, provider.npm) == ("Lab", ("LAB_KEY", "LAB_URL"), "@ai-sdk/lab")
        assert (head["api"], head["doc"], {"new": [1]}, 1) == (provider.api, provider.doc, provider.extra, provider.model_count)


@pytest.mark.parametrize("head", [{}, {"name": None, "env": None, "npm": None}])
@pytest.mark.parametrize("provider_id", ["lab", "GitLab Duo"])
def test_a_provider_that_says_nothing_goes_by_its_id(head, provider_id):
    for catalog in (first := load_catalog({provider_id: {**head, "models": {"m": {}}}}), load_catalog(bytes(first.content))):
        provider = catalog.provider(provider_id)
        assert (provider_id, (), None, None) == (provider.name, provider.env, provider.npm, provider.api)
        assert [provider.subscription] == [model.subscription for model in catalog]


def test_a_provider_may_have_no_models_at_all():
    catalog = load_catalog({"lab": {"name": "Lab"}, "other": {"models": {}}, "third": {"models": {"m": {}}}})
    assert {provider.id: provider.model_count for provider in catalog.providers()} == {"lab": 0, "other": 0, "third": 1}


def possible(text: str) -> bool:
    """Return whether the calendar has the year, month or day *text*."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text)
    year, month, day = (int(match[part] or 1) for part in (1, 2, 3)) if match else (0, 0, 0)
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def test_in_real_documents_just_the_impossible_dates_are_odd(real):
    document = json.loads(real.data)
    providers = document.get("providers", document)
    impossible = [
        row[field]
        for provider in providers.values()
        for row in provider.get("models", {}).values()
        for field in ("knowledge", "release_date", "last_updated")
        if field in row and not possible(row[field])
    ]
    assert sorted(impossible) == sorted(problem.raw for problem in load_catalog(real.data).problems)
