"""What somebody says besides upstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..records.frozen import freeze

__all__ = ["Layer"]


def _frozen(value: Any) -> Any:
    return freeze(dict(value))


@attrs.frozen
class Layer:
    """What somebody says besides upstream: some fields of some models and providers, in upstream's own JSON shape, numbers as Decimal or int.

    ``name`` is what ``origin`` says. ``models`` are fields of rows by reference (nested objects partial too: ``{"cost": {"input": …}}``),
    ``providers`` fields of heads by provider id, ``aliases`` other names with the reference each stands for. Of a layer that does not
    *win* only what upstream leaves unknown counts.
    """

    name: str
    models: Mapping[str, Mapping[str, Any]] = attrs.field(default={}, converter=_frozen)
    providers: Mapping[str, Mapping[str, Any]] = attrs.field(default={}, converter=_frozen)
    aliases: Mapping[str, str] = attrs.field(default={}, converter=_frozen)
    wins: bool = True
