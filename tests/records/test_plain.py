from __future__ import annotations

from decimal import Decimal

import pytest

from modelmeta import (
    Cost,
    CostTier,
    Experimental,
    FrozenDict,
    FrozenList,
    Interleaved,
    Limit,
    Modalities,
    Mode,
    Model,
    ModelRef,
    PartialDate,
    Provider,
    ProviderOverride,
    ReasoningOption,
    bundled_catalog,
)
from modelmeta.records.plain import flatten, plain, to_dict

FAST = Cost(input=Decimal(10), output=Decimal(20))
MODEL = Model(
    ref=ModelRef("openai", "gpt-5.5"),
    name="GPT-5.5",
    reasoning=True,
    reasoning_options=(ReasoningOption("effort", (None, "low")),),
    interleaved=Interleaved("reasoning_content"),
    release_date=PartialDate("2026-03-05"),
    modalities=Modalities(("text", "image"), ("text",)),
    limit=Limit(context=400_000),
    cost=Cost(
        input=Decimal("1.10"),
        tiers=(CostTier(size=272_000, input=Decimal("2.20")), CostTier(size=400_000, input=Decimal("3.30"))),
        modes=FrozenDict(fast=FAST),
    ),
    experimental=Experimental(FrozenDict(fast=Mode(cost=FAST, provider=ProviderOverride(body=FrozenDict(speed="fast"))))),
    subscription=True,
    extra=FrozenDict({"new": FrozenDict(deep=FrozenList([1, 2])), "flag": False}),
)
NO_RATES = dict.fromkeys(("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio"))


def test_a_model_becomes_nested_dicts_and_lists_under_its_own_names():
    facts = to_dict(MODEL)
    assert list(facts)[:4] == ["provider_id", "id", "price_state", "name"]
    told = {name: value for name, value in facts.items() if value is not None}
    fast = {**NO_RATES, "input": Decimal(10), "output": Decimal(20), "tiers": []}
    assert {
        "provider_id": "openai",
        "id": "gpt-5.5",
        "price_state": "priced",
        "name": "GPT-5.5",
        "reasoning": True,
        "reasoning_options": [{"type": "effort", "values": [None, "low"], "min": None, "max": None}],
        "interleaved": {"field": "reasoning_content"},
        "release_date": "2026-03-05",
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "limit": {"context": 400_000, "input": None, "output": None},
        "cost": {
            **NO_RATES,
            "input": Decimal("1.10"),
            "tiers": [
                {**NO_RATES, "input": Decimal("2.20"), "size": 272_000},
                {**NO_RATES, "input": Decimal("3.30"), "size": 400_000},
            ],
        },
        "experimental": {
            "modes": {
                "fast": {"cost": fast, "provider": {"npm": None, "api": None, "shape": None, "body": {"speed": "fast"}, "headers": None}}
            }
        },
        "extra": {"new": {"deep": [1, 2]}, "flag": False},
    } == told


def test_plain_containers_are_plain_all_the_way_down():
    facts = to_dict(MODEL)
    assert [dict, dict, list] == [type(facts["extra"]), type(facts["extra"]["new"]), type(facts["extra"]["new"]["deep"])]


def test_what_nobody_said_is_none_not_left_out():
    assert None is to_dict(MODEL)["family"]


def test_other_records_become_dicts_too():
    assert to_dict(MODEL.ref) == {"provider_id": "openai", "model_id": "gpt-5.5"}
    assert to_dict(Provider(id="openai", name="OpenAI", env=("OPENAI_API_KEY",), model_count=2)) == {
        "id": "openai",
        "name": "OpenAI",
        "env": ["OPENAI_API_KEY"],
        "npm": None,
        "api": None,
        "doc": None,
        "extra": {},
        "model_count": 2,
    }


def test_flattening_gives_every_fact_under_its_dotted_path():
    assert {
        "name": "GPT-5.5",
        "reasoning": True,
        "reasoning_options": (ReasoningOption("effort", (None, "low")),),
        "interleaved.field": "reasoning_content",
        "release_date": "2026-03-05",
        "modalities.input": ("text", "image"),
        "modalities.output": ("text",),
        "limit.context": 400_000,
        "cost.input": Decimal("1.10"),
        "cost.tiers.272000.input": Decimal("2.20"),
        "cost.tiers.400000.input": Decimal("3.30"),
        "experimental.modes.fast.cost.input": Decimal(10),
        "experimental.modes.fast.cost.output": Decimal(20),
        "experimental.modes.fast.provider.body.speed": "fast",
        "extra.new.deep": [1, 2],
        "extra.flag": False,
    } == flatten(MODEL)


@pytest.mark.parametrize("said", [True, False])
def test_flat_booleans_stay_booleans(said):
    assert {"name": "M", "experimental": said, "interleaved": said} == flatten(
        Model(ref=ModelRef("p", "m"), name="M", experimental=said, interleaved=said)
    )


def test_models_are_told_as_one_asks_wherever_they_stand():
    (offering, *_) = offerings = bundled_catalog().offerings("openai/gpt-5.5")
    told = plain({"first": offering, "all": [each.model for each in offerings]}, lambda model: str(model.ref))
    assert str(offering.model.ref) == told["first"]["model"]
    assert [str(each.model.ref) for each in offerings] == told["all"]
