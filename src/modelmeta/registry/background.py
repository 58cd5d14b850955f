"""Refreshing in the background: a daemon thread, or a task. Neither keeps its registry alive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import weakref
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from ..errors import RefreshError
from .schedule import after_failure, after_success, first
from .threads import in_thread

if TYPE_CHECKING:
    from typing import Any

    from .._clock import Clock
    from .world import World

__all__ = ["AsyncBackground", "Background", "Refreshing"]

_LOG = logging.getLogger("modelmeta.registry")
_MOMENT = 1.0
"""Waiting was long enough so many seconds before its end: clocks round."""


class Refreshing(Protocol):
    """What a background knows of its registry."""

    def refresh(self) -> Any:
        """Refresh; awaited in tasks."""
        ...

    def world(self) -> World:
        """Return what a refresh works on."""
        ...


class _Loop:
    """What threads and tasks have in common: when to refresh, and what a run that ended means for that."""

    def __init__(self, registry: Refreshing) -> None:
        self.registry = weakref.ref(registry)
        self.next_at: float | None = None
        self.clock: Clock
        self._due = 0.0
        self._planned_at: datetime

    def begin(self, world: World) -> None:
        """Plan the first refresh."""
        self.clock = world.clock
        try:
            age = world.age(world.head())
        except Exception:  # noqa: BLE001  # refreshing will say what is wrong
            age = None
        self._plan(first(age, world.settings.refresh_interval))

    def after(self, world: World, error: Exception | None = None) -> None:
        """Plan the next refresh, after one that ended well or with *error*."""
        if error is None:
            self._plan(after_success(world.settings.refresh_interval))
            return
        if not isinstance(error, RefreshError):
            _LOG.error("refreshing in the background failed", exc_info=error)
        self._plan(after_failure(world.failures, world.settings.refresh_interval, error))

    def is_spared(self, world: World) -> bool:
        """Plan anew if another process has refreshed since the last plan; return whether one has."""
        try:
            newest = world.store.head()
        except Exception:  # noqa: BLE001  # refreshing will say what is wrong
            return False
        if newest is None or newest.confirmed_at is None or newest.confirmed_at <= self._planned_at:
            return False
        self._plan(first(world.now() - newest.confirmed_at, world.settings.refresh_interval))
        return True

    def _plan(self, seconds: float) -> None:
        self._due = self.clock.monotonic() + seconds
        self._planned_at = datetime.fromtimestamp(self.clock.time(), UTC)
        self.next_at = self.clock.time() + seconds

    @property
    def left(self) -> float:
        """For how many seconds to wait yet."""
        return max(0.0, self._due - self.clock.monotonic())

    @property
    def is_due(self) -> bool:
        """Whether it is time; who waits for months is woken before."""
        return self.left < _MOMENT


class Background:
    """Refreshes a registry from a daemon thread."""

    def __init__(self, registry: Refreshing) -> None:
        self._loop = _Loop(registry)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=_run, args=(self._loop, self._stopped), name="modelmeta-refresh", daemon=True)
        self._thread.start()

    @property
    def next_at(self) -> float | None:
        """When it refreshes next, in seconds since 1970."""
        return self._loop.next_at

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def tell(self) -> None:
        """Let the thread end, without waiting for it."""
        self._stopped.set()

    def join(self) -> None:
        """Wait for the end of the thread, unless it is the caller."""
        if self._thread is not threading.current_thread():
            self._thread.join()


def _run(loop: _Loop, stopped: threading.Event) -> None:
    going = _begin(loop)
    while going and not loop.clock.wait(stopped, loop.left):
        going = not loop.is_due or _turn(loop)


def _begin(loop: _Loop) -> bool:
    """Plan the first refresh; return whether the registry is still there. It is held on to no longer than this takes."""
    registry = loop.registry()
    if registry is not None:
        loop.begin(registry.world())
    return registry is not None


def _turn(loop: _Loop) -> bool:
    """Refresh once, unless another process has, as ``_begin`` otherwise. What is raised, which holds the registry too, ends here."""
    registry = loop.registry()
    if registry is not None:
        try:
            if not loop.is_spared(registry.world()):
                registry.refresh()
                loop.after(registry.world())
        except Exception as error:  # noqa: BLE001  # the background never raises: it logs, and tries again later
            loop.after(registry.world(), error)
    return registry is not None


class AsyncBackground:
    """Refreshes a registry from a task."""

    def __init__(self, registry: Refreshing) -> None:
        self._loop = _Loop(registry)
        self._task = asyncio.ensure_future(_run_async(self._loop))

    @property
    def next_at(self) -> float | None:
        """When it refreshes next, in seconds since 1970."""
        return self._loop.next_at

    @property
    def is_over(self) -> bool:
        """Whether the task, or its event loop, has ended."""
        return self._task.done() or self._task.get_loop().is_closed()

    def tell(self) -> None:
        """Cancel the task, without waiting for it."""
        with contextlib.suppress(RuntimeError):  # its event loop may be closed
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def stop(self) -> None:
        """Cancel the task, and wait for its end unless that is in another event loop."""
        self.tell()
        if self._task.get_loop() is asyncio.get_running_loop():
            await asyncio.wait([self._task])


async def _run_async(loop: _Loop) -> None:
    going = await _begin_async(loop)
    while going:
        await loop.clock.sleep(loop.left)
        going = not loop.is_due or await _turn_async(loop)


async def _begin_async(loop: _Loop) -> bool:
    registry = loop.registry()
    if registry is not None:
        await in_thread(lambda: loop.begin(registry.world()))  # what it imports or reads takes longer than a turn of the event loop may
    return registry is not None


async def _turn_async(loop: _Loop) -> bool:
    registry = loop.registry()
    if registry is not None:
        try:
            if not await in_thread(lambda: loop.is_spared(registry.world())):
                await registry.refresh()
                loop.after(registry.world())
        except Exception as error:  # noqa: BLE001  # as above
            loop.after(registry.world(), error)
    return registry is not None
