"""OpenRouter's list of models, ``https://openrouter.ai/api/v1/models``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .dialect import ForeignLayer, Gathering, Places, Reader, objects_of, refusal, said
from .values import a_day, a_list, a_number, a_size, a_text, believed, per_million, tiered, tokens, words

if TYPE_CHECKING:
    from ..shape import Json
    from .values import Number

__all__ = ["read_openrouter"]

_RATES = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "audio_output": "output_audio",
}
_PARAMETERS = {"tool_call": "tools", "reasoning": "reasoning", "structured_output": "structured_outputs", "temperature": "temperature"}
_OTHER_PRICES = frozenset(
    {"image", "image_output", "image_token", "input_audio_cache", "input_cache_write_1h", "request", "web_search"},
)
_VARIABLE = -1


def read_openrouter(tree: Any, places: Places, *, wins: bool = False, source: str | None = None) -> ForeignLayer:
    """Return what the list says, prices exactly as USD per million tokens; one of -1 varies, and is unknown.

    Of the parameters a model supports the list is complete: tool calls, reasoning, structured output and temperature are known either way
    where there is one. ``min_prompt_tokens`` is the ``size`` of a tier; a price at certain hours is set aside.

    Raises:
        DecodeError: *tree* is no such list.
    """
    rows = tree.get("data") if isinstance(tree, dict) else None
    if not isinstance(rows, list):
        what = "OpenRouter's list of models: it has no list called data"
        raise refusal(what, source)
    gathering = Gathering(places)
    for row in objects_of(gathering, ("data",), enumerate(rows)):
        model_id = row.take("id", a_text)
        if model_id:
            shaped = _shape(row)
            row.finish()
            gathering.add(model_id, "openrouter", model_id, shaped)
        else:
            gathering.set_aside(row.keys, row.raw, "says no id")
    links = tree.get("links")
    if isinstance(links, dict) and links.get("next"):
        gathering.set_aside(("links", "next"), links["next"], "there is more than this document: fetch the next pages too", "odd")
    return gathering.layer("openrouter", wins=wins)


def _shape(row: Reader) -> Json:
    top, architecture = row.inner("top_provider"), row.inner("architecture")
    parameters = row.take("supported_parameters", words)
    facts = {
        "name": row.take("name", a_text),
        "description": row.take("description", a_text),
        "knowledge": row.take("knowledge_cutoff", a_day),
        "deprecation_date": row.take("expiration_date", a_day),
        "limit": {
            "context": row.take("context_length", tokens) or top.take("context_length", tokens),
            "output": top.take("max_completion_tokens", tokens),
        },
        "modalities": {side: architecture.take(f"{side}_modalities", _modalities) for side in ("input", "output")},
        **({fact: parameter in parameters for fact, parameter in _PARAMETERS.items()} if parameters else {}),
        "cost": _cost(row.inner("pricing")),
    }
    top.taken.add("context_length")
    top.finish("top_provider.")
    architecture.finish("architecture.")
    return said(facts)


def _modalities(value: Any) -> list[str] | None:
    return ["pdf" if word == "file" else word for word in words(value)] or None


def _cost(pricing: Reader) -> Json:
    base = _rates(pricing)
    overrides = objects_of(pricing.gathering, (*pricing.keys, "overrides"), enumerate(pricing.take("overrides", a_list) or []))
    entries = [entry for override in overrides if (entry := _entry(override)) is not None]
    if discount := pricing.take("discount", a_number):
        pricing.gathering.set_aside((*pricing.keys, "discount"), discount, "is not taken off the prices, which stand as listed", "odd")
    pricing.finish("pricing.")
    steps = {size: {name: rate for least, rates in entries if least <= size for name, rate in rates.items()} for size, _ in entries}
    return tiered(base, steps)


def _entry(override: Reader) -> tuple[int, dict[str, Number]] | None:
    """Return the prices of *override* and from what size of prompt they count; None where anything else than that is a condition."""
    size, rates = override.take("min_prompt_tokens", a_size), _rates(override)
    conditions = override.raw.keys() - override.taken - _OTHER_PRICES
    if size and not conditions:
        override.finish("pricing.")
        return size, rates
    reason = f"a price under a condition no record has a place for: {', '.join(sorted(conditions)) or 'none it names'}"
    override.gathering.set_aside(override.keys, override.raw, reason)
    return None


def _rates(prices: Reader) -> dict[str, Number]:
    return believed({name: prices.take(field, _price) for field, name in _RATES.items()})


def _price(value: Any) -> Number | None:
    return None if a_number(value) == _VARIABLE else per_million(value)
