"""Whether a revision looks like a catalog that changed, or like one that broke."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..catalog.diff import ChangeSet

__all__ = ["objection"]

_MOST_PROVIDERS_GONE = 0.25
_MOST_PRICES_MOVED = 0.05
_FAR = 100
"""From this factor on, a price did not change but went wrong."""

_LONG = timedelta(days=90)
"""Facts older than this have lost many models for good reason; only how many there are is judged then."""

_INPUT_OUTPUT = ("cost.input", "cost.output")


def objection(
    old: Catalog, new: Catalog, changes: ChangeSet, *, max_shrink: float, age: timedelta | None, bundled: bool, foreign: bool
) -> str | None:
    """Return why *new* should not replace *old* unasked, None where nothing speaks against it.

    Args:
        old: what is read now.
        new: what would be.
        changes: from the one to the other.
        max_shrink: the share of the models that may be gone; 1 lets any number go, of providers too.
        age: how old the facts of *old* are.
        bundled: whether *old* came in the wheel. Months lie between that and a source, so twice as many providers may be gone.
        foreign: whether *new* may be another catalog altogether, of which the wheel knows nothing. It is one if it has mostly models that
            *old* has not; there is nothing to compare it with then.
    """
    if new.content.kind == "models.json" != old.content.kind:
        return "the document is of another kind: it lists the models of labs, and no provider"
    if not len(new):
        return "the document is empty: it lists no model"
    if bundled and foreign and len(changes.added) * 2 > len(new):
        return None
    return _shrunk(old, new, changes, max_shrink, bundled=bundled, aged=age is not None and age > _LONG) or _repriced(old, new, changes)


def _shrunk(old: Catalog, new: Catalog, changes: ChangeSet, max_shrink: float, *, bundled: bool, aged: bool) -> str | None:
    gone = len(old) - len(new) if aged else len(changes.removed)
    if gone > max_shrink * len(old):
        return f"{gone:,} of {len(old):,} models are gone, more than {max_shrink:.0%}"
    before, after = _providers(old), _providers(new)
    gone = len(before) - len(after) if aged else len(before - after)
    most = 1 if max_shrink == 1 else _MOST_PROVIDERS_GONE * (2 if bundled else 1)
    if gone > most * len(before):
        return f"{gone:,} of {len(before):,} providers are gone, more than {most:.0%}"
    return None


def _repriced(old: Catalog, new: Catalog, changes: ChangeSet) -> str | None:
    moved = {change.ref for change in changes.price_changes if change.path in _INPUT_OUTPUT and _is_far(change.before, change.after)}
    priced = _priced(old, new)
    if len(moved) > _MOST_PRICES_MOVED * priced:
        return f"the prices of {len(moved):,} of {priced:,} models moved by {_FAR}x or more, more than {_MOST_PRICES_MOVED:.0%}"
    return None


def _providers(catalog: Catalog) -> set[str]:
    """Return the providers that sell anything."""
    return {ref.partition("/")[0] for ref in catalog.rows}


def _priced(old: Catalog, new: Catalog) -> int:
    """Return how many models that are in both catalogs have a price above 0 in the old one."""
    columns = [old.column(path) for path in _INPUT_OUTPUT]
    return sum(1 for ref, row in old.rows.items() if ref in new.rows and any(column[row] for column in columns))


def _is_far(before: Any, after: Any) -> bool:
    """Return whether a price above 0 moved so far, or became 0; one that is no longer published did neither."""
    return bool(before) and isinstance(after, Decimal) and not before / _FAR < after < before * _FAR
