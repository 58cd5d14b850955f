"""Refreshing in the background: a daemon thread, or a task. Neither keeps its registry alive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from ..errors import RefreshError
from .schedule import after_failure, after_success, first

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .refresh import World

__all__ = ["AsyncBackground", "Background", "Refreshing", "watch_forks"]

_LOG = logging.getLogger("modelmeta.registry")


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
        self.clock = registry.world().clock
        self.next_at: float | None = None

    def first(self) -> float:
        """Return after how many seconds to refresh for the first time."""
        registry = self.registry()
        world = None if registry is None else registry.world()
        return 0.0 if world is None else self._plan(first(world.age(world.head()), world.settings.refresh_interval))

    def after(self, world: World, error: Exception | None) -> float:
        """Return after how many seconds to refresh again, after a run that ended well or with *error*."""
        if error is None:
            return self._plan(after_success(world.settings.refresh_interval))
        if not isinstance(error, RefreshError):
            _LOG.error("refreshing in the background failed", exc_info=error)
        return self._plan(after_failure(world.failures, world.settings.refresh_interval, error))

    def _plan(self, seconds: float) -> float:
        self.next_at = self.clock.time() + seconds
        return seconds


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

    def tell(self) -> None:
        """Let the thread end, without waiting for it."""
        self._stopped.set()

    def stop(self) -> None:
        """Let the thread end, and wait for it unless it is the caller."""
        self.tell()
        if self._thread is not threading.current_thread():
            self._thread.join()


def _run(loop: _Loop, stopped: threading.Event) -> None:
    seconds = loop.first()
    while not loop.clock.wait(stopped, seconds):
        registry = loop.registry()
        if registry is None:
            return
        error = None
        try:
            registry.refresh()
        except Exception as failure:  # noqa: BLE001  # the background never raises: it logs, and tries again later
            error = failure
        seconds = loop.after(registry.world(), error)
        del registry


class AsyncBackground:
    """Refreshes a registry from a task."""

    def __init__(self, registry: Refreshing) -> None:
        self._loop = _Loop(registry)
        self._task = asyncio.ensure_future(_run_async(self._loop))

    @property
    def next_at(self) -> float | None:
        """When it refreshes next, in seconds since 1970."""
        return self._loop.next_at

    def tell(self) -> None:
        """Cancel the task, without waiting for it."""
        with contextlib.suppress(RuntimeError):  # its event loop may be closed
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def stop(self) -> None:
        """Cancel the task, and wait for its end unless it is the caller."""
        if self._task is not asyncio.current_task() and self._task.get_loop() is asyncio.get_running_loop():
            self._task.cancel()
            await asyncio.wait([self._task])


async def _run_async(loop: _Loop) -> None:
    seconds = loop.first()
    while True:
        await loop.clock.sleep(seconds)
        registry = loop.registry()
        if registry is None:
            return
        error = None
        try:
            await registry.refresh()
        except Exception as failure:  # noqa: BLE001  # as above
            error = failure
        seconds = loop.after(registry.world(), error)
        del registry


_watched: weakref.WeakSet[Any] = weakref.WeakSet()


def watch_forks(registry: object) -> None:
    """Have *registry* told, by ``forked()``, that it is in a child process, which has none of its parent's threads."""
    _watched.add(registry)


def _forked() -> None:
    for registry in list(_watched):
        registry.forked()


_register: Callable[..., None] | None = getattr(os, "register_at_fork", None)  # Windows has no fork
if _register is not None:
    _register(after_in_child=_forked)
