"""Some rows of a snapshot, as a snapshot of their own."""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from ..records.columns import COLUMNS, Column
from ..records.problem import Problem, json_path
from .models_dev import PART, Document
from .snapshot import write

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .snapshot import Snapshot

__all__ = ["pick"]


def pick(base: Snapshot, rows: Sequence[int], labs: Collection[str]) -> bytes:
    """Return the snapshot of these *rows* of *base*, ascending, of the providers that have any of them, and of these *labs*' models, by id.

    Of what could not be read, and of what reads oddly, only that is kept which belongs to them.
    """
    refs = [base.refs[row] for row in rows]
    document = Document(base.kind)
    providers = {ref.partition("/")[0] for ref in refs}
    document.heads = {key: head for key, head in base.read("providers") if key in providers}
    document.lab_rows = {key: row for key, row in base.read("lab") if key in labs}
    kept = {*refs}
    document.aliases = {name: ref for name, ref in base.aliases.items() if ref in kept}
    part = PART[base.kind]
    document.asides = [(keys, raw) for keys, raw in base.read("asides") if _belongs([*part, *keys], providers, kept, labs)]
    if problems := base.read("problems"):
        places, above = _Places(refs, providers, labs), json_path(*part)
        document.problems = [Problem(path, reason, raw, kind) for path, reason, kind, raw in problems if places.have(above + path[1:])]
    nothing = Column((), array("H"))
    return write(
        document,
        refs=refs,
        lines=[base.line(row) for row in rows],
        columns={name: base.column(name).picked(rows, nothing) for name in COLUMNS},
        source=base.source,
        fetched_at=base.fetched_at,
    )


def _belongs(keys: list[str], providers: Collection[str], refs: Collection[str], labs: Collection[str]) -> bool:
    """Return whether what stands at *keys* of a catalog.json is a fact of what is kept."""
    match keys:
        case ["providers", provider_id, "models", model_id, *_]:
            return f"{provider_id}/{model_id}" in refs
        case ["providers", provider_id, *_]:
            return provider_id in providers
        case ["models", lab_id, *_]:
            return lab_id in labs
        case _:
            return False


class _Places:
    """Which JSON paths of a catalog.json lead to facts of what is kept."""

    def __init__(self, refs: Sequence[str], providers: Collection[str], labs: Collection[str]) -> None:
        rows = ((provider_id, "models", model_id) for provider_id, _, model_id in (ref.partition("/") for ref in refs))
        self._entries = {*(json_path("providers", *keys) for keys in rows), *(json_path("models", lab_id) for lab_id in labs)}
        self._heads = {json_path("providers", provider_id) for provider_id in providers}
        self._models = {f"{head}.models" for head in self._heads}

    def have(self, path: str) -> bool:
        """Return whether *path* leads into a row, a lab's model or a provider's own facts."""
        above = {path[: match.start()] for match in _STEP.finditer(path)}
        return not above.isdisjoint(self._entries) or (not above.isdisjoint(self._heads) and above.isdisjoint(self._models))


_STEP = re.compile(r"[.\[]|$")
