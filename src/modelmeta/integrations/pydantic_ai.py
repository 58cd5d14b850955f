"""What Pydantic AI wants to know of its models: a profile, and the price of each response (extra ``pydantic-ai``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ..errors import MissingExtraError
from ..records.usage import Usage

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model as PydanticModel
    from pydantic_ai.models.wrapper import WrapperModel
    from pydantic_ai.profiles import ModelProfile

    from ..catalog.price import Quote
    from ..catalog.reading import Reading
    from ..records.model import Model
    from ..records.refs import ModelRef

__all__ = ["priced", "profile", "quote_of"]

_PROVIDERS = {"google-gla": "google", "google-cloud": "google-vertex"}
"""Pydantic AI's names of providers that ``resolve`` does not know."""
_FLAGS = {
    "supports_tools": "tool_call",
    "supports_json_schema_output": "structured_output",
    "supports_thinking": "reasoning",
    "supports_image_input": "image_input",
    "supports_document_input": "pdf_input",
    "supports_audio_file_input": "audio_input",
    "supports_video_input": "video_input",
    "supports_image_output": "image_output",
}


def profile(model: Model) -> ModelProfile:
    """Return *model* as the ``profile=`` of a Pydantic AI model: ``OpenAIChatModel(model.id, profile=profile(model))``.

    It says what the model can do, as far as that is known; how to speak to it stays as Pydantic AI has it.
    """
    facts: dict[str, Any] = {field: model.supports(capability) for field, capability in _FLAGS.items()}
    facts["supports_text_output"] = "text" in model.modalities.output if model.modalities.output else None
    return cast("ModelProfile", {field: fact for field, fact in facts.items() if fact is not None})


def quote_of(reading: Reading, response: ModelResponse, *, ref: str | ModelRef | None = None) -> Quote | None:
    """Return what *response* costs, None where its model is not known, or where it does not say how much it used.

    Args:
        reading: a catalog, or a registry.
        response: a model's response; ``provider_name`` and ``model_name`` say whose it is.
        ref: the model, where its names do not say it, as behind a gateway.
    """
    if response.usage.unmeasured_requests or not (ref or response.model_name):
        return None
    provider = _PROVIDERS.get(response.provider_name or "", response.provider_name)
    name = ref or (f"{provider}/{response.model_name}" if provider else response.model_name or "")
    model = reading.get(name, None)
    return None if model is None else reading.price(model.ref, Usage.from_pydantic_ai(response.usage))


def priced(model: PydanticModel, reading: Reading, *, ref: str | ModelRef | None = None) -> WrapperModel:
    """Return *model* with our price in the ``usage.cost`` of its responses, and so in the cost of a run: ``Agent(priced(model, registry))``.

    Each response is priced from the catalog that is current then. What we have no price for, and what is streamed, is left to Pydantic AI, which
    asks genai-prices; :func:`quote_of` prices a streamed response once it is complete.

    Args:
        model: a model of Pydantic AI.
        reading: a catalog, or a registry.
        ref: the model, where the names in the responses do not say it.

    Raises:
        MissingExtraError: Pydantic AI is not installed.
    """
    try:
        from pydantic_ai.models.wrapper import WrapperModel  # noqa: PLC0415  # comes with the extra
    except ModuleNotFoundError as error:
        message = 'Pydantic AI is not installed: pip install "modelmeta[pydantic-ai]"'
        raise MissingExtraError(message, extra="pydantic-ai") from error

    class PricedModel(WrapperModel):
        async def request(self, *args: Any, **kwargs: Any) -> ModelResponse:
            response = await super().request(*args, **kwargs)
            quoted = quote_of(reading, response, ref=ref)
            if quoted is not None and quoted.total is not None:
                response.usage.cost = quoted.total
            return response

    return PricedModel(model)
