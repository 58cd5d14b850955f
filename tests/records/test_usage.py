from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import ModelMetaError, Usage, UsageError
from modelmeta.testing.strategies import usages

FIELDS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "input_audio_tokens",
    "output_audio_tokens",
)


def as_object(value: Any) -> Any:
    """Return nested dicts as nested objects, the form SDKs give."""
    return SimpleNamespace(**{key: as_object(item) for key, item in value.items()}) if isinstance(value, dict) else value


def counts(usage: Usage) -> list[int]:
    return [getattr(usage, field) for field in FIELDS]


def test_nothing_used_is_all_zeros():
    assert counts(Usage()) == [0] * 7


@given(usages())
def test_parts_that_fit_are_taken_as_they_are(usage: Usage):
    assert usage.cache_read_tokens + usage.cache_write_tokens + usage.input_audio_tokens <= usage.input_tokens
    assert usage.reasoning_tokens + usage.output_audio_tokens <= usage.output_tokens


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("count", [-1, 1.0, True, "5", None, 10**18 + 1, float("nan")])
def test_a_count_that_is_no_whole_number_in_range_is_refused_by_the_name_of_its_field(field: str, count: object):
    with pytest.raises(UsageError, match=rf"^{field} must be a whole number from 0 to 10\*\*18") as caught:
        Usage(**{field: count})
    assert field == caught.value.field
    assert repr(count) in str(caught.value)


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("cache_read_tokens", "input_tokens"),
        ("cache_write_tokens", "input_tokens"),
        ("input_audio_tokens", "input_tokens"),
        ("reasoning_tokens", "output_tokens"),
        ("output_audio_tokens", "output_tokens"),
    ],
)
def test_a_part_larger_than_its_whole_is_refused_by_its_name(part: str, whole: str):
    assert getattr(Usage(**{whole: 10, part: 10}), part) == 10
    with pytest.raises(UsageError, match=rf"^{part} \(11\) is part of {whole} \(10\), but only 10 of it is left") as caught:
        Usage(**{whole: 10, part: 11})
    assert part == caught.value.field


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"input_tokens": 10, "cache_read_tokens": 6, "cache_write_tokens": 5}, "cache_write_tokens"),
        ({"input_tokens": 10, "cache_read_tokens": 6, "cache_write_tokens": 4, "input_audio_tokens": 1}, "input_audio_tokens"),
        ({"output_tokens": 10, "reasoning_tokens": 6, "output_audio_tokens": 5}, "output_audio_tokens"),
    ],
)
def test_parts_that_exceed_their_whole_together_are_refused_by_the_one_that_no_longer_fits(parts: dict[str, int], field: str):
    with pytest.raises(UsageError) as caught:
        Usage(**parts)
    assert field == caught.value.field


@pytest.mark.parametrize("error", [ModelMetaError, ValueError])
def test_a_bad_usage_is_caught_as_what_people_already_catch(error: type[Exception]):
    with pytest.raises(error):
        Usage(input_tokens=-1)


@given(usages(), usages())
def test_adding_adds_field_by_field(one: Usage, other: Usage):
    assert [left + right for left, right in zip(counts(one), counts(other), strict=True)] == counts(one + other)


@given(st.lists(usages(), max_size=5))
def test_many_usages_add_up_from_an_empty_one(some: list[Usage]):
    assert [sum(column) for column in zip([0] * 7, *map(counts, some), strict=True)] == counts(sum(some, Usage()))


def test_a_usage_adds_to_usages_only():
    with pytest.raises(TypeError):
        Usage() + 5


OPENAI_CHAT = {
    "prompt_tokens": 1_000,
    "completion_tokens": 200,
    "total_tokens": 1_200,
    "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": 300},
    "completion_tokens_details": {"reasoning_tokens": 50, "audio_tokens": 20, "accepted_prediction_tokens": 5},
}
OPENAI_RESPONSE = {
    "input_tokens": 1_000,
    "input_tokens_details": {"cached_tokens": 600},
    "output_tokens": 200,
    "output_tokens_details": {"reasoning_tokens": 50},
    "total_tokens": 1_200,
}
OPENAI_REALTIME = {
    "input_tokens": 132,
    "output_tokens": 121,
    "input_tokens_details": {
        "text_tokens": 62,
        "audio_tokens": 70,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 34, "audio_tokens": 30},
    },
    "output_tokens_details": {"text_tokens": 30, "audio_tokens": 91},
}


@pytest.mark.parametrize("form", [dict, as_object])
@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (OPENAI_CHAT, Usage(1_000, 200, 600, 0, 50, 300, 20)),
        (OPENAI_RESPONSE, Usage(1_000, 200, 600, 0, 50)),
        (OPENAI_REALTIME, Usage(132, 121, 64, 0, 0, 40, 91)),
        ({"prompt_tokens": 5, "total_tokens": 5}, Usage(5)),
        ({"prompt_tokens": 5, "completion_tokens": None, "prompt_tokens_details": None, "completion_tokens_details": None}, Usage(5)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": None, "audio_tokens": None}}, Usage(5)),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3}}, Usage(9, 0, 4, 3)),
        ({"input_tokens": 0, "output_tokens": 0}, Usage()),
    ],
)
def test_openai_counts_inclusively_and_cached_audio_as_cached(reported: dict[str, Any], expected: Usage, form: Any):
    assert expected == Usage.from_openai(form(reported))


@pytest.mark.parametrize("form", [dict, as_object])
@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (
            {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 300, "cache_creation_input_tokens": 40},
            Usage(350, 20, 300, 40),
        ),
        ({"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": None, "cache_creation_input_tokens": None}, Usage(10, 20)),
        ({"input_tokens": 0, "output_tokens": 1, "service_tier": "standard"}, Usage(0, 1)),
    ],
)
def test_anthropic_counts_cached_tokens_beside_the_input_so_they_are_added(reported: dict[str, Any], expected: Usage, form: Any):
    assert expected == Usage.from_anthropic(form(reported))


@pytest.mark.parametrize("reader", [Usage.from_openai, Usage.from_anthropic])
@pytest.mark.parametrize("nothing", [{}, None, 5, "usage", {"input_tokens": None}, {"output_tokens": 5}])
def test_an_object_without_input_tokens_is_no_usage(reader: Any, nothing: object):
    with pytest.raises(UsageError, match="input_tokens") as caught:
        reader(nothing)
    assert caught.value.field == "input_tokens"
    assert repr(nothing) in str(caught.value)


@pytest.mark.parametrize(
    ("reader", "reported", "field"),
    [
        (Usage.from_openai, {"prompt_tokens": "5"}, "prompt_tokens"),
        (Usage.from_openai, {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 1.5}}, "cached_tokens"),
        (Usage.from_anthropic, {"input_tokens": 5, "cache_read_input_tokens": "1"}, "cache_read_input_tokens"),
        (Usage.from_anthropic, {"input_tokens": True}, "input_tokens"),
        (Usage.from_openai, {"input_tokens": 5, "input_tokens_details": {"cached_tokens": 6}}, "cache_read_tokens"),
        (Usage.from_anthropic, {"input_tokens": -1}, "input_tokens"),
    ],
)
def test_a_reported_count_that_cannot_be_is_named(reader: Any, reported: dict[str, Any], field: str):
    with pytest.raises(UsageError, match=field) as caught:
        reader(reported)
    assert field == caught.value.field
