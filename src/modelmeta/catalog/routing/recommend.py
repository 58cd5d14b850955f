"""Models for a task, ranked by published facts, each fact's part in it shown."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import attrs

from ...display.sheet import Sheet
from ...display.shown import Shown
from ...display.text import as_text
from ...errors import QueryError
from ...records.frozen import FrozenDict
from ...records.model import Model
from ..axes import axis
from ..candidates import candidates
from ..leaderboard import Standard
from ..nearest import did_you_mean, nearest
from ..price import Quote, quote
from ..query import Query
from .tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import SupportsIndex

    from ...records.usage import Usage
    from ..axes import Axis
    from ..catalog import Catalog
    from ..query import Criteria, Number

__all__ = ["Factor", "Recommendation", "Recommendations", "Weights", "recommend"]

Weights: TypeAlias = "Mapping[str | Standard, Number]"
"""How much each fact counts: ``"price"``, ``"context"``, ``"output"``, ``"date"``, another axis of ``pareto``, ``"benchmark:<name>"`` or a :class:`Standard`."""

_DIGITS = Decimal("0.0001")
_SHOWN = 30


@attrs.frozen
class Factor:
    """One fact of a model among the candidates: its ``value``, the ``score`` it gives from 0 to 1 (4 decimals), and the ``weight`` that has.

    The score is the share of the other candidates, of those for which the fact is known, that are not better. Where it is unknown, ``value``
    and ``score`` are None, and it counts as 0.
    """

    name: str
    value: Any | None
    score: Decimal | None
    weight: Decimal


@attrs.frozen(kw_only=True)
class Recommendation:
    """A model in its place. ``score`` is the mean of the scores of its ``factors`` by their weights, from 0 to 1 (4 decimals).

    ``quote`` is what the usage asked about costs there.
    """

    model: Model
    score: Decimal
    factors: tuple[Factor, ...]
    quote: Quote | None = None


class Recommendations(tuple[Recommendation, ...], Shown):  # noqa: SLOT001  # a tuple has no slots for what it says besides
    """Models, best first; equal ones in the order of their references: a tuple that shows itself as a table.

    ``query`` is what all of them meet, ``total`` how many models do, and ``weights`` how much each fact counts.
    """

    query: Query
    total: int
    weights: FrozenDict[str, Decimal]

    @classmethod
    def of(cls, models: Sequence[Recommendation], query: Query, total: int, weights: FrozenDict[str, Decimal]) -> Recommendations:
        """Return *models* as recommendations."""
        found = cls(models)
        found.query, found.total, found.weights = query, total, weights
        return found

    @overload
    def __getitem__(self, index: SupportsIndex) -> Recommendation: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any]) -> Recommendations: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Recommendation | Recommendations:
        if isinstance(index, slice):
            return Recommendations.of(super().__getitem__(index), self.query, self.total, self.weights)
        return super().__getitem__(index)

    def sheet(self, *, most: int | None = _SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all of them: the score, and each fact with the score it gives."""
        rows = [
            [str(one.model.ref), as_text(one.score), *(f"{as_text(factor.value)} ({as_text(factor.score)})" for factor in one.factors)]
            for one in self[:most]
        ]
        weights = ", ".join(f"{name} {as_text(weight)}" for name, weight in self.weights.items())
        return Sheet(
            header=["model", "score", *self.weights],
            rows=rows,
            notes=[f"{len(rows):,} of {self.total:,} models that meet {self.query!r}; weights: {weights}"],
        )

    def __str__(self) -> str:
        return str(self.sheet(most=None))


def recommend(catalog: Catalog, task: str | Query | None, *, weights: Weights | None, criteria: Criteria) -> Recommendations:
    """Return the models of *catalog* that suit *task* best; see ``Catalog.recommend``."""
    query, usual = _asked(task)
    among = candidates(catalog, (query,), criteria)
    axes = _axes(catalog, usual if weights is None else weights, among.usage)
    rows = among.models.rows
    columns = [_Column.of(by, weight, rows) for by, weight in axes.items()]
    whole = sum(axes.values())
    totals = [sum((column.share(place) for column in columns), Fraction(0)) / Fraction(whole) for place in range(len(rows))]
    best = sorted(range(len(rows)), key=totals.__getitem__, reverse=True)[among.page]

    def recommendation(place: int) -> Recommendation:
        model = catalog.at(rows[place])
        quoted = None if among.usage is None else quote(model, among.usage)
        factors = tuple(column.factor(place) for column in columns)
        return Recommendation(model=model, score=_rounded(totals[place]), factors=factors, quote=quoted)

    said = FrozenDict({by.name: weight for by, weight in axes.items()})
    return Recommendations.of(tuple(map(recommendation, best)), among.query, len(rows), said)


@attrs.frozen
class _Column:
    """One fact of all candidates, and the score it gives each."""

    by: Axis
    weight: Decimal
    values: list[Any | None]
    scores: list[Fraction | None]

    @classmethod
    def of(cls, by: Axis, weight: Decimal, rows: Sequence[int]) -> _Column:
        values = by.values(rows)
        known = sorted(value for value in values if value is not None)
        others = len(known) - 1

        def score(value: Any) -> Fraction:
            not_better = bisect_right(known, value) if by.better == "up" else len(known) - bisect_left(known, value)
            return Fraction(not_better - 1, others) if others else Fraction(1)

        return cls(by, weight, values, [None if value is None else score(value) for value in values])

    def share(self, place: int) -> Fraction:
        return (self.scores[place] or Fraction(0)) * Fraction(self.weight)

    def factor(self, place: int) -> Factor:
        value, score = self.values[place], self.scores[place]
        if value is None or score is None:
            return Factor(self.by.name, None, None, self.weight)
        return Factor(self.by.name, self.by.read(value), _rounded(score), self.weight)


def _rounded(score: Fraction) -> Decimal:
    return (Decimal(score.numerator) / score.denominator).quantize(_DIGITS)


def _asked(task: object) -> tuple[Query, Weights]:
    """Return what *task* asks for, and what usually counts how much there."""
    if task is None:
        return Query(), TASKS["chat"].weights
    if isinstance(task, Query):
        return task, TASKS["chat"].weights
    if isinstance(task, str) and task in TASKS:
        return TASKS[task].query, TASKS[task].weights
    near = did_you_mean(nearest(task, TASKS, most=1)) if isinstance(task, str) else ""
    message = f"task must be one of {', '.join(TASKS)}, or a Query, not {task!r:.80}{near}"
    raise QueryError(message, criterion="task", value=task)


def _axes(catalog: Catalog, weights: object, usage: Usage | None) -> dict[Axis, Decimal]:
    """Return the axes that *weights* names, each with how much it counts.

    Raises:
        QueryError: there is none, one does not exist or is named twice, or a weight is no number above 0.
    """
    if not isinstance(weights, Mapping) or not weights:
        message = f"weights must be a mapping of facts to numbers above 0, not {weights!r:.80}"
        raise QueryError(message, criterion="weights", value=weights)
    axes = {axis(catalog, what, usage, criterion="weights"): _weight(what, weight) for what, weight in weights.items()}
    names = [by.name for by in axes]
    for name in names:
        if names.count(name) > 1:
            message = f"weights names {name} twice"
            raise QueryError(message, criterion="weights", value=weights)
    return axes


def _weight(what: object, weight: object) -> Decimal:
    number = None
    if isinstance(weight, (int, float, str, Decimal)) and not isinstance(weight, bool):
        with suppress(InvalidOperation):
            number = Decimal(str(weight))
    if number is None or not number.is_finite() or number <= 0:
        message = f"weights must be numbers above 0; that of {what!s:.80} is {weight!r:.80}"
        raise QueryError(message, criterion="weights", value=weight)
    return number
