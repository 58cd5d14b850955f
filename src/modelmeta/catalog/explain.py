"""Why models do, or do not, meet a query."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from operator import add, attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..display.text import as_text
from ..errors import QueryError
from ..records.model import Model
from .clauses import ColumnClause, ModelClause, clauses
from .masks import FAIL, PASS, UNKNOWN
from .query import Query

if TYPE_CHECKING:
    from .catalog import Catalog

__all__ = ["Explanation", "Lack", "NearMiss", "Step", "explain_query"]

_Asked: TypeAlias = "tuple[ColumnClause, ...] | ModelClause"
_ABSENT = {"status": "available", "type": "chat"}
_FAILED = {"exclude_deprecated": "deprecated", "where": "where says no"}
_MISSED = {
    "exclude": bytes.maketrans(bytes([FAIL, UNKNOWN, PASS]), bytes([1, 1, 0])),
    "include": bytes.maketrans(bytes([FAIL, UNKNOWN, PASS]), bytes([1, 0, 0])),
}
_MISSED["only"] = _MISSED["include"]


@attrs.frozen(kw_only=True)
class Step:
    """One criterion of a query and how the models of the whole catalog fare at it.

    ``name`` is the criterion or capability, ``asked`` the value asked for. ``passed``, ``failed`` and ``unknown`` add up to all models;
    ``left`` is how many of them meet this criterion and all before it; with ``unknown="only"``, how many none of them rules out.
    """

    name: str
    asked: Any
    passed: int
    failed: int
    unknown: int
    left: int


@attrs.frozen(kw_only=True)
class Lack:
    """What a model lacks for a query: of the criterion ``name`` it was ``asked`` for something and ``found`` says what it has.

    ``unknown`` is whether nobody published it, so that the model may yet meet the criterion.
    """

    name: str
    asked: Any
    found: Any
    unknown: bool

    @property
    def nearness(self) -> Fraction:
        """How near a number came to the one asked for, from 0 to 1; 0 for what is no number."""
        found, asked = (value if isinstance(value, Decimal) or type(value) is int else None for value in (self.found, self.asked))
        if found is None or asked is None or min(found, asked) <= 0:
            return Fraction(0)
        return Fraction(min(found, asked)) / Fraction(max(found, asked))

    def __str__(self) -> str:
        if self.name == "available":
            return f"{as_text(self.found)} not set" if self.found else "its variables are set"
        name = self.name.removeprefix("min_").removeprefix("max_").removeprefix("without ")
        if self.unknown:
            return f"{name} unknown"
        if self.name in _FAILED:
            return _FAILED[self.name]
        if isinstance(self.asked, bool):
            return f"no {name}" if self.asked else f"has {name}"
        subject, _, side = self.name.partition("_")
        if side in {"after", "before"}:
            return f"{subject} {as_text(self.found)} not {side} {_text(self.asked)}"
        relation = "of" if self.name.startswith("min_") else "above" if self.name.startswith("max_") else "not"
        return f"{name} {as_text(self.found)} {relation} {_text(self.asked)}"


@attrs.frozen
class NearMiss:
    """A model that fails few criteria of a query, and what it lacks: first what is known, then what nobody published."""

    model: Model
    lacks: tuple[Lack, ...]

    def __str__(self) -> str:
        return f"{self.model.ref}: {'; '.join(map(str, self.lacks))}"


@attrs.frozen(kw_only=True, repr=False)
class Explanation(Shown):
    """Why models do, or do not, meet a query: the ``steps`` of the funnel, and the nearest of those that do not.

    ``matched`` of ``total`` models meet it. ``near_misses`` fail the fewest criteria; of equal ones those come first that are only unknown,
    then those whose numbers come nearest. Unless the query says ``unknown="include"`` or ``"only"``, what is unknown is a miss.
    """

    query: Query
    total: int
    matched: int
    steps: tuple[Step, ...]
    near_misses: tuple[NearMiss, ...]

    def sheet(self) -> Sheet:
        """Return the funnel as a table, the near misses below it."""
        return Sheet(
            title=f"{self.matched:,} of {self.total:,} models match",
            header=["criterion", "passed", "failed", "unknown", "left"],
            rows=[
                [_criterion(step), *(f"{count:,}" for count in (step.passed, step.failed, step.unknown, step.left))] for step in self.steps
            ],
            notes=["Nearest misses:", *(f"  {miss}" for miss in self.near_misses)] if self.near_misses else [],
        )

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        return f"<Explanation of {self.query!r}: {self.matched} of {self.total} models match>"


def explain_query(catalog: Catalog, query: Query, *, near: int = 5) -> Explanation:
    """Return why models of *catalog* meet *query* or not; see ``Catalog.explain``."""
    if type(near) is not int or near < 0:
        message = f"near must be a whole number of 0 or more, not {near!r}"
        raise QueryError(message, criterion="near", value=near)
    about_columns, about_models = clauses(query, catalog)
    asked: list[_Asked] = [*about_columns, *map(_asked_of_all, about_models)]
    size, missed, left = len(catalog), _MISSED[query.unknown], -1
    judged = [(clause, _verdicts(catalog, clause)) for clause in asked]
    steps, misses = [], [0] * size
    for clause, verdicts in judged:
        left &= int.from_bytes(verdicts, "little")
        misses = list(map(add, misses, verdicts.translate(missed)))
        steps.append(
            Step(
                name=_name(clause),
                asked=_asked(clause),
                passed=verdicts.count(PASS),
                failed=verdicts.count(FAIL),
                unknown=verdicts.count(UNKNOWN),
                left=left.to_bytes(size, "little").translate(missed).count(0),
            )
        )
    return Explanation(
        query=query,
        total=size,
        matched=len(catalog.matching.matching(query)),
        steps=tuple(steps),
        near_misses=_nearest(catalog, judged, misses, missed, near),
    )


def _asked_of_all(clause: ModelClause) -> ModelClause:
    """Return *clause* so that it can be asked of every model.

    The user's ``where`` may count on what ``filter`` checks before it, so where it fails it is taken for unknown. At a model that nothing else
    rules out ``filter`` asks it too, and then its error comes through.
    """
    if clause.name != "where":
        return clause

    def answer(model: Model) -> Any:
        try:
            return clause.fact(model)
        except Exception:  # noqa: BLE001  # it is the user's function: what it may raise is not for us to know
            return None

    return attrs.evolve(clause, fact=answer)


def _verdicts(catalog: Catalog, clause: _Asked) -> bytes:
    if isinstance(clause, ModelClause):
        return clause.verdicts(catalog, range(len(catalog)))
    return catalog.matching.mask(clause).to_bytes(len(catalog), "little")


def _nearest(catalog: Catalog, judged: list[tuple[_Asked, bytes]], misses: list[int], missed: bytes, most: int) -> tuple[NearMiss, ...]:
    """Return the rows with the fewest *misses*, *most* of them, those first that come nearest."""
    found: list[NearMiss] = []
    for count in sorted({*misses} - {0}):
        if len(found) >= most:
            break
        rows = [row for row, number in enumerate(misses) if number == count]
        near = [NearMiss(catalog.at(row), _lacks(catalog, judged, row, missed)) for row in rows]
        found += sorted(near, key=_distance)
    return tuple(found[:most])


def _distance(miss: NearMiss) -> tuple[int, Fraction]:
    return sum(not lack.unknown for lack in miss.lacks), -sum((lack.nearness for lack in miss.lacks), Fraction(0))


def _lacks(catalog: Catalog, judged: list[tuple[_Asked, bytes]], row: int, missed: bytes) -> tuple[Lack, ...]:
    lacks = [
        Lack(name=_name(clause), asked=_asked(clause), found=_found(catalog, clause, row), unknown=verdicts[row] == UNKNOWN)
        for clause, verdicts in judged
        if missed[verdicts[row]]
    ]
    return tuple(sorted(lacks, key=attrgetter("unknown")))


def _found(catalog: Catalog, clause: _Asked, row: int) -> Any:
    """Return what the model of *row* has of what *clause* asks for."""
    if isinstance(clause, ModelClause):
        return clause.fact(catalog.at(row))
    column, means = clause[0].column, clause[0].found
    found = catalog.column(column)[row]
    if means is not None:
        return means(found)
    return _ABSENT.get(column) if found is None else found


def _name(clause: _Asked) -> str:
    return clause.name if isinstance(clause, ModelClause) else " or ".join(one.name for one in clause)


def _asked(clause: _Asked) -> Any:
    return clause.asked if isinstance(clause, ModelClause) else clause[0].asked


def _criterion(step: Step) -> str:
    return step.name if isinstance(step.asked, bool) else f"{step.name} {_text(step.asked)}"


def _text(asked: Any) -> str:
    return " or ".join(sorted(asked)) if isinstance(asked, frozenset) else as_text(asked)
