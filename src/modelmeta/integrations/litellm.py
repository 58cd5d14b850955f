"""The catalog's models and prices in ``litellm.model_cost`` (extra ``litellm``), so that ``litellm.completion_cost`` agrees with ours."""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import pairwise
from math import isclose
from typing import TYPE_CHECKING, Any

import attrs

from ..catalog.modes import modes_of
from ..catalog.naming.litellm import LITELLM_PROVIDERS
from ..catalog.naming.spelling import fold
from ..catalog.price import quote, rate_of
from ..display.sheet import Sheet
from ..display.shown import Shown
from ..errors import MissingExtraError
from ..records.cost import Cost
from ..records.frozen import FrozenDict
from ..records.usage import Usage
from ..registry.dialects import litellm_layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from litellm import Usage as LiteLLMUsage

    from ..catalog.catalog import Catalog
    from ..catalog.reading import Reading
    from ..records.cost import Rates
    from ..records.model import Model

__all__ = ["Registered", "register", "usage_of"]

_FIELDS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "reasoning": "output_cost_per_reasoning_token",
    "input_audio": "input_cost_per_audio_token",
    "output_audio": "output_cost_per_audio_token",
}
_ALWAYS = ("input", "output", "cache_read", "cache_write")
"""What a row always says: for some providers LiteLLM makes up what it does not."""
_COMPONENTS = {field: component for component, field in _FIELDS.items()}
_PRICE = re.compile(rf"({'|'.join(_COMPONENTS)})(?:_above_(\d{{1,9}})(k?)_tokens)?")
_FLAGS = {
    "tool_call": "supports_function_calling",
    "structured_output": "supports_response_schema",
    "reasoning": "supports_reasoning",
    "vision": "supports_vision",
    "pdf_input": "supports_pdf_input",
    "audio_input": "supports_audio_input",
    "video_input": "supports_video_input",
    "audio_output": "supports_audio_output",
}
_MODES = {
    "embedding": "embedding",
    "image": "image_generation",
    "reranking": "rerank",
    "speech": "audio_speech",
    "transcription": "audio_transcription",
    "video": "video_generation",
}
_ASKS_ITSELF = frozenset({"chatgpt", "github_copilot", "huggingface", "lemonade", "ollama", "ollama_chat"})
"""LiteLLM's providers whose models it looks up over the network, or by a login, whatever its table says."""
_SERVICE = re.compile(r"vertex_ai-.*")
_SERVICE_TIERS = ("flex", "priority", "ultrafast")
_CLOSE = 1e-10
_MANY = 8_000_000


@attrs.frozen(kw_only=True)
class Registered(Shown):
    """What became of every model of the catalog. Prints as a table of what LiteLLM cannot do, and shows as one in notebooks and through rich.

    ``names`` are the rows written, by LiteLLM's name, with our reference. ``inexact`` says of some of these what LiteLLM bills otherwise than
    we do, or cannot say; ``left_out`` says of every other model, by our reference, why it has no row.
    """

    names: FrozenDict[str, str]
    inexact: FrozenDict[str, str]
    left_out: FrozenDict[str, str]

    def sheet(self, *, most: int | None = 30) -> Sheet:
        """Return what is inexact and what was left out, the first 30, the first *most* or all; a note counts them."""
        reasons = [*self.inexact.items(), *self.left_out.items()]
        note = f"{len(self.names):,} models registered, {len(self.inexact):,} of them inexact; {len(self.left_out):,} left out"
        return Sheet(header=["model", "reason"], rows=[[name, reason] for name, reason in reasons[:most]], notes=[note])

    def __str__(self) -> str:
        return str(self.sheet(most=None))


def register(reading: Reading, *, prefer: Iterable[str] = ()) -> Registered:
    """Write the models of *reading* and their prices into ``litellm.model_cost``, under LiteLLM's names.

    A row that LiteLLM has keeps what it says besides prices; one that it lacks gets our limits and capabilities too. Every row is then priced by
    LiteLLM itself and compared with our price, so the report knows what it bills otherwise. Call it again after a refresh. It changes LiteLLM
    for the whole process, and imports it, which takes seconds and more than 100 MB unless that is done already; no request is made, as long as
    ``LITELLM_LOCAL_MODEL_COST_MAP=True`` keeps LiteLLM from fetching its own table when it is imported.

    Args:
        reading: a catalog, or a registry.
        prefer: provider ids, best first, for names that LiteLLM has once and we several times (its ``azure_ai`` is our ``azure`` and
            ``azure-cognitive-services``); otherwise the usual one counts.

    Raises:
        MissingExtraError: LiteLLM is not installed.
        ProviderNotFoundError: no provider is called like one of *prefer*.
    """
    try:
        import litellm  # noqa: PLC0415  # takes seconds
    except ModuleNotFoundError as error:
        message = 'LiteLLM is not installed: pip install "modelmeta[litellm]"'
        raise MissingExtraError(message, extra="litellm") from error
    catalog = reading.catalog
    ranks = {catalog.provider(provider_id).id: rank for rank, provider_id in enumerate(prefer)}
    names, left_out = _names(catalog, litellm, ranks)
    rows = {name: _row(model, litellm.model_cost.get(name), name) for name, model in names.items()}
    for name in rows.keys() - litellm.model_cost.keys():
        litellm.model_cost[name] = rows[name]  # else a dated name is registered as the undated one that is there
    with _silence(litellm):
        litellm.register_model(rows)
        inexact = {name: reason for name, model in names.items() if (reason := "; ".join(_doubts(litellm, name, model)))}
    return Registered(
        names=FrozenDict({name: str(model.ref) for name, model in names.items()}),
        inexact=FrozenDict(inexact),
        left_out=FrozenDict(left_out),
    )


@contextmanager
def _silence(litellm: Any) -> Iterator[None]:
    """Keep LiteLLM from printing its list of providers for each name that it cannot place."""
    before, litellm.suppress_debug_info = litellm.suppress_debug_info, True
    try:
        yield
    finally:
        litellm.suppress_debug_info = before


def _names(catalog: Catalog, litellm: Any, ranks: Mapping[str, int]) -> tuple[dict[str, Model], dict[str, str]]:
    """Return whose price each of LiteLLM's names gets, and why any other model has no name."""
    known = litellm_layer(litellm.model_cost, catalog=catalog).matched
    prefixes = _prefixes(catalog, litellm)
    names: dict[str, Model] = {}
    left_out = {}
    for model in sorted(catalog.models(), key=lambda model: _order(model, ranks)):
        ref = str(model.ref)
        spellings = _spellings(model, known.get(ref), prefixes.get(model.provider_id), litellm.model_cost)
        free = [name for name in spellings if name not in names]
        if reason := _unfit(model, spellings):
            left_out[ref] = reason
        elif not free:
            left_out[ref] = f"LiteLLM's {spellings[0]} is {names[spellings[0]].ref}"
        else:
            names |= dict.fromkeys(free, model)
    return names, left_out


def _spellings(model: Model, known: str | None, prefix: str | None, theirs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return LiteLLM's names of *model*: those of its rows, or the one it would have."""
    full = f"{prefix}/{model.id}"
    bare = [model.id] if prefix and theirs.get(model.id, {}).get("litellm_provider") == prefix else []
    return [*dict.fromkeys([known, *bare, *([full] if full in theirs else [])] if known else [full] if prefix else [])]


def _order(model: Model, ranks: Mapping[str, int]) -> tuple[int, int, str]:
    """Return what sorts the preferred providers first, then those that LiteLLM's names usually mean."""
    usual = min((ids.index(model.provider_id) for ids in LITELLM_PROVIDERS.values() if model.provider_id in ids), default=0)
    return ranks.get(model.provider_id, len(ranks)), usual, str(model.ref)


def _prefixes(catalog: Catalog, litellm: Any) -> dict[str, str]:
    """Return what LiteLLM calls each of our providers."""
    names = {fold(provider.value): provider.value for provider in litellm.LlmProviders}
    others = {
        own: name for name, ids in reversed(LITELLM_PROVIDERS.items()) if fold(name) in names for own in ids if not own.endswith("-cn")
    }
    return {**others, **{own: names[fold(own)] for own in catalog.sellers if fold(own) in names}}


def _unfit(model: Model, names: Sequence[str]) -> str | None:
    """Return why *model* cannot be a row of LiteLLM's at all."""
    cost = model.cost
    if cost is None or model.price_state == "unpriced":
        return "no published price"
    if model.price_state == "plan":
        return "sold as a subscription plan: LiteLLM would call it free"
    if missing := [name for name in ("input", "output") if getattr(cost, name) is None]:
        return f"no published rate for {missing[0]}: LiteLLM would call it free"
    if not names:
        return "LiteLLM has no provider of that name"
    provider = names[0].partition("/")[0]
    return f"LiteLLM asks {provider} itself, whatever is registered" if provider in _ASKS_ITSELF else None


def _row(model: Model, theirs: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """Return what to register: prices, and all else for a row that LiteLLM lacks.

    Registering adds to a row and cannot take away: each price that is there already, and that we do not have, is written over with what we bill
    instead.
    """
    cost = model.cost or Cost()
    fields = _fields(cost)
    for mode, own in _modes(model).items():
        fields |= {f"{field}_{mode}": rate for field, rate in _fields(own).items() if mode in _SERVICE_TIERS}
    for field in [field for field, value in (theirs or {}).items() if value is not None]:
        if match := _PRICE.fullmatch(field):
            component, size, thousands = match.groups()
            fields[field] = rate_of(_above(cost, int(size or 0) * (1000 if thousands else 1)), _COMPONENTS[component])
    row: dict[str, Any] = {field: float(rate / 1_000_000) for field, rate in fields.items() if rate is not None}
    if theirs is None:
        return row | _facts(model, name)
    if theirs.get("tiered_pricing"):
        row["tiered_pricing"] = []
    if off_peak := theirs.get("off_peak_pricing"):
        row["off_peak_pricing"] = {field: row[field] for field in off_peak if field in row}
    return row


def _fields(cost: Cost) -> dict[str, Decimal | None]:
    """Return the rates of *cost* and its tiers under LiteLLM's names, in USD per million tokens."""
    fields = {_FIELDS[component]: rate_of(cost, component) for component in (*_ALWAYS, *_own(cost))}
    for tier in cost.tiers:
        size = str(tier.size) if tier.size % 1000 else f"{tier.size // 1000}k"
        fields |= {f"{_FIELDS[component]}_above_{size}_tokens": rate_of(tier, component) for component in (*_ALWAYS, *_own(tier))}
    return fields


def _own(rates: Rates) -> list[str]:
    return [component for component in _FIELDS if getattr(rates, component) is not None]


def _above(cost: Cost, size: int) -> Rates:
    """Return the rates just above *size* tokens of input."""
    return next((tier for tier in reversed(cost.tiers) if size >= tier.size), cost)


def _modes(model: Model) -> dict[str, Cost]:
    return {name: mode.cost for name, mode in modes_of(model).items() if mode.cost is not None}


def _facts(model: Model, name: str) -> dict[str, Any]:
    limits = {"max_input_tokens": model.limit.input or model.limit.context, "max_output_tokens": model.limit.output}
    flags = {field: model.supports(capability) for capability, field in _FLAGS.items()}
    known = {field: value for field, value in {**limits, **flags}.items() if value is not None}
    return {"litellm_provider": name.partition("/")[0], "mode": _MODES.get(model.type or "", "chat"), **known}


def _doubts(litellm: Any, name: str, model: Model) -> Iterator[str]:
    """Yield what LiteLLM bills otherwise than we do at *model*, by asking it."""
    if _billed(litellm, name, Usage(1, 1)) is None:
        yield "LiteLLM finds no price under this name"
        return
    tables: list[tuple[str | None, Cost]] = [(None, model.cost or Cost()), *_modes(model).items()]
    for mode, cost in tables:
        of_mode = f" in mode {mode}" if mode else ""
        if mode and mode not in _SERVICE_TIERS:
            yield f"LiteLLM has no place for the prices of mode {mode}"
            continue
        edges = [0, *(tier.size for tier in cost.tiers)]
        for start, end in pairwise([*edges, edges[-1] + _MANY]):
            some = (end - start) // 8
            if any(_differs(litellm, name, model, usage, mode) for usage in (_everything(start + 4, 1), _everything(end, some))):
                parts = [part for part, usage in _single(start, some) if _differs(litellm, name, model, usage, mode)]
                above = f" above {start:,} tokens of input" if start else ""
                what = (
                    f"{', '.join(parts)} at another rate{of_mode}{above}"
                    if parts
                    else f"exactly {end:,} tokens of input by the next tier{of_mode}"
                )
                yield f"LiteLLM bills {what}"


def _everything(whole: int, some: int) -> Usage:
    return Usage(whole, 3 * some, some, some, some, some, some)


def _single(start: int, some: int) -> Iterator[tuple[str, Usage]]:
    """Yield usages of one kind of token each, beside the input that reaches the tier."""
    whole = start + some
    yield "input", Usage(whole)
    yield "cache_read", Usage(whole, cache_read_tokens=whole)
    yield "cache_write", Usage(whole, cache_write_tokens=whole)
    yield "input_audio", Usage(whole, input_audio_tokens=whole)
    reached = whole if start else 0
    yield "output", Usage(reached, some)
    yield "reasoning", Usage(reached, some, reasoning_tokens=some)
    yield "output_audio", Usage(reached, some, output_audio_tokens=some)


def _differs(litellm: Any, name: str, model: Model, usage: Usage, mode: str | None) -> bool:
    ours, theirs = quote(model, usage, mode=mode).total, _billed(litellm, name, usage, mode)
    return ours is None or theirs is None or not isclose(ours, theirs, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _billed(litellm: Any, name: str, usage: Usage, mode: str | None = None) -> float | None:
    """Return what LiteLLM bills in USD, None where it finds no price."""
    provider = _SERVICE.sub("vertex_ai", litellm.model_cost[name]["litellm_provider"])
    response = litellm.ModelResponse(model=name, usage=usage_of(usage))
    try:
        return float(litellm.completion_cost(response, model=name, custom_llm_provider=provider, service_tier=mode))
    except Exception:  # noqa: BLE001  # LiteLLM raises a bare one
        return None


def usage_of(usage: Usage) -> LiteLLMUsage:
    """Return *usage* as LiteLLM's ``Usage``; the way back is ``Usage.from_openai``."""
    from litellm import Usage as LiteLLMUsage  # noqa: PLC0415  # takes seconds

    into = {
        "cached_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "audio_tokens": usage.input_audio_tokens,
    }
    out = {"reasoning_tokens": usage.reasoning_tokens, "audio_tokens": usage.output_audio_tokens}
    return LiteLLMUsage(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        prompt_tokens_details=into,
        completion_tokens_details=out,
    )
