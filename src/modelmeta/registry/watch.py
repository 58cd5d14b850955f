"""Hearing of what other processes commit."""

from __future__ import annotations

import logging
import weakref
from threading import Event, Thread
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing import Any

    from .world import World

__all__ = ["Watch", "Watching"]

_LOG = logging.getLogger("modelmeta.registry")
_LONGEST = 30.0
"""So long a thread waits at a time: one whose registry is gone ends then."""
_PAUSE = 0.02
"""So long it rests at least: a store that somebody closed does not wait."""
_AGAIN = 1.0
"""So long after a store failed it is asked again."""


class Watching(Protocol):
    """What a watch knows of its registry."""

    def world(self) -> World:
        """Return what a refresh works on."""
        ...

    def hear(self) -> Any:
        """Catch up with the store."""
        ...


class Watch:
    """Waits in a daemon thread for the store to have another revision than the registry reads. It does not keep the registry alive."""

    def __init__(self, registry: Watching, stopped: Event) -> None:
        self._thread = Thread(target=_run, args=(weakref.ref(registry), stopped), name="modelmeta-watch", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()


def _run(ref: weakref.ref[Watching], stopped: Event) -> None:
    failed = False
    while not stopped.is_set() and (registry := ref()) is not None:
        world = registry.world()
        known, store = world.head().stored, world.store
        seconds = min(world.settings.cache_ttl.total_seconds() or _AGAIN, _LONGEST)
        del registry, world
        try:
            if store.wait(known, seconds) and not stopped.is_set() and (registry := ref()) is not None:
                registry.hear()
                del registry
            failed = False
            stopped.wait(_PAUSE)
        except Exception as error:  # noqa: BLE001  # a store may be anybody's code, and may be back later
            if stopped.is_set():
                return
            _LOG.log(logging.DEBUG if failed else logging.WARNING, "the store cannot be watched, and is tried again: %s", error)
            failed = True
            stopped.wait(_AGAIN)
