"""Hypothesis strategies of upstream's documents, whole and in parts, in every shape their history has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from hypothesis import strategies as st

from ..records.cost import RATES
from ..records.usage import Usage
from ..records.vocabulary import KnownModality, KnownStatus, KnownType

if TYPE_CHECKING:
    from random import Random

__all__ = ["documents", "json_texts", "json_values", "rows", "usages"]

Json: TypeAlias = dict[str, Any]
Objects: TypeAlias = st.SearchStrategy[Json]

_ODD_NUMBERS = (0.049999999999999996, 1e-7, 5.0, -0.0, 0.1, 1e22, 2.2250738585072014e-308, 1.7976931348623157e308, 10**19 + 1, -1)


def json_values(*, max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Return a strategy of anything JSON can say: odd numbers, any text (lone surrogates too), lists and objects of those.

    Args:
        max_leaves: about how many values that are not containers one value holds at most.
    """
    numbers = (
        st.sampled_from(_ODD_NUMBERS)
        | st.integers(-(10**30), 10**30)
        | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
    )
    leaves = st.none() | st.booleans() | numbers | _texts()
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts(), inner, max_size=4), max_leaves=max_leaves
    )


def rows() -> Objects:
    """Return a strategy of sound model rows of api.json, as written in June 2025, in autumn 2025 and since.

    Every field is optional, words may be unknown, dates impossible, limits 0; fields that no release has a name for stand at the
    top and deeper down.
    """
    return st.one_of(_row(_TODAY), _row(_AUTUMN_2025), _row(_JUNE_2025))


def documents(*, flawed: bool = False) -> Objects:
    """Return a strategy of documents like api.json, with at least one provider, as ``json.loads`` returns them.

    Args:
        flawed: whether to mix in rows, fields and providers of the wrong kind, and ids that cannot be.
    """
    row = st.one_of(rows(), _flawed(rows(), [*_ALWAYS, *_TODAY]), json_values()) if flawed else rows()
    sound = _object({"id": _texts(), "name": _texts(), **_PROVIDER}, models=st.dictionaries(_model_ids(flawed=flawed), row, max_size=4))
    providers = st.dictionaries(_provider_ids(), sound, min_size=1, max_size=3)
    if not flawed:
        return providers
    wrong = st.dictionaries(
        _provider_ids() | st.sampled_from(["", "a/b"]), _flawed(sound, ["id", "name", *_PROVIDER, "models"]) | json_values(), max_size=3
    )
    return st.builds(lambda wrong, sound: {**wrong, **sound}, wrong, providers)


def json_texts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[str]:
    """Return a strategy of JSON texts that mean *values*, in the many spellings JSON allows.

    Keys come in any order, space stands anywhere, text is escaped or not, and one number reads ``0.1``, ``0.10``, ``1.0E-1`` or has more
    digits than a float.
    """
    return st.builds(_write, values, st.randoms(use_true_random=False))


def usages(*, most: int = 10_000_000) -> st.SearchStrategy[Usage]:
    """Return a strategy of consistent usages: every part fits into its whole.

    Args:
        most: the most tokens that any one part, or the rest of a whole, has.
    """
    return st.builds(_usage, *[st.integers(0, most)] * 7)


def _usage(read: int, write: int, heard: int, other_input: int, reasoning: int, spoken: int, other_output: int) -> Usage:
    return Usage(
        input_tokens=read + write + heard + other_input,
        output_tokens=reasoning + spoken + other_output,
        cache_read_tokens=read,
        cache_write_tokens=write,
        reasoning_tokens=reasoning,
        input_audio_tokens=heard,
        output_audio_tokens=spoken,
    )


def _texts() -> st.SearchStrategy[str]:
    """Return any text that JSON can carry: two surrogates that make a character are that character."""
    any_text = st.text(st.characters(), max_size=8)
    return any_text.map(lambda text: text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))


def _words(known: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(get_args(known)) | _texts()


def _provider_ids() -> st.SearchStrategy[str]:
    return st.sampled_from(["openai", "wafer.ai", "zai-coding-plan"]) | _texts().filter(lambda text: text and "/" not in text)


def _model_ids(*, flawed: bool) -> st.SearchStrategy[str]:
    ids = st.sampled_from(["gpt-5.5", "anthropic/claude-opus-4.5", "us.model:0@v1", "~Auto/Router (free)"]) | _texts()
    return ids if flawed else ids.filter(bool)


def _object(fields: dict[str, Any], **required: st.SearchStrategy[Any]) -> Objects:
    """Return objects with any of *fields*, all of *required*, and now and then fields of no known name."""
    unknown = st.dictionaries(_texts().map("x_{}".format), json_values(max_leaves=4), max_size=1)
    return st.builds(lambda unknown, known: {**unknown, **known}, unknown, st.fixed_dictionaries(required, optional=fields))


def _row(fields: dict[str, Any]) -> Objects:
    return _object({**_ALWAYS, **fields})


def _flawed(objects: Objects, fields: list[str]) -> Objects:
    """Return *objects* of which one of *fields* is anything."""
    return st.builds(lambda sound, field, value: {**sound, field: value}, objects, st.sampled_from(fields), json_values())


def _write(value: Any, random: Random) -> str:
    space = random.choice(["", "", " ", "\r\n\t"])
    if isinstance(value, dict):
        members = [f"{_write(key, random)}:{_write(item, random)}" for key, item in value.items()]
        random.shuffle(members)
        return f"{space}{{{','.join(members)}{space}}}"
    if isinstance(value, list):
        return f"{space}[{','.join([_write(item, random) for item in value])}{space}]"
    if isinstance(value, str):
        loud = not value.isascii() and random.random() < 1 / 2 and value == value.encode("utf-8", "ignore").decode()
        return space + json.dumps(value, ensure_ascii=not loud) + space
    return space + (random.choice(_spellings(value)) if isinstance(value, float) else json.dumps(value)) + space


def _spellings(number: float) -> list[str]:
    """Return JSON numbers that all read as *number*."""
    plain = repr(number)
    spellings = [plain, plain.upper(), f"{number:.17e}", f"{number:.25E}"]
    if "e" not in plain:
        spellings.append(f"{plain}0")
        if number.is_integer():
            spellings += [f"{int(number)}E0", f"{int(number)}.0e+00"] if number else []
    return spellings


_RATE = st.integers(0, 1_000) | st.sampled_from([0, 0.049999999999999996, 1.1, 5.0, 1e-7]) | st.floats(0, 1_000, allow_subnormal=False)
_RATES: Json = dict.fromkeys(RATES, _RATE)
_THRESHOLD = st.sampled_from([32_000, 128_001, 200_000, 272_000, 524_288]) | st.integers(1, 10**7)
_TIER = _object(_RATES, tier=_object({"type": st.just("context")}, size=_THRESHOLD))
_OTHER_TIER = _object(_RATES, tier=_object({"size": _THRESHOLD}, type=st.sampled_from(["time", "tpm"])))
_COST = _object({**_RATES, "tiers": st.lists(_TIER | _OTHER_TIER, max_size=3), "context_over_200k": _object(_RATES)})
_WORD_LIST = st.lists(_words(KnownModality), max_size=4)
_TOKENS = st.just(0) | st.sampled_from([128_000, 99_999_999]) | st.integers(1, 10**8)
_DATE = st.sampled_from(["2025", "2025-11", "2025-11-24", "2025-25-11", "2025-02-31", "1970-01-01"]) | _texts()
_OVERRIDE = _object(
    {
        "npm": _texts(),
        "api": _texts(),
        "shape": st.sampled_from(["responses", "completions"]) | _texts(),
        "body": st.dictionaries(_texts(), json_values(max_leaves=3), max_size=2),
        "headers": st.dictionaries(_texts(), _texts(), max_size=2),
    }
)
_REASONING_OPTION = _object(
    {
        "type": st.sampled_from(["effort", "budget_tokens", "toggle"]) | _texts(),
        "values": st.lists(st.none() | st.sampled_from(["minimal", "low", "default"]) | _texts(), max_size=4),
        "min": st.just(-1) | _TOKENS,
        "max": _TOKENS,
    }
)
_PROVIDER = {"env": st.lists(_texts(), max_size=3), "npm": _texts(), "api": _texts(), "doc": _texts()}
_FLAG = st.booleans()
_ALWAYS = {
    "id": _texts(),
    "name": _texts(),
    "attachment": _FLAG,
    "reasoning": _FLAG,
    "temperature": _FLAG,
    "tool_call": _FLAG,
    "cost": _COST,
    "limit": _object({"context": _TOKENS, "input": _TOKENS, "output": _TOKENS}),
    "knowledge": _DATE,
    "release_date": _DATE,
    "last_updated": _DATE,
}
_JUNE_2025 = {"input_modalities": _WORD_LIST, "output_modalities": _WORD_LIST, "open": _FLAG}
_SINCE_JULY_2025 = {"modalities": _object({"input": _WORD_LIST, "output": _WORD_LIST}), "open_weights": _FLAG, "provider": _OVERRIDE}
_AUTUMN_2025 = {
    **_SINCE_JULY_2025,
    "alpha": _FLAG,
    "beta": _FLAG,
    "deprecated": _FLAG,
    "experimental": _FLAG,
    "interleaved": _FLAG | st.fixed_dictionaries({"name": _texts()}),
}
_TODAY = {
    **_SINCE_JULY_2025,
    "canonical_model_id": _texts(),
    "description": _texts(),
    "experimental": _object({"modes": st.dictionaries(_texts(), _object({"cost": _COST, "provider": _OVERRIDE}), max_size=2)}),
    "family": _texts(),
    "interleaved": _FLAG | st.fixed_dictionaries({"field": _texts()}),
    "reasoning_options": st.lists(_REASONING_OPTION, max_size=3),
    "status": _words(KnownStatus),
    "structured_output": _FLAG,
    "type": _words(KnownType),
}
