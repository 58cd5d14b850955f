"""A snapshot as what layers are laid over: its rows, heads and labs, exact and one at a time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..json_text import row_decoder
from ..shape import modern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..shape import Json
    from ..snapshot import Snapshot

__all__ = ["Ground"]

_INHERITED = (
    *("name", "description", "family", "type", "knowledge", "release_date", "last_updated", "modalities", "limit", "open_weights"),
    *("attachment", "reasoning", "tool_call", "structured_output", "temperature", "canonical_model_id"),
)
"""What models.dev lets a row take over from the model it stands on: what does not depend on who sells it."""


class Ground:
    """What upstream says, in one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def places(self) -> dict[str, int]:
        """The row of each reference."""
        return {ref: row for row, ref in enumerate(self.snapshot.refs)}

    @cached_property
    def heads(self) -> dict[str, Json]:
        """The providers by id, without their models."""
        return dict(self.snapshot.read("providers"))

    @cached_property
    def labs(self) -> dict[str, Json]:
        """The rows of labs' models by id."""
        return dict(self.snapshot.read("lab"))

    def row(self, ref: str) -> Json:
        """Return what upstream says of *ref*, under the names of today; nothing where it does not know it."""
        row = self.places.get(ref)
        return {} if row is None else modern(row_decoder.decode(self.snapshot.line(row).decode()))

    def inherited(self, base: str, omit: Iterable[str]) -> Json | None:
        """Return what a row takes over that stands on *base*, the id of a lab's model or a reference, but for the dotted paths *omit*.

        None where upstream knows no such model.
        """
        row = self.labs.get(base) or self.row(base)
        if not row:
            return None
        known = {"canonical_model_id": base, **row}
        inherited = {key: known[key] for key in _INHERITED if known.get(key) is not None}
        for path in omit:
            inherited = _without(inherited, path.split("."))
        return inherited


def _without(row: Json, keys: list[str]) -> Json:
    key, *within = keys
    if not within or not isinstance(row.get(key), dict):
        return {name: value for name, value in row.items() if name != key or within}
    return {**row, key: _without(row[key], within)}
