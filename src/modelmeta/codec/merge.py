"""Some providers of one snapshot, all others of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ..records.columns import COLUMNS
from ..records.problem import Problem, json_path
from .models_dev import PART, Document
from .snapshot import Snapshot, write

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

__all__ = ["merge", "merge_by_provider"]

Value = TypeVar("Value")


def merge(base: Snapshot, new: Snapshot, providers: Collection[str]) -> Snapshot:
    """Return *base* with these *providers*, all that belongs to them, as they are in *new*: changed, added or gone."""
    document = Document("catalog.json" if base.kind == "models.json" else base.kind)
    document.heads = merge_by_provider(dict(base.read("providers")), dict(new.read("providers")), providers)
    document.lab_rows = dict(base.read("lab"))
    document.aliases = dict(base.aliases)
    part = PART[document.kind]
    begins = tuple(json_path("providers", provider_id) + end for provider_id in providers for end in ".[")
    for snapshot, inside in ((base, False), (new, True)):
        for path, reason, kind, raw in snapshot.read("problems"):
            whole = json_path(*PART[snapshot.kind]) + path[1:]
            if inside is f"{whole}.".startswith(begins):
                document.problems.append(Problem("$" + whole[len(json_path(*part)) :], reason, raw, kind))
        for keys, raw in snapshot.read("asides"):
            way = [*PART[snapshot.kind], *keys]
            if inside is (way[0] == "providers" and way[1] in providers):
                document.asides.append((way[len(part) :], raw))
    places = merge_by_provider(
        {ref: row for row, ref in enumerate(base.refs)}, {ref: row for row, ref in enumerate(new.refs, len(base.refs))}, providers
    )
    refs = sorted(places, key=lambda ref: ref.partition("/"))
    rows = [places[ref] for ref in refs]
    return Snapshot(
        write(
            document,
            refs=refs,
            lines=[base.line(row) if row < len(base.refs) else new.line(row - len(base.refs)) for row in rows],
            columns={name: base.column(name).picked(rows, new.column(name)) for name in COLUMNS},
            source=new.source,
            fetched_at=base.fetched_at,
        )
    )


def merge_by_provider(base: Mapping[str, Value], new: Mapping[str, Value], providers: Collection[str]) -> dict[str, Value]:
    """Return what *base* has for other providers and *new* for these *providers*, by provider id or reference."""

    def chosen() -> Iterator[tuple[str, Value]]:
        for facts, inside in ((base, False), (new, True)):
            yield from ((key, value) for key, value in facts.items() if inside is (key.partition("/")[0] in providers))

    return dict(chosen())
