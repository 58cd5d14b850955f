"""What a receiver is told."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import attrs

from ..catalog.diff import Change
from ..codec.json_text import to_text
from ..errors import RevisionNotFoundError
from ..records.plain import plain
from ..stores.store import Revision

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..registry.history import History
    from .hook import Hook

__all__ = ["News", "news_after", "news_of"]

_MOST_BYTES = 256 * 1024
_TOLD = ("kind", "ref", "path", "before", "after", "percent")


@attrs.frozen
class News:
    """What one revision changed."""

    revision: Revision
    previous: Revision
    changes: tuple[Change, ...]

    def concerns(self, hook: Hook) -> bool:
        """Return whether *hook* is to be told of any of it."""
        return any(map(hook.wants, self.changes))

    def message(self, hook: Hook) -> str:
        """Return what *hook* is told: the same, however often it is asked."""
        told: list[Any] = []
        wanted = [change for change in self.changes if hook.wants(change)]
        size = 0
        for change in wanted:
            shown = {name: plain(getattr(change, name)) for name in _TOLD}
            size += len(to_text(shown)) + 1
            if size > _MOST_BYTES:
                break
            told.append(shown)
        data = {"revision": self.revision.id, "previous": self.previous.id, "changes": told, "truncated": len(told) < len(wanted)}
        return to_text({"type": "catalog.changed", "timestamp": self.revision.committed_at.isoformat(), "data": data})


def news_after(history: History, number: int) -> Iterator[News]:
    """Yield what each revision later than *number* changed, oldest first. The first revision that is kept has nothing to be compared with."""
    for previous, revision in pairwise(history.revisions()):
        if revision.number > number:
            yield News(revision, previous, history.changes(since=previous, until=revision))


def news_of(history: History, revision_id: str) -> News:
    """Return what one revision changed.

    Raises:
        RevisionNotFoundError: the store keeps it no longer, or not the one before it.
    """
    for previous, revision in pairwise(history.revisions()):
        if revision.id == revision_id:
            return News(revision, previous, history.changes(since=previous, until=revision))
    message = f"the store no longer keeps the revision {revision_id}, or the one before it"
    raise RevisionNotFoundError(message, when=revision_id)
