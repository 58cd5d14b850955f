"""Models as an Arrow table."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError
from ..records.capabilities import CAPABILITIES
from ..records.columns import fact_at
from .frames import KINDS, READ

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import pyarrow as pa  # type: ignore[import-untyped]  # it brings no types

    from ..records.dates import PartialDate
    from ..records.model import Model
    from .model_list import ModelList

__all__ = ["DIGITS", "SCALE", "exact", "import_pyarrow", "models_table"]

DIGITS = 38
"""So many digits has a number in an Arrow column at most."""
SCALE = 24
"""So many of them behind the point: some prices are floats that upstream multiplied, noise and all."""

_UNIT = Decimal(1).scaleb(-SCALE)
_LOSSLESS = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


def models_table(models: ModelList) -> pa.Table:
    """Return an Arrow table of *models*; see ``ModelList.to_arrow``."""
    pa = import_pyarrow()
    types = {
        "text": pa.string(),
        "flag": pa.bool_(),
        "words": pa.list_(pa.string()),
        "count": pa.int64(),
        "rate": pa.decimal128(DIGITS, SCALE),
        "day": pa.date32(),
    }
    return pa.table({name: pa.array(_values(models, kind, fact), types[kind]) for name, (kind, fact) in _COLUMNS.items()})


def import_pyarrow() -> Any:
    """Return the module ``pyarrow``.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415  # comes with the extra
    except ModuleNotFoundError as error:
        message = f'Arrow needs {error.name}: pip install "modelmeta[arrow]"'
        raise MissingExtraError(message, extra="arrow") from error
    return pa


def exact(number: Decimal | int) -> Decimal | None:
    """Return *number* as an Arrow column holds it, None where the column would lose a digit of it."""
    try:
        return _LOSSLESS.quantize(Decimal(number), _UNIT)
    except (Inexact, InvalidOperation):
        return None


def _values(models: ModelList, kind: str, fact: Callable[[Model], Any]) -> list[Any]:
    read = _READ[kind]
    return [None if (value := fact(model)) is None or value == () else read(value) for model in models]


def _day(value: PartialDate) -> date | None:
    """Return the day *value* means, None where it is a month, a year or impossible."""
    first, last = value.span or (None, None)
    return first if first == last else None


_READ: dict[str, Callable[[Any], Any]] = {**READ, "rate": exact, "day": _day}
_COLUMNS: dict[str, tuple[str, Callable[[Model], Any]]] = {
    **{name: (kind, partial(fact_at, path=name)) for name, kind in KINDS.items()},
    **{name: ("flag", answer) for name, answer in CAPABILITIES.items() if name not in KINDS},
    **{f"{name}.day": ("day", attrgetter(name)) for name in ("knowledge", "release_date", "last_updated")},
}
"""The columns, in their order: what each holds, and how a model answers for it."""
