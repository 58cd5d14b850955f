"""Time that only moves when told to."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from threading import Condition
from typing import TYPE_CHECKING

import attrs

from .._clock import LONGEST, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event

__all__ = ["FakeClock"]

_STEP = 0.001
_START = datetime(2030, 1, 1, tzinfo=UTC)


@attrs.frozen(eq=False)
class _Sleeper:
    until: timedelta
    over: Callable[[], bool]
    wake: Callable[[], object]


class FakeClock(Clock):
    """A clock that stands still until a test moves it; any number of threads and event loops may share it.

    Who waits on it sleeps until ``advance`` has reached their time, and wakes once: a loop that sleeps for a minute at a time wakes once when
    an hour is advanced, and then finds that an hour has passed. Time is exact to the microsecond, so ten tenths of a second are one.

    Args:
        start: the time it shows at first: a datetime with a time zone, or seconds since 1970.

    >>> from modelmeta.testing import FakeClock
    >>> clock = FakeClock(1_000)
    >>> clock.advance(60)
    >>> clock.time(), clock.monotonic()
    (1060.0, 60.0)
    >>> clock.jump(-1_000)
    >>> clock.time(), clock.monotonic()
    (60.0, 60.0)
    """

    def __init__(self, start: datetime | float = _START) -> None:
        self._wall = start if isinstance(start, datetime) else datetime.fromtimestamp(start, UTC)
        self._elapsed = timedelta()
        self._sleeping: set[_Sleeper] = set()
        self._changed = Condition()  # guards all of the above

    def time(self) -> float:
        """Return the seconds since 1970 (UTC) that it shows."""
        with self._changed:
            return (self._wall + self._elapsed).timestamp()

    def monotonic(self) -> float:
        """Return by how many seconds it was advanced."""
        return self._now().total_seconds()

    def advance(self, by: float | timedelta) -> None:
        """Let time pass and wake those whose time has come, the earliest first.

        Args:
            by: seconds, or a timedelta.

        Raises:
            ValueError: *by* is negative.
        """
        passed = _duration(by)
        if passed < timedelta():
            message = f"time cannot pass by {by!r}; jump sets the wall clock back"
            raise ValueError(message)
        with self._changed:
            self._elapsed += passed
            for sleeper in sorted(self._sleeping, key=attrgetter("until")):
                if sleeper.until <= self._elapsed:
                    sleeper.wake()

    def jump(self, by: float | timedelta) -> None:
        """Set the wall clock forward, or back; no time passes and nobody wakes.

        Args:
            by: seconds, or a timedelta.
        """
        with self._changed:
            self._wall += _duration(by)

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until *event* is set or *seconds* of this clock (at most a month) have passed; return whether it is set."""
        with self._asleep(seconds, event.is_set, lambda: None) as until:
            # Who sets the event does not know of the clock: it is looked at, in real time.
            while self._now() < until and not event.wait(_STEP):
                pass
        return event.is_set()

    async def sleep(self, seconds: float) -> None:
        """Wait in a task until *seconds* of this clock (at most a month) have passed."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken = loop.create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        with self._asleep(seconds, woken.done, lambda: loop.call_soon_threadsafe(wake)):
            await woken

    @property
    def sleepers(self) -> int:
        """How many threads and tasks wait for a time that has not come, or an event that is not set."""
        with self._changed:
            return sum(sleeper.until > self._elapsed and not sleeper.over() for sleeper in self._sleeping)

    def wait_for_sleepers(self, n: int = 1, timeout: float = 5.0) -> None:
        """Wait until *n* threads and tasks, or more, wait on this clock. Blocks the thread: in a coroutine, await ``settle``.

        Raises:
            TimeoutError: there were fewer for *timeout* real seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self.sleepers >= n, timeout):
                raise TimeoutError(self._missing(n, timeout))

    async def settle(self, n: int = 1, timeout: float = 5.0) -> None:  # noqa: ASYNC109  # the twin of wait_for_sleepers
        """Let other tasks run until *n* threads and tasks, or more, wait on this clock.

        Raises:
            TimeoutError: there were fewer for *timeout* real seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while self.sleepers < n:  # noqa: ASYNC110  # threads sleep on it too, and no event of the loop tells when
                    await asyncio.sleep(_STEP)
        except TimeoutError:
            raise TimeoutError(self._missing(n, timeout)) from None

    def _now(self) -> timedelta:
        with self._changed:
            return self._elapsed

    def _missing(self, n: int, timeout: float) -> str:
        return f"{self.sleepers} of {n} wait on the clock after {timeout} seconds"

    @contextmanager
    def _asleep(self, seconds: float, over: Callable[[], bool], wake: Callable[[], object]) -> Iterator[timedelta]:
        """Count as a sleeper for so long, though no longer than ``Clock`` waits; yield when that is over."""
        with self._changed:
            sleeper = _Sleeper(self._elapsed + _duration(min(seconds, LONGEST)), over, wake)
            self._sleeping.add(sleeper)
            self._changed.notify_all()
        try:
            yield sleeper.until
        finally:
            with self._changed:
                self._sleeping.remove(sleeper)


def _duration(by: float | timedelta) -> timedelta:
    return by if isinstance(by, timedelta) else timedelta(seconds=by)
