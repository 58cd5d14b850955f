"""genai-prices' data: the list of providers its package holds, and its repository publishes as ``prices/data.json``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ..structure import Unreadable, show
from .dialect import Claim, ForeignLayer, Gathering, Places, Reader, objects_of, refusal, said
from .values import Number, a_flag, a_list, a_rate, a_size, a_text, an_object, tiered, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..shape import Json

__all__ = ["plain", "read_genai_prices"]

_Fits: TypeAlias = Callable[[str], bool]
_Table: TypeAlias = dict[str, dict[int, Number]]
"""For each of our rates what it is above so many tokens of input."""

_PROVIDERS = {
    "aws": ("amazon-bedrock",),
    "azure": ("azure", "azure-cognitive-services"),
    "cloudflare": ("cloudflare-workers-ai",),
    "fireworks": ("fireworks-ai",),
    "google": ("google", "google-vertex", "google-vertex-anthropic"),
    "novita": ("novita-ai",),
    "together": ("togetherai",),
    "x-ai": ("xai",),
}
_RATES = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "output_reasoning_mtok": "reasoning",
    "input_audio_mtok": "input_audio",
    "output_audio_mtok": "output_audio",
}
_MODES = {
    str(when): mode
    for mode, when in (
        ("batch", {"processing": "batch"}),
        ("flex", {"service_tier": "flex"}),
        ("priority", {"service_tier": "priority"}),
        ("fast", {"service_tier": "fast"}),
        ("fast", {"speed": "fast"}),
    )
}
_DAY = 24 * 60 * 60
_ALL_DAY = [(0, _DAY)]
_LONGEST_PATTERN = 200
_MOST_REPEATS = 3
_REPEATS = re.compile(r"[*+]|\{\d*,\d*\}")
_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{)")


def read_genai_prices(tree: Any, places: Places, *, day: date, wins: bool = False, source: str | None = None) -> ForeignLayer:
    """Return what genai-prices says, at the prices in force on *day*.

    A row speaks of every model of the provider that its ``match`` clause is the first to fit; where a provider falls back on others, their
    rows do, without their modes. Of prices that change with the hour the one that holds for most of the day counts; the others are set aside,
    and so is a pattern that could take long to match.

    Raises:
        DecodeError: *tree* is no such data.
    """
    if not isinstance(tree, list) or not any(isinstance(provider, dict) and "models" in provider for provider in tree):
        what = "genai-prices' data: no provider with models is in it"
        raise refusal(what, source)
    gathering = Gathering(places)
    read = {}
    for provider in objects_of(gathering, (), enumerate(tree)):
        provider_id = provider.take("id", a_text)
        if provider_id:
            models = objects_of(gathering, (*provider.keys, "models"), enumerate(provider.take("models", a_list) or []))
            read[provider_id] = ([*_rows(models, provider_id, day)], provider.take("fallback_model_providers", a_list) or [])
            provider.finish("provider.")
        else:
            gathering.set_aside(provider.keys, provider.raw.get("name"), "says no id")
    for provider_id, (rows, fallbacks) in read.items():
        _place(gathering, provider_id, rows, [row for other in fallbacks for row in read.get(str(other), ([], []))[0]])
    return gathering.layer("genai-prices", wins=wins, day=day)


class _Row(NamedTuple):
    key: str
    id: str
    fits: _Fits
    facts: Json


def _rows(models: Iterable[Reader], provider_id: str, day: date) -> Iterator[_Row]:
    for model in models:
        model_id = model.take("id", a_text)
        if not model_id:
            model.gathering.set_aside(model.keys, model.raw.get("name"), "says no id")
            continue
        fits = model.take("match", _clause) or partial(_TESTS["equals"], model_id.lower())
        facts = {
            "name": model.take("name", a_text),
            "description": model.take("description", a_text),
            "limit": {"context": model.take("context_window", tokens)},
            "status": "deprecated" if model.take("deprecated", a_flag) else None,
            **_costs(model, day),
        }
        model.finish()
        yield _Row(f"{provider_id}/{model_id}", model_id, fits, said(facts))


def _place(gathering: Gathering, provider_id: str, own: list[_Row], borrowed: list[_Row]) -> None:
    """Let each of our models be spoken of by the first row that fits; rows that fit none are of models we do not know."""
    ours = [*dict.fromkeys(known for name in _PROVIDERS.get(provider_id, (provider_id,)) for known in gathering.places.providers(name))]
    spoken = set()
    for ref_provider in ours:
        for model_id in gathering.places.ids(ref_provider):
            row = next((row for row in (*own, *borrowed) if row.fits(model_id.lower())), None)
            if row:
                spoken.add(row.key)
                facts = row.facts if row in own else {name: fact for name, fact in row.facts.items() if name != "experimental"}
                gathering.claim(f"{ref_provider}/{model_id}", Claim(0, row.key, facts, {}))
    for row in own:
        if row.key not in spoken:
            gathering.add_new((*ours, provider_id)[0], row.id, row.key, row.facts)


def _costs(model: Reader, day: date) -> Json:
    prices = _in_force(model, day)
    if prices is None:
        return {}
    standard = _table(prices)
    modes: dict[str, _Table] = {}
    for variant in objects_of(model.gathering, (*model.keys, "price_variants"), enumerate(model.take("price_variants", a_list) or [])):
        when = variant.take("when", an_object) or {}
        mode = _MODES.get(str(when))
        if mode is None:
            variant.gathering.ignored.update([f"price_variants when {show(when)}"])
        elif _hours(variant, day) == _ALL_DAY:
            modes[mode] = {**_table(variant.inner("prices")), **modes.get(mode, {})}
    tables = {mode: {"cost": _cost({**standard, **table})} for mode, table in modes.items()}
    return {"cost": _cost(standard), "experimental": {"modes": tables}}


def _in_force(model: Reader, day: date) -> Reader | None:
    """Return the prices that are in force on *day*, for the longest time where they change with the hour; the first where none is."""
    if isinstance(model.raw.get("prices"), dict):
        return model.inner("prices")
    entries = objects_of(model.gathering, (*model.keys, "prices"), enumerate(model.take("prices", a_list) or []))
    known = [(entry, hours) for entry in entries if (hours := _hours(entry, day)) is not None]
    edges = sorted({0, _DAY, *(edge for _, hours in known for span in hours for edge in span)})
    lasting = [0] * len(known)
    for start, end in pairwise(edges):
        for place, (_, hours) in reversed([*enumerate(known)]):
            if any(first <= start < last for first, last in hours):
                lasting[place] += end - start
                break
    longest = max(range(len(known)), key=lasting.__getitem__, default=None)
    for place, (entry, _) in enumerate(known):
        if place != longest and lasting[place]:
            entry.gathering.set_aside(entry.keys, entry.raw, "a price at certain hours of the day only, not for most of it")
    return None if longest is None else known[longest][0].inner("prices")


def _hours(entry: Reader, day: date) -> list[tuple[int, int]] | None:
    """Return when on *day* the entry holds, in seconds from midnight UTC; None where that cannot be told, and it is set aside."""
    if entry.raw.get("constraint") in (None, {}):
        return _ALL_DAY
    constraint = entry.inner("constraint")
    known = {name: constraint.take(name, read) for name, read in _CONDITIONS.items()}
    match {name: known.get(name) for name, value in constraint.raw.items() if value is not None}:
        case {"start_time": int(first), "end_time": int(last), **rest} if not rest:
            return [(first, last)] if first <= last else [(0, last), (first, _DAY)]
        case {"start_date": date() as start, **rest} if not rest:
            return _ALL_DAY if start <= day else []
        case _:
            entry.gathering.set_aside(
                entry.keys, entry.raw, f"a price under a condition that cannot be told: {show(entry.raw['constraint'])}"
            )
            return None


def _seconds(value: Any) -> int:
    try:
        moment = datetime.combine(date(2000, 1, 2), time.fromisoformat(value))
    except (TypeError, ValueError):
        message = f"must be a time of day, not {show(value)}"
        raise Unreadable((), message) from None
    return int((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime(2000, 1, 2, tzinfo=UTC)).total_seconds()) % _DAY


def _a_full_day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        message = f"must be a date, not {show(value)}"
        raise Unreadable((), message) from None


_CONDITIONS: dict[str, Callable[[Any], date | int]] = {"start_date": _a_full_day, "start_time": _seconds, "end_time": _seconds}


def _table(prices: Reader) -> _Table:
    table = {name: steps for field, name in _RATES.items() if (steps := prices.take(field, _steps)) is not None}
    prices.finish("prices.")
    return table


def _steps(value: Any) -> dict[int, Number]:
    """Return a rate, and what it is above so many tokens of input; the usual one is above 0."""
    if not isinstance(value, dict):
        return {0: a_rate(value)}
    tiers = a_list(value.get("tiers", []))
    if not all(isinstance(tier, dict) for tier in tiers):
        raise Unreadable(("tiers",), "must be objects")
    return {0: a_rate(value.get("base")), **{a_size(tier.get("start")): a_rate(tier.get("price")) for tier in tiers}}


def _cost(table: _Table) -> Json:
    sizes = sorted({size for steps in table.values() for size in steps} - {0})
    above = {size: {name: steps[max(start for start in steps if start <= size)] for name, steps in table.items()} for size in sizes}
    return tiered({name: steps[0] for name, steps in table.items()}, above)


def _clause(value: Any) -> _Fits:
    """Return what tells whether a model's id, in lower case, fits a clause."""
    match [*an_object(value).items()]:
        case [("starts_with" | "ends_with" | "contains" | "equals" as how, str(text))]:
            return partial(_TESTS[how], text.lower())
        case [("regex", str(text))]:
            return _pattern(text)
        case [("or" | "and" as how, list(clauses))]:
            inner, combine = [_clause(clause) for clause in clauses], any if how == "or" else all
            return lambda model_id: combine(fits(model_id) for fits in inner)
        case _:
            message = f"must be a clause that matches ids, not {show(value)}"
            raise Unreadable((), message)


_TESTS: dict[str, Callable[[str, str], bool]] = {
    "starts_with": lambda text, model_id: model_id.startswith(text),
    "ends_with": lambda text, model_id: model_id.endswith(text),
    "contains": lambda text, model_id: text in model_id,
    "equals": lambda text, model_id: text == model_id,
}


def _pattern(text: str) -> _Fits:
    if len(text) > _LONGEST_PATTERN or len(_REPEATS.findall(text)) > _MOST_REPEATS or _REPEATED_GROUP.search(text):
        message = f"is a pattern that could take long to match: {show(text)}"
        raise Unreadable((), message)
    try:
        pattern = re.compile(text)
    except re.error as error:
        message = f"is no pattern: {error}"
        raise Unreadable((), message) from None
    return lambda model_id: pattern.search(model_id) is not None


def plain(value: Any) -> Any:
    """Return the objects of the genai_prices package as the JSON they are read from."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) or type(value).__name__ == "ModelPrice":
        return {name.rstrip("_"): plain(item) for name, item in vars(value).items() if item is not None and name != "extractors"}
    return value.isoformat() if isinstance(value, (date, time)) else value
