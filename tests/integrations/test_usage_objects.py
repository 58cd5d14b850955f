"""The usage objects of the real packages, read into ours."""

from __future__ import annotations

import httpx
import instructor
import pytest
from anthropic.types import CacheCreation, MessageDeltaUsage, RawMessageDeltaEvent
from anthropic.types import Usage as AnthropicUsage
from anthropic.types.output_tokens_details import OutputTokensDetails as AnthropicOutput
from botocore.loaders import Loader
from google.genai.types import GenerateContentResponseUsageMetadata, MediaModality, ModalityTokenCount
from hypothesis import given
from langchain_core.messages import AIMessage
from openai import OpenAI
from openai.types import CompletionUsage, CreateEmbeddingResponse
from openai.types.chat import ChatCompletionChunk
from openai.types.completion_usage import CompletionTokensDetails, PromptTokensDetails
from openai.types.responses import ResponseUsage
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails
from pydantic import BaseModel
from pydantic_ai.usage import RequestUsage, RunUsage

from modelmeta import Usage, UsageError
from modelmeta.testing.strategies import usages

CHAT = CompletionUsage(
    prompt_tokens=1_000,
    completion_tokens=200,
    total_tokens=1_200,
    prompt_tokens_details=PromptTokensDetails(cached_tokens=600, cache_write_tokens=100, audio_tokens=50),
    completion_tokens_details=CompletionTokensDetails(reasoning_tokens=50, audio_tokens=20),
)


@pytest.mark.parametrize("form", [lambda usage: usage, lambda usage: usage.model_dump(), lambda usage: usage.model_dump(exclude_none=True)])
def test_an_openai_chat_completion(form):
    assert Usage(1_000, 200, 600, 100, 50, 50, 20) == Usage.from_openai(form(CHAT))


def test_the_last_chunk_of_an_openai_stream_has_the_usage():
    last = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5.5", "choices": [], "usage": CHAT.model_dump()}
    assert Usage.from_openai(CHAT) == Usage.from_openai(ChatCompletionChunk.model_validate(last).usage)


def test_an_openai_response():
    usage = ResponseUsage(
        input_tokens=1_000,
        input_tokens_details=InputTokensDetails(cached_tokens=600, cache_write_tokens=100),
        output_tokens=200,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=50),
        total_tokens=1_200,
    )
    assert Usage(1_000, 200, 600, 100, 50) == Usage.from_openai(usage) == Usage.from_openai(usage.model_dump())


def test_an_openai_embedding_has_input_only():
    response = {"object": "list", "data": [], "model": "text-embedding-3-small", "usage": {"prompt_tokens": 5, "total_tokens": 5}}
    assert Usage(5) == Usage.from_openai(CreateEmbeddingResponse.model_validate(response).usage)


@pytest.mark.parametrize("form", [lambda usage: usage, lambda usage: usage.model_dump()])
def test_an_anthropic_message_with_caches_of_five_minutes_and_an_hour(form):
    usage = AnthropicUsage(
        input_tokens=10,
        output_tokens=200,
        cache_read_input_tokens=300,
        cache_creation_input_tokens=70,
        cache_creation=CacheCreation(ephemeral_5m_input_tokens=30, ephemeral_1h_input_tokens=40),
        output_tokens_details=AnthropicOutput(thinking_tokens=150),
    )
    assert Usage(380, 200, 300, 70, 150) == Usage.from_anthropic(form(usage))


def test_the_delta_at_the_end_of_an_anthropic_stream_has_all_counts():
    usage = MessageDeltaUsage(input_tokens=10, output_tokens=200, cache_read_input_tokens=300, cache_creation_input_tokens=70)
    event = RawMessageDeltaEvent.model_validate({"type": "message_delta", "delta": {}, "usage": usage.model_dump()})
    assert Usage(380, 200, 300, 70) == Usage.from_anthropic(event.usage)


def test_an_anthropic_delta_without_input_is_no_usage():
    with pytest.raises(UsageError, match="an Anthropic usage has input_tokens"):
        Usage.from_anthropic(MessageDeltaUsage(output_tokens=5))


GEMINI = GenerateContentResponseUsageMetadata(
    prompt_token_count=1_000,
    cached_content_token_count=600,
    tool_use_prompt_token_count=40,
    candidates_token_count=200,
    thoughts_token_count=50,
    total_token_count=1_290,
    prompt_tokens_details=[
        ModalityTokenCount(modality=MediaModality.TEXT, token_count=700),
        ModalityTokenCount(modality=MediaModality.AUDIO, token_count=300),
    ],
    cache_tokens_details=[ModalityTokenCount(modality=MediaModality.AUDIO, token_count=250)],
    candidates_tokens_details=[ModalityTokenCount(modality=MediaModality.AUDIO, token_count=20)],
)


@pytest.mark.parametrize(
    "form",
    [
        lambda usage: usage,
        lambda usage: usage.model_dump(),
        lambda usage: usage.model_dump(mode="json", by_alias=True, exclude_none=True),
    ],
)
def test_a_gemini_response_counts_thoughts_and_tools_beside_the_rest(form):
    assert Usage(1_040, 250, 600, 0, 50, 50, 20) == Usage.from_google(form(GEMINI))


def test_a_gemini_response_that_says_little():
    assert Usage(5) == Usage.from_google(GenerateContentResponseUsageMetadata(prompt_token_count=5))


def test_a_bedrock_response_counts_caches_beside_the_input():
    usage = {"inputTokens": 10, "outputTokens": 200, "totalTokens": 580, "cacheReadInputTokens": 300, "cacheWriteInputTokens": 70}
    shape = Loader().load_service_model("bedrock-runtime", "service-2")["shapes"]["TokenUsage"]["members"]
    assert usage.keys() <= shape.keys()
    assert Usage(380, 200, 300, 70) == Usage.from_bedrock(usage)


def test_a_langchain_message():
    into = {"audio": 50, "cache_creation": 100, "cache_read": 600}
    counts = {"input_tokens": 1_000, "output_tokens": 200, "total_tokens": 1_200, "input_token_details": into}
    message = AIMessage("Hi", usage_metadata={**counts, "output_token_details": {"audio": 20, "reasoning": 50}})
    assert Usage(1_000, 200, 600, 100, 50, 50, 20) == Usage.from_langchain(message.usage_metadata)


@pytest.mark.parametrize("kind", [RequestUsage, RunUsage])
def test_a_pydantic_ai_usage_has_cached_audio_as_cached(kind):
    counts = {"cache_read_tokens": 600, "cache_write_tokens": 100, "cache_audio_read_tokens": 250, "input_audio_tokens": 300}
    usage = kind(input_tokens=1_000, output_tokens=200, output_reasoning_tokens=50, output_audio_tokens=20, **counts)
    assert Usage(1_000, 200, 600, 100, 50, 50, 20) == Usage.from_pydantic_ai(usage)


@given(usages())
def test_counting_inclusively_is_what_openai_langchain_and_pydantic_ai_have_in_common(usage):
    openai = CompletionUsage(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        prompt_tokens_details=PromptTokensDetails(
            cached_tokens=usage.cache_read_tokens, cache_write_tokens=usage.cache_write_tokens, audio_tokens=usage.input_audio_tokens
        ),
        completion_tokens_details=CompletionTokensDetails(reasoning_tokens=usage.reasoning_tokens, audio_tokens=usage.output_audio_tokens),
    )
    pydantic_ai = RequestUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        input_audio_tokens=usage.input_audio_tokens,
        output_reasoning_tokens=usage.reasoning_tokens,
        output_audio_tokens=usage.output_audio_tokens,
    )
    assert usage == Usage.from_openai(openai) == Usage.from_pydantic_ai(pydantic_ai)


@pytest.mark.parametrize(
    ("read", "whose"),
    [
        (Usage.from_google, "a Gemini usage has prompt_token_count"),
        (Usage.from_bedrock, "a Bedrock usage has inputTokens"),
        (Usage.from_langchain, "a LangChain usage has input_tokens"),
        (Usage.from_pydantic_ai, "a Pydantic AI usage has input_tokens"),
    ],
)
@pytest.mark.parametrize("nothing", [{}, None, 5])
def test_an_object_of_another_kind_is_refused(read, whose, nothing):
    with pytest.raises(UsageError, match=whose) as caught:
        read(nothing)
    assert "input_tokens" == caught.value.field


def test_instructor_hands_the_usage_on_with_the_answer():
    class Who(BaseModel):
        name: str

    def answer(_request):
        call = {"id": "t", "type": "function", "function": {"name": "Who", "arguments": '{"name": "Ada"}'}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "finish_reason": "tool_calls", "message": message}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o", "choices": [choice], "usage": CHAT.model_dump()}
        return httpx.Response(200, json=body)

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        client = instructor.from_openai(OpenAI(api_key="none", http_client=http))
        question = [{"role": "user", "content": "Who?"}]
        who, completion = client.chat.completions.create_with_completion(model="gpt-4o", response_model=Who, messages=question)
    assert ("Ada", Usage.from_openai(CHAT)) == (who.name, Usage.from_openai(completion.usage))
