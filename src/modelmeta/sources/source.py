"""What a source is: somewhere documents come from, asked again only for what is new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

import attrs

__all__ = ["AsyncSource", "Fetched", "Source"]


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


@attrs.frozen
class Fetched:
    """A document as it came.

    ``data`` is a models.dev document (api.json, catalog.json) or a modelmeta snapshot, gzipped or not. ``validator`` is whatever the source wants
    to be asked with next time, such as an ETag or the time of a file; None where it cannot tell new from old. ``fetched_at`` is when the
    facts were current, in UTC where it does not say, None for now.
    """

    data: bytes = attrs.field(repr=False)
    validator: str | None = None
    fetched_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(_in_utc))


@runtime_checkable
class Source(Protocol):
    """Where documents come from. Implement this to bring your own; any exception is a source that failed, and the next is tried."""

    @property
    def name(self) -> str:
        """Where it is, for people: it stands in reports, logs and errors, so it holds no secret."""
        ...

    def fetch(self, validator: str | None) -> Fetched | None:
        """Return the document, or None where it has not changed since *validator* came with it.

        May block: an ``AsyncRegistry`` calls it in a thread. *validator* is None where the document is wanted in any case.
        """
        ...


@runtime_checkable
class AsyncSource(Protocol):
    """A source for ``AsyncRegistry`` alone, whose fetching is awaited."""

    @property
    def name(self) -> str:
        """As in :class:`Source`."""
        ...

    async def afetch(self, validator: str | None) -> Fetched | None:
        """As :meth:`Source.fetch`, awaited."""
        ...
