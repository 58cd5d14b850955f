"""One rule of a policy: which models it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import attrs

from ...display.text import as_text
from ...errors import PolicyError, QueryError
from ...records.capabilities import ALIASES, CAPABILITIES
from ...records.problem import Mistakes
from ...records.usage import Usage
from ...records.vocabulary import KnownModality, KnownStatus, KnownType
from ..nearest import meant
from ..query import Query, Requirements

if TYPE_CHECKING:
    from typing import Unpack

    from ...records.vocabulary import Capability

__all__ = ["AnyRule", "Rule", "read_rule"]


@attrs.frozen(init=False, repr=False)
class Rule:
    """Which models a rule is about: those that everything it says is true of.

    *models* are patterns, of which any one must fit: names with the wildcards ``*``, ``?`` and ``[…]``, compared with a model's reference, its id
    and its canonical id, these two also without the prefixes before the last ``/``, all also without a date at their end, and with its aliases,
    whatever the capitals and separators. A name without wildcards that fits none of those is taken as ``resolve`` takes it, and means all that it
    can mean. So a pattern sees every offer of a model, whoever sells it; ``provider`` says which seller is meant.

    >>> Rule("anthropic/*", provider="openrouter", max_output_cost=20)
    Rule('anthropic/*', provider={'openrouter'}, max_output_cost=Decimal('20'))

    Args:
        models: patterns.
        license: the licence that the lab names (``LabModel.license``), any of them; patterns, whatever the capitals.
        capability: capabilities the model has, all of them.
        criteria: those of ``filter``, but for ``available`` and ``where``, whose answers may change while the catalog does not. ``unknown`` says
            what becomes of a model of which something asked is unknown: it is not what the rule is about, unless it is ``"include"``.

    Raises:
        PolicyError: something in it cannot be; ``.problems`` lists everything.
    """

    models: tuple[str, ...]
    license: frozenset[str] | None
    query: Query

    def __init__(
        self,
        *models: str,
        license: str | Collection[str] | None = None,
        capability: Capability | str | Collection[Capability | str] = (),
        **criteria: Unpack[Requirements],
    ) -> None:
        asked: dict[str, Any] = dict(criteria)
        if models:
            asked["model"] = models
        if license is not None:
            asked["license"] = license
        if capability != ():
            asked["capability"] = capability
        mistakes = Mistakes("the rule", PolicyError)
        read = _read(asked, (), mistakes)
        mistakes.tell()
        self.__attrs_init__(*read)  # pyright: ignore[reportAttributeAccessIssue]  # attrs makes it

    def asked(self) -> dict[str, Any]:
        """Return what the rule says, by name, as it is written in a policy."""
        own = {"model": self.models, "license": self.license, "capability": self.query.capabilities}
        return {**{name: value for name, value in own.items() if value}, **self.query.given()}

    def __repr__(self) -> str:
        asked = {name: value for name, value in self.asked().items() if name != "model"}
        words = (
            f"{name}={{{', '.join(map(repr, sorted(value)))}}}" if isinstance(value, frozenset) else f"{name}={value!r}"
            for name, value in asked.items()
        )
        return f"Rule({', '.join([*map(repr, self.models), *words])})"

    def __str__(self) -> str:
        return ", ".join(
            f"{name} {as_text(tuple(sorted(value))) if isinstance(value, frozenset) else as_text(value)}"
            for name, value in self.asked().items()
        )


AnyRule: TypeAlias = "Rule | Query | str | Mapping[str, Any]"
"""A rule, a query, one pattern, or a mapping of what a rule says by name."""

_WORDS = {
    "type": get_args(KnownType),
    "status": ("available", *get_args(KnownStatus)),
    "input": get_args(KnownModality),
    "output": get_args(KnownModality),
}
_PAIR: dict[str, dict[str, Any]] = {"usage": {"max_cost": 0}, "max_cost": {"usage": Usage()}}
"""What a criterion that is not asked alone is checked with."""

_CHANGING = ("available", "where")
_CRITERIA = sorted({"model", "license", "capability", *Requirements.__annotations__} - {*_CHANGING})


def read_rule(raw: object, keys: tuple[str | int, ...], mistakes: Mistakes) -> Rule | None:
    """Return the rule that *raw* is, None where that has mistakes, which stand at *keys*."""
    if isinstance(raw, Rule):
        return raw
    if isinstance(raw, Query):
        raw = {**raw.given(), **({"capability": raw.capabilities} if raw.capabilities else {})}
    if not isinstance(raw, (str, Mapping)):
        mistakes.wrong(keys, f"a rule is a pattern, a mapping, a Query or a Rule, not {raw!r:.80}", raw)
        return None
    found = len(mistakes.problems)
    asked = {"model": raw} if isinstance(raw, str) else raw
    models, licenses, query = _read(asked, keys, mistakes)
    if len(mistakes.problems) > found:
        return None
    return Rule(*models, license=licenses, capability=query.capabilities, **query.given())


def _read(
    asked: Mapping[Any, Any], keys: tuple[str | int, ...], mistakes: Mistakes
) -> tuple[tuple[str, ...], frozenset[str] | None, Query]:
    """Return the patterns, the licences and the query that *asked* says; without what of it is wrong."""
    if not asked.keys() - {"unknown"}:
        mistakes.wrong(keys, "the rule says nothing; a rule about every model is '*'", {**asked})
    models: tuple[str, ...] = ()
    licenses: frozenset[str] | None = None
    capabilities: tuple[str, ...] = ()
    criteria: dict[str, Any] = {}
    for name, value in asked.items():
        at = (*keys, name)
        if name in _CHANGING:
            mistakes.wrong(at, f"{name} is no criterion of a rule: its answer may change while the catalog does not", value)
        elif name not in _CRITERIA:
            mistakes.wrong(at, f"a rule says nothing called {name!r}{meant(name, _CRITERIA)}", value)
        elif name == "model":
            models = _texts(name, value, at, mistakes)
        elif name == "license":
            licenses = frozenset(text.casefold() for text in _texts(name, value, at, mistakes))
        elif name == "capability":
            capabilities = _known(name, value, (*CAPABILITIES, *ALIASES), at, mistakes)
        elif _sound(name, value, at, mistakes):
            criteria[name] = value
    try:
        query = Query(*capabilities, **criteria)
    except QueryError as error:  # usage and max_cost, of which one is missing or wrong
        mistakes.wrong((*keys, error.criterion), str(error), error.value)
        query = Query()
    return models, licenses, query


def _texts(name: str, value: Any, at: tuple[str | int, ...], mistakes: Mistakes) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Collection) else ()
    if texts and not isinstance(value, Mapping) and all(isinstance(text, str) and text for text in texts):
        return tuple(dict.fromkeys(texts))
    mistakes.wrong(at, f"{name} must be text, or several, not {value!r:.80}", value)
    return ()


def _known(name: str, value: Any, words: Collection[str], at: tuple[str | int, ...], mistakes: Mistakes) -> tuple[str, ...]:
    texts = _texts(name, value, at, mistakes)
    for text in texts:
        if text not in words:
            mistakes.wrong(at, f"{name} cannot be {text!r}{meant(text, words)}", value)
    return tuple(text for text in texts if text in words)


def _sound(name: str, value: Any, at: tuple[str | int, ...], mistakes: Mistakes) -> bool:
    found = len(mistakes.problems)
    if name in _WORDS:
        _known(name, value, _WORDS[name], at, mistakes)
    elif name == "without":
        _known(name, value, (*CAPABILITIES, *ALIASES), at, mistakes)
    else:
        pair: Any = {**_PAIR.get(name, {}), name: value}
        try:
            Query(**pair)
        except QueryError as error:
            mistakes.wrong(at, str(error), value)
    return len(mistakes.problems) == found
