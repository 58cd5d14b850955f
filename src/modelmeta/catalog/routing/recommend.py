"""Models for a task, ranked by published facts, each fact's part in it shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import TYPE_CHECKING, Any, Self

import attrs

from ...display.sheet import SHOWN, Sheet
from ...display.text import as_text
from ...display.tuples import ShownTuple
from ...errors import QueryError
from ...records.frozen import FrozenDict
from ...records.model import Model
from ...records.numbers import as_decimal
from ..axes import axis
from ..candidates import candidates
from ..nearest import did_you_mean, nearest
from ..price import Quote, quote
from ..query import Query
from .tasks import TASKS, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...records.usage import Usage
    from ..axes import Axis
    from ..catalog import Catalog
    from ..query import Criteria

__all__ = ["Factor", "Recommendation", "Recommendations", "recommend"]

_DIGITS = Decimal("0.0001")
_HEAVIEST = Decimal(1_000_000)
_PRICES = {"price", "cost.input", "cost.output"}


@attrs.frozen
class Factor:
    """One fact of a model among the candidates: its ``value``, the ``score`` it gives from 0 to 1 (4 decimals), and the ``weight`` that has.

    The score is the share of the other candidates, of those for which the fact is known, that are not better; 1 where there are no others. Where
    it is unknown, ``value`` and ``score`` are None, and it counts as 0. So is what a subscription plan costs.
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


class Recommendations(ShownTuple[Recommendation]):
    """Models, best first; equal ones in the order of their references: a tuple that shows itself as a table.

    ``query`` is what all of them meet, ``total`` how many models do, and ``weights`` how much each fact counts.
    """

    query: Query
    total: int
    weights: FrozenDict[str, Decimal]

    @classmethod
    def of(cls, models: Sequence[Recommendation], query: Query, total: int, weights: FrozenDict[str, Decimal]) -> Self:
        """Return *models* as recommendations."""
        found = cls(models)
        found.query, found.total, found.weights = query, total, weights
        return found

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
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

    def _some(self, some: tuple[Recommendation, ...]) -> Self:
        return self.of(some, self.query, self.total, self.weights)


def recommend(catalog: Catalog, task: str | Query | None, *, weights: Weights | None, criteria: Criteria) -> Recommendations:
    """Return the models of *catalog* that suit *task* best; see ``Catalog.recommend``."""
    query, usual = _asked(task)
    among = candidates(catalog, (query,), criteria)
    axes = _axes(catalog, usual if weights is None else weights, among.usage)
    rows = among.models.rows
    columns = [_Column.of(by, weight, _known(catalog, by, rows)) for by, weight in axes.items()]
    parts = [Fraction(column.weight) / (column.most * Fraction(sum(axes.values()))) for column in columns]
    scale = lcm(*(part.denominator for part in parts))
    points = [[(standing or 0) * int(part * scale) for standing in column.standings] for column, part in zip(columns, parts, strict=True)]
    totals = list(map(sum, zip(*points, strict=True)))
    best = sorted(range(len(rows)), key=totals.__getitem__, reverse=True)[among.page]

    def recommendation(place: int) -> Recommendation:
        model = catalog.at(rows[place])
        quoted = None if among.usage is None else quote(model, among.usage)
        factors = tuple(column.factor(place) for column in columns)
        return Recommendation(model=model, score=_rounded(Fraction(totals[place], scale)), factors=factors, quote=quoted)

    said = FrozenDict({by.name: weight for by, weight in axes.items()})
    return Recommendations.of(tuple(map(recommendation, best)), among.query, len(rows), said)


@attrs.frozen
class _Column:
    """One fact of all candidates. ``standings`` are how many others are not better, of ``most`` that there can be; None where it is unknown."""

    by: Axis
    weight: Decimal
    values: list[Any | None]
    standings: list[int | None]
    most: int

    @classmethod
    def of(cls, by: Axis, weight: Decimal, values: list[Any | None]) -> _Column:
        counts = Counter(value for value in values if value is not None)
        worst_first = sorted(counts, reverse=by.better == "down")
        up_to = dict(zip(worst_first, accumulate(counts[value] for value in worst_first), strict=True))
        if counts.total() == 1:
            return cls(by, weight, values, [None if value is None else 1 for value in values], 1)
        return cls(by, weight, values, [None if value is None else up_to[value] - 1 for value in values], max(counts.total() - 1, 1))

    def factor(self, place: int) -> Factor:
        value, standing = self.values[place], self.standings[place]
        if value is None or standing is None:
            return Factor(self.by.name, None, None, self.weight)
        return Factor(self.by.name, self.by.read(value), _rounded(Fraction(standing, self.most)), self.weight)


def _known(catalog: Catalog, by: Axis, rows: Sequence[int]) -> list[Any | None]:
    """Return the facts that are compared. What a model of a subscription costs is none: its price of 0 is paid elsewhere."""
    values = by.values(rows)
    if by.name not in _PRICES:
        return values
    states = catalog.column("price_state")
    return [None if states[row] == "plan" else value for row, value in zip(rows, values, strict=True)]


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
        QueryError: there is none, one does not exist or is named twice, or a weight is no such number.
    """
    if not isinstance(weights, Mapping) or not weights:
        message = f"weights must be a mapping of facts to numbers, not {weights!r:.80}"
        raise QueryError(message, criterion="weights", value=weights)
    axes = {axis(catalog, what, usage, criterion="weights"): _weight(what, weight) for what, weight in weights.items()}
    names = [by.name for by in axes]
    for name in names:
        if names.count(name) > 1:
            message = f"weights names {name} twice"
            raise QueryError(message, criterion="weights", value=weights)
    return axes


def _weight(what: object, weight: object) -> Decimal:
    number = as_decimal(weight)
    if number is None or not 1 / _HEAVIEST <= number <= _HEAVIEST:
        message = f"a weight must be a number from 0.000001 to 1,000,000; that of {what!s:.80} is {weight!r:.80}"
        raise QueryError(message, criterion="weights", value=weight)
    return number
