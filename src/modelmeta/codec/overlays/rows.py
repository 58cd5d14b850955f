"""Records, back in upstream's shape of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...records.cost import Cost, CostTier
from ...records.dates import PartialDate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...records.model import Model
    from ...records.provider import Provider
    from ..shape import Json

__all__ = ["head_of", "row_of"]


def row_of(model: Model) -> Json:
    """Return all that *model* knows, as a row."""
    row: Json = _said(model, {"ref", "subscription", "extra"})
    if model.cost is not None:
        costs = {name: {"cost": _value(cost)} for name, cost in model.cost.modes.items()}
        modes = row["experimental"]["modes"] if isinstance(row.get("experimental"), dict) else {}
        if costs:
            row["experimental"] = {"modes": {**modes, **{name: {**modes.get(name, {}), **cost} for name, cost in costs.items()}}}
    _put_back(row, model.extra)
    return row


def head_of(provider: Provider) -> Json:
    """Return all that *provider* says, as a head."""
    return {**_said(provider, {"id", "extra", "model_count"}), **provider.extra}


def _said(record: Any, without: set[str] | frozenset[str] = frozenset()) -> Json:
    """Return the known fields of *record*, as upstream writes them. Of all lists only that of reasoning options is known to be empty."""
    fields = {field.name: getattr(record, field.name) for field in attrs.fields(type(record)) if field.name not in without}
    written = {name: _value(value) for name, value in fields.items() if value is not None and (value != () or name == "reasoning_options")}
    return {name: value for name, value in written.items() if value != {}}


def _value(value: Any) -> Any:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, CostTier):
        return {**_said(value, {"size"}), "tier": {"type": "context", "size": value.size}}
    if isinstance(value, Cost):
        return _said(value, {"modes"})
    if attrs.has(type(value)):
        return _said(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return {key: _value(item) for key, item in value.items()} if isinstance(value, dict) else value


def _put_back(row: Json, extra: Mapping[str, Any]) -> None:
    """Put what has no field of its own where it stood: ``limit.images`` into the limits, if there are any."""
    for path, value in extra.items():
        place: Any = row
        *way, last = path.split(".")
        for key in way:
            place = place.get(key) if isinstance(place, dict) else None
        if way and isinstance(place, dict):
            place[last] = value
        else:
            row[path] = value
