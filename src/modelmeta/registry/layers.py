"""What a registry reads of upstream, and besides: its overlays, laid over one revision after another, and what its policy allows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ..catalog.catalog import Catalog
from ..catalog.nearest import did_you_mean, nearest
from ..catalog.policy.permitting import judge_of, permitted
from ..catalog.policy.policy import Policy
from ..codec.layer import Layer
from ..codec.overlays.ground import Ground
from ..codec.overlays.merging import atom_of
from ..codec.overlays.overlay import Overlay
from ..codec.overlays.stack import Stack
from ..errors import OverlayError, PolicyError, QueryError
from ..records.cost import CostTier
from ..records.model import Model
from ..records.refs import ModelRef
from .catalogs import snapshot_of

if TYPE_CHECKING:
    from .head import Head

__all__ = ["AnyOverlay", "Drift", "Layers", "Origin", "as_layers"]

AnyOverlay: TypeAlias = "Layer | str | os.PathLike[str] | Mapping[str, Any]"
"""An overlay, a layer, the path of an overlay, or a mapping in the form of one."""

_OURS = ("bundled", "upstream")


@attrs.frozen
class Origin:
    """Where a fact comes from.

    ``layer`` is ``bundled`` (what came in the wheel), ``upstream`` (what a refresh brought), or the name of an overlay; None where nobody
    says the fact. ``value`` is it, ``revision`` the one that upstream says it in, None where an overlay does, and ``ref`` the model of which
    it is said: another one where a row stands on that (``base_model``).
    """

    layer: str | None
    value: Any = attrs.field(default=None, hash=False)
    revision: str | None = None
    ref: ModelRef | None = None


@attrs.frozen
class Drift:
    """A fact of which upstream says something else than when an overlay was written.

    ``field`` is its dotted path in upstream's row, ``before`` what upstream said then, ``now`` what it says, None where nothing any more.
    """

    overlay: str
    ref: ModelRef
    field: str
    before: Any = attrs.field(hash=False)
    now: Any = attrs.field(hash=False)


class Layers:
    """The overlays of a registry, first to last, and its policy."""

    def __init__(self, layers: tuple[Layer, ...], policy: Policy | None = None) -> None:
        self.layers = layers
        self._policy = _as_policy(policy)
        self._stack = Stack(layers)

    def replaced(self, layer: Layer) -> Layers:
        """Return these with *layer* in place of the one of its name, or behind all."""
        names = [each.name for each in self.layers]
        place = names.index(layer.name) if layer.name in names else len(names)
        return Layers((*self.layers[:place], layer, *self.layers[place + 1 :]), self._policy)

    def over(self, upstream: Catalog, earlier: Catalog | None) -> Catalog:
        """Return what is read where upstream says *upstream*: *earlier* is what was read before, of which unchanged models stay the same."""
        snapshot = snapshot_of(upstream)
        laid = self._stack.over(snapshot)
        before = None if earlier is None else judge_of(earlier).catalog
        everything = upstream if laid is snapshot else Catalog(laid, earlier=before or upstream)
        return permitted(everything, self._policy, earlier=earlier)

    def origin(self, head: Head, model: Model, field: str) -> Origin:
        """Return where the fact *field* of *model*, as *head* has it, comes from."""
        value = _fact(model, field)
        atom = atom_of(_keys(model, field))
        if atom is None:
            message = f"{field!r} holds several facts, of which each may come from somewhere else; ask for one, such as 'cost.input'"
            raise QueryError(message, criterion="field", value=field)
        said = self._stack.sayer(Ground(head.snapshot), str(model.ref), atom)
        if value is None or said is None:
            return Origin(None)
        if said.layer is not None:
            return Origin(said.layer, value, None, model.ref)
        ref = ModelRef.parse(said.ref) if "/" in said.ref else None
        return Origin("bundled" if head.revision is None else "upstream", value, head.id, ref)

    def drift(self, head: Head) -> tuple[Drift, ...]:
        """Return what upstream says otherwise than when the overlays were written, in their order."""
        return tuple(
            Drift(moved.layer, ModelRef.parse(moved.ref), ".".join(moved.keys), moved.before, moved.now)
            for moved in self._stack.moved(Ground(head.snapshot))
        )


def _as_policy(given: Policy | None) -> Policy:
    """Return the policy that is *given*, or the one that allows everything.

    Raises:
        PolicyError: it is none.
    """
    if given is None or isinstance(given, Policy):
        return given or Policy()
    message = f"a policy is a Policy, not {type(given).__name__}; Policy.load reads a file, and Policy(**rules) takes a mapping"
    raise PolicyError(message)


def as_layers(given: AnyOverlay | Sequence[AnyOverlay]) -> tuple[Layer, ...]:
    """Return the layers that are *given*, one or several, those of paths read.

    Raises:
        OverlayError: one of them has mistakes, is none, or has the name of another.
        SourceError: one of them cannot be read.
    """
    alone = isinstance(given, (Layer, str, os.PathLike, Mapping))
    layers = tuple(_as_layer(each) for each in ([given] if alone else _several(given)))
    names = [layer.name for layer in layers]
    for name in names:
        if name in _OURS or names.count(name) > 1:
            message = f"an overlay cannot be called {name!r}: {'what is no overlay' if name in _OURS else 'another one'} is; give it a name"
            raise OverlayError(message)
    return layers


def _several(given: object) -> Sequence[Any]:
    if isinstance(given, Sequence):
        return given
    message = f"overlays are a sequence of overlays, layers, paths or mappings, not {given!r:.80}"
    raise OverlayError(message)


def _as_layer(given: object) -> Layer:
    if isinstance(given, Layer):
        return given
    if isinstance(given, (str, os.PathLike)):
        return Overlay.load(given)
    if isinstance(given, Mapping):
        return Overlay.parse(given)
    message = f"an overlay is an Overlay, a Layer, a path or a mapping, not {given!r:.80}"
    raise OverlayError(message)


def _keys(model: Model, field: str) -> tuple[str, ...]:
    """Return the keys of upstream's row that say *field* of *model*."""
    if field in model.extra:
        first, *rest = field.split(".")
        return (first, *rest) if first in _fields(Model) else (field,)
    match field.split("."):
        case ["extra", *keys] if keys:
            return _keys(model, ".".join(keys))
        case ["cost", "modes", *rest]:
            return ("experimental", "modes", *rest[:1], "cost", *rest[1:])
        case keys:
            return tuple(keys)


def _fact(model: Model, field: str) -> Any:
    """Return the fact of *model* at the dotted path *field*, None where nobody says it.

    Raises:
        QueryError: there is no such field.
    """
    if (name := field.removeprefix("extra.")) in model.extra:
        return model.extra[name]
    value: Any = model
    for key in field.split("."):
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, tuple):
            value = next((item for item in value if isinstance(item, CostTier) and str(item.size) == key), None)
        elif value is not None:
            value = _field(value, key, field)
    return None if value == () and field != "reasoning_options" else value


def _field(record: Any, key: str, field: str) -> Any:
    names = [name for name in _fields(type(record)) if name not in {"ref", "subscription"}] if attrs.has(type(record)) else []
    if key in names:
        return getattr(record, key)
    if isinstance(record, Model) and "." not in field:
        return record.extra.get(key)
    message = f"there is no field {field!r}{did_you_mean(nearest(key, names))}"
    raise QueryError(message, criterion="field", value=field)


def _fields(cls: type[Any]) -> list[str]:
    return [field.name for field in attrs.fields(cls)]
