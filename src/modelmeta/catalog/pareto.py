"""The models that no other beats in two things at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..display.text import as_text
from ..errors import QueryError
from .axes import axis
from .candidates import candidates

if TYPE_CHECKING:
    from ..records.model import Model
    from .axes import Axis
    from .catalog import Catalog
    from .leaderboard import Standard
    from .query import Criteria

__all__ = ["ParetoFront", "Point", "pareto_front"]


@attrs.frozen
class Point:
    """One model on a front, with its values on both axes: Decimal prices and scores, whole tokens, or a ``PartialDate``."""

    model: Model
    x: Any
    y: Any


@attrs.frozen(repr=False, kw_only=True)
class ParetoFront(Shown, Sequence[Point]):
    """The models that no other beats, as a sequence of ``points`` from the best *x* to the worst, and so from the worst *y* to the best.

    One model beats another when it is at least as good on both axes and better on one; equal models beat neither each other. ``x`` and ``y``
    are the names of the axes, ``x_unit`` and ``y_unit`` what their numbers count (None for dates and scores). ``considered`` counts the models
    that met the query and have both values, ``unknown`` those that met it and lack one.
    """

    x: str
    y: str
    points: tuple[Point, ...]
    considered: int
    unknown: int
    x_unit: str | None = None
    y_unit: str | None = None

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Point, ...]: ...
    def __getitem__(self, index: int | slice) -> Point | tuple[Point, ...]:
        return self.points[index]

    def __len__(self) -> int:
        return len(self.points)

    def sheet(self) -> Sheet:
        """Return the table that shows this."""
        axes = [f"{name} ({unit})" if unit else name for name, unit in ((self.x, self.x_unit), (self.y, self.y_unit))]
        return Sheet(
            header=("model", *axes),
            rows=[(str(point.model.ref), as_text(point.x), as_text(point.y)) for point in self],
            notes=[
                f"Of {self.considered:,} models." + f" {self.unknown:,} more are left out: one of the two is unknown." * bool(self.unknown)
            ],
        )

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        return f"<ParetoFront of {self.x} and {self.y}: {len(self.points)} of {self.considered} models>"


def pareto_front(catalog: Catalog, capabilities: tuple[Any, ...], criteria: Criteria, x: str | Standard, y: str | Standard) -> ParetoFront:
    """Return the models that meet a query and that no other beats in both *x* and *y*; see ``Catalog.pareto``.

    ``limit`` and ``offset`` cut the front, once it is known; equal models are in the order of references.

    Raises:
        QueryError: *x* and *y* are the same, ``sort`` is given, or as in :func:`axis`.
    """
    among = candidates(catalog, capabilities, criteria)
    across, up = (axis(catalog, what, among.usage, criterion=name) for name, what in (("x", x), ("y", y)))
    if across.name == up.name:
        message = f"x and y are both {up.name}: the best of one thing is what rank tells"
        raise QueryError(message, criterion="y", value=y)
    rows = among.models.rows
    known = [place for place in zip(rows, across.values(rows), up.values(rows), strict=True) if None not in place]
    places = zip(_places(across, [place[1] for place in known]), _places(up, [place[2] for place in known]), range(len(known)), strict=True)
    on_front = []
    last, least = -1, len(known)
    for place_x, place_y, number in sorted(places):
        if place_y < least or (place_x, place_y) == (last, least):
            on_front.append(known[number])
            last, least = place_x, place_y
    return ParetoFront(
        x=across.name,
        y=up.name,
        points=tuple(Point(catalog.at(row), across.read(x_value), up.read(y_value)) for row, x_value, y_value in on_front[among.page]),
        considered=len(known),
        unknown=len(rows) - len(known),
        x_unit=across.unit,
        y_unit=up.unit,
    )


def _places(along: Axis, values: list[Any]) -> list[int]:
    """Return for each of *values* how many distinct ones are better."""
    place = {value: number for number, value in enumerate(sorted(set(values), reverse=along.better == "up"))}
    return [place[value] for value in values]
