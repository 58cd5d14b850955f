"""What changed from one catalog to another."""

from __future__ import annotations

from datetime import datetime
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..records.capabilities import CAPABILITIES
from ..records.plain import flatten
from ..records.refs import ModelRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..records.model import Model
    from .catalog import Catalog

__all__ = ["Change", "ChangeKind", "ChangeSet", "ModelChange", "compare_catalogs", "compare_models"]

ChangeKind: TypeAlias = Literal["added", "removed", "price", "limit", "capability", "status", "metadata"]

_CENT = Context(prec=12)


@attrs.frozen
class Change:
    """One thing that changed about one model.

    ``path`` is the field (``"cost.input"``), None for a whole model added or removed; ``before`` and ``after`` are its values, None where it
    had none. ``revision`` and ``at`` say by which revision and when, where it is told from a history; None between two catalogs.
    """

    kind: ChangeKind
    ref: ModelRef
    path: str | None = None
    before: Any = attrs.field(default=None, hash=False)
    after: Any = attrs.field(default=None, hash=False)
    revision: str | None = None
    at: datetime | None = None

    @property
    def percent(self) -> Decimal | None:
        """By how much a number moved, in percent of what it was (12 digits); None where that says nothing."""
        before, after = self.before, self.after
        if isinstance(before, bool) or not isinstance(before, (int, Decimal)) or not isinstance(after, (int, Decimal)) or not before:
            return None
        percent = _CENT.divide(_CENT.multiply(_CENT.subtract(Decimal(after), Decimal(before)), Decimal(100)), Decimal(before))
        return Decimal(f"{percent.normalize(_CENT):f}")  # 20, not 2E+1


@attrs.frozen
class ModelChange:
    """Everything that changed about one model that is in both catalogs."""

    ref: ModelRef
    changes: tuple[Change, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that changed."""
        return tuple(str(change.path) for change in self.changes)


@attrs.frozen(repr=False)
class ChangeSet:
    """What changed from one catalog to another: models ``added``, ``removed`` and ``changed``, each ordered by reference. False when nothing did.

    Iterates over all :class:`Change`.
    """

    added: tuple[ModelRef, ...]
    removed: tuple[ModelRef, ...]
    changed: tuple[ModelChange, ...]

    @property
    def price_changes(self) -> tuple[Change, ...]:
        """The changes of a price; see ``Change.percent``."""
        return tuple(change for change in self if change.kind == "price")

    def __iter__(self) -> Iterator[Change]:
        yield from (Change("added", ref) for ref in self.added)
        yield from (Change("removed", ref) for ref in self.removed)
        for model in self.changed:
            yield from model.changes

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def __repr__(self) -> str:
        return f"<ChangeSet: {len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed>"


def compare_catalogs(old: Catalog, new: Catalog) -> ChangeSet:
    """Return what changed from *old* to *new*. Only rows whose JSON differs are decoded."""
    before, after = old.rows, new.rows
    changed = (
        ModelChange(ModelRef.parse(ref), compare_models(old.peek(row), new.peek(after[ref])))
        for ref, row in before.items()
        if ref in after and old.content.line(row) != new.content.line(after[ref])
    )
    return ChangeSet(
        added=tuple(ModelRef.parse(ref) for ref in after if ref not in before),
        removed=tuple(ModelRef.parse(ref) for ref in before if ref not in after),
        changed=tuple(change for change in changed if change.changes),
    )


def compare_models(old: Model, new: Model) -> tuple[Change, ...]:
    """Return what changed from *old* to *new*, two states of one model, ordered by path."""
    before, after = flatten(old), flatten(new)
    paths = sorted(path for path in before.keys() | after.keys() if not _same(before.get(path), after.get(path)))
    return tuple(Change(_kind(path), new.ref, path, before.get(path), after.get(path)) for path in paths)


def _same(before: Any, after: Any) -> bool:
    """Return whether two facts are equal, and true is not taken for 1."""
    return bool(before == after) and isinstance(before, bool) is isinstance(after, bool)


def _kind(path: str) -> ChangeKind:
    match path.split("."):
        case ["cost", *_] | ["experimental", "modes", _, *_, "cost", _]:
            return "price"
        case ["limit", *_]:
            return "limit"
        case ["modalities" | "reasoning_options" | "interleaved", *_]:
            return "capability"
        case [name] if name in CAPABILITIES:
            return "capability"
        case ["status"]:
            return "status"
        case _:
            return "metadata"
