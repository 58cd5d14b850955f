"""How often upstream is asked: the schedule of aiolimiter's bucket, for threads."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._clock import Clock

__all__ = ["PERIOD", "Bucket"]

PERIOD = 60.0
"""The seconds a rate is counted over."""

_FINEST = 1e-6
"""A shorter wait is none: floats are not exact, and clocks need not be finer than a microsecond."""


class Bucket:
    """Lets *rate* callers through per ``PERIOD``: that many at once, then one each time there is room again."""

    def __init__(self, rate: int, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = Lock()
        self._level = 0.0
        self._checked = clock.monotonic()

    def take(self) -> float:
        """Take a place and return 0, or return for how many seconds there will be none."""
        with self._lock:
            now = self._clock.monotonic()
            self._level = max(0.0, self._level - (now - self._checked) * self._rate / PERIOD)
            self._checked = now
            seconds = (self._level + 1 - self._rate) * PERIOD / self._rate
            if seconds < _FINEST:
                self._level += 1
                return 0.0
            return seconds
