"""What can be asked in a query string: checked, documented, and nothing else is taken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from ..catalog.query import Query
from ..errors import QueryError
from ..records.usage import Usage
from ..records.vocabulary import PriceState

__all__ = ["Comparing", "Filters", "Listing", "Nothing", "Paging", "Searching", "Selected", "Strict", "Workload", "fields_of"]

_MOST = 100
_TOKENS = 10**12
Word: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Words: TypeAlias = Annotated[list[Word], Field(max_length=50)]
Tokens: TypeAlias = Annotated[int, Field(ge=0, le=_TOKENS)]
Dollars: TypeAlias = Annotated[Decimal, Field(ge=0, le=10**9, allow_inf_nan=False, max_digits=30)]


def _day(text: Any) -> date:
    """Return the day that is written YYYY-MM-DD: pydantic would also read seconds."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        kind, message = "day", "a day is written YYYY-MM-DD"
        raise PydanticCustomError(kind, message) from None


Day: TypeAlias = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]


class Strict(BaseModel, extra="forbid"):
    """What is asked, and nothing else: a parameter that nobody knows is refused."""


class Nothing(Strict):
    """A route without parameters."""


class Workload(Strict):
    """Tokens of one request, inclusive: cached input is part of the input, reasoning part of the output."""

    input_tokens: Tokens = Field(0, description="Input tokens, cached and audio ones included.")
    output_tokens: Tokens = Field(0, description="Output tokens, reasoning and audio ones included.")
    cache_read_tokens: Tokens = Field(0, description="Input tokens read from the cache.")
    cache_write_tokens: Tokens = Field(0, description="Input tokens written to the cache.")
    reasoning_tokens: Tokens = Field(0, description="Output tokens spent on reasoning.")
    input_audio_tokens: Tokens = Field(0, description="Input tokens that are audio.")
    output_audio_tokens: Tokens = Field(0, description="Output tokens that are audio.")

    def usage(self) -> Usage | None:
        """Return the workload, None where there is none."""
        tokens = {name: getattr(self, name) for name in Workload.model_fields}
        return Usage(**tokens) if any(tokens.values()) else None


class Filters(Workload):
    """Every criterion of a query. All that are given must hold."""

    capability: Words = Field([], description="It has this capability: tool_call, vision, … Repeatable.")
    without: Words = Field([], description="It is known not to have this capability. Repeatable.")
    unknown: Literal["exclude", "include", "only"] = Field(
        "exclude", description="What becomes of models for which something asked is unknown."
    )
    provider: Words = Field([], description="Sold by one of these providers. Repeatable.")
    family: Words = Field([], description="Of one of these families. Repeatable.")
    type: Words = Field([], description="Of one of these types; chat includes models without one. Repeatable.")
    status: Words = Field([], description="Of one of these statuses; available includes models without one. Repeatable.")
    input: Words = Field([], description="Takes this modality in. Repeatable: all of them.")
    output: Words = Field([], description="Gives this modality out. Repeatable: all of them.")
    min_context: Tokens | None = Field(None, description="Least context window, in tokens.")
    min_input: Tokens | None = Field(None, description="Least input limit, in tokens.")
    min_output: Tokens | None = Field(None, description="Least output limit, in tokens.")
    max_input_cost: Dollars | None = Field(None, description="Highest input price, in USD per million tokens.")
    max_output_cost: Dollars | None = Field(None, description="Highest output price, in USD per million tokens.")
    max_cost: Dollars | None = Field(None, description="Highest price of the workload that the …_tokens describe, in USD.")
    price_state: list[PriceState] = Field([], max_length=4, description="In one of these price states. Repeatable.")
    open_weights: bool | None = Field(None, description="Whether the weights are published.")
    exclude_deprecated: bool | None = Field(None, description="Leave out deprecated models.")
    released_after: Day | None = Field(None, description="Released later than this day.")
    released_before: Day | None = Field(None, description="Released earlier than this day.")
    knowledge_after: Day | None = Field(None, description="Knowledge reaches later than this day.")
    canonical: Words = Field([], description="Selling one of these canonical models (lab/model). Repeatable.")
    min_benchmark: Words = Field([], description="<name>:<score>: a published result of this benchmark reaches this score. Repeatable.")

    def query(self, **more: Any) -> Query:
        """Return the query that is asked, with *more* criteria."""
        given = {
            name: value
            for name in Filters.model_fields
            if name not in Workload.model_fields and (value := getattr(self, name)) not in (None, [])
        }
        capabilities = given.pop("capability", [])
        if "min_benchmark" in given:
            given["min_benchmark"] = dict(map(_benchmark, given["min_benchmark"]))
        if "max_cost" in given:
            given["usage"] = self.usage()
            if given["usage"] is None:
                message = "max_cost is what a workload may cost; say which with input_tokens, output_tokens, …"
                raise QueryError(message, criterion="max_cost", value=self.max_cost)
        return Query(*capabilities, **given, **more)


def _benchmark(text: str) -> tuple[str, str]:
    name, colon, score = text.rpartition(":")
    if not colon:
        message = f"min_benchmark is written <name>:<score>, not {text!r:.100}"
        raise QueryError(message, criterion="min_benchmark", value=text)
    return name, score


class Selected(Strict):
    """Which fields of each model are wanted."""

    fields: Words = Field(
        [], description="Only these fields, such as cost.input; provider_id and id are always there. Repeatable, or comma-separated."
    )


class Paging(Strict):
    """Which page is wanted."""

    page: Annotated[int, Field(ge=1, le=10**6, description="Which page, the first is 1.")] = 1
    limit: Annotated[int, Field(ge=1, le=_MOST, description="At most this many.")] = 20


class Listing(Filters, Selected, Paging):
    """What ``GET /models`` takes."""

    sort: Words = Field(
        [], description="cost.input, -limit.context, …: a - in front sorts down; unknowns come last. Repeatable, or comma-separated."
    )


class Searching(Filters, Selected):
    """What ``GET /models/search`` takes."""

    q: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="What to look for: words, however they are spelt.")
    limit: Annotated[int, Field(ge=1, le=_MOST, description="At most this many.")] = 20


class Comparing(Workload):
    """What ``GET /models/compare`` takes."""

    ids: Annotated[list[str], Field(min_length=1, max_length=_MOST)] = Field(description="2 to 10 models. Repeatable, or comma-separated.")


def fields_of(texts: list[str]) -> list[str]:
    """Return what *texts* list, each of them with commas or without."""
    return [name for text in texts for name in text.split(",") if name]
