"""Which of a provider's models its own list names."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from .index import NameIndex
from .spelling import Trimmed, date_at_end, fold, trim

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..catalog import Catalog

__all__ = ["match_list"]


def match_list(catalog: Catalog, provider_id: str, ids: Collection[str]) -> tuple[dict[int, str], list[str]]:
    """Return the rows of *provider_id* that *ids* name, each with the id that names it, and the ids that name none.

    An id names the row that has it letter by letter, or else the only one that it can mean as ``resolve`` understands names. A row without a
    date is also named by the latest id that differs by its date alone: providers list the dated one, and take both.
    """
    named = {row: model_id for model_id in ids if (row := catalog.rows.get(f"{provider_id}/{model_id}")) is not None}
    exact = {*named.values()}
    loose = [model_id for model_id in ids if model_id not in exact]
    unknown = []
    index = NameIndex(catalog) if loose and provider_id in catalog.sellers else None
    for model_id in loose:
        rows = index.tightest(model_id, provider_id)[1] if index is not None else ()
        if len(rows) == 1:
            named.setdefault(rows[0], model_id)
        else:
            unknown.append(model_id)
    return {**_undated(catalog, provider_id, named), **named}, unknown


def _undated(catalog: Catalog, provider_id: str, named: dict[int, str]) -> dict[int, str]:
    """Return the rows without a date, each with the latest dated id of *named* that is the same model."""
    dated: dict[tuple[str, Trimmed], list[tuple[date, int]]] = defaultdict(list)
    for row in named:
        key, day = _dated(catalog.content.refs[row])
        if day is not None:
            dated[key].append((day, row))
    found = {}
    for ref, row in catalog.rows.items():
        if dated and row not in named and ref.startswith(f"{provider_id}/"):
            key, day = _dated(ref)
            if day is None and key in dated:
                found[row] = named[max(dated[key])[1]]
    return found


def _dated(ref: str) -> tuple[tuple[str, Trimmed], date | None]:
    """Return how the id in *ref* is written but for its date, and that."""
    model_id = ref.partition("/")[2]
    trimmed = trim(model_id)
    base, day = date_at_end(trimmed.core)
    return (fold(model_id).rpartition("/")[0], trimmed._replace(core=base)), day
