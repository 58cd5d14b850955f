"""What a registry reads now, and what it knows about that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from ..catalog.catalog import Catalog
from ..codec.snapshot import Snapshot
from .catalogs import bundled_catalog

if TYPE_CHECKING:
    from ..codec.update import Seen
    from ..stores.store import Store

__all__ = ["Head", "as_time", "open_head"]


@attrs.frozen
class Head:
    """One revision and what goes with it. A registry has one, and replaces it whole."""

    catalog: Catalog
    revision: str | None = None
    """Its id in the store; None while it is only the bundled floor."""
    source: str | None = None
    """Where they came from; None while it is only the bundled floor."""
    confirmed_at: datetime | None = None
    """When a source last had just these facts."""
    validators: Mapping[str, str] = attrs.field(factory=dict)
    """What each source, by name, is to be asked with to learn whether it has other facts."""
    seen: Seen | None = None
    """What the document looked like as text; None where it was not read by this process."""

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""
        content = self.catalog.content
        assert isinstance(content, Snapshot)  # noqa: S101  # a registry makes its catalogs of nothing else
        return content

    @property
    def as_of(self) -> datetime | None:
        """When the facts were current; None where nobody said."""
        return self.confirmed_at or as_time(self.snapshot.fetched_at)


def as_time(text: str | None) -> datetime | None:
    """Return the time that an ISO 8601 *text* means, in UTC where it does not say."""
    time = None if text is None else datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def open_head(store: Store | None) -> Head:
    """Return the newest revision of *store*, or what came in the wheel."""
    revision = None if store is None else store.head()
    if revision is None:
        return Head(bundled_catalog())
    validators = {} if revision.validator is None else {revision.source: revision.validator}
    return Head(Catalog(Snapshot(revision.data)), revision.id, revision.source, revision.confirmed_at, validators)
