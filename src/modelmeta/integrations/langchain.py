"""What a LangChain chat model wants to know of its model (extra ``langchain``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from langchain_core.language_models.model_profile import ModelProfile

    from ..records.model import Model

__all__ = ["profile"]


def profile(model: Model) -> ModelProfile:
    """Return *model* as the ``profile=`` of a chat model: ``ChatOpenAI(model=model.id, profile=profile(model))``.

    What nobody said is absent. ``max_input_tokens`` is ``limit.input``, and ``limit.context`` only where that is unknown.
    """
    limit = model.limit
    efforts = [value for option in model.reasoning_options or () if option.type == "effort" for value in option.values if value]
    facts: dict[str, Any] = {
        "name": model.name,
        "status": model.status,
        "release_date": _day(model.release_date),
        "last_updated": _day(model.last_updated),
        "open_weights": model.open_weights,
        "max_input_tokens": limit.context if limit.input is None else limit.input,
        "max_output_tokens": limit.output,
        "reasoning_output": model.reasoning,
        "reasoning_effort_levels": efforts or None,
        "tool_calling": model.tool_call,
        "structured_output": model.structured_output,
        "attachment": model.attachment,
        "temperature": model.temperature,
    }
    for kind in ("text", "image", "pdf", "audio", "video"):
        facts[f"{kind}_inputs"] = kind in model.modalities.input if model.modalities.input else None
    for kind in ("text", "image", "audio", "video"):
        facts[f"{kind}_outputs"] = kind in model.modalities.output if model.modalities.output else None
    return cast("ModelProfile", {name: fact for name, fact in facts.items() if fact is not None})


def _day(date: object | None) -> str | None:
    return None if date is None else str(date)
