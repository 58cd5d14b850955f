"""How often upstream is asked: the leaky bucket of aiolimiter, for threads."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bucket"]

PERIOD = 60.0


class Bucket:
    """Lets ``rate`` callers through per ``PERIOD`` seconds, the first ``rate`` at once, on the schedule of aiolimiter's ``AsyncLimiter``."""

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._level = 0.0
        self._checked = clock()

    def acquire(self) -> None:
        """Wait until there is room for one more. Waiting holds no lock."""
        while wait := self._try():
            self._sleep(wait)

    def _try(self) -> float:
        """Take a place and return 0, or return for how many seconds there is none."""
        with self._lock:
            now = self._clock()
            self._level = max(0.0, self._level - max(0.0, now - self._checked) * self._rate / PERIOD)
            self._checked = now
            if self._level + 1 <= self._rate:
                self._level += 1
                return 0.0
            return max((self._level + 1 - self._rate) * PERIOD / self._rate, 0.001)
