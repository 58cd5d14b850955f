from __future__ import annotations

from decimal import Decimal
from typing import get_type_hints

import pytest
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import RequestUsage

from modelmeta import MissingExtraError, Model, ModelRef, Usage, load_catalog
from modelmeta.integrations.pydantic_ai import priced, profile, quote_of


def response(**names) -> ModelResponse:
    return ModelResponse(
        parts=[TextPart("Hi")], usage=RequestUsage(input_tokens=300_000, output_tokens=2_000, cache_read_tokens=100), **names
    )


def agent(catalog, *, ref=None, **names) -> Agent:
    def answer(_messages, _info):
        return response(**names)

    return Agent(priced(FunctionModel(answer, model_name=names["model_name"]), catalog, ref=ref))


def test_a_real_model_takes_the_profile(catalog):
    known = catalog.get("openai/gpt-4o")
    model = OpenAIChatModel(known.id, provider=OpenAIProvider(api_key="none"), profile=profile(known))
    assert profile(known).items() <= model.profile.items()


def test_all_of_it_are_fields_that_pydantic_ai_declares_and_what_is_unknown_is_absent(catalog):
    declared = get_type_hints(ModelProfile)
    for model in catalog:
        facts = profile(model)
        assert facts.keys() <= declared.keys()
        assert {bool} >= {type(fact) for fact in facts.values()}


def test_it_says_what_upstream_says(catalog):
    model = catalog.get("openai/gpt-4o")
    facts = profile(model)
    assert (model.tool_call, model.structured_output, True) == (
        facts["supports_tools"],
        facts["supports_json_schema_output"],
        facts["supports_text_output"],
    )
    assert {} == profile(Model(ref=ModelRef("acme", "rocket"), name="Rocket"))


async def test_the_responses_of_an_agent_have_our_price(catalog):
    result = await agent(catalog, model_name="gpt-5.5", provider_name="openai").run("Hello")
    expected = catalog.price("openai/gpt-5.5", Usage(300_000, 2_000, 100)).total
    assert expected == result.usage.cost == result.response.usage.cost


async def test_what_we_have_no_price_for_is_left_to_genai_prices():
    catalog = load_catalog({"acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"name": "Rocket"}}}})
    result = await agent(catalog, model_name="gpt-4o", provider_name="openai").run("Hello")
    assert response(model_name="gpt-4o", provider_name="openai").cost().total_price == result.usage.cost
    unpriced = await agent(catalog, model_name="rocket", provider_name="acme").run("Hello")
    assert unpriced.usage.cost is None


async def test_a_reference_stands_in_for_names_that_say_nothing(catalog):
    result = await agent(catalog, ref="openai/gpt-4o", model_name="our-model", provider_name="gateway").run("Hello")
    assert catalog.price("openai/gpt-4o", Usage(300_000, 2_000, 100)).total == result.usage.cost


@pytest.mark.parametrize(
    ("names", "ref"),
    [
        ({"model_name": "claude-opus-4-5-20251101", "provider_name": "anthropic"}, "anthropic/claude-opus-4-5-20251101"),
        ({"model_name": "gemini-2.5-pro", "provider_name": "google-gla"}, "google/gemini-2.5-pro"),
        ({"model_name": "gemini-2.5-pro", "provider_name": "google"}, "google/gemini-2.5-pro"),
        ({"model_name": "us.anthropic.claude-opus-4-5-20251101-v1:0", "provider_name": "bedrock"}, None),
        ({"model_name": "openai/gpt-4o"}, "openai/gpt-4o"),
    ],
)
def test_a_response_is_priced_by_its_provider_and_model(catalog, names, ref):
    quote = quote_of(catalog, response(**names))
    assert (catalog.resolve(f"bedrock/{names['model_name']}").model.ref if ref is None else catalog.get(ref).ref) == quote.ref
    assert quote.total > Decimal(0)


@pytest.mark.parametrize("names", [{}, {"model_name": "no-such-model", "provider_name": "openai"}, {"model_name": "gpt-4o"}])
def test_a_response_of_an_unknown_model_has_no_price(catalog, names):
    assert quote_of(catalog, response(**names)) is None


def test_a_response_without_usage_has_no_price(catalog):
    silent = ModelResponse(parts=[], usage=RequestUsage(unmeasured_requests=1), model_name="gpt-4o", provider_name="openai")
    assert quote_of(catalog, silent) is None


def test_without_pydantic_ai_the_error_names_the_extra(uninstalled, catalog):
    uninstalled("pydantic_ai", "modelmeta.integrations.pydantic_ai")
    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[pydantic-ai\]"') as caught:
        priced(FunctionModel(lambda _messages, _info: response()), catalog)
    assert "pydantic-ai" == caught.value.extra
