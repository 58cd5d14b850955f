"""Asking a provider again and again: a daemon thread, or a task. Neither keeps its registry alive."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import weakref
from threading import Event, Thread, current_thread
from typing import TYPE_CHECKING, Any

from .._clock import Clock
from ..errors import QueryError, SettingsError
from ..settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Duration
    from .discovery import Discovery
    from .providing import _Providing

__all__ = ["AsyncRediscovery", "Rediscovery"]

_LOG = logging.getLogger("modelmeta.registry")


class _Again:
    """What threads and tasks have in common. The key is in ``_wish``, which nothing shows."""

    def __init__(
        self,
        registry: _Providing,
        wish: tuple[str, str | None, Any],
        callback: Callable[[Discovery], Any],
        settings: Settings,
        every: Duration | None,
    ) -> None:
        if not callable(callback):
            message = f"callback must be a function of a Discovery, not {callback!r:.100}"
            raise QueryError(message, criterion="callback", value=callback)
        self._registry = weakref.ref(registry)
        self._wish = wish
        self._callback = callback
        self._seconds = _seconds(settings.cache_ttl or settings.refresh_interval if every is None else every)
        self._clock = registry._clock or Clock()  # noqa: SLF001  # the time that both go by
        self._begin()

    if TYPE_CHECKING:  # what each colour does its own way

        def _begin(self) -> None: ...

    def _open(self) -> Any:
        """Return the registry, None where it is gone or closed."""
        registry = self._registry()
        return None if registry is None or registry._stopped.is_set() else registry  # noqa: SLF001  # both are of one room

    def _failed(self) -> None:
        if self._open() is not None:
            _LOG.exception("asking %s for its models failed", self._wish[0])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._wish[0]}>"


def _seconds(every: Duration) -> float:
    try:
        return Settings(refresh_interval=every).refresh_interval.total_seconds()
    except SettingsError:
        message = f"every must be a duration above 0, like '90s', '1h30m' or a number of seconds, not {every!r:.100}"
        raise QueryError(message, criterion="every", value=every) from None


class Rediscovery(_Again):
    """Asks from a daemon thread."""

    def _begin(self) -> None:
        self._over = Event()
        self._thread = Thread(target=self._run, name="modelmeta-discover", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set() and self._turn():
            self._clock.wait(self._over, self._seconds)

    def _turn(self) -> bool:
        """Ask once; return whether the registry is still there."""
        registry = self._open()
        if registry is None:
            return False
        provider, api_key, protocol = self._wish
        try:
            self._callback(registry.discover(provider, api_key=api_key, protocol=protocol, force=True))
        except Exception:  # noqa: BLE001  # it never raises: it logs, and tries again later
            self._failed()
        return self._open() is not None

    def tell(self) -> None:
        """Ask no more, without waiting for what is under way."""
        self._over.set()

    def stop(self) -> None:
        """Ask no more; return when nothing is under way, unless it is the callback that stops it."""
        self.tell()
        if self._thread is not current_thread():
            self._thread.join()


class AsyncRediscovery(_Again):
    """Asks from a task of the event loop in which it was made."""

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while await self._turn():
            await self._clock.sleep(self._seconds)

    async def _turn(self) -> bool:
        registry = self._open()
        if registry is None:
            return False
        provider, api_key, protocol = self._wish
        try:
            heard = self._callback(await registry.discover(provider, api_key=api_key, protocol=protocol, force=True))
            if inspect.isawaitable(heard):
                await heard
        except Exception:  # noqa: BLE001  # as above
            self._failed()
        return self._open() is not None

    def tell(self) -> None:
        """Ask no more, without waiting for what is under way."""
        with contextlib.suppress(RuntimeError):  # its event loop may be closed
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)

    async def stop(self) -> None:
        """Ask no more; return when nothing is under way, unless it is the callback that stops it."""
        self.tell()
        if self._task is not asyncio.current_task():
            await asyncio.wait([self._task])
