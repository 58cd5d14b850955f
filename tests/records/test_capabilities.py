from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import pytest

from modelmeta import Capability, Cost, FrozenDict, Interleaved, Modalities, Model, ModelRef, QueryError, UnknownCapabilityError

FLAGS = ["attachment", "reasoning", "tool_call", "structured_output", "temperature", "open_weights"]
BY_MODALITY = {
    "vision": ("input", "image"),
    "image_input": ("input", "image"),
    "audio_input": ("input", "audio"),
    "video_input": ("input", "video"),
    "pdf_input": ("input", "pdf"),
    "image_output": ("output", "image"),
    "audio_output": ("output", "audio"),
    "video_output": ("output", "video"),
}
UNSAID = ["streaming", "code_generation"]


def model(**facts: Any) -> Model:
    return Model(ref=ModelRef("p", "m"), name="M", **facts)


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("said", [True, False, None])
def test_a_flag_answers_as_upstream_says(name: str, said):
    assert said is model(**{name: said}).supports(name)


@pytest.mark.parametrize(
    ("said", "expected"), [(None, None), (False, False), (True, True), (Interleaved("reasoning_content"), True), (Interleaved(), True)]
)
def test_interleaved_reasoning_is_supported_whether_a_flag_or_a_field_says_so(said: Any, expected):
    assert expected is model(interleaved=said).supports("interleaved")


@pytest.mark.parametrize(("name", "place"), BY_MODALITY.items())
def test_a_modality_is_supported_when_its_side_lists_it_and_unknown_when_that_side_is_empty(name: str, place: tuple[str, str]):
    side, word = place
    other = "output" if side == "input" else "input"
    assert model(modalities=Modalities(**{side: ("text", word)})).supports(name) is True
    assert model(modalities=Modalities(**{side: ("text",), other: (word,)})).supports(name) is False
    assert model(modalities=Modalities(**{other: (word,)})).supports(name) is None


@pytest.mark.parametrize("name", UNSAID)
@pytest.mark.parametrize(("extra", "expected"), [({}, None), ({"other": True}, None), ("yes", None), (True, True), (False, False)])
def test_what_models_dev_says_nothing_about_is_unknown_unless_the_extras_say(name: str, extra: Any, expected):
    held = extra if isinstance(extra, dict) else {name: extra}
    assert expected is model(extra=FrozenDict(held)).supports(name)


@pytest.mark.parametrize(
    ("alias", "name"),
    [("function_calling", "tool_call"), ("tool_use", "tool_call"), ("json_mode", "structured_output")],
)
@pytest.mark.parametrize("said", [True, False, None])
def test_an_alias_asks_what_it_stands_for(alias: str, name: str, said):
    assert said is model(**{name: said}).supports(alias)


def test_image_generation_asks_for_image_output():
    assert model(modalities=Modalities(("image",), ("text", "image"))).supports("image_generation") is True
    assert model(modalities=Modalities(("image",), ("text",))).supports("image_generation") is False
    assert model().supports("image_generation") is None


@pytest.mark.parametrize(
    ("into", "out", "expected"),
    [
        (("audio",), ("text",), True),
        (("text",), ("audio",), True),
        (("audio",), (), True),
        (("text",), ("text",), False),
        (("text",), (), None),
        ((), ("text",), None),
        ((), (), None),
    ],
)
def test_audio_is_audio_in_or_audio_out(into: tuple[str, ...], out: tuple[str, ...], expected):
    assert expected is model(modalities=Modalities(into, out)).supports("audio")


def test_the_capabilities_are_those_known_to_be_true():
    assert frozenset() == model().capabilities
    assert frozenset() == model(**dict.fromkeys(FLAGS, False), interleaved=False).capabilities
    everything = model(
        **dict.fromkeys(FLAGS, True),
        interleaved=True,
        modalities=Modalities(("image", "audio", "video", "pdf"), ("image", "audio", "video")),
        extra=FrozenDict(dict.fromkeys(UNSAID, True)),
    )
    assert frozenset({*FLAGS, "interleaved", *BY_MODALITY, *UNSAID}) == everything.capabilities
    assert frozenset(get_args(Capability)) == everything.capabilities
    assert (
        frozenset({"vision", "image_input", "tool_call"})
        == model(tool_call=True, modalities=Modalities(("text", "image"), ("text",))).capabilities
    )


@pytest.mark.parametrize("name", ["telepathy", "", "Vision", "tool call", None, 5, ["vision"]])
def test_an_unknown_capability_is_refused_with_the_known_ones(name: Any):
    with pytest.raises(UnknownCapabilityError) as caught:
        model().supports(name)
    assert repr(name) in str(caught.value)
    assert name == caught.value.value
    for known in [*get_args(Capability), "function_calling", "tool_use", "json_mode", "image_generation", "audio"]:
        assert known in str(caught.value)


@pytest.mark.parametrize("error", [QueryError, ValueError])
def test_an_unknown_capability_is_caught_as_what_people_already_catch(error: type[Exception]):
    with pytest.raises(error):
        model().supports("telepathy")


@pytest.mark.parametrize(
    ("cost", "subscription", "expected"),
    [
        (None, False, "unpriced"),
        (None, True, "unpriced"),
        (Cost(), False, "unpriced"),
        (Cost(cache_read=Decimal(1)), False, "unpriced"),
        (Cost(input=Decimal(0), output=Decimal(0)), False, "free"),
        (Cost(input=Decimal("0.0"), output=Decimal("0E-7")), False, "free"),
        (Cost(input=Decimal(0), output=Decimal(0)), True, "plan"),
        (Cost(input=Decimal(0), output=Decimal(1)), False, "priced"),
        (Cost(input=Decimal(1), output=Decimal(0)), True, "priced"),
        (Cost(input=Decimal(0)), False, "priced"),
        (Cost(input=Decimal(1), output=Decimal(2)), False, "priced"),
    ],
)
def test_the_price_state_tells_free_from_paid_otherwise_from_unknown(cost: Cost | None, subscription, expected: str):
    assert expected == model(cost=cost, subscription=subscription).price_state
