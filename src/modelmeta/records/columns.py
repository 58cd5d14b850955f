"""One fact of every model, as a column: the form in which facts are stored beside the rows and asked about many at a time."""

from __future__ import annotations

from array import array
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from .capabilities import CAPABILITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .model import Model

__all__ = ["COLUMNS", "Column", "Value", "fact_at"]

Value: TypeAlias = Any

_MODALITY_CAPABILITIES = frozenset(
    {"vision", *(name for name in CAPABILITIES if name.endswith(("_input", "_output")) and name != "structured_output")}
)

COLUMNS: dict[str, Callable[[Model], Value]] = {
    **{name: answer for name, answer in CAPABILITIES.items() if name not in _MODALITY_CAPABILITIES},
    **{
        path: attrgetter(path)
        for path in (
            "canonical_model_id",
            "family",
            "knowledge",
            "last_updated",
            "limit.context",
            "limit.input",
            "limit.output",
            "modalities.input",
            "modalities.output",
            "name",
            "price_state",
            "provider_id",
            "release_date",
            "status",
            "type",
        )
    },
    "cost.input": lambda model: model.cost and model.cost.input,
    "cost.output": lambda model: model.cost and model.cost.output,
}
"""Every column and how a model answers for it. None, like an empty tuple, means that nobody said."""


def fact_at(model: Model, path: str) -> Value:
    """Return the fact of *model* at a dotted path such as ``"cost.cache_read"``, None where something on the way is unknown."""
    value: Any = model
    for name in path.split("."):
        value = None if value is None else getattr(value, name)
    return value


@attrs.frozen(eq=False)
class Column:
    """Every distinct value once, ascending, and for each row which one it has.

    ``codes[row]`` is 0 where nobody said, else 1 + the place of the row's value in ``values``. Codes therefore sort as values do.
    """

    values: tuple[Value, ...]
    codes: array[int]

    @classmethod
    def of(cls, values: Iterable[Value]) -> Column:
        """Return the column of *values*, one for each row."""
        rows = [None if value == () else value for value in values]
        distinct = sorted(value for value in set(rows) if value is not None)
        code = {None: 0, **{value: number for number, value in enumerate(distinct, 1)}}
        return cls._coded(distinct, map(code.__getitem__, rows))

    @classmethod
    def _coded(cls, values: list[Value], codes: Iterable[int]) -> Column:
        return cls(tuple(values), array("H" if len(values) < 1 << 16 else "I", codes))

    def picked(self, rows: Sequence[int], more: Column) -> Column:
        """Return the column whose rows are these *rows* of this one; behind this one's last, those of *more* are counted on."""
        values: list[Value] = [None, *self.values, *more.values]
        codes = [*self.codes, *[code and code + len(self.values) for code in more.codes]]
        picked = [codes[row] for row in rows]
        distinct = sorted(dict.fromkeys(values[code] for code in sorted({*picked} - {0})))  # two runs in order: little to sort
        place = {value: number for number, value in enumerate(distinct, 1)}
        recode = [place.get(value, 0) for value in values]
        return Column._coded(distinct, map(recode.__getitem__, picked))

    def __getitem__(self, row: int) -> Value:
        """Return the value of *row*, None where nobody said."""
        code = self.codes[row]
        return self.values[code - 1] if code else None
