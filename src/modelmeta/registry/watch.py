"""Hearing of what other processes commit."""

from __future__ import annotations

import logging
import weakref
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..stores.store import Store

__all__ = ["Watch", "Watching"]

_LOG = logging.getLogger("modelmeta.registry")
_LONGEST = 5.0
"""So long a thread waits at a time: one whose registry is gone ends then."""
_PAUSE = 0.02
"""So long it rests at least: a store that somebody closed does not wait."""
_AGAIN = 1.0
"""So long after a store failed, or while no event loop runs, it is asked again."""


class Watching(Protocol):
    """What a watch knows of its registry."""

    def known(self) -> str | None:
        """Return the id of the revision it reads, None where the store has never had it."""
        ...

    def hear(self) -> bool:
        """Catch up with the store; return False where nobody is there who could, for now."""
        ...


class Watch:
    """Waits in a daemon thread for the store to have another revision than the registry reads. It does not keep the registry alive.

    Args:
        registry: whose store it is.
        store: what to wait for.
        trust: for how long the registry trusts what it knows of the store, in seconds.
        stopped: what ends it.
    """

    def __init__(self, registry: Watching, store: Store, trust: float, stopped: Event) -> None:
        arguments = (weakref.ref(registry), store, max(trust, _AGAIN), stopped)
        self._thread = Thread(target=_run, args=arguments, name="modelmeta-watch", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()


def _run(ref: weakref.ref[Watching], store: Store, trust: float, stopped: Event) -> None:
    failed, due, pause = False, monotonic() + trust, _PAUSE
    while not stopped.wait(pause) and (registry := ref()) is not None:
        known = registry.known()
        del registry
        try:
            news = store.wait(known, max(0.0, min(due - monotonic(), _LONGEST)))
            pause = _PAUSE
            if (news or monotonic() >= due) and not stopped.is_set() and (registry := ref()) is not None:
                pause = _PAUSE if registry.hear() else _AGAIN
                del registry
                due = monotonic() + trust
            failed = False
        except Exception as error:  # noqa: BLE001  # a store may be anybody's code, and may be back later
            if stopped.is_set():
                return
            _LOG.log(logging.DEBUG if failed else logging.WARNING, "the store cannot be watched, and is tried again: %s", error)
            failed, pause = True, _AGAIN
