"""What the steps of a refresh mean in threads, and in tasks."""

from __future__ import annotations

import asyncio
import inspect
import logging
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from .._flow import drive, drive_async
from ..errors import RefreshError
from ..sources.source import AsyncSource, Source
from .flights import CLOSED
from .threads import in_thread
from .world import Call, Fetch, Notify, Sleep, Stopped, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._flow import Flow
    from ..catalog.diff import Change, ChangeSet

__all__ = ["run_async", "run_sync"]

T = TypeVar("T")

_LOG = logging.getLogger("modelmeta.registry")
_CALLS_AT_ONCE = 20
"""After so many calls of subscribers the event loop gets its turn."""


def run_sync(world: World, flow: Callable[[Callable[[], None]], Flow[T]], stopped: Event) -> T:
    """Run, in this thread, until done or *stopped*, the flow that *flow* makes of what it is to call between pieces of long work."""

    def check() -> None:
        if stopped.is_set():
            raise Stopped

    def perform(step: Call | Fetch | Notify | Sleep) -> Any:
        match step:
            case Call(function):
                return function()
            case Fetch(source, validator):
                assert isinstance(source, Source)  # noqa: S101  # a registry for threads takes no other
                return source.fetch(validator)
            case Notify(changes):
                for callback, change in world.subscriptions.calls(changes):
                    _call(callback, change)
                    check()
            case _:
                world.clock.wait(stopped, step.seconds)
                check()
        return None

    try:
        return drive(flow(check), perform)
    except Stopped:
        raise RefreshError(CLOSED) from None


async def run_async(world: World, flow: Callable[[Callable[[], None]], Flow[T]]) -> T:
    """Run it in this task. Work is done in threads of its own; when the task is cancelled, they end too."""
    stopped = Event()

    def check() -> None:
        if stopped.is_set():
            raise Stopped

    async def perform(step: Call | Fetch | Notify | Sleep) -> Any:
        match step:
            case Call(function):
                return await in_thread(function, stopped)
            case Fetch(source, validator):
                if isinstance(source, AsyncSource):
                    return await source.afetch(validator)
                return await in_thread(lambda: source.fetch(validator), stopped)
            case Notify(changes):
                await _notify(world, changes)
            case _:
                await world.clock.sleep(step.seconds)
        return None

    return await drive_async(flow(check), perform)


def _call(callback: Callable[[Change], Any], change: Change) -> Any:
    try:
        return callback(change)
    except Exception:  # noqa: BLE001  # a subscriber is anybody's code, and harms nobody else
        _LOG.exception("a subscriber failed on %s", change.ref)
        return None


async def _notify(world: World, changes: ChangeSet) -> None:
    for number, (callback, change) in enumerate(world.subscriptions.calls(changes), 1):
        result = _call(callback, change)
        if inspect.isawaitable(result):
            try:
                await result
            except (Exception, asyncio.CancelledError):  # as above
                if _is_cancelled():
                    raise
                _LOG.exception("a subscriber failed on %s", change.ref)
        if number % _CALLS_AT_ONCE == 0:
            await asyncio.sleep(0)


def _is_cancelled() -> bool:
    """Return whether this task is being cancelled, not just something it waits for."""
    task = asyncio.current_task()
    return task is not None and bool(task.cancelling())
