from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

import modelmeta
from modelmeta import (
    Benchmark,
    Cost,
    CostTier,
    Entry,
    Experimental,
    Fact,
    FrozenDict,
    Interleaved,
    LabModel,
    Limit,
    Link,
    Modalities,
    Mode,
    Model,
    ModelRef,
    Note,
    OwnBenchmark,
    PartialDate,
    Problem,
    Provider,
    ProviderOverride,
    ReasoningOption,
    Usage,
    Version,
    records,
)

COST = Cost(input=Decimal("1.10"), tiers=(CostTier(size=200_000, input=Decimal(2)),), modes=FrozenDict(fast=Cost(input=Decimal(3))))
OVERRIDE = ProviderOverride(npm="@ai-sdk/openai", body=FrozenDict(service_tier="priority"))
EXPERIMENTAL = Experimental(FrozenDict(fast=Mode(cost=COST, provider=OVERRIDE)))
SAMPLES: list[Any] = [
    Fact("models", "openai/gpt-5.5", "{}"),
    Version("models", "openai/gpt-5.5", "{}", 1, 2),
    Note(ref=ModelRef("openai", "gpt-5.5"), name="mine", text="fast", written_at=datetime(2026, 11, 25, tzinfo=UTC)),
    OwnBenchmark(
        ref=ModelRef("openai", "gpt-5.5"), benchmark=Benchmark(name="ours", score="A"), written_at=datetime(2026, 11, 25, tzinfo=UTC)
    ),
    Benchmark(name="SWE-Bench Pro", score=Decimal("57.7"), date=PartialDate("2026-03")),
    COST,
    COST.tiers[0],
    Entry(
        id="1",
        at=datetime(2026, 11, 25, tzinfo=UTC),
        ref=ModelRef("openai", "gpt-5.5"),
        usage=Usage(10, 5),
        tags=FrozenDict(team="search"),
        total=Decimal("0.1"),
    ),
    EXPERIMENTAL,
    Interleaved("reasoning_content"),
    LabModel(id="openai/gpt-5.5", name="GPT-5.5", links=(Link(url="https://openai.com", label="Home"),)),
    Limit(400_000, 272_000, 128_000),
    Link(url="https://openai.com"),
    Modalities(("text", "image"), ("text",)),
    EXPERIMENTAL.modes["fast"],
    Model(
        ref=ModelRef("openai", "gpt-5.5"),
        name="GPT-5.5",
        cost=COST,
        experimental=EXPERIMENTAL,
        provider=OVERRIDE,
        reasoning_options=(ReasoningOption("effort", (None, "low")),),
        release_date=PartialDate("2026-03-05"),
        extra=FrozenDict({"new": "field"}),
    ),
    ModelRef("openai", "gpt-5.5"),
    PartialDate("2025-11"),
    Problem("$.openai", "a provider must be an object", ["raw"]),
    Provider(id="openai", name="OpenAI", env=("OPENAI_API_KEY",), extra=FrozenDict(new=1)),
    OVERRIDE,
    ReasoningOption("budget_tokens", min=-1, max=32_000),
    Usage(10, 5, 3),
]


def test_every_public_record_is_sampled_here():
    public = {value for value in (getattr(records, name) for name in records.__all__) if isinstance(value, type) and attrs.has(value)}
    assert public == {type(sample) for sample in SAMPLES}


def test_records_are_the_same_from_the_package_and_from_their_room():
    assert [getattr(modelmeta, name) for name in records.__all__] == [getattr(records, name) for name in records.__all__]


each_record = pytest.mark.parametrize("record", SAMPLES, ids=lambda record: type(record).__name__)


@each_record
def test_every_record_is_frozen(record: Any):
    for field in attrs.fields(type(record)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(record, field.name, None)
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            delattr(record, field.name)


@each_record
def test_every_record_is_slotted(record: Any):
    assert not hasattr(record, "__dict__")


@each_record
def test_every_record_hashes_and_compares_by_content(record: Any):
    twin = copy.deepcopy(record)
    assert (record, hash(record)) == (twin, hash(twin))
    assert record != "another"


@each_record
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_record_pickles(record: Any, protocol: int):
    twin = pickle.loads(pickle.dumps(record, protocol))
    assert (type(record), record, hash(record)) == (type(twin), twin, hash(twin))


@each_record
def test_every_record_prints_its_class_and_its_fields(record: Any):
    assert repr(record).startswith(f"{type(record).__name__}(")
    for field in [field for field in attrs.fields(type(record)) if field.repr]:
        assert f"{field.name}={getattr(record, field.name)!r}" in repr(record)


def test_a_model_of_nothing_but_a_name_knows_nothing_else():
    model = Model(ref=ModelRef("p", "org/m"), name="M")
    assert (model.provider_id, model.id) == ("p", "org/m")
    assert (Limit(), Modalities(), FrozenDict(), False) == (model.limit, model.modalities, model.extra, model.subscription)
    known = {"ref", "name", "limit", "modalities", "extra", "subscription"}
    assert {None} == {getattr(model, field.name) for field in attrs.fields(Model) if field.name not in known}


def test_a_problem_prints_where_and_what():
    assert str(Problem("$.openai.models['gpt-5.5']", "must be an object", 5)) == "$.openai.models['gpt-5.5']: must be an object"


def test_a_problem_hashes_whatever_its_raw_value_is():
    assert len({Problem("$.a", "b", {"c": []}), Problem("$.a", "b", {"c": []})}) == 1
    assert Problem("$.a", "b", 1) != Problem("$.a", "b", 2)


def test_rates_are_unknown_until_published():
    rates = ("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio")
    assert [getattr(Cost(), rate) for rate in rates] == [None] * 7
    assert (Cost().tiers, Cost().modes) == ((), {})
