"""What somebody says besides upstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..errors import InvalidRefError, OverlayError
from ..records.frozen import FrozenDict
from ..records.problem import Mistakes
from ..records.refs import ModelRef
from .overlays.merging import frozen_row
from .shape import modern

__all__ = ["Layer"]


def _rows(part: str, value: Any) -> FrozenDict[str, FrozenDict[str, Any]]:
    mistakes, rows = Mistakes("the layer", OverlayError), {}
    for key, raw in _mapping(part, value, mistakes).items():
        fault = _no_provider(key) if part == "providers" else _no_ref(key)
        if fault or not isinstance(raw, Mapping):
            mistakes.wrong((part, str(key)), fault or f"must be an object, not {raw!r:.80}", raw)
            continue
        try:
            rows[key] = frozen_row(raw if part == "providers" else modern({**raw}), (part, key), mistakes.wrong)
        except RecursionError:
            mistakes.wrong((part, key), "nests too deep", None)
    mistakes.tell()
    return FrozenDict(rows)


def _models(value: Mapping[str, Mapping[str, Any]]) -> FrozenDict[str, FrozenDict[str, Any]]:
    return _rows("models", value)


def _providers(value: Mapping[str, Mapping[str, Any]]) -> FrozenDict[str, FrozenDict[str, Any]]:
    return _rows("providers", value)


def _written_against(value: Mapping[str, Mapping[str, Any]]) -> FrozenDict[str, FrozenDict[str, Any]]:
    return _rows("written_against", value)


def _aliases(value: Mapping[str, str]) -> FrozenDict[str, str]:
    mistakes = Mistakes("the layer", OverlayError)
    aliases: dict[str, str] = {}
    for name, ref in _mapping("aliases", value, mistakes).items():
        fault = _no_ref(ref) if isinstance(name, str) and name else "another name must be text"
        if fault:
            mistakes.wrong(("aliases", str(name)), fault, ref)
        aliases[str(name)] = str(ref)
    mistakes.tell()
    return FrozenDict(aliases)


def _mapping(part: str, value: Any, mistakes: Mistakes) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    mistakes.wrong((part,), f"must be an object, not {value!r:.80}", value)
    return {}


def _no_provider(key: object) -> str | None:
    return None if isinstance(key, str) and key and "/" not in key else f"a provider's id must be text without '/', not {key!r:.80}"


def _no_ref(ref: object) -> str | None:
    try:
        ModelRef.parse(ref)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # it says what is wrong with what is no text
    except InvalidRefError as error:
        return str(error)
    return None


def _named(_layer: Layer, _field: object, name: Any) -> None:
    if not isinstance(name, str) or not name:
        message = f"a layer's name is text, which origin() says, not {name!r:.80}"
        raise OverlayError(message)


@attrs.frozen
class Layer:
    """What somebody says besides upstream: some fields of some models and providers, in upstream's own JSON shape, numbers as Decimal or int.

    ``name`` is what ``origin`` says. ``models`` are fields of rows by reference (nested objects partial too: ``{"cost": {"input": …}}``),
    ``providers`` fields of heads by provider id, ``aliases`` other names with the reference each stands for. Of a layer that does not
    *win* only what upstream, and the layers before it, leave unknown counts. ``written_against`` is what upstream said, by reference, when
    the layer was written: :meth:`Registry.overlay_drift` tells where it says something else now.

    What says nothing (None, an empty object) is left out. Two fields of a row are not upstream's: ``base_model`` is the reference of a
    model, or the id of a lab's, whose facts the row stands on, and ``base_model_omit`` are those it does not take over.

    Raises:
        OverlayError: something in it cannot be; ``.problems`` lists everything, each with its path.
    """

    name: str = attrs.field(validator=_named)
    models: Mapping[str, Mapping[str, Any]] = attrs.field(factory=FrozenDict, converter=_models)
    providers: Mapping[str, Mapping[str, Any]] = attrs.field(factory=FrozenDict, converter=_providers)
    aliases: Mapping[str, str] = attrs.field(factory=FrozenDict, converter=_aliases)
    wins: bool = True
    written_against: Mapping[str, Mapping[str, Any]] = attrs.field(factory=FrozenDict, converter=_written_against, kw_only=True)
