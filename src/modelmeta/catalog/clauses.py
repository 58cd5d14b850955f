"""A query taken apart into clauses: one question each, about one column or about a whole model."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

import attrs

from ..errors import QueryError
from ..records.capabilities import capability_names
from ..records.columns import COLUMNS
from ..records.vocabulary import KnownModality, KnownStatus, KnownType
from .masks import FAIL, PASS, UNKNOWN, verdict
from .price import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..records.columns import Column, Value
    from ..records.dates import PartialDate
    from ..records.model import Model
    from ..records.usage import Usage
    from .catalog import Catalog
    from .query import Query

__all__ = ["ColumnClause", "CostClause", "ModelClause", "clauses"]


@attrs.frozen
class ColumnClause:
    """A question about one column: ``verdicts`` answers it for every distinct value, ``absent`` for rows without one.

    ``name`` and ``asked`` say which question it is, in words and as a value.
    """

    name: str
    asked: Any
    column: str
    verdicts: Callable[[Column], bytes]
    absent: int = UNKNOWN
    found: Callable[[Any], Any] | None = None
    """What a value of the column means for the question, where it is not what was asked about."""

    def table(self, column: Column) -> bytes:
        """Return the verdict for each code of *column*."""
        return bytes([self.absent]) + self.verdicts(column)


@attrs.frozen
class ModelClause:
    """A question only the whole model answers: ``fact`` finds what it is about, None where that is unknown, and ``test`` judges it."""

    name: str
    asked: Any
    fact: Callable[[Model], Any]
    test: Callable[[Any], bool]

    def verdicts(self, catalog: Catalog, rows: Sequence[int]) -> bytes:
        """Return the verdict for each of *rows*."""
        facts = (self.fact(catalog.at(row)) for row in rows)
        return bytes([UNKNOWN if fact is None else verdict(self.test(fact)) for fact in facts])


@attrs.frozen
class CostClause(ModelClause):
    """Whether ``usage`` costs at most what is asked, answered for many models at once."""

    usage: Usage

    def verdicts(self, catalog: Catalog, rows: Sequence[int]) -> bytes:
        """Return the verdict for each of *rows*."""
        most = catalog.price_book.from_usd(self.asked)
        return bytes([UNKNOWN if total is None else verdict(total <= most) for total in catalog.price_book.totals(rows, self.usage)])


def clauses(query: Query, catalog: Catalog) -> tuple[list[tuple[ColumnClause, ...]], list[ModelClause]]:
    """Return the questions *query* asks of *catalog*.

    The first list is about columns, each entry a choice of which one must hold; the second is about whole models.

    Raises:
        QueryError: a word no model of this catalog and no version of models.dev knows.
    """
    columns = chain(_about_capabilities(query), _about_words(query, catalog), _about_availability(query, catalog), _about_bounds(query))
    return list(columns), list(_model_clauses(query, catalog))


def _about_capabilities(query: Query) -> Iterator[tuple[ColumnClause, ...]]:
    for name in query.capabilities:
        yield tuple(_capability(capability, wanted=True) for capability in capability_names(name))
    for name in query.without:
        for capability in capability_names(name):
            yield (_capability(capability, wanted=False),)
    if query.open_weights is not None:
        yield (_capability("open_weights", wanted=query.open_weights),)


def _about_words(query: Query, catalog: Catalog) -> Iterator[tuple[ColumnClause, ...]]:
    for side in ("input", "output"):
        for word in sorted(_known_words(query, side, KnownModality, catalog, f"modalities.{side}")):
            yield (_contains(f"{side} {word}", f"modalities.{side}", word),)
    for name, column in _SETS.items():
        if words := getattr(query, name):
            yield (_among(name, column, words),)
    if types := _known_words(query, "type", KnownType, catalog, "type"):
        yield (_among("type", "type", types, absent="chat"),)
    if statuses := _known_words(query, "status", KnownStatus, catalog, "status", "available"):
        yield (_among("status", "status", statuses, absent="available"),)
    if query.exclude_deprecated:
        yield (ColumnClause("exclude_deprecated", True, "status", _each(lambda status: status != "deprecated"), PASS),)


def _about_availability(query: Query, catalog: Catalog) -> Iterator[tuple[ColumnClause, ...]]:
    if query.available is None:
        return
    from .availability import is_available, missing_of, names_set  # noqa: PLC0415  # few ask for it

    sellers = catalog.sellers
    wanted, env = (query.available, os.environ) if isinstance(query.available, bool) else (True, query.available)
    present = names_set(sellers.values(), env)

    def answer(provider_id: Any) -> bool | None:
        state = is_available(sellers[provider_id], present)
        return None if state is None else state is wanted

    yield (ColumnClause("available", wanted, "provider_id", _each(answer), found=lambda name: missing_of(sellers[name], present)),)


def _about_bounds(query: Query) -> Iterator[tuple[ColumnClause, ...]]:
    for name, (column, verdicts) in _BOUNDS.items():
        if (bound := getattr(query, name)) is not None:
            yield (ColumnClause(name, bound, column, verdicts(bound)),)


def _model_clauses(query: Query, catalog: Catalog) -> Iterator[ModelClause]:
    if query.usage is not None and query.max_cost is not None:
        usage = query.usage
        yield CostClause("max_cost", query.max_cost, lambda model: quote(model, usage).total, query.max_cost.__ge__, usage)
    for name, least in (query.min_benchmark or {}).items():
        yield ModelClause(f"min_benchmark {name}", least, partial(catalog.best_score, benchmark=name), least.__le__)
    if query.where is not None:
        yield ModelClause("where", True, query.where, bool)


_SETS = {"provider": "provider_id", "family": "family", "canonical": "canonical_model_id", "price_state": "price_state"}


def _capability(name: str, *, wanted: bool) -> ColumnClause:
    label = name if wanted else f"without {name}"
    if name in COLUMNS:
        return ColumnClause(label, wanted, name, _each(lambda value: value is wanted))
    side = "output" if name.endswith("_output") else "input"
    word = "image" if name == "vision" else name.removesuffix(f"_{side}")
    return _contains(label, f"modalities.{side}", word, wanted=wanted)


def _contains(name: str, column: str, word: str, *, wanted: bool = True) -> ColumnClause:
    return ColumnClause(name, wanted, column, _each(lambda words: (word in words) is wanted))


def _among(name: str, column: str, words: frozenset[str], absent: str | None = None) -> ColumnClause:
    without = UNKNOWN if absent is None else verdict(absent in words)
    return ColumnClause(name, words, column, _each(words.__contains__), without)


def _each(test: Callable[[Value], bool | None]) -> Callable[[Column], bytes]:
    return lambda column: bytes([verdict(test(value)) for value in column.values])


def _at_least(bound: Value) -> Callable[[Column], bytes]:
    def verdicts(column: Column) -> bytes:
        below = bisect_left(column.values, bound)
        return bytes([FAIL]) * below + bytes([PASS]) * (len(column.values) - below)

    return verdicts


def _at_most(bound: Value) -> Callable[[Column], bytes]:
    def verdicts(column: Column) -> bytes:
        within = bisect_right(column.values, bound)
        return bytes([PASS]) * within + bytes([FAIL]) * (len(column.values) - within)

    return verdicts


def _after(day: PartialDate) -> Callable[[PartialDate], bool | None]:
    def answer(other: PartialDate) -> bool | None:
        if not (day.span and other.span):
            return None
        (_, bound), (earliest, latest) = day.span, other.span
        return True if earliest > bound else False if latest <= bound else None

    return answer


def _before(day: PartialDate) -> Callable[[PartialDate], bool | None]:
    def answer(other: PartialDate) -> bool | None:
        if not (day.span and other.span):
            return None
        (bound, _), (earliest, latest) = day.span, other.span
        return True if latest < bound else False if earliest >= bound else None

    return answer


_BOUNDS: dict[str, tuple[str, Callable[[Any], Callable[[Column], bytes]]]] = {
    "min_context": ("limit.context", _at_least),
    "min_input": ("limit.input", _at_least),
    "min_output": ("limit.output", _at_least),
    "max_input_cost": ("cost.input", _at_most),
    "max_output_cost": ("cost.output", _at_most),
    "released_after": ("release_date", lambda day: _each(_after(day))),
    "released_before": ("release_date", lambda day: _each(_before(day))),
    "knowledge_after": ("knowledge", lambda day: _each(_after(day))),
}


def _known_words(query: Query, criterion: str, vocabulary: object, catalog: Catalog, column: str, *more: str) -> frozenset[str]:
    """Return the words *query* names for *criterion*, all of them known to upstream's schema or to this catalog."""
    words: frozenset[str] = getattr(query, criterion) or frozenset()
    unknown = words - {*get_args(vocabulary), *more}
    if unknown:
        present = {word for value in catalog.column(column).values for word in ((value,) if isinstance(value, str) else value)}
        if unknown - present:
            valid = ", ".join(sorted({*get_args(vocabulary), *more} | present))
            message = f"{criterion} cannot be {min(unknown - present)!r}; the words this catalog knows are {valid}"
            raise QueryError(message, criterion=criterion, value=words)
    return words
