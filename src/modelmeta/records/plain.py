"""Records as plain dicts: nested for programs, flat for tables and diffs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from .cost import Cost, CostTier
from .dates import PartialDate
from .model import Model
from .refs import ModelRef

__all__ = ["flatten", "plain", "to_dict"]


def to_dict(record: Any, told: Callable[[Model], Any] | None = None) -> dict[str, Any]:
    """Return *record* as nested dicts and lists under its own field names.

    Decimals stay Decimals, unknowns stay None, dates and refs become text; a model says ``provider_id``, ``id`` and ``price_state`` first.
    """
    facts = {name: plain(getattr(record, name), told) for name in _names(type(record))}
    if isinstance(record, Model):
        del facts["ref"]
        return {"provider_id": record.provider_id, "id": record.id, "price_state": record.price_state, **facts}
    return facts


def flatten(model: Model) -> dict[str, Any]:
    """Return every fact of *model* under its dotted path (``"cost.tiers.272000.input"``), lists whole, unknowns left out."""
    leaves: dict[str, Any] = {}
    for name in _names(Model):
        if name != "ref":
            _flatten(name, getattr(model, name), leaves)
    return leaves


def _telling(cls: type[Any]) -> tuple[str, ...]:
    names = [field.name for field in attrs.fields(cls)]
    return tuple(name for name in names if name not in _REPEATED.get(cls, ()))


_names: Callable[[type[Any]], tuple[str, ...]] = cache(_telling)  # type: ignore[assignment]  # a class has a hash
"""Gives the fields of a class that say something no other does."""
_AS_THEY_ARE = frozenset({bool, Decimal, float, int, str, type(None)})
_REPEATED: dict[type, set[str]] = {Cost: {"modes"}, Model: {"subscription"}}


def plain(value: Any, told: Callable[[Model], Any] | None = None) -> Any:
    """Return *value* with every record in it as a dict, every sequence as a list, dates and refs as text; models as *told*, if given."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, (PartialDate, ModelRef)):
        return str(value)
    if told is not None and kind is Model:
        return told(value)
    if attrs.has(kind):
        return to_dict(value, told)
    if isinstance(value, dict):
        return {key: plain(item, told) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, told) for item in value]
    return value


def _flatten(path: str, value: Any, leaves: dict[str, Any]) -> None:
    if isinstance(value, PartialDate):
        leaves[path] = value.text
    elif attrs.has(type(value)):
        for name in _names(type(value)):
            _flatten(f"{path}.{name}", getattr(value, name), leaves)
    elif isinstance(value, dict):
        for key, item in value.items():
            _flatten(f"{path}.{key}", item, leaves)
    elif isinstance(value, tuple) and value and isinstance(value[0], CostTier):
        for tier in value:
            for name in _names(CostTier)[:-1]:
                _flatten(f"{path}.{tier.size}.{name}", getattr(tier, name), leaves)
    elif value is not None and value != ():
        leaves[path] = value
