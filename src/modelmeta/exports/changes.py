"""What changed, as an Arrow table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..catalog.arrow import DIGITS, SCALE, exact, import_pyarrow
from ..codec.json_text import to_text
from ..records.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa  # type: ignore[import-untyped]  # it brings no types

    from ..catalog.diff import Change

__all__ = ["changes_table"]


def changes_table(changes: Iterable[Change]) -> pa.Table:
    """Return an Arrow table with a row for each of *changes*, in their order; needs the extra ``arrow``.

    ``before`` and ``after`` are JSON, null where there was nothing; ``before_number`` and ``after_number`` are those of them that are numbers,
    exact, as is ``percent``: ``decimal128(38, 24)``. ``at`` is a time in UTC, to the microsecond.

    Args:
        changes: what a registry's ``changes()`` or ``history()`` or a catalog's ``diff()`` returns.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    pa = import_pyarrow()
    text, number = pa.string(), pa.decimal128(DIGITS, SCALE)
    rows = [
        {
            "revision": change.revision,
            "at": change.at,
            "kind": change.kind,
            "provider_id": change.ref.provider_id,
            "id": change.ref.model_id,
            "path": change.path,
            "before": _json(change.before),
            "after": _json(change.after),
            "before_number": _number(change.before),
            "after_number": _number(change.after),
            "percent": change.percent and exact(change.percent),
        }
        for change in changes
    ]
    columns = {
        **dict.fromkeys(("revision", "at", "kind", "provider_id", "id", "path", "before", "after"), text),
        "at": pa.timestamp("us", tz="UTC"),
        **dict.fromkeys(("before_number", "after_number", "percent"), number),
    }
    return pa.Table.from_pylist(rows, pa.schema(list(columns.items())))


def _json(value: Any) -> str | None:
    return None if value is None else to_text(plain(value))


def _number(value: Any) -> Decimal | None:
    return exact(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None
