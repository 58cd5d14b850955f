"""What a store is, and what it keeps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeAlias

import attrs

__all__ = ["Refresh", "RefreshOutcome", "Revision", "Store"]

RefreshOutcome: TypeAlias = Literal["running", "updated", "unchanged", "held", "failed"]


@attrs.frozen
class Revision:
    """One state of the catalog: ``id`` is the digest of its facts, ``data`` the snapshot that holds them.

    ``source`` and ``validator`` say where it came from and what that source is to be asked with next time.
    """

    id: str
    data: bytes = attrs.field(repr=False)
    source: str
    validator: str | None = None
    confirmed_at: datetime | None = None
    """When upstream last had just these facts."""


@attrs.frozen(kw_only=True)
class Refresh:
    """One run of a refresh: how it ended, and with what.

    ``id`` tells runs apart, ``duration`` is None while it runs; ``added``, ``removed`` and ``changed`` count models, ``price_changes`` prices.
    ``reason`` is why it was held, ``error`` why it failed.
    """

    id: str
    started_at: datetime
    outcome: RefreshOutcome = "running"
    duration: timedelta | None = None
    source: str | None = None
    revision: str | None = None
    added: int = 0
    removed: int = 0
    changed: int = 0
    price_changes: int = 0
    reason: str | None = None
    error: str | None = None


class Store(Protocol):
    """Where revisions are kept. Every method may be called from any thread, and may block."""

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        ...

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        ...

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        ...

    def commit(self, revision: Revision, *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. What was held is dropped."""
        ...

    def hold(self, revision: Revision | None) -> None:
        """Keep *revision* aside until somebody accepts it, instead of any that was; None drops that."""
        ...

    def held(self) -> Revision | None:
        """Return the revision kept aside."""
        ...

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        ...

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        ...

    def close(self) -> None:
        """Release what the store holds."""
        ...
