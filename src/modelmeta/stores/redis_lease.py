"""The lease in Redis: a key that expires soon, and a thread that renews it while its holder lives."""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from ..errors import StoreError
from .redis_server import to_bytes

if TYPE_CHECKING:
    from .redis_server import Keys, RedisServer

__all__ = ["RedisLease"]

_LIFETIME = 5.0
"""So long the lease of a process that died is respected."""
_RENEWAL = 1.5
_MILLISECOND = 0.001

_TAKE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
for _, run in ipairs(redis.call('SMEMBERS', KEYS[2])) do
    if run ~= ARGV[1] then redis.call('SREM', KEYS[2], run) end
end
return 1
"""
_EXPIRE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class RedisLease:
    """Who refreshes. Every method may be called from any thread."""

    def __init__(self, server: RedisServer, keys: Keys) -> None:
        self._server = server
        self._keys = keys
        self._lock = Lock()
        self._taken = ("", 0.0)
        self._keeper: Thread | None = None
        self._closed = Event()

    def take(self, holder: str, seconds: float) -> bool:
        """Let *holder* have it for at most *seconds*, if nobody else has; return whether that is so. The runs of others are over then."""
        until = time.monotonic() + seconds
        with self._lock:
            with self._server.client() as redis:
                if not redis.eval(_TAKE, 2, self._keys.lease, self._keys.running, to_bytes(holder), _lifetime(seconds)):
                    return False
            self._taken = (holder, until)
            if seconds > _LIFETIME and self._keeper is None:
                self._keeper = Thread(target=self._keep, name="modelmeta-lease", daemon=True)
                self._keeper.start()
            return True

    def _keep(self) -> None:
        """Renew what is taken until that is over."""
        while not self._closed.wait(_RENEWAL):
            with self._lock, suppress(StoreError):
                holder, until = self._taken
                left = until - time.monotonic()
                if left <= 0 or not self._expire(holder, _lifetime(left)):
                    self._keeper = None
                    return

    def _expire(self, holder: str, milliseconds: int) -> bool:
        """Let it end in so many *milliseconds*; return whether *holder* had it."""
        with self._server.client() as redis:
            return bool(redis.eval(_EXPIRE, 1, self._keys.lease, to_bytes(holder), milliseconds))

    def release(self, holder: str) -> None:
        """Let others have it, if *holder* does."""
        with self._lock:
            if self._taken[0] == holder:
                self._taken = ("", 0.0)
            self._expire(holder, 0)

    def forked(self) -> None:
        """Go on in a child process: what the parent has taken is not the child's."""
        self._lock, self._taken, self._keeper, self._closed = Lock(), ("", 0.0), None, Event()

    def close(self) -> None:
        """Let others have it."""
        self._closed.set()
        if self._keeper is not None:
            self._keeper.join()
        if time.monotonic() < self._taken[1]:
            with suppress(StoreError):
                self.release(self._taken[0])


def _lifetime(seconds: float) -> int:
    """Return for how many milliseconds it is taken, where *seconds* of it are left."""
    return max(1, int(min(seconds, _LIFETIME) / _MILLISECOND))
