"""LiteLLM's cost map: what ``litellm.model_cost`` holds, and the package ships as ``model_prices_and_context_window_backup.json``."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..structure import Unreadable
from .dialect import ForeignLayer, Gathering, Places, Reader, objects_of, refusal, said
from .values import a_day, a_flag, a_list, a_size, a_text, believed, over, per_million, tiered, tokens, words

if TYPE_CHECKING:
    from ..shape import Json
    from .values import Number

__all__ = ["read_litellm"]

_RATES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
}
_MODES = {"batches": "batch", "flex": "flex", "priority": "priority", "ultrafast": "ultrafast"}
_RATE = re.compile(rf"({'|'.join(_RATES)})(?:_above_(\d{{1,9}})(k?)_tokens)?(?:_({'|'.join(_MODES)}))?")
_OTHER_UNIT = re.compile(r".*_cost_per_.*")
_FACTS = {
    "supports_function_calling": "tool_call",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "structured_output",
    "supports_native_streaming": "streaming",
}
_CLAIMS = {
    "supports_vision": "vision",
    "supports_image_input": "image_input",
    "supports_pdf_input": "pdf_input",
    "supports_audio_input": "audio_input",
    "supports_video_input": "video_input",
    "supports_audio_output": "audio_output",
}
_TYPES = {
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "decisions": "decision",
    "image_edit": "image",
    "image_generation": "image",
    "rerank": "reranking",
    "video_generation": "video",
}
_CHATS = frozenset({"chat", "completion", "responses"})
_SERVICES = re.compile(r"(vertex_ai|fireworks_ai)-.*")
_OTHER_PRICE = re.compile(r"(?:.*/)?(?:\d+-x-\d+|max-x-max|\d-month-commitment|[a-z]{2}(?:-gov)?-[a-z]+-\d)/.*")


def read_litellm(tree: Any, places: Places, *, wins: bool = False, source: str | None = None) -> ForeignLayer:
    """Return what a cost map says, prices exactly as USD per million tokens.

    ``max_input_tokens`` is ``limit.input``: what it is of the context window, the map does not say. A capability it does not mention is
    unknown. A price of 0 for each token is unknown where something else than tokens is paid for, and so is one for caches, reasoning or audio.

    Raises:
        DecodeError: *tree* is no cost map.
    """
    if not isinstance(tree, dict) or not any(isinstance(row, dict) and "litellm_provider" in row for row in tree.values()):
        what = "LiteLLM's cost map: no row in it has a litellm_provider"
        raise refusal(what, source)
    gathering = Gathering(places)
    for row in objects_of(gathering, (), ((key, raw) for key, raw in tree.items() if key != "sample_spec")):
        _read_row(gathering, str(row.keys[0]), row)
    return gathering.layer("litellm", wins=wins)


def _read_row(gathering: Gathering, key: str, row: Reader) -> None:
    provider = row.take("litellm_provider", a_text)
    if provider is None:
        alias = row.take("alias_of", a_text)
        gathering.unplaced[key] = f"an alias of {alias}" if alias else "says no litellm_provider"
        return
    provider = _SERVICES.sub(r"\1", provider)
    shaped = _shape(row)
    claims = {name: answer for field, name in _CLAIMS.items() if (answer := row.take(field, a_flag)) is not None}
    row.finish()
    if _OTHER_PRICE.fullmatch(key):
        gathering.unplaced[key] = "a price of one size, region or commitment, not of a model"
    else:
        prefix, _, rest = key.partition("/")
        own = gathering.places.providers(provider)
        named = prefix == provider or (own and own == gathering.places.providers(prefix))
        gathering.add(key, provider, rest if rest and named else key, shaped, claims)


def _shape(row: Reader) -> Json:
    mode = row.take("mode", a_text)
    facts = {
        "type": None if mode in _CHATS else _TYPES.get(mode or "", mode),
        "limit": {"input": row.take("max_input_tokens", tokens), "output": row.take("max_output_tokens", tokens)},
        "modalities": {"input": row.take("supported_modalities", words), "output": row.take("supported_output_modalities", words)},
        **{name: row.take(field, a_flag) for field, name in _FACTS.items()},
        "deprecation_date": row.take("deprecation_date", a_day),
        **_prices(row),
    }
    return said(facts)


def _prices(row: Reader) -> Json:
    tables: dict[str, dict[int, dict[str, Number]]] = defaultdict(lambda: defaultdict(dict))
    for field in row.raw:
        match = _RATE.fullmatch(field)
        rate = row.take(field, per_million) if match else None
        if match and rate is not None:
            name, size, thousands, mode = match.groups()
            tables[mode or ""][int(size or 0) * (1000 if thousands else 1)][_RATES[name]] = rate
    for size, rates in (row.take("tiered_pricing", _ranges) or {}).items():
        usual = tables[""][0]
        caches: dict[str, Number] = {name: rates["input"] for name in ("cache_read", "cache_write") if "input" in rates and name in usual}
        tables[""][size] = {**(caches if size else usual), **rates}
    other_units = any(_costs(row.raw[field]) for field in row.raw.keys() - row.taken if _OTHER_UNIT.fullmatch(field))
    for steps in tables.values():
        for size, rates in steps.items():
            steps[size] = {name: rate for name, rate in believed(rates).items() if rate or not other_units}
    return _cost(tables)


def _cost(tables: dict[str, dict[int, dict[str, Number]]]) -> Json:
    usual = tables.pop("", {})
    base = usual.get(0, {})
    steps = {size: rates for size, rates in usual.items() if size}
    modes = {}
    for mode, table in tables.items():
        inherited = over(base, table.get(0, {}))
        above = {size: {**steps.get(size, {}), **table.get(size, {})} for size in sorted({*steps, *table} - {0})}
        modes[_MODES[mode]] = {"cost": tiered(inherited, above)}
    return {"cost": tiered(base, steps), "experimental": {"modes": modes}}


def _ranges(value: Any) -> dict[int, dict[str, Number]]:
    """Return the rates of each range of input by where it begins; a request is billed by the one it falls into."""
    steps = {}
    for number, entry in enumerate(a_list(value)):
        bounds = entry.get("range") if isinstance(entry, dict) else None
        if not isinstance(bounds, list) or not bounds:
            raise Unreadable((number,), "must be an object with the range of input it is for")
        steps[a_size(bounds[0])] = {name: per_million(entry[field]) for field, name in _RATES.items() if entry.get(field) is not None}
    return steps


def _costs(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and value > 0
