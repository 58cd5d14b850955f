"""Reading the ledger page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from ...records.ledger import Entry
    from ...stores.store import Store

__all__ = ["has_tags", "pages"]

_PAGE = 5_000


def pages(store: Store, after: int = 0, since: datetime | None = None, until: datetime | None = None) -> Iterator[tuple[Entry, ...]]:
    """Yield the entries of *store* with a number greater than *after*, and of these times, in order of numbers, some thousand at once."""
    while page := store.booked(after, _PAGE, since, until):
        yield page
        after = page[-1].number or 0


def has_tags(entry: Entry, tags: Mapping[str, str | None]) -> bool:
    """Return whether *entry* has all of *tags*, None standing for any text."""
    return all(name in entry.tags and text in {None, entry.tags[name]} for name, text in tags.items())
