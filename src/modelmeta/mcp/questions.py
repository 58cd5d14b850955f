"""What the tools can be asked: checked, described for a model, and nothing else is taken."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field

from ..catalog.query import Query
from ..records.usage import Usage
from ..records.vocabulary import PriceState

__all__ = ["Filters", "Limit", "Offset", "Ref", "Text", "Workload"]

Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=300)]
Ref: TypeAlias = Annotated[
    Text, Field(description="A model: provider/model such as openai/gpt-5.5. Other spellings work where they mean exactly one model.")
]
Limit: TypeAlias = Annotated[int, Field(ge=1, le=50, description="At most so many.")]
Offset: TypeAlias = Annotated[int, Field(ge=0, le=10**6, description="Skip so many: next_offset of the answer before.")]
Words: TypeAlias = Annotated[list[Text], Field(max_length=50)]
Tokens: TypeAlias = Annotated[int, Field(ge=0, le=10**12)]
Dollars: TypeAlias = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False, max_digits=30)]


class _Strict(BaseModel, extra="forbid"):
    pass


class Workload(_Strict):
    """Tokens of one request. Cached and audio input are part of the input, reasoning and audio output part of the output."""

    input_tokens: Tokens = 0
    output_tokens: Tokens = 0
    cache_read_tokens: Tokens = 0
    cache_write_tokens: Tokens = 0
    reasoning_tokens: Tokens = 0
    input_audio_tokens: Tokens = 0
    output_audio_tokens: Tokens = 0

    def usage(self) -> Usage:
        """Return it as our record."""
        return Usage(**self.model_dump())


class Filters(_Strict):
    """What a model must meet. What nobody published counts as not met, unless unknown says otherwise."""

    capabilities: Words = Field([], description="It has all of these: tool_call, vision, reasoning, structured_output, audio_input, …")
    without: Words = Field([], description="It is known to have none of these.")
    provider: Words = Field([], description="Sold by one of these providers, by id.")
    family: Words = Field([], description="Of one of these families.")
    type: Words = Field([], description="Of one of these types: chat, embedding, …")
    status: Words = Field([], description="Of one of these statuses: available, beta, deprecated, …")
    canonical: Words = Field([], description="Selling one of these models, by the lab's id: anthropic/claude-opus-4-5.")
    input: Words = Field([], description="Takes in all of these: text, image, audio, video, pdf.")
    output: Words = Field([], description="Gives out all of these.")
    min_context: Tokens | None = Field(None, description="Least context window, in tokens.")
    min_output: Tokens | None = Field(None, description="Least output limit, in tokens.")
    max_input_cost: Dollars | None = Field(None, description="Highest input price, in USD per million tokens.")
    max_output_cost: Dollars | None = Field(None, description="Highest output price, in USD per million tokens.")
    price_state: list[PriceState] = Field([], max_length=4, description="In one of these price states.")
    open_weights: bool | None = Field(None, description="Whether the weights are published.")
    exclude_deprecated: bool | None = Field(None, description="Leave deprecated models out.")
    released_after: Text | None = Field(None, description="Released after this day, month or year: 2026-01-31, 2026-01, 2026.")
    released_before: Text | None = Field(None, description="Released before it.")
    knowledge_after: Text | None = Field(None, description="Its knowledge reaches beyond it.")
    unknown: Literal["exclude", "include", "only"] | None = Field(
        None, description="What becomes of models for which something asked is unknown; exclude by default."
    )

    def query(self) -> Query:
        """Return what is asked.

        Raises:
            QueryError: a value that cannot be asked.
        """
        given = {name: value for name in type(self).model_fields if (value := getattr(self, name)) not in (None, [])}
        return Query(*given.pop("capabilities", []), **given)
