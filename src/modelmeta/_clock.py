"""Time, as the parts that wait see it, so that a test can bring its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Event

__all__ = ["LONGEST", "Clock"]


LONGEST = 30 * 86_400.0
"""No thread waits longer at a time, in seconds: the system has a limit, and settings have none."""


class Clock:
    """The machine's time. ``modelmeta.testing.FakeClock`` is one that only moves when told to."""

    def time(self) -> float:
        """Return the seconds since 1970 (UTC). May jump."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never go back, for measuring."""
        return time.monotonic()

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until *event* is set, at most *seconds* (and at most a month); return whether it is."""
        return event.wait(min(seconds, LONGEST))

    async def sleep(self, seconds: float) -> None:
        """Wait so many *seconds* (at most a month) in a task."""
        import asyncio  # noqa: PLC0415  # threads need none of it

        await asyncio.sleep(min(seconds, LONGEST))
