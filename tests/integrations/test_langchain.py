from __future__ import annotations

from typing import get_type_hints

import pytest
from langchain_core.language_models.model_profile import ModelProfile
from langchain_openai import ChatOpenAI
from pydantic import TypeAdapter

from modelmeta import Limit, Model, ModelRef
from modelmeta.integrations.langchain import profile

DECLARED = get_type_hints(ModelProfile)


def test_a_real_chat_model_takes_it(catalog):
    model = catalog.get("openai/gpt-4o")
    chat = ChatOpenAI(model=model.id, api_key="none", profile=profile(model))
    assert profile(model) == chat.profile
    assert (True, model.limit.output) == (chat.profile["tool_calling"], chat.profile["max_output_tokens"])


def test_all_of_it_are_fields_that_langchain_declares_and_what_is_unknown_is_absent(catalog):
    adapter = TypeAdapter(ModelProfile)
    for model in catalog:
        facts = profile(model)
        assert facts.keys() <= DECLARED.keys()
        assert None not in facts.values()
        adapter.validate_python(facts, strict=True)


@pytest.mark.parametrize(
    ("limit", "most"), [(Limit(400_000, 272_000, 128_000), 272_000), (Limit(200_000, None, 64_000), 200_000), (Limit(), None)]
)
def test_the_most_input_is_the_input_limit_before_the_context(limit, most):
    model = Model(ref=ModelRef("acme", "rocket"), name="Rocket", limit=limit)
    assert most == profile(model).get("max_input_tokens")


def test_a_model_nobody_knows_anything_of_has_its_name_only():
    assert {"name": "Rocket"} == profile(Model(ref=ModelRef("acme", "rocket"), name="Rocket"))


def test_modalities_and_efforts_are_as_upstream_says(catalog):
    for model in catalog.filter("reasoning", "vision", limit=200):
        facts = profile(model)
        assert ("image" in model.modalities.input, "audio" in model.modalities.output) == (facts["image_inputs"], facts["audio_outputs"])
        efforts = [value for option in model.reasoning_options or () if option.type == "effort" for value in option.values if value]
        assert efforts == facts.get("reasoning_effort_levels", [])
