"""A store in memory: what it keeps, ends with the process."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from .._forks import watch_forks

if TYPE_CHECKING:
    from .store import Refresh, Revision

__all__ = ["MemoryStore"]

_MOST_REFRESHES = 1_000


class MemoryStore:
    """Keeps the newest revision, the one that is held, and the last thousand refreshes. Several registries of one process may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._head: Revision | None = None
        self._held: Revision | None = None
        self._lease: tuple[str, float] = ("", 0.0)
        self._refreshes: dict[str, Refresh] = {}
        watch_forks(self)

    def lease(self, holder: str, seconds: float) -> bool:
        """Let *holder* be the one who refreshes, for at most *seconds*; return whether it is."""
        with self._lock:
            now = time.monotonic()
            free = self._lease[0] == holder or now >= self._lease[1]
            if free:
                self._lease = (holder, now + seconds)
            return free

    def release(self, holder: str) -> None:
        """Let others refresh, if *holder* is the one who does."""
        with self._lock:
            if self._lease[0] == holder:
                self._lease = ("", 0.0)

    def head(self) -> Revision | None:
        """Return the newest revision, None where there is none yet."""
        return self._head

    def commit(self, revision: Revision, *, base: str | None) -> bool:
        """Make *revision* the newest if the newest is *base*, by id; return whether it was. What was held is dropped."""
        with self._lock:
            if (self._head.id if self._head else None) != base:
                return False
            self._head, self._held = revision, None
            return True

    def hold(self, revision: Revision | None) -> None:
        """Keep *revision* aside until somebody accepts it, instead of any that was; None drops that."""
        self._held = revision

    def held(self) -> Revision | None:
        """Return the revision kept aside."""
        return self._held

    def record(self, refresh: Refresh) -> None:
        """Keep *refresh*, in place of what was kept under its id."""
        with self._lock:
            self._refreshes[refresh.id] = refresh
            for outlived in list(self._refreshes)[:-_MOST_REFRESHES]:
                del self._refreshes[outlived]

    def refreshes(self, limit: int) -> tuple[Refresh, ...]:
        """Return the last runs, newest first, at most *limit*."""
        with self._lock:
            return tuple(list(self._refreshes.values())[::-1][:limit])

    def forked(self) -> None:
        """Go on in a child process. Who refreshes the parent's store does not refresh this one."""
        self._lock = Lock()
        self._lease = ("", 0.0)

    def close(self) -> None:
        """Release what the store holds."""
