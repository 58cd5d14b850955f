from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import InvalidRefError, ModelMetaError, ModelRef

IDS = st.text(min_size=1)


def test_a_reference_splits_at_the_first_slash():
    assert ModelRef("openrouter", "anthropic/claude-opus-4.5") == ModelRef.parse("openrouter/anthropic/claude-opus-4.5")


@pytest.mark.parametrize("model_id", ["us.anthropic.claude:0", "claude@20250929", "~auto", "Qwen/Qwen3 (free)", "/", "a//b", "模型"])
def test_a_model_id_may_be_any_text(model_id: str):
    assert ModelRef("p", model_id) == ModelRef.parse(f"p/{model_id}")


@given(IDS.filter(lambda text: "/" not in text), IDS)
def test_parsing_undoes_printing(provider_id: str, model_id: str):
    ref = ModelRef(provider_id, model_id)
    assert f"{provider_id}/{model_id}" == str(ref)
    assert ref == ModelRef.parse(str(ref))


@pytest.mark.parametrize("text", ["", "/", "openai", "openai/", "/gpt-5.5", "openai:gpt-5.5"])
def test_text_without_both_halves_is_refused_with_the_text_and_the_right_form(text: str):
    with pytest.raises(InvalidRefError, match="provider/model") as caught:
        ModelRef.parse(text)
    assert text == caught.value.value
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("value", [None, 5, b"openai/gpt-5.5", ("openai", "gpt-5.5"), ModelRef("openai", "gpt-5.5")])
def test_what_is_no_text_is_refused_and_named(value: object):
    with pytest.raises(InvalidRefError) as caught:
        ModelRef.parse(value)
    assert value is caught.value.value
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("error", [ModelMetaError, TypeError, ValueError])
def test_a_bad_reference_is_caught_as_what_people_already_catch(error: type[Exception]):
    with pytest.raises(error):
        ModelRef.parse("openai")


def test_references_sort_by_provider_and_then_by_model():
    refs = [ModelRef("b", "a"), ModelRef("a-b", "c"), ModelRef("a", "z"), ModelRef("a", "b")]
    assert [str(ref) for ref in sorted(refs)] == ["a/b", "a/z", "a-b/c", "b/a"]


def test_equal_references_are_one_key():
    assert {ModelRef("a", "b"): 1} == {ModelRef.parse("a/b"): 1}
    assert ModelRef("a", "b") != "a/b"
