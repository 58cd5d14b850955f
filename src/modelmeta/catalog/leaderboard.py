"""Published results, and which of them compare."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, overload

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..display.text import as_text, printable
from ..errors import MixedBenchmarkError, QueryError, UnknownBenchmarkError
from ..records.refs import ModelRef
from .candidates import unpaged
from .nearest import did_you_mean, nearest
from .query import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..records.lab import Benchmark, LabModel
    from .catalog import Catalog
    from .query import Criteria

__all__ = ["ANY", "Leaderboard", "Standard", "Standing", "TextResult", "Whatever", "comparable", "labs_of", "results_of", "standings"]


class Whatever(Enum):
    """The type of ``ANY``."""

    ANY = "ANY"

    def __repr__(self) -> str:
        return self.value


ANY: Final = Whatever.ANY
"""Stands in a :class:`Standard` for "whatever it is"."""

_COMPARED = ("metric", "harness", "version")
_NARROWED = ("dataset", "variant")


def _text(_standard: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        message = f"the {field.name} of a Standard is text, not {value!r}"
        raise QueryError(message, criterion=field.name, value=value)


def _text_or_any(standard: object, field: attrs.Attribute[Any], value: object) -> None:
    if value is not None and value is not ANY:
        _text(standard, field, value)


@attrs.frozen(repr=False)
class Standard:
    """What published results must share to be compared: ``name``, ``metric``, ``harness`` and ``version``.

    Each is the text upstream publishes, None for results that state none, or ``ANY`` for whatever they all state. ``dataset`` and ``variant``
    (such as an effort) may differ between results that compare; naming one narrows them further.

    Raises:
        QueryError: a field is neither text nor what stands for it.

    >>> print(Standard("SWE-Bench Pro", metric="resolve rate", harness=None, version=None))
    SWE-Bench Pro (metric resolve rate, no harness, no version)
    """

    name: str = attrs.field(validator=_text)
    metric: str | Whatever | None = attrs.field(default=ANY, validator=_text_or_any)
    harness: str | Whatever | None = attrs.field(default=ANY, validator=_text_or_any)
    version: str | Whatever | None = attrs.field(default=ANY, validator=_text_or_any)
    dataset: str | Whatever | None = attrs.field(default=ANY, validator=_text_or_any)
    variant: str | Whatever | None = attrs.field(default=ANY, validator=_text_or_any)

    def admits(self, result: Benchmark) -> bool:
        """Return whether *result* is of this standard."""
        return self.name == result.name and all(getattr(result, name) == value for name, value in self._stated().items())

    def _stated(self) -> dict[str, str | None]:
        """Return what is not ``ANY``."""
        return {name: value for name in (*_COMPARED, *_NARROWED) if (value := getattr(self, name)) is not ANY}

    def __str__(self) -> str:
        stated = [f"no {name}" if value is None else f"{name} {value}" for name, value in self._stated().items()]
        return printable(f"{self.name} ({', '.join(stated)})" if stated else self.name)

    def __repr__(self) -> str:
        return f"Standard({', '.join([repr(self.name), *(f'{name}={value!r}' for name, value in self._stated().items())])})"


@attrs.frozen(kw_only=True)
class Standing:
    """One result on a leaderboard.

    ``rank`` counts from 1, and equal scores share one. ``score`` is the number in ``result``, in the unit of its metric. ``models`` are those
    that meet the criteria and that upstream links to ``lab_model``; ``offerings`` finds more by rules.
    """

    rank: int
    lab_model: LabModel
    result: Benchmark
    score: Decimal
    models: tuple[ModelRef, ...]


@attrs.frozen(kw_only=True)
class TextResult:
    """A result whose score is text, so that it has no rank; the fields are those of :class:`Standing`."""

    lab_model: LabModel
    result: Benchmark
    models: tuple[ModelRef, ...]


@attrs.frozen(repr=False)
class Leaderboard(Shown, Sequence[Standing]):
    """The ``standings`` of one benchmark, highest first, as a sequence; equal scores are in the order of lab ids and variants.

    ``standard`` is what they share: what was asked for, and the metric, harness and version that all numeric results of it state (left
    ``ANY`` only where there are none). ``texts`` are the results asked for whose scores are text, in the order of lab ids. A lab model has a
    standing for each of its results.
    """

    standard: Standard
    standings: tuple[Standing, ...]
    texts: tuple[TextResult, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Standing: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Standing, ...]: ...
    def __getitem__(self, index: int | slice) -> Standing | tuple[Standing, ...]:
        return self.standings[index]

    def __len__(self) -> int:
        return len(self.standings)

    def sheet(self) -> Sheet:
        """Return the table that shows this."""
        told = [name for name in _NARROWED if any(getattr(standing.result, name) for standing in self)]
        return Sheet(
            title=str(self.standard),
            header=("rank", "model", "score", *told, "models"),
            rows=[
                (
                    as_text(standing.rank),
                    standing.lab_model.id,
                    as_text(standing.score),
                    *(as_text(getattr(standing.result, name) or "") for name in told),
                    as_text(len(standing.models)),
                )
                for standing in self
            ],
            notes=[f"Not ranked: {text.lab_model.id}, {as_text(text.result.score)}" for text in self.texts],
        )

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        return f"<Leaderboard of {self.standard}: {len(self.standings)} ranked, {len(self.texts)} in text>"


def standings(catalog: Catalog, benchmark: str | Standard, capabilities: tuple[Any, ...], criteria: Criteria) -> Leaderboard:
    """Return the results of *benchmark*, highest first; see ``Catalog.leaderboard``.

    Whether results compare is judged over the whole catalog, before *criteria*, so that no leaderboard becomes mixed by a change of price.
    Ranks count what *criteria* leave; ``limit`` and ``offset`` then cut the standings.

    Raises:
        UnknownBenchmarkError: there is no such result.
        MixedBenchmarkError: there are results that do not compare.
        QueryError: a criterion that does not exist, a value it cannot have, or ``sort``.
    """
    names, asked, page = unpaged(capabilities, criteria)
    standard, results = comparable(catalog, benchmark, "benchmark")
    offers = _offers(catalog, catalog.filter(*names, **asked).rows)
    if names or asked:
        results = [(lab, result) for lab, result in results if lab.id in offers]
    ordered = sorted(results, key=lambda entry: (entry[0].id, entry[1].variant or ""))
    numbers = sorted(
        ((result.score, lab, result) for lab, result in ordered if isinstance(result.score, Decimal)), key=_score, reverse=True
    )
    ranks: dict[Decimal, int] = {}
    for place, (score, _, _) in enumerate(numbers, 1):
        ranks.setdefault(score, place)
    ranked = [
        Standing(rank=ranks[score], lab_model=lab, result=result, score=score, models=offers.get(lab.id, ()))
        for score, lab, result in numbers[page]
    ]
    texts = [
        TextResult(lab_model=lab, result=result, models=offers.get(lab.id, ())) for lab, result in ordered if isinstance(result.score, str)
    ]
    return Leaderboard(standard, tuple(ranked), tuple(texts))


def comparable(catalog: Catalog, benchmark: str | Standard, criterion: str) -> tuple[Standard, list[tuple[LabModel, Benchmark]]]:
    """Return the standard that *benchmark* means and all results it admits, in upstream's order.

    All numeric results among them agree in metric, harness and version, and the standard says on what. Results in text are among them
    whatever else they state, for they are not compared. *criterion* is what errors call *benchmark*.

    Raises:
        UnknownBenchmarkError: there is no such result.
        MixedBenchmarkError: there are numeric results that do not compare.
        QueryError: *benchmark* is neither a name nor a standard.
    """
    asked = Standard(benchmark) if isinstance(benchmark, str) else benchmark
    if not isinstance(asked, Standard):
        raise refuse(criterion, benchmark, "the name of a benchmark or a Standard")
    published = [(lab, result) for lab in catalog.labs.values() for result in lab.benchmarks]
    results = [(lab, result) for lab, result in published if asked.admits(result)]
    if not results:
        raise _unknown(asked, [result for _, result in published], criterion)
    standards = _standards(asked, (result for _, result in results if isinstance(result.score, Decimal)))
    if len(standards) > 1:
        message = (
            f"the results of {asked} do not compare: there are {_listing(standards)}; choose one of them, as in {next(iter(standards))!r}"
        )
        raise MixedBenchmarkError(message, criterion=criterion, value=benchmark, standards=standards)
    return next(iter(standards), asked), results


def labs_of(catalog: Catalog, rows: Iterable[int]) -> list[LabModel | None]:
    """Return what the lab says of the model of each row, as ``Catalog.lab_of`` does, without decoding the models."""
    canonical, refs, labs = catalog.column("canonical_model_id"), catalog.content.refs, catalog.labs
    return [labs.get(canonical[row] or "") or labs.get(refs[row]) for row in rows]


def results_of(catalog: Catalog, name: str) -> tuple[Benchmark, ...]:
    """Return the results of the model called *name*, or of the lab model with that id; see ``Catalog.benchmarks``."""
    lab = catalog.labs.get(name) if name not in catalog.rows else None
    lab = lab or catalog.lab_of(catalog.get(name))
    return lab.benchmarks if lab else ()


def _score(entry: tuple[Decimal, LabModel, Benchmark]) -> Decimal:
    return entry[0]


def _offers(catalog: Catalog, rows: Sequence[int]) -> dict[str, tuple[ModelRef, ...]]:
    """Return which models of *rows* sell each lab model, by its id."""
    offers: defaultdict[str, list[ModelRef]] = defaultdict(list)
    for row, lab in zip(rows, labs_of(catalog, rows), strict=True):
        if lab is not None:
            offers[lab.id].append(ModelRef.parse(catalog.content.refs[row]))
    return {lab_id: tuple(refs) for lab_id, refs in offers.items()}


def _standards(asked: Standard, results: Iterable[Benchmark]) -> dict[Standard, int]:
    """Return how many of *results* there are of each standard within *asked*, most first."""
    found: Counter[Standard] = Counter()
    for result in results:
        stated: Any = {name: getattr(result, name) for name in _COMPARED}
        found[attrs.evolve(asked, **stated)] += 1
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], str(entry[0]))))


def _listing(standards: dict[Standard, int]) -> str:
    return ", ".join(f"{count} {str(standard).removeprefix(standard.name).lstrip()}" for standard, count in standards.items())


def _unknown(asked: Standard, published: list[Benchmark], criterion: str) -> UnknownBenchmarkError:
    suggestions: list[str] = []
    of_name = _standards(Standard(asked.name), (result for result in published if result.name == asked.name))
    if not published:
        message = f"there is no result of {asked}: this catalog holds no results at all; models.json and catalog.json do, which load_catalog reads"
    elif of_name:
        message = f"there is no result of {asked}; there are {_listing(of_name)}"
    else:
        suggestions = nearest(asked.name, {result.name for result in published})
        message = f"there is no result of {asked}{did_you_mean(suggestions)}"
    return UnknownBenchmarkError(message, criterion=criterion, value=asked, suggestions=suggestions)
