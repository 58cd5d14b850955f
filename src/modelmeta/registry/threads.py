"""Work for threads, awaited."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

__all__ = ["in_loop", "in_thread"]

T = TypeVar("T")


async def in_thread(function: Callable[[], T], stopped: Event | None = None) -> T:
    """Run *function* in a thread of its own. Cancelling sets *stopped*, and waits until the function is over: no thread is left."""
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001  # raised where it is awaited
            errors.append(error)
        loop.call_soon_threadsafe(over.set_result, None)

    thread = Thread(target=contextvars.copy_context().run, args=(work,), name="modelmeta-work", daemon=True)
    thread.start()
    cancelled: asyncio.CancelledError | None = None
    while not over.done():
        try:
            await asyncio.shield(over)
        except asyncio.CancelledError as error:
            cancelled = error
            if stopped is not None:
                stopped.set()
    thread.join()
    if cancelled is not None:
        raise cancelled
    if errors:
        raise errors[0]
    return results[0]


def in_loop(loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, None]], stopped: Event) -> bool:
    """Have *work* done by an event loop of another thread, wait for that until *stopped*, and return whether it was: no closed loop does it."""
    coroutine = work()
    try:
        future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    except RuntimeError:
        coroutine.close()
        return False
    while not stopped.is_set() and not loop.is_closed() and not future.done():
        concurrent.futures.wait([future], timeout=_TURN)
    if loop.is_closed() and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
        coroutine.close()
    if not future.done() or future.cancelled():
        return False
    future.result()
    return True


_TURN = 0.2
"""So long a thread waits at a time for an event loop that may be gone."""
