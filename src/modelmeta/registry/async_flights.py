"""One run at a time, shared by all tasks that ask for the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import RefreshError
from .flights import WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable
    from typing import Any

__all__ = ["AsyncFlights"]

T = TypeVar("T")


class AsyncFlights(Generic[T]):
    """The tasks are those of one event loop. The work is a task of its own; it is cancelled when nobody waits for it any more."""

    def __init__(self) -> None:
        self._task: asyncio.Task[T] | None = None
        self._key: Hashable = None
        self._waiting = 0

    async def run(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return what *work* returns, or what the same work, under way, does."""
        while True:
            task = self._under_way()
            if task is None:
                task = self._task = asyncio.ensure_future(work())
                self._key, self._waiting = key, 0
            elif task is asyncio.current_task():
                raise RefreshError(WITHIN)
            elif self._key != key:
                await asyncio.wait([task])
                continue
            return await self._join(task)

    async def _join(self, task: asyncio.Task[T]) -> T:
        self._waiting += 1
        try:
            await asyncio.wait([task])
        finally:
            self._waiting -= 1
            if not self._waiting and not task.done():
                await _cancel(task)
        if task.cancelled():
            message = "the registry was closed during the refresh"
            raise RefreshError(message)
        return task.result()

    def _under_way(self) -> asyncio.Task[T] | None:
        """Return the task, unless it is over or belongs to a loop that is."""
        task = self._task
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            return None
        return task

    async def land(self) -> None:
        """Cancel what is under way, unless that is the caller itself, and wait for its end."""
        task = self._under_way()
        if task is not None and task is not asyncio.current_task():
            await _cancel(task)


async def _cancel(task: asyncio.Task[Any]) -> None:
    """Cancel *task* and wait until it is over, also when the waiting is cancelled in turn."""
    task.cancel()
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if not task.cancelled():
        task.exception()  # seen, so that nobody is told that it was not
    if cancelled is not None:
        raise cancelled
