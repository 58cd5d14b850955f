"""How many tokens a request used, or will."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Usage", "not_a_usage"]

_MOST = 10**18
_UNDERSCORE = re.compile("_([a-z])")


@attrs.frozen
class Usage:
    """The tokens of one request or of many, counted inclusively, as OpenAI reports them.

    ``cache_read_tokens``, ``cache_write_tokens`` and ``input_audio_tokens`` are separate parts of ``input_tokens``; ``reasoning_tokens`` and
    ``output_audio_tokens`` are separate parts of ``output_tokens``. ``+`` adds two usages field by field.

    >>> Usage(input_tokens=1_000, cache_read_tokens=800) + Usage(output_tokens=50)
    Usage(input_tokens=1000, output_tokens=50, cache_read_tokens=800, cache_write_tokens=0, reasoning_tokens=0, input_audio_tokens=0, output_audio_tokens=0)

    Raises:
        UsageError: a count is not a whole number from 0 to 10**18, or the parts exceed their whole; ``.field`` names the one at fault.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    input_audio_tokens: int = 0
    output_audio_tokens: int = 0

    def __attrs_post_init__(self) -> None:
        for field in _FIELDS:
            count = getattr(self, field)
            if type(count) is not int or not 0 <= count <= _MOST:
                message = f"{field} must be a whole number from 0 to 10**18, not {count!r}"
                raise UsageError(message, field=field)
        for whole, parts in _PARTS.items():
            left = getattr(self, whole)
            for part in parts:
                left -= getattr(self, part)
                if left < 0:
                    message = f"{part} ({getattr(self, part)}) is part of {whole} ({getattr(self, whole)}), but only {left + getattr(self, part)} of it is left"
                    raise UsageError(message, field=part)

    def __add__(self, other: Usage) -> Usage:
        if not isinstance(other, Usage):
            return NotImplemented
        return Usage(*(getattr(self, field) + getattr(other, field) for field in _FIELDS))

    @classmethod
    def from_openai(cls, usage: object) -> Usage:
        """Read the ``usage`` of an OpenAI chat completion or response, as an object or a dict.

        Cached audio counts as cached.

        Raises:
            UsageError: *usage* has neither ``prompt_tokens`` nor ``input_tokens``.
        """
        prompt, completion = ("prompt", "completion") if _get(usage, "prompt_tokens") is not None else ("input", "output")
        if _get(usage, f"{prompt}_tokens") is None:
            message = f"an OpenAI usage has prompt_tokens or input_tokens; {usage!r} has neither"
            raise UsageError(message, field="input_tokens")
        into, out = _get(usage, f"{prompt}_tokens_details"), _get(usage, f"{completion}_tokens_details")
        cached_audio = _count(_get(into, "cached_tokens_details"), "audio_tokens")
        return cls(
            input_tokens=_count(usage, f"{prompt}_tokens"),
            output_tokens=_count(usage, f"{completion}_tokens"),
            cache_read_tokens=_count(into, "cached_tokens"),
            cache_write_tokens=_count(into, "cache_write_tokens"),
            reasoning_tokens=_count(out, "reasoning_tokens"),
            input_audio_tokens=_count(into, "audio_tokens") - cached_audio,
            output_audio_tokens=_count(out, "audio_tokens"),
        )

    @classmethod
    def from_anthropic(cls, usage: object) -> Usage:
        """Read the ``usage`` of an Anthropic message, as an object or a dict.

        Anthropic counts cached tokens beside ``input_tokens``, not within: they are added in. What is written to the cache for an hour and for
        five minutes is one count, as upstream has one rate.

        Raises:
            UsageError: *usage* has no ``input_tokens``.
        """
        _require(usage, "input_tokens", "an Anthropic")
        read, write = _count(usage, "cache_read_input_tokens"), _count(usage, "cache_creation_input_tokens")
        return cls(
            input_tokens=_count(usage, "input_tokens") + read + write,
            output_tokens=_count(usage, "output_tokens"),
            cache_read_tokens=read,
            cache_write_tokens=write,
            reasoning_tokens=_count(_get(usage, "output_tokens_details"), "thinking_tokens"),
        )

    @classmethod
    def from_google(cls, usage: object) -> Usage:
        """Read the ``usage_metadata`` of a Gemini response, as an object of google-genai or a dict, in its own or JSON's spelling.

        Gemini counts thoughts beside the candidates and tool prompts beside the prompt: they are added in. Cached audio counts as cached.

        Raises:
            UsageError: *usage* has no ``prompt_token_count``.
        """
        _require(usage, "prompt_token_count", "a Gemini")
        thoughts = _count(usage, "thoughts_token_count")
        return cls(
            input_tokens=_count(usage, "prompt_token_count") + _count(usage, "tool_use_prompt_token_count"),
            output_tokens=_count(usage, "candidates_token_count") + thoughts,
            cache_read_tokens=_count(usage, "cached_content_token_count"),
            reasoning_tokens=thoughts,
            input_audio_tokens=_audio(usage, "prompt_tokens_details") - _audio(usage, "cache_tokens_details"),
            output_audio_tokens=_audio(usage, "candidates_tokens_details"),
        )

    @classmethod
    def from_bedrock(cls, usage: object) -> Usage:
        """Read the ``usage`` of Bedrock's Converse, a dict as boto3 gives it.

        Bedrock counts cached tokens beside ``inputTokens``, not within: they are added in.

        Raises:
            UsageError: *usage* has no ``inputTokens``.
        """
        _require(usage, "inputTokens", "a Bedrock")
        read, write = _count(usage, "cacheReadInputTokens"), _count(usage, "cacheWriteInputTokens")
        return cls(
            input_tokens=_count(usage, "inputTokens") + read + write,
            output_tokens=_count(usage, "outputTokens"),
            cache_read_tokens=read,
            cache_write_tokens=write,
        )

    @classmethod
    def from_langchain(cls, usage: object) -> Usage:
        """Read the ``usage_metadata`` of a LangChain message, a dict.

        Raises:
            UsageError: *usage* has no ``input_tokens``.
        """
        _require(usage, "input_tokens", "a LangChain")
        into, out = _get(usage, "input_token_details"), _get(usage, "output_token_details")
        return cls(
            input_tokens=_count(usage, "input_tokens"),
            output_tokens=_count(usage, "output_tokens"),
            cache_read_tokens=_count(into, "cache_read"),
            cache_write_tokens=_count(into, "cache_creation"),
            reasoning_tokens=_count(out, "reasoning"),
            input_audio_tokens=_count(into, "audio"),
            output_audio_tokens=_count(out, "audio"),
        )

    @classmethod
    def from_pydantic_ai(cls, usage: object) -> Usage:
        """Read the ``usage`` of a Pydantic AI response or run. Cached audio counts as cached.

        Raises:
            UsageError: *usage* has no ``input_tokens``.
        """
        _require(usage, "input_tokens", "a Pydantic AI")
        return cls(
            input_tokens=_count(usage, "input_tokens"),
            output_tokens=_count(usage, "output_tokens"),
            cache_read_tokens=_count(usage, "cache_read_tokens"),
            cache_write_tokens=_count(usage, "cache_write_tokens"),
            reasoning_tokens=_count(usage, "output_reasoning_tokens"),
            input_audio_tokens=_count(usage, "input_audio_tokens") - _count(usage, "cache_audio_read_tokens"),
            output_audio_tokens=_count(usage, "output_audio_tokens"),
        )


def not_a_usage(value: object) -> UsageError:
    """Return the error that says that *value* is none."""
    return UsageError(f"usage must be a Usage, as in Usage(input_tokens=1_000), not {value!r}", field="usage")


_FIELDS = tuple(field.name for field in attrs.fields(Usage))
_PARTS: Mapping[str, tuple[str, ...]] = {
    "input_tokens": ("cache_read_tokens", "cache_write_tokens", "input_audio_tokens"),
    "output_tokens": ("reasoning_tokens", "output_audio_tokens"),
}


def _get(holder: object, name: str) -> Any:
    """Return what *holder* has under *name*, or in a dict under the same name as JSON spells it (``promptTokenCount``)."""
    if not isinstance(holder, dict):
        return getattr(holder, name, None)
    return holder[name] if name in holder else holder.get(_UNDERSCORE.sub(lambda match: match[1].upper(), name))


def _require(usage: object, name: str, whose: str) -> None:
    """Raise unless *usage* has a count called *name*.

    Raises:
        UsageError: it has none.
    """
    if _get(usage, name) is None:
        message = f"{whose} usage has {name}; {usage!r} has none"
        raise UsageError(message, field="input_tokens")


def _audio(usage: object, name: str) -> int:
    """Return how many tokens of Gemini's list of modalities called *name* are audio."""
    return sum(_count(part, "token_count") for part in _get(usage, name) or () if _get(part, "modality") == "AUDIO")


def _count(holder: object, name: str) -> int:
    """Return the count called *name*, 0 where there is none.

    Raises:
        UsageError: it is there but no whole number.
    """
    value = _get(holder, name)
    if value is None:
        return 0
    if type(value) is not int:
        message = f"{name} must be a whole number, not {value!r}"
        raise UsageError(message, field=name)
    return value
