"""Questions to ask of a catalog, and a slow way to answer them that shares nothing with the fast one."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st

from ..records.dates import PartialDate
from ..records.usage import Usage
from ..records.vocabulary import Capability, KnownModality, KnownStatus, KnownType, PriceState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..catalog.catalog import Catalog
    from ..catalog.query import Criteria
    from ..records.cost import Rates
    from ..records.lab import LabModel
    from ..records.model import Model

__all__ = ["capabilities", "criteria", "matches", "usages"]

_ALIASES = {
    "function_calling": ("tool_call",),
    "tool_use": ("tool_call",),
    "json_mode": ("structured_output",),
    "image_generation": ("image_output",),
    "vision": ("image_input",),
    "audio": ("audio_input", "audio_output"),
}


def capabilities() -> st.SearchStrategy[tuple[str, ...]]:
    """Return a strategy of up to two capability names, aliases among them."""
    return st.lists(st.sampled_from([*get_args(Capability), *_ALIASES]), max_size=2, unique=True).map(tuple)


def usages(*inputs: int) -> st.SearchStrategy[Usage]:
    """Return a strategy of usages whose parts fit into their wholes.

    Args:
        *inputs: sizes of input to try besides any other, such as those at which a price changes.
    """
    counts, shares = st.integers(0, 2_000_000), st.integers(0, 3)
    sizes = st.sampled_from(inputs) | counts if inputs else counts
    return st.builds(_usage, sizes, counts, st.tuples(shares, shares, shares, shares), st.tuples(shares, shares, shares))


def _usage(into: int, out: int, input_shares: tuple[int, ...], output_shares: tuple[int, ...]) -> Usage:
    """Return a usage of *into* and *out* tokens in which the parts have these shares, the last being that of no part."""
    read, write, audio, _ = (into * share // (sum(input_shares) or 1) for share in input_shares)
    reasoning, spoken, _ = (out * share // (sum(output_shares) or 1) for share in output_shares)
    return Usage(
        input_tokens=into,
        output_tokens=out,
        cache_read_tokens=read,
        cache_write_tokens=write,
        input_audio_tokens=audio,
        reasoning_tokens=reasoning,
        output_audio_tokens=spoken,
    )


def criteria(catalog: Catalog) -> st.SearchStrategy[Criteria]:
    """Return a strategy of valid keyword criteria for ``catalog.filter``, up to four at a time, drawn from the catalog's own values.

    Every criterion that asks something of a model is among them but ``where`` and ``min_benchmark``; ``unknown``, ``sort``, ``limit`` and
    ``offset``, which ask nothing, are not.

    >>> from hypothesis import given
    >>> from modelmeta import bundled_catalog
    >>> catalog = bundled_catalog()
    >>> @given(criteria(catalog))
    ... def test_what_is_selected_meets_all_criteria(asked):
    ...     assert all(matches(model, asked) for model in catalog.filter(**asked))
    """
    models = tuple(catalog)
    contexts, inputs, outputs = ({getattr(model.limit, name) for model in models} for name in ("context", "input", "output"))
    asks: dict[str, st.SearchStrategy[Any]] = {
        "without": _words([], *get_args(Capability), *_ALIASES),
        "provider": _words(model.provider_id for model in models),
        "family": _words(model.family for model in models),
        "type": _words((model.type for model in models), *get_args(KnownType)),
        "input": _words((word for model in models for word in model.modalities.input), *get_args(KnownModality)),
        "output": _words((word for model in models for word in model.modalities.output), *get_args(KnownModality)),
        "min_context": _bounds(contexts),
        "min_input": _bounds(inputs),
        "min_output": _bounds(outputs),
        "max_input_cost": _prices(model.cost.input for model in models if model.cost),
        "max_output_cost": _prices(model.cost.output for model in models if model.cost),
        "max_cost": st.decimals(0, 20, places=4),
        "price_state": _words([], *get_args(PriceState)),
        "open_weights": st.booleans(),
        "status": _words((model.status for model in models), "available", *get_args(KnownStatus)),
        "exclude_deprecated": st.booleans(),
        "released_after": _days(model.release_date for model in models),
        "released_before": _days(model.release_date for model in models),
        "knowledge_after": _days(model.knowledge for model in models),
        "canonical": _words(model.canonical_model_id for model in models),
    }

    def together(chosen: list[str]) -> st.SearchStrategy[Any]:
        drawn = {name: asks[name] for name in chosen}
        return st.fixed_dictionaries({**drawn, "usage": usages(0, 200_000, 200_001)} if "max_cost" in chosen else drawn)

    return st.lists(st.sampled_from(sorted(asks)), max_size=4, unique=True).flatmap(together)


def _present(values: Iterable[Any], *more: Any) -> list[Any]:
    return sorted({*values, *more} - {None})


def _words(values: Iterable[str | None], *known: str) -> st.SearchStrategy[str | set[str]]:
    words = st.sampled_from(_present(values, *known) or ["nobody"])
    return words | st.sets(words, min_size=1, max_size=3)


def _bounds(values: Iterable[int | None]) -> st.SearchStrategy[int]:
    return st.builds(int.__add__, st.sampled_from(_present(values, 1)), st.integers(-1, 1))


def _prices(values: Iterable[Decimal | None]) -> st.SearchStrategy[Decimal | str | float]:
    prices = st.sampled_from(_present(values, Decimal(0)))
    return prices | prices.map(str) | st.integers(0, 400).map(lambda count: count / 8)


def _days(values: Iterable[PartialDate | None]) -> st.SearchStrategy[str | date | PartialDate]:
    days = st.sampled_from([day for day in _present(values, PartialDate("2025")) if _span(day)])
    return days | days.map(str) | days.map(lambda day: day.text[:7]) | st.dates(date(2023, 1, 1), date(2026, 12, 31))


def matches(model: Model, criteria: Criteria, *, capabilities: Iterable[str] = (), lab_models: Iterable[LabModel] = ()) -> bool | None:
    """Return whether *model* has all *capabilities* and meets all *criteria*: True, False, or None where that depends on something unknown.

    What ``filter`` answers, written a second time from its documentation: one model, one question after the other, no index. ``unknown``,
    ``sort``, ``limit`` and ``offset`` ask nothing of a model and are passed over.

    Args:
        model: the model asked about.
        criteria: keyword criteria that ``filter`` accepts.
        capabilities: capability names that ``filter`` accepts.
        lab_models: where ``min_benchmark`` looks for results, as in ``catalog.lab_models``.
    """
    asked: dict[str, Any] = {**criteria}
    answers = [_has(model, name) for name in capabilities]
    answers += [_reaches(model, lab_models, name, least) for name, least in asked.get("min_benchmark", {}).items()]
    if "max_cost" in asked:
        answers.append(_costs_at_most(model, asked["usage"], _fraction(asked["max_cost"])))
    answers += [_ASK[name](model, value) for name, value in asked.items() if name in _ASK]
    return _all(answers)


def _all(answers: Iterable[bool | None]) -> bool | None:
    given = {None if answer is None else bool(answer) for answer in answers}
    return False if False in given else None if None in given else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    return _not(_all(_not(answer) for answer in answers))


def _not(answer: bool | None) -> bool | None:  # noqa: FBT001  # it is the value asked about, not a switch
    return None if answer is None else not answer


def _set(value: Any) -> set[Any]:
    return {value} if isinstance(value, str) else set(value)


def _has(model: Model, capability: str) -> bool | None:
    return _any(_has_one(model, name) for name in _ALIASES.get(capability, (capability,)))


def _has_one(model: Model, capability: str) -> bool | None:
    word, _, side = capability.rpartition("_")
    if side in {"input", "output"} and capability != "structured_output":
        return _gives(getattr(model.modalities, side), word)
    if capability in {"streaming", "code_generation"}:
        said = model.extra.get(capability)
        return said if isinstance(said, bool) else None
    said = getattr(model, capability)
    return None if said is None else bool(said)


def _gives(words: tuple[str, ...], word: str) -> bool | None:
    return word in words if words else None


def _among(value: str | None, words: Any) -> bool | None:
    return None if value is None else value in _set(words)


def _at_least(value: int | None, bound: float) -> bool | None:
    return None if value is None else value >= bound


def _at_most(value: Decimal | None, bound: Any) -> bool | None:
    return None if value is None else Fraction(value) <= _fraction(bound)


def _fraction(number: Any) -> Fraction:
    return Fraction(str(number))


def _rate(model: Model, name: str) -> Decimal | None:
    rate: Decimal | None = None if model.cost is None else getattr(model.cost, name)
    return rate


def _costs_at_most(model: Model, usage: Usage, most: Fraction) -> bool | None:
    cost = model.cost
    if cost is None or (cost.input is None and cost.output is None):
        return None
    rates: Rates = cost
    for tier in sorted(cost.tiers, key=lambda tier: tier.size):
        if usage.input_tokens > tier.size:
            rates = tier
    bill = [
        (usage.cache_read_tokens, rates.cache_read, rates.input),
        (usage.cache_write_tokens, rates.cache_write, rates.input),
        (usage.input_audio_tokens, rates.input_audio, rates.input),
        (usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens - usage.input_audio_tokens, rates.input, None),
        (usage.reasoning_tokens, rates.reasoning, rates.output),
        (usage.output_audio_tokens, rates.output_audio, rates.output),
        (usage.output_tokens - usage.reasoning_tokens - usage.output_audio_tokens, rates.output, None),
    ]
    total = Fraction(0)
    for tokens, own, whole in bill:
        rate = whole if own is None else own
        if tokens and rate is None:
            return None
        total += tokens * Fraction(rate or 0)
    return total <= most * 1_000_000


def _reaches(model: Model, lab_models: Iterable[LabModel], benchmark: str, least: Any) -> bool | None:
    labs = {lab.id: lab for lab in lab_models}
    lab = labs.get(model.canonical_model_id or str(model.ref), labs.get(str(model.ref)))
    scores = [result.score for result in lab.benchmarks if result.name == benchmark] if lab else []
    numbers = [Fraction(score) for score in scores if isinstance(score, Decimal)]
    return any(number >= _fraction(least) for number in numbers) if numbers else None


def _span(day: Any) -> tuple[date, date] | None:
    """Return the first and the last day that *day* may mean, None when there is none such."""
    text = str(day.date() if isinstance(day, datetime) else day)
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        return None
    year, *rest = map(int, text.split("-"))
    try:
        first, last = date(year, rest[0] if rest else 1, 1), date(year, rest[0] if rest else 12, 1)
        days = rest[1:] or [1, calendar.monthrange(year, last.month)[1]]
        return first.replace(day=days[0]), last.replace(day=days[-1])
    except ValueError:
        return None


def _later(known: PartialDate | None, than: Any) -> bool | None:
    """Return whether *known* is after the last day of *than*, None when a part of what it may mean is and another is not."""
    span, bound = _span(known), _span(than)
    if not span or not bound:
        return None
    return True if min(span) > max(bound) else None if max(span) > max(bound) else False


def _earlier(known: PartialDate | None, than: Any) -> bool | None:
    """Return whether *known* is before the first day of *than*, None when a part of what it may mean is and another is not."""
    span, bound = _span(known), _span(than)
    if not span or not bound:
        return None
    return True if max(span) < min(bound) else None if min(span) < min(bound) else False


_ASK: dict[str, Callable[[Model, Any], bool | None]] = {
    "without": lambda model, names: _all(_not(_has(model, name)) for name in _set(names)),
    "provider": lambda model, ids: _among(model.provider_id, ids),
    "family": lambda model, words: _among(model.family, words),
    "type": lambda model, words: _among(model.type or "chat", words),
    "input": lambda model, words: _all(_gives(model.modalities.input, word) for word in _set(words)),
    "output": lambda model, words: _all(_gives(model.modalities.output, word) for word in _set(words)),
    "min_context": lambda model, bound: _at_least(model.limit.context, bound),
    "min_input": lambda model, bound: _at_least(model.limit.input, bound),
    "min_output": lambda model, bound: _at_least(model.limit.output, bound),
    "max_input_cost": lambda model, bound: _at_most(_rate(model, "input"), bound),
    "max_output_cost": lambda model, bound: _at_most(_rate(model, "output"), bound),
    "price_state": lambda model, words: model.price_state in _set(words),
    "open_weights": lambda model, wanted: None if model.open_weights is None else model.open_weights is wanted,
    "status": lambda model, words: _among(model.status or "available", words),
    "exclude_deprecated": lambda model, wanted: not wanted or model.status != "deprecated",
    "released_after": lambda model, day: _later(model.release_date, day),
    "released_before": lambda model, day: _earlier(model.release_date, day),
    "knowledge_after": lambda model, day: _later(model.knowledge, day),
    "canonical": lambda model, words: _among(model.canonical_model_id, words),
    "where": lambda model, question: question(model),
}
