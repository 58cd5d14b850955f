"""What a refresh did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

import attrs

from ..catalog.diff import Change, ChangeSet, ModelChange
from ..records.problem import Problem
from ..records.refs import ModelRef

__all__ = ["RefreshReport", "RefreshStatus"]

RefreshStatus: TypeAlias = Literal["updated", "unchanged", "held"]


@attrs.frozen(kw_only=True)
class RefreshReport:
    """What a refresh did.

    ``status`` is ``updated`` (the catalog is another now), ``unchanged``, or ``held``: what came looks so wrong that it was put aside, for
    the ``reason`` given, until ``refresh(accept=True)``. ``revision`` is the id of what was found, which for ``held`` is not what is read.
    """

    status: RefreshStatus
    revision: str
    source: str
    """Where the facts came from."""
    changes: ChangeSet
    """From what was read before to what was found, model by model and field by field."""
    problems: tuple[Problem, ...] = ()
    """What of it could not be read, or reads oddly."""
    reason: str | None = None
    """Why it is held."""
    started_at: datetime
    duration: timedelta

    @property
    def added(self) -> tuple[ModelRef, ...]:
        """The models that are new, ordered by reference."""
        return self.changes.added

    @property
    def removed(self) -> tuple[ModelRef, ...]:
        """The models that are gone, ordered by reference."""
        return self.changes.removed

    @property
    def changed(self) -> tuple[ModelChange, ...]:
        """The models of which something changed, each with what did, ordered by reference."""
        return self.changes.changed

    @property
    def price_changes(self) -> tuple[Change, ...]:
        """The prices that changed, one for each field; see ``Change.percent``."""
        return self.changes.price_changes

    def __str__(self) -> str:
        counts = (
            f"{len(self.added):,} added, {len(self.removed):,} removed, {len(self.changed):,} changed, {len(self.price_changes):,} prices"
        )
        return f"{self.status} from {self.source}: {counts}" + (f"; {self.reason}" if self.reason else "")
