"""What can be asked of a catalog, as keyword criteria and as a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, get_args

import attrs

from ..errors import QueryError
from ..records.capabilities import capability_names
from ..records.columns import COLUMNS
from ..records.cost import RATES
from ..records.dates import PartialDate
from ..records.frozen import FrozenDict
from ..records.model import Model
from ..records.numbers import as_decimal
from ..records.usage import Usage
from ..records.vocabulary import PriceState

if TYPE_CHECKING:
    from typing import Unpack

    from ..records.vocabulary import Capability, KnownModality, KnownStatus, KnownType

__all__ = ["SORT_KEYS", "Criteria", "Query", "Requirements", "UnknownPolicy", "as_query", "refuse"]

UnknownPolicy: TypeAlias = Literal["exclude", "include", "only"]
"""What becomes of a model for which something asked is unknown."""

SORT_KEYS = tuple(sorted({"id", *(f"cost.{rate}" for rate in RATES), *COLUMNS} - {"modalities.input", "modalities.output"}))
"""What models can be sorted by; a ``-`` in front sorts down."""

Number: TypeAlias = int | float | str | Decimal
Day: TypeAlias = str | date | PartialDate


class Requirements(TypedDict, total=False):
    """The keyword criteria that ask something of a model. All that are given must hold."""

    without: Capability | str | Collection[Capability | str]
    """Capabilities the model is known not to have."""
    unknown: UnknownPolicy
    """``exclude`` (default): what is unknown fails. ``include``: it passes. ``only``: the models that nothing rules out but for which something asked is unknown."""
    provider: str | Collection[str]
    """Provider ids, any of them."""
    family: str | Collection[str]
    """Families, any of them."""
    type: KnownType | str | Collection[KnownType | str]
    """Types, any of them; a model without a type is ``chat``."""
    input: KnownModality | str | Collection[KnownModality | str]
    """Modalities the model takes in, all of them."""
    output: KnownModality | str | Collection[KnownModality | str]
    """Modalities the model gives out, all of them."""
    min_context: int
    """Least context window, in tokens."""
    min_input: int
    """Least input limit, in tokens (``limit.input``, which most models do not state)."""
    min_output: int
    """Least output limit, in tokens."""
    max_input_cost: Number
    """Highest input price, in USD per million tokens."""
    max_output_cost: Number
    """Highest output price, in USD per million tokens."""
    usage: Usage
    """The workload ``max_cost`` is about."""
    max_cost: Number
    """Highest total price of ``usage``, in USD."""
    price_state: PriceState | Collection[PriceState]
    """``priced``, ``free``, ``plan`` or ``unpriced``, any of them."""
    open_weights: bool
    """Whether the weights are published."""
    status: Literal["available"] | KnownStatus | str | Collection[str]
    """Statuses, any of them; a model without a status is ``available``."""
    exclude_deprecated: bool
    """Leave out models whose status is ``deprecated``."""
    released_after: Day
    """Released later than this day, or than the last day of this month or year."""
    released_before: Day
    """Released earlier than this day, or than the first day of this month or year."""
    knowledge_after: Day
    """Knowledge reaches later than this day, or than the last day of this month or year."""
    canonical: str | Collection[str]
    """Canonical model ids (``lab/model``), any of them."""
    available: bool | Mapping[str, str] | AbstractSet[str]
    """Whether the provider's variables are set, in ``os.environ`` as it is when asked; or True of another environment, given as a mapping or as the
    names of what is set in it. See ``available()``."""
    min_benchmark: Mapping[str, Number]
    """For each benchmark name, the score that at least one published result reaches, whatever its metric, harness and version."""
    where: Callable[[Model], bool | None]
    """Your own question, asked last; None means unknown."""


class Criteria(Requirements, total=False):
    """The keyword criteria of ``filter`` and :class:`Query`: what is asked of models, in which order they come, and which of them."""

    sort: str | Collection[str]
    """One or more of ``SORT_KEYS``, unknowns last, ties by reference."""
    limit: int
    """At most this many models."""
    offset: int
    """Skip this many models first."""


@attrs.frozen(init=False, repr=False)
class Query:
    """The criteria of ``filter`` as a value: checked once, hashable, reusable.

    >>> Query("tool_call", "vision", min_context=200_000, sort="cost.input")
    Query('tool_call', 'vision', min_context=200000, sort=('cost.input',))

    Raises:
        QueryError: a criterion that does not exist, or a value it cannot have; the message names both and says what would be right.
    """

    capabilities: tuple[str, ...]
    without: tuple[str, ...] = ()
    unknown: UnknownPolicy = "exclude"
    provider: frozenset[str] | None = None
    family: frozenset[str] | None = None
    type: frozenset[str] | None = None
    input: frozenset[str] | None = None
    output: frozenset[str] | None = None
    min_context: int | None = None
    min_input: int | None = None
    min_output: int | None = None
    max_input_cost: Decimal | None = None
    max_output_cost: Decimal | None = None
    usage: Usage | None = None
    max_cost: Decimal | None = None
    price_state: frozenset[str] | None = None
    open_weights: bool | None = None
    status: frozenset[str] | None = None
    exclude_deprecated: bool | None = None
    released_after: PartialDate | None = None
    released_before: PartialDate | None = None
    knowledge_after: PartialDate | None = None
    canonical: frozenset[str] | None = None
    available: bool | frozenset[str] | None = None
    min_benchmark: FrozenDict[str, Decimal] | None = None
    where: Callable[[Model], bool | None] | None = None
    sort: tuple[str, ...] = ()
    limit: int | None = None
    offset: int = 0

    def __init__(self, *capabilities: Capability | str, **criteria: Unpack[Criteria]) -> None:
        for name in criteria.keys() - _READ.keys():
            message = f"there is no criterion {name!r}; the criteria are {', '.join(_READ)}"
            raise QueryError(message, criterion=name, value=criteria[name])  # type: ignore[literal-required]  # it is none of them: that is the point
        checked = {name: _READ[name](name, value) for name, value in criteria.items()}
        if ("usage" in checked) != ("max_cost" in checked):
            given, lacking = ("usage", "max_cost") if "usage" in checked else ("max_cost", "usage")
            message = f"{given} needs {lacking}: together they ask what a workload may cost"
            raise QueryError(message, criterion=given, value=checked[given])
        self.__attrs_init__(capabilities=_capabilities("capabilities", capabilities), **checked)  # pyright: ignore[reportAttributeAccessIssue]  # attrs makes it

    def refine(self, *capabilities: Capability | str, **criteria: Unpack[Criteria]) -> Query:
        """Return this query with more capabilities, and with *criteria* in place of its own."""
        both: Any = {**self.given(), **criteria}
        return Query(*self.capabilities, *capabilities, **both)

    @property
    def varies(self) -> bool:
        """Whether the same catalog may answer differently next time: your own question is asked, or what is set at the time."""
        return self.where is not None or self.available is not None

    def given(self) -> dict[str, Any]:
        """Return the criteria that say something, by name."""
        return {field.name: value for field in attrs.fields(Query)[1:] if (value := getattr(self, field.name)) != field.default}

    def __repr__(self) -> str:
        given = [
            f"{name}={{{', '.join(map(repr, sorted(value)))}}}" if isinstance(value, frozenset) else f"{name}={value!r}"
            for name, value in self.given().items()
        ]
        return f"Query({', '.join([*map(repr, self.capabilities), *given])})"


def as_query(capabilities: tuple[Any, ...], criteria: Criteria) -> Query:
    """Return *capabilities* (names, or one query before them) and *criteria* as one query."""
    head, *names = capabilities or ("",)
    return head.refine(*names, **criteria) if isinstance(head, Query) else Query(*capabilities, **criteria)


def refuse(name: str, value: object, what: str) -> QueryError:
    """Return the error that says what the criterion *name* must be, and is not."""
    return QueryError(f"{name} must be {what}, not {value!r}", criterion=name, value=value)


def _capabilities(name: str, value: Any) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Collection) else None
    if names is None:
        raise refuse(name, value, "a capability or several")
    for capability in names:
        capability_names(capability, name)
    return tuple(dict.fromkeys(names))


def _words(name: str, value: Any) -> frozenset[str]:
    words = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Collection) else ()
    if not words or not all(isinstance(word, str) and word for word in words):
        raise refuse(name, value, "a word or a set of words")
    return frozenset(words)


def _one_of(*choices: str) -> Callable[[str, Any], Any]:
    def read(name: str, value: Any) -> Any:
        if value not in choices:
            raise refuse(name, value, f"one of {', '.join(choices)}")
        return value

    return read


def _price_states(name: str, value: Any) -> frozenset[str]:
    states = _words(name, value)
    if not states <= {*get_args(PriceState)}:
        raise refuse(name, value, f"among {', '.join(get_args(PriceState))}")
    return states


def _count(name: str, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or value < 0:
        raise refuse(name, value, "a whole number of 0 or more")
    return value


def _number(name: str, value: Any) -> Decimal:
    number = as_decimal(value)
    if number is None:
        raise refuse(name, value, "a number")
    return number


def _price(name: str, value: Any) -> Decimal:
    price = _number(name, value)
    if price < 0:
        raise refuse(name, value, "a price of 0 or more")
    return price


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise refuse(name, value, "True or False")
    return value


def _environment(name: str, value: Any) -> bool | frozenset[str]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, (Mapping, AbstractSet)) or not all(isinstance(variable, str) for variable in value):
        kind = type(value).__name__  # the value may hold secrets
        message = f"{name} must be True, False, an environment as a mapping, or a set of names of variables, not {kind}"
        raise QueryError(message, criterion=name, value=kind)
    return frozenset(variable for variable in value if not isinstance(value, Mapping) or value[variable])


def _day(name: str, value: Any) -> PartialDate:
    text = value.text if isinstance(value, PartialDate) else value.isoformat()[:10] if isinstance(value, date) else value
    if not isinstance(text, str) or not PartialDate(text).is_possible:
        raise refuse(name, value, "a date like '2026', '2026-01' or '2026-01-31'")
    return PartialDate(text)


def _usage(name: str, value: Any) -> Usage:
    if not isinstance(value, Usage):
        raise refuse(name, value, "a Usage")
    return value


def _benchmarks(name: str, value: Any) -> FrozenDict[str, Decimal]:
    if not isinstance(value, Mapping) or not value or not all(isinstance(benchmark, str) and benchmark for benchmark in value):
        raise refuse(name, value, "a mapping of benchmark names to scores")
    return FrozenDict({benchmark: _number(name, score) for benchmark, score in value.items()})


def _callable(name: str, value: Any) -> Any:
    if not callable(value):
        raise refuse(name, value, "a function of a model")
    return value


def _sort(name: str, value: Any) -> tuple[str, ...]:
    keys = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Collection) else ()
    if not keys or not all(isinstance(key, str) and key.removeprefix("-") in SORT_KEYS for key in keys):
        raise refuse(name, value, f"one or more of {', '.join(SORT_KEYS)}, with a '-' in front to sort down")
    return keys


_READ: dict[str, Callable[[str, Any], Any]] = {
    "without": _capabilities,
    "unknown": _one_of(*get_args(UnknownPolicy)),
    **dict.fromkeys(("provider", "family", "type", "input", "output"), _words),
    **dict.fromkeys(("min_context", "min_input", "min_output"), _count),
    **dict.fromkeys(("max_input_cost", "max_output_cost"), _price),
    "usage": _usage,
    "max_cost": _price,
    "price_state": _price_states,
    "open_weights": _flag,
    "status": _words,
    "exclude_deprecated": _flag,
    **dict.fromkeys(("released_after", "released_before", "knowledge_after"), _day),
    "canonical": _words,
    "available": _environment,
    "min_benchmark": _benchmarks,
    "where": _callable,
    "sort": _sort,
    **dict.fromkeys(("limit", "offset"), _count),
}
"""How each criterion's value is checked."""
