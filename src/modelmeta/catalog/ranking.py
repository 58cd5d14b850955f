"""Which models to prefer among those that meet a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import attrs
from cachetools import LRUCache

from .._forks import unlocked_in_child
from ..display.sheet import SHOWN, Sheet, part_of
from ..display.shown import Shown
from ..display.text import as_text, printable
from ..errors import NoMatchError, QueryError
from ..records.model import Model
from .axes import BENCHMARK, DEFAULT_USAGE, Axis, axis
from .candidates import Candidates, candidates
from .leaderboard import Standard
from .price import Quote, quote
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..records.usage import Usage
    from .catalog import Catalog
    from .query import Criteria, Query

__all__ = ["Preference", "Rank", "Ranked", "Ranking"]

Preference: TypeAlias = Literal["cheapest", "largest_context", "newest"] | str | Standard | Callable[[Model], Any]
"""What to rank by: one of the words, ``"benchmark:<name>"``, a :class:`Standard`, or a function of a model."""

_AXES = {"cheapest": "price", "largest_context": "context", "newest": "date"}
_MODELS_KEPT = 100_000


@attrs.frozen
class Ranked:
    """A model in its place: the ``value`` it was ranked by, None where unknown, and its ``quote`` where a workload was priced."""

    model: Model
    value: Any | None
    quote: Quote | None = None


@unlocked_in_child
class Ranking(Sequence[Ranked], Shown):
    """Models in the order of a preference, best first: a sequence that reads and prices each one when it is touched.

    Those for which it is unknown come last. Immutable; it pickles unless what it was asked with does not.
    """

    def __init__(self, catalog: Catalog, among: Candidates, by: Axis, usage: Usage | None, prefer: Preference) -> None:
        self._catalog = catalog
        self._query = among.query
        self._rows = among.models.rows
        self._page = among.page
        self._axis = by
        self._values: list[Any] = by.values(self._rows)
        self._usage = usage
        self._prefer = prefer

    @property
    def query(self) -> Query:
        """What all of the models meet."""
        return self._query

    @property
    def by(self) -> str:
        """What the models are ranked by."""
        return self._axis.name

    @property
    def usage(self) -> Usage | None:
        """What was priced."""
        return self._usage

    @cached_property
    def _order(self) -> tuple[int, ...]:
        known = [place for place, value in enumerate(self._values) if value is not None]
        known.sort(key=self._plan)
        known.sort(key=lambda place: self._values[place], reverse=self._axis.better == "up")
        unknown = [place for place, value in enumerate(self._values) if value is None]
        return (*known, *unknown)[self._page]

    def bring_in_order(self) -> None:
        """Find the order now rather than when it is first asked for.

        Raises:
            QueryError: the values of the user's function do not compare.
        """
        try:
            _ = self._order
        except (TypeError, ArithmeticError) as error:
            message = f"prefer gave values that do not compare with each other: {error}"
            raise QueryError(message, criterion="prefer", value=self._prefer) from error

    def _plan(self, place: int) -> bool:
        """Return whether a subscription pays, which comes after what is free at the same price."""
        return bool(self._catalog.column("price_state")[self._rows[place]] == "plan")

    @cached_property
    def best(self) -> Model | None:
        """The first model, or None when there is none; finding it does not bring the others in order."""
        known = [value for value in self._values if value is not None]
        if not known or self._page != slice(0, None):
            return self._model(self._order[0]) if self._order else None
        top = max(known) if self._axis.better == "up" else min(known)
        first = self._values.index(top)
        if self._plan(first):
            first = min((place for place, value in enumerate(self._values) if value == top), key=self._plan)
        return self._model(first)

    @cached_property
    def unknown(self) -> int:
        """How many of the models are last because what they are ranked by is unknown."""
        return sum(self._values[place] is None for place in self._order)

    def _model(self, place: int) -> Model:
        return self._catalog.at(self._rows[place])

    @overload
    def __getitem__(self, index: int) -> Ranked: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Ranked, ...]: ...
    def __getitem__(self, index: int | slice) -> Ranked | tuple[Ranked, ...]:
        if isinstance(index, slice):
            return tuple(map(self._ranked, self._order[index]))
        return self._ranked(self._order[index])

    def _ranked(self, place: int) -> Ranked:
        model, value = self._model(place), self._values[place]
        quoted = None if self.usage is None else quote(model, self.usage)
        return Ranked(model, None if value is None else self._axis.read(value), quoted)

    def __len__(self) -> int:
        return len(self._order)

    def __reduce__(self) -> tuple[Any, ...]:
        return _ranked_again, (self._catalog, self._query, self._usage, self._page.start, self._page.stop, self._prefer)

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all of them as a table; notes say how many there are, and for how many the order is unknown."""
        shown = self[:most]
        unit = f"{self.by} ({self._axis.unit})" if self._axis.unit else self.by
        priced = self.usage is not None and self.by != "price"
        rows = [
            [
                str(place),
                str(ranked.model.ref),
                as_text(ranked.value),
                *([as_text(ranked.quote.total)] if priced and ranked.quote else []),
                ranked.quote.state if ranked.quote else ranked.model.price_state,
            ]
            for place, ranked in enumerate(shown, 1)
        ]
        notes = part_of(len(shown), len(self), "models")
        if self.unknown:
            notes.append(f"Last are {self.unknown:,} for which {self.by} is unknown.")
        return Sheet(header=["", "model", unit, *(["USD"] if priced else []), "state"], rows=rows, notes=notes)

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        return (
            f"<Ranking of {len(self)} by {self.by}{': ' * bool(self)}{printable(', '.join(str(ranked.model.ref) for ranked in self[:3]))}>"
        )


def _ranked_again(catalog: Catalog, query: Query, usage: Usage | None, start: int, stop: int | None, prefer: Preference) -> Ranking:
    asked: Criteria = {"offset": start}
    if stop is not None:
        asked["limit"] = stop - start
    if usage is not None:
        asked["usage"] = usage
    return catalog.ranking.rank((query,), asked, prefer)


class Rank:
    """Answers what to prefer, over one catalog, and remembers the latest answers: rankings of 100,000 models in all."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: LRUCache[Hashable, Ranking] = LRUCache(_MODELS_KEPT, getsizeof=lambda ranking: len(ranking._rows) + 1)  # noqa: SLF001  # what it weighs is its own business
        self._lock = Lock()
        self.tally: Tally = Tally()

    @property
    def size(self) -> int:
        """How many answers are remembered."""
        return len(self._known)

    def rank(self, capabilities: tuple[Any, ...], criteria: Criteria, prefer: Preference) -> Ranking:
        """Return the models that meet a query, best first; see ``Reading.rank``."""
        key: Hashable = (prefer, capabilities, *criteria.items(), *map(type, criteria.values()))
        with suppress(KeyError, TypeError), self._lock:  # not asked before, or with a set or a list
            ranking = self._known[key]
            self.tally.hits += 1
            return ranking
        among = candidates(self._catalog, capabilities, criteria)
        by = self._axis(prefer, among.usage)
        usage = DEFAULT_USAGE if among.usage is None and by.name == "price" else among.usage
        ranking = Ranking(self._catalog, among, by, usage, prefer)
        if callable(prefer):
            ranking.bring_in_order()
        elif not among.query.varies:  # either may answer differently next time
            with suppress(TypeError, ValueError), self._lock:  # a set or a list, or more than is kept in all
                self.tally.misses += 1
                self._known[key] = ranking
        return ranking

    def select(self, capabilities: tuple[Any, ...], criteria: Criteria, prefer: Preference) -> Model:
        """Return the best model that meets a query; see ``Reading.select``."""
        ranking = self.rank(capabilities, criteria, prefer)
        if ranking.best is None:
            from .explain import explain_query  # noqa: PLC0415  # only a query that nothing meets needs it

            explanation = explain_query(self._catalog, ranking.query)
            what = (
                f"limit and offset leave none of the {explanation.matched:,} models that meet" if explanation.matched else "no model meets"
            )
            message = f"{what} {ranking.query!r}\n{explanation}"
            raise NoMatchError(message, explanation=explanation)
        return ranking.best

    def _axis(self, prefer: Preference, usage: Usage | None) -> Axis:
        if isinstance(prefer, Standard) or (isinstance(prefer, str) and prefer.startswith(BENCHMARK)):
            return axis(self._catalog, prefer, criterion="prefer")
        if callable(prefer):
            return Axis("your key", None, "down", lambda rows: [_unless_nan(prefer(self._catalog.at(row))) for row in rows])
        if prefer not in list(_AXES):  # what has no hash is refused like the rest
            message = f"prefer must be one of {', '.join(_AXES)}, {BENCHMARK}<name>, a Standard or a function of a model, not {prefer!r}"
            raise QueryError(message, criterion="prefer", value=prefer)
        return axis(self._catalog, _AXES[prefer], usage, criterion="prefer")


def _unless_nan(value: Any) -> Any | None:
    """Return *value*, or None for NaN, which has no place in an order."""
    return value if value == value else None  # noqa: PLR0124  # NaN alone differs from itself
