"""A snapshot in pieces, as a history keeps them, and put together again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ..records.columns import COLUMNS, Column
from ..records.facts import Fact, Part
from ..records.problem import Problem
from ..records.refs import ModelRef
from .build import build_model, build_provider
from .json_text import row_decoder, to_text
from .models_dev import Document
from .snapshot import Snapshot, head_sells_plan, write
from .structure import structure_lab_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..records.lab import LabModel
    from ..records.model import Model
    from .models_dev import Kind
    from .shape import Json

__all__ = ["assemble", "cut", "read_row"]


def cut(base: Snapshot | None, new: Snapshot, model: Callable[[int], Model]) -> list[Fact]:
    """Return the pieces of *new* that are not the same in *base*, those that are gone too; all of them where there is no base.

    A model whose provider began or ceased to sell a plan is not the same: its price means something else.

    Args:
        base: the snapshot of before.
        new: the snapshot of now.
        model: what gives the model of a row of *new*.
    """
    facts = _models(base, new, model)
    counts = new.counts()
    for provider_id, raw in _differing(base, new, "providers"):
        head = new.heads.get(provider_id)
        provider = None if head is None else partial(build_provider, provider_id, head, model_count=counts[provider_id])
        facts.append(Fact("providers", provider_id, raw, provider))
    for lab_id, raw in _differing(base, new, "lab"):
        facts.append(Fact("labs", lab_id, raw, None if raw is None else partial(_lab_model, lab_id, raw)))
    facts += [Fact("rest", name, raw) for name, raw in _changed(_rest(base), _rest(new))]
    return facts


def assemble(base: Snapshot, raws: Mapping[Part, Mapping[str, str | None]], *, kind: Kind, source: str, fetched_at: str | None) -> Snapshot:
    """Return *base* with these pieces, by part and key, in place of its own; None for a piece that is not there. Only those are decoded."""
    heads = _with({key: row_decoder.decode(raw) for key, raw in _part(base, "providers").items()}, raws.get("providers", {}))
    labs = _with({key: row_decoder.decode(raw) for key, raw in _part(base, "lab").items()}, raws.get("labs", {}))
    rest = _with({key: row_decoder.decode(raw) for key, raw in _rest(base).items()}, raws.get("rest", {}))
    document = Document(kind, heads=heads, lab_rows=labs)
    document.problems = [Problem(path, reason, raw, about) for path, reason, about, raw in rest.get("problems", ())]
    document.asides = rest.get("asides", [])
    document.aliases = rest.get("aliases", {})
    lines = {ref: None if raw is None else raw.encode() + b"\n" for ref, raw in raws.get("models", {}).items()}
    for ref, row in _replanned(base, heads).items():
        lines.setdefault(ref, base.line(row))
    places = {ref: row for row, ref in enumerate(base.refs) if ref not in lines}
    read = [(ref, line) for ref, line in lines.items() if line is not None]
    places |= {ref: len(base.refs) + row for row, (ref, _) in enumerate(read)}
    models = [_model(ref, line, heads) for ref, line in read]
    refs = sorted(places, key=lambda ref: ref.partition("/"))
    rows = [places[ref] for ref in refs]
    return Snapshot(
        write(
            document,
            refs=refs,
            lines=[base.line(row) if row < len(base.refs) else read[row - len(base.refs)][1] for row in rows],
            columns={name: base.column(name).picked(rows, Column.of(map(answer, models))) for name, answer in COLUMNS.items()},
            source=source,
            fetched_at=fetched_at,
        )
    )


def read_row(ref: ModelRef, raw: str) -> Model:
    """Return the model that one row describes, whatever its provider sells."""
    return build_model(ref, row_decoder.decode(raw), subscription=False)


def _models(base: Snapshot | None, new: Snapshot, model: Callable[[int], Model]) -> list[Fact]:
    before = {} if base is None else {ref: row for row, ref in enumerate(base.refs)}
    replanned = {} if base is None else _replanned(base, new.heads)
    facts = []
    for row, ref in enumerate(new.refs):
        old, line = before.pop(ref, None), new.line(row)
        if old is None or base is None or ref in replanned or base.line(old) != line:
            facts.append(Fact("models", ref, line.decode().rstrip("\n"), partial(model, row)))
    return facts + [Fact("models", ref, None) for ref in before]


def _lab_model(lab_id: str, raw: str) -> LabModel:
    return structure_lab_model(lab_id, row_decoder.decode(raw))


def _replanned(base: Snapshot, heads: Mapping[str, Json]) -> dict[str, int]:
    """Return the rows of *base*, by reference, whose provider sells a plan in one of *base* and *heads* and not in the other."""
    changed = {key for key in base.heads.keys() & heads.keys() if base.sells_plan(key) != head_sells_plan(key, heads[key])}
    return {ref: row for row, ref in enumerate(base.refs) if ref.partition("/")[0] in changed} if changed else {}


def _model(ref: str, line: bytes, heads: Mapping[str, Json]) -> Model:
    parsed = ModelRef.parse(ref)
    return build_model(
        parsed, row_decoder.decode(line.decode()), subscription=head_sells_plan(parsed.provider_id, heads[parsed.provider_id])
    )


def _part(snapshot: Snapshot | None, part: Literal["providers", "lab"]) -> dict[str, str]:
    """Return a part that is an array of ``[key, value]``, each value as text."""
    return {} if snapshot is None else {key: to_text(value) for key, value in snapshot.read(part)}


def _rest(snapshot: Snapshot | None) -> dict[str, str]:
    """Return what is neither a model nor a provider nor a lab model, where there is any."""
    if snapshot is None:
        return {}
    texts = {"problems": snapshot.text("problems").strip(), "asides": snapshot.text("asides").strip(), "aliases": to_text(snapshot.aliases)}
    return {name: text for name, text in texts.items() if text not in {"[]", "{}"}}


def _differing(base: Snapshot | None, new: Snapshot, part: Literal["providers", "lab"]) -> Iterable[tuple[str, str | None]]:
    """Return the pieces of a part, by key, that are not the same in *base*."""
    if base is not None and base.text(part) == new.text(part):
        return ()
    return _changed(_part(base, part), _part(new, part))


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterable[tuple[str, str | None]]:
    yield from ((key, raw) for key, raw in after.items() if before.get(key) != raw)
    yield from ((key, None) for key in before if key not in after)


def _with(facts: dict[str, Any], raws: Mapping[str, str | None]) -> dict[str, Any]:
    replaced = {**facts, **{key: None if raw is None else row_decoder.decode(raw) for key, raw in raws.items()}}
    return {key: value for key, value in replaced.items() if raws.get(key, "") is not None}
