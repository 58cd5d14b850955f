"""One run at a time, shared by all tasks that ask for the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import RefreshError
from .flights import CLOSED, WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable
    from typing import Any

__all__ = ["AsyncFlights"]

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self.key = key
        self.task = task
        self.waiting = 0


class AsyncFlights(Generic[T]):
    """The tasks are those of one event loop. The work is a task of its own; it is cancelled when nobody waits for it any more."""

    def __init__(self) -> None:
        self._flight: _Flight[T] | None = None
        self._closed = False

    async def run(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what *work* returns, or what the same work, under way, does.

        Raises:
            RefreshError: the caller is under way itself, or all flights have landed.
        """
        while not self._closed:
            flight = self._under_way()
            if flight is None:
                flight = self._flight = _Flight(key, asyncio.ensure_future(work()))
                flight.task.add_done_callback(_seen)
            elif flight.task is asyncio.current_task():
                raise RefreshError(WITHIN)
            elif flight.key != key or flight.task.cancelling():
                await asyncio.wait([flight.task])
                continue
            return await self._join(flight)
        raise RefreshError(CLOSED)

    async def _join(self, flight: _Flight[T]) -> T:
        flight.waiting += 1
        try:
            await asyncio.wait([flight.task])
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                await _cancel(flight.task)
        if flight.task.cancelled():
            raise RefreshError(CLOSED)
        return flight.task.result()

    def _under_way(self) -> _Flight[T] | None:
        """Return the flight, unless it is over or belongs to a loop that is."""
        flight = self._flight
        if flight is None or flight.task.done() or flight.task.get_loop() is not asyncio.get_running_loop():
            return None
        return flight

    def is_within(self) -> bool:
        """Return whether the caller is under way itself."""
        flight = self._under_way()
        return flight is not None and flight.task is asyncio.current_task()

    def outside(self, function: Callable[[], object]) -> None:
        """Call *function* now or, where the caller is under way itself, when that is over."""
        flight = self._under_way()
        if flight is not None and flight.task is asyncio.current_task():
            flight.task.add_done_callback(lambda _: function())
        else:
            function()

    async def land(self) -> None:
        """Let nothing take off any more, cancel what is under way, unless that is the caller itself, and wait for its end."""
        self._closed = True
        flight = self._under_way()
        if flight is not None and flight.task is not asyncio.current_task():
            await _cancel(flight.task)


def _seen(task: asyncio.Task[Any]) -> None:
    """Look at the error of *task*, so that nobody is told that it was not seen: those who waited may have been cancelled."""
    if not task.cancelled():
        task.exception()


async def _cancel(task: asyncio.Task[Any]) -> None:
    """Cancel *task* and wait until it is over, also when the waiting is cancelled in turn."""
    task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
