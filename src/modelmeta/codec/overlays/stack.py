"""Layers, checked once, and laid over one snapshot after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...records.problem import json_path
from ...records.refs import ModelRef
from ..json_text import to_text
from ..models_dev import PART
from ..pieces import assemble
from ..structure import Unreadable, show, structure_model, structure_provider
from .ground import Ground
from .merging import facts, filled, laid, said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from ...records.facts import Part
    from ..layer import Layer
    from ..models_dev import Kind
    from ..shape import Json
    from ..snapshot import Snapshot

__all__ = ["Moved", "Said", "Stack"]

_BASE = ("base_model", "base_model_omit")


@attrs.frozen
class Said:
    """Who says a fact of a model: a layer, or upstream where that is None, of the model ``ref``."""

    layer: str | None
    ref: str


@attrs.frozen
class Moved:
    """A fact of which upstream says something else than when a layer was written."""

    layer: str
    ref: str
    keys: tuple[str, ...]
    before: Any
    now: Any


@attrs.frozen
class _Trouble:
    """What cannot be taken over, or only oddly: where it stands in a catalog.json, and what it is."""

    keys: tuple[str | int, ...]
    reason: str
    raw: Any
    kind: str = "quarantined"


class Stack:
    """The rows and heads of *layers*, those that can be read. Later layers count before earlier ones."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._troubles: list[_Trouble] = []
        self._rows: dict[str, list[tuple[Layer, Mapping[str, Any]]]] = {}
        self._heads: dict[str, list[tuple[Layer, Mapping[str, Any]]]] = {}
        self._aliases: dict[str, str] = {}
        for layer in layers:
            self._take(layer)

    def over(self, upstream: Snapshot) -> Snapshot:
        """Return *upstream* with everything that the layers say, or *upstream* itself where that is nothing new."""
        ground, troubles = Ground(upstream), [*self._troubles]
        heads = {provider_id: _head(ground, provider_id, each) for provider_id, each in self._heads.items()}
        rows: dict[str, str | None] = {}
        for ref, each in self._rows.items():
            provider_id, _, model_id = ref.partition("/")
            if provider_id not in heads and provider_id not in ground.heads:
                reason = f"nobody says what the provider {provider_id!r} is; an overlay can, even by an empty [providers.{provider_id}]"
                troubles += [_Trouble(("providers", provider_id, "models", model_id), reason, row) for _, row in each]
                continue
            known, text = ground.row(ref), to_text(self._row(ground, ref, troubles))
            if not known or text != to_text(known):
                rows[ref] = text
                heads[provider_id] = {"models": {}, **(heads.get(provider_id) or ground.heads[provider_id])}
        raws: dict[Part, Mapping[str, str | None]] = {
            "models": rows,
            "providers": {key: to_text(head) for key, head in heads.items() if head != ground.heads.get(key)},
            "rest": self._rest(ground, ground.places.keys() | rows.keys(), troubles),
        }
        if not any(raws.values()):
            return upstream
        return assemble(upstream, raws, kind=_kind(upstream), source=upstream.source, fetched_at=upstream.fetched_at)

    def sayer(self, ground: Ground, ref: str, atom: tuple[str, ...]) -> Said | None:
        """Return who says a fact, by its keys, of the model *ref*; None where nobody does."""
        found: Said | None = None
        if said(ground.row(ref), atom) is not None:
            found = Said(None, ref)
        elif said(self._inherited(ground, ref) or {}, atom) is not None:
            found = Said(None, self._of_base(ref, "base_model"))
        for layer, row in self._rows.get(ref, ()):
            if said(row, atom) is not None and (layer.wins or found is None):
                found = Said(layer.name, ref)
        return found

    def moved(self, ground: Ground) -> Iterator[Moved]:
        """Yield the facts of which upstream says something else than when a layer was written, as far as the layers tell."""
        for layer in self._layers:
            for ref, row in layer.written_against.items():
                now = ground.row(ref)
                for keys, before in facts(row):
                    says = said(now, keys)
                    if before != says or isinstance(before, bool) is not isinstance(says, bool):
                        yield Moved(layer.name, ref, keys, before, says)

    def _take(self, layer: Layer) -> None:
        """Keep of *layer* what can be read."""
        for ref, row in layer.models.items():
            parsed = ModelRef.parse(ref)
            try:
                _check_base(row)
                structure_model(parsed, row, subscription=False)
            except Unreadable as error:
                self._set_aside(layer, ("providers", parsed.provider_id, "models", parsed.model_id), row, error)
            else:
                self._rows.setdefault(ref, []).append((layer, row))
        for provider_id, head in layer.providers.items():
            try:
                structure_provider(provider_id, {**head})
            except Unreadable as error:
                self._set_aside(layer, ("providers", provider_id), head, error)
            else:
                self._heads.setdefault(provider_id, []).append((layer, head))
        self._aliases = {**self._aliases, **layer.aliases} if layer.wins else {**layer.aliases, **self._aliases}

    def _set_aside(self, layer: Layer, keys: tuple[str, ...], raw: Any, error: Unreadable) -> None:
        self._troubles.append(_Trouble((*keys, *error.path), f"{error.reason}; the overlay {layer.name!r} says so", raw))

    def _row(self, ground: Ground, ref: str, troubles: list[_Trouble]) -> Json:
        """Return the row of *ref*: upstream's, over that of the model it stands on, under those of the layers."""
        provider_id, _, model_id = ref.partition("/")
        row, inherited = ground.row(ref) or {"id": model_id}, self._inherited(ground, ref)
        if inherited is None:
            base = self._of_base(ref, "base_model")
            keys = ("providers", provider_id, "models", model_id, "base_model")
            troubles.append(_Trouble(keys, f"upstream has no model {show(base)} to stand on", base, "odd"))
        row = filled(row, inherited or {})
        for layer, more in self._rows[ref]:
            row = laid(row, more) if layer.wins else filled(row, more)
        return {key: value for key, value in row.items() if key not in _BASE}

    def _inherited(self, ground: Ground, ref: str) -> Json | None:
        """Return what *ref* takes over from the model it stands on; None where there is none such."""
        base = self._of_base(ref, "base_model")
        return {} if base is None else ground.inherited(base, self._of_base(ref, "base_model_omit") or ())

    def _of_base(self, ref: str, key: str) -> Any:
        """Return what the layers say of the model that *ref* stands on."""
        found = None
        for layer, row in self._rows.get(ref, ()):
            found = row.get(key, found) if layer.wins or found is None else found
        return found

    def _rest(self, ground: Ground, refs: Collection[str], troubles: list[_Trouble]) -> dict[str, str | None]:
        """Return the aliases, and the problems that upstream has and those of the layers, each where there is anything new."""
        upstream = ground.snapshot
        aliases = {name: ref for name, ref in self._aliases.items() if ref in refs and name not in refs}
        for name in self._aliases.keys() - aliases.keys():
            reason = "a model has this very reference" if name in refs else f"there is no model {self._aliases[name]!r}"
            troubles.append(_Trouble(("aliases", name), reason, self._aliases[name]))
        rest: dict[str, str | None] = {"aliases": to_text(aliases)} if aliases else {}
        part, kind = PART[upstream.kind], _kind(upstream)
        if troubles or kind != upstream.kind:
            problems = [[_path(kind, *part, tail=path[1:]), *more] for path, *more in upstream.read("problems")]
            for each in troubles:
                problem = [_path(kind, *each.keys), each.reason, each.kind, each.raw]
                problems += [] if problem in problems else [problem]
            rest["problems"] = to_text(problems)
        if kind != upstream.kind:
            rest["asides"] = to_text([[[*part, *keys], raw] for keys, raw in upstream.read("asides")])
        return rest


def _head(ground: Ground, provider_id: str, each: Iterable[tuple[Layer, Mapping[str, Any]]]) -> Json:
    """Return what is known of a provider, with the place that its models have in a document."""
    head: Json = ground.heads.get(provider_id) or {"id": provider_id, "models": {}}
    for layer, more in each:
        head = laid(head, more, {}) if layer.wins else filled(head, more, {})
    return head


def _check_base(row: Mapping[str, Any]) -> None:
    base, omitted = row.get("base_model", ""), row.get("base_model_omit", [])
    if not isinstance(base, str):
        raise Unreadable(("base_model",), f"must be a model's reference, not {show(base)}")
    if not isinstance(omitted, list) or not all(isinstance(path, str) for path in omitted):
        raise Unreadable(("base_model_omit",), f"must be a list of fields, not {show(omitted)}")


def _kind(upstream: Snapshot) -> Kind:
    """Return which document the facts of *upstream* and of layers make."""
    return "catalog.json" if upstream.kind == "models.json" else upstream.kind


def _path(kind: Kind, *keys: str | int, tail: str = "") -> str:
    """Return the path of what stands at *keys* in a catalog.json, in a document of this *kind*."""
    part = PART[kind]
    return json_path(*(keys[len(part) :] if [*keys[: len(part)]] == part else keys)) + tail
