"""What a registry reads now, and what it knows about that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import attrs

from ..catalog.catalog import Catalog
from ..codec.snapshot import Snapshot
from .catalogs import bundled_catalog, snapshot_of

if TYPE_CHECKING:
    from ..catalog.diff import ChangeSet
    from ..codec.update import Seen
    from ..stores.store import Revision, Store

__all__ = ["Head", "as_time", "heard", "open_head", "revision_id"]


@attrs.frozen
class Head:
    """One revision and what goes with it. A registry has one, and replaces it whole."""

    catalog: Catalog
    """What upstream says."""
    revision: Revision | None = None
    """As the store keeps it; None while it is only the bundled floor."""
    seen: Seen | None = None
    """What the document looked like as text; None where it was not read by this process."""
    read: Catalog = attrs.field(default=attrs.Factory(lambda head: head.catalog, takes_self=True))
    """What is read: what upstream says, and the overlays of the registry over it."""

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return snapshot_of(self.catalog)

    @property
    def id(self) -> str:
        """What the revision is called. The bundled floor is number 0."""
        return revision_id(0, self.snapshot.digest) if self.revision is None else self.revision.id

    @property
    def stored(self) -> str | None:
        """What the store calls it; None while it is only the bundled floor."""
        return None if self.revision is None else self.revision.id

    @property
    def source(self) -> str | None:
        """Where the facts came from; None while they are only the bundled floor."""
        return None if self.revision is None else self.revision.source

    @property
    def validators(self) -> Mapping[str, str]:
        """What each source, by name, is to be asked with to learn whether it has other facts."""
        return {} if self.revision is None else self.revision.validators

    @property
    def as_of(self) -> datetime | None:
        """When the facts were current; None where nobody said."""
        return (self.revision and self.revision.confirmed_at) or as_time(self.snapshot.fetched_at)


def heard(before: Head, now: Head, upstream: ChangeSet | None = None) -> ChangeSet:
    """Return what changed in what is read, which is what *upstream* changed, where that is known, unless there are overlays."""
    if upstream is not None and before.read is before.catalog and now.read is now.catalog:
        return upstream
    from ..catalog.diff import compare_catalogs  # noqa: PLC0415  # the first answer compares nothing

    return compare_catalogs(before.read, now.read)


def revision_id(number: int, digest: str) -> str:
    """Return what the revision of this *number* is called."""
    return f"{number}-{digest[:12]}"


def as_time(text: str | None) -> datetime | None:
    """Return the time that an ISO 8601 *text* means, in UTC where it does not say."""
    time = None if text is None else datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def open_head(store: Store | None, before: Head | None = None) -> Head:
    """Return the newest revision of *store*, or what came in the wheel.

    Args:
        store: None where nothing was ever kept.
        before: what was read until now: what did not change stays the same objects.
    """
    loaded = None if store is None else store.load()
    if loaded is None:
        return before or Head(bundled_catalog())
    revision, data = loaded
    if before is not None and before.snapshot.digest == revision.digest:
        return attrs.evolve(before, revision=revision)
    return Head(Catalog(Snapshot(data), earlier=None if before is None else before.catalog), revision)
