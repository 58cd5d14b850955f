"""What models can be ordered by, and in which direction."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..records.dates import PartialDate
from ..records.usage import Usage
from .leaderboard import Standard, comparable, labs_of
from .query import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .catalog import Catalog

__all__ = ["AXES", "BENCHMARK", "DEFAULT_USAGE", "Axis", "axis"]

DEFAULT_USAGE = Usage(input_tokens=1_000, output_tokens=1_000)
"""The workload that prices are compared by when none is given."""

Better: TypeAlias = Literal["up", "down"]

_RATE = "USD per million tokens"
_COLUMNS: dict[str, tuple[str, str | None, Better]] = {
    "context": ("limit.context", "tokens", "up"),
    "output": ("limit.output", "tokens", "up"),
    "date": ("release_date", None, "up"),
    "cost.input": ("cost.input", _RATE, "down"),
    "cost.output": ("cost.output", _RATE, "down"),
    "limit.input": ("limit.input", "tokens", "up"),
    "knowledge": ("knowledge", None, "up"),
    "last_updated": ("last_updated", None, "up"),
}
_SHORT = {"limit.context": "context", "limit.output": "output", "release_date": "date"}
BENCHMARK = "benchmark:"

AXES = ("price", *_COLUMNS, *_SHORT)
"""The names of all axes that are no benchmarks."""


@attrs.frozen
class Axis:
    """One fact by which models can be ordered.

    ``name`` is the same however the axis was asked for; ``unit`` is what its numbers count, None for dates and scores; ``better`` is the
    good direction. ``values`` returns, for each row of the catalog it is given, a value that compares with the others, or None where it is
    unknown; ``read`` makes of such a value one for people.
    """

    name: str
    unit: str | None
    better: Better
    values: Callable[[Sequence[int]], list[Any | None]]
    read: Callable[[Any], Any] = lambda value: value


def axis(catalog: Catalog, what: str | Standard, usage: Usage | None = None, *, criterion: str) -> Axis:
    """Return the axis called *what*: one of ``AXES``, ``"benchmark:<name>"``, or a :class:`Standard`.

    ``"price"`` is the total of *usage*, or of ``DEFAULT_USAGE``. ``"context"``, ``"output"`` and ``"date"`` are short for ``"limit.context"``,
    ``"limit.output"`` and ``"release_date"``. Dates the calendar does not have are unknown. A benchmark's value is the best result of the lab
    model that is sold, whatever its dataset and variant. Less is better of money alone.

    Args:
        catalog: whose rows the axis is about.
        what: the name of the axis.
        usage: the workload to price.
        criterion: what errors call *what*.

    Raises:
        UnknownBenchmarkError: there is no such result.
        MixedBenchmarkError: there are results that do not compare.
        QueryError: *what* is no axis.
    """
    if isinstance(what, Standard):
        return _benchmark(catalog, what, criterion)
    if isinstance(what, str):
        name = _SHORT.get(what, what)
        if name == "price":
            book = catalog.price_book
            return Axis(name, "USD", "down", partial(book.totals, usage=usage or DEFAULT_USAGE), book.in_usd)
        if name in _COLUMNS:
            column, unit, better = _COLUMNS[name]
            return Axis(name, unit, better, partial(_facts, catalog, column))
        if name.startswith(BENCHMARK):
            return _benchmark(catalog, name.removeprefix(BENCHMARK), criterion)
    raise refuse(criterion, what, f"one of {', '.join(AXES)}, {BENCHMARK}<name> or a Standard")


def _facts(catalog: Catalog, name: str, rows: Sequence[int]) -> list[Any | None]:
    column = catalog.column(name)
    values = [None, *(None if isinstance(value, PartialDate) and not value.is_possible else value for value in column.values)]
    return [values[column.codes[row]] for row in rows]


def _benchmark(catalog: Catalog, benchmark: str | Standard, criterion: str) -> Axis:
    standard, results = comparable(catalog, benchmark, criterion)
    best: dict[str, Decimal] = {}
    for lab, result in results:
        if isinstance(result.score, Decimal):
            best[lab.id] = max(result.score, best.get(lab.id, result.score))
    return Axis(str(standard), None, "up", partial(_scores, catalog, best))


def _scores(catalog: Catalog, best: Mapping[str, Decimal], rows: Sequence[int]) -> list[Decimal | None]:
    return [None if lab is None else best.get(lab.id) for lab in labs_of(catalog, rows)]
