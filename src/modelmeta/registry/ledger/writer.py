"""Writing the ledger: what waits in memory, and the thread that takes it to the store."""

from __future__ import annotations

import atexit
import logging
from collections import deque
from itertools import islice
from threading import Event, Lock, RLock, Thread, current_thread
from typing import TYPE_CHECKING

from ..._forks import watch_forks
from ...errors import StoreError

if TYPE_CHECKING:
    from ..._clock import Clock
    from ...records.ledger import Entry
    from ...stores.store import Store
    from .budgets import Budgets

__all__ = ["Writer"]

_LOG = logging.getLogger("modelmeta.registry")
_MOST = 100_000
"""So many entries may wait while the store fails."""
_BATCH = 1_000
"""So many do not wait for their second."""
_PAUSE = 1.0
"""So long, in seconds, an entry waits for others to be written with."""
_LOOK = 5.0
"""So often, in seconds, it is looked what other processes spent of a budget."""
_LONG = 86_400.0


class Writer:
    """Takes entries at once, and writes them to *store* in batches, from a daemon thread that begins with the first.

    It knows nothing of the registry, and so keeps none alive.
    """

    def __init__(self, store: Store, clock: Clock, budgets: Budgets) -> None:
        self._store = store
        self._clock = clock
        self._budgets = budgets
        self._start()
        watch_forks(self)

    def _start(self) -> None:
        self.ended: Event = Event()
        """Set when closing has begun."""
        self._lock, self._flushing = RLock(), Lock()  # a garbage collection, anywhere, may end this
        self._wake, self._full = Event(), Event()
        self._waiting: deque[Entry] = deque()
        self._thread: Thread | None = None

    def add(self, entry: Entry) -> None:
        """Let *entry* wait to be written.

        Raises:
            StoreError: too many wait already, or this is closed.
        """
        with self._lock:
            self.begin()
            waiting = len(self._waiting)
            if waiting >= _MOST:
                message = f"{waiting:,} usages wait to be written, since the store has failed for some time; this one is not recorded"
                raise StoreError(message)
            self._waiting.append(entry)
        if not waiting:
            self._wake.set()
        elif waiting + 1 == _BATCH:
            self._full.set()

    def begin(self) -> None:
        """Begin to write, if that has not begun.

        Raises:
            StoreError: this is closed.
        """
        with self._lock:
            if self.ended.is_set():
                message = "this registry was closed; nothing more can be recorded in its ledger"
                raise StoreError(message)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="modelmeta-ledger", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def wake(self) -> None:
        """Let the thread look at once."""
        self._wake.set()

    def flush(self) -> None:
        """Write what waits, and see to the budgets.

        Raises:
            StoreError: the store failed; what was not written goes on waiting.
        """
        with self._flushing:
            left = len(self._waiting)
            while left > 0:
                with self._lock:
                    batch = list(islice(self._waiting, _BATCH))
                self._store.book(batch)
                with self._lock:
                    for _ in batch:
                        self._waiting.popleft()
                left -= len(batch)
        self._budgets.look()

    def end(self) -> None:
        """Let the thread write what waits, and end, without waiting for it."""
        with self._lock:
            self.ended.set()
        self._wake.set()
        self._full.set()

    def close(self) -> None:
        """Write what waits, and end. What the store does not take is lost, and said to be."""
        self.end()
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join()
        self._write_last()

    def _run(self) -> None:
        failed = False
        while not self.ended.is_set():
            self._clock.wait(self._wake, _LOOK if self._budgets.any() else _LONG)
            self._wake.clear()
            if self._waiting:
                self._clock.wait(self._full, _PAUSE)
                self._full.clear()
            try:
                self.flush()
                failed = False
            except Exception as error:  # noqa: BLE001  # a store may be anybody's code, and may be back later
                _LOG.log(logging.DEBUG if failed else logging.WARNING, "the ledger cannot be written, and is tried again: %s", error)
                failed = True
            if self._waiting:
                self._wake.set()
        self._write_last()

    def _write_last(self) -> None:
        atexit.unregister(self.close)
        try:
            self.flush()
        except Exception as error:  # noqa: BLE001  # as above; closing goes on
            _LOG.error("%d usages could not be written into the ledger, and are lost: %s", len(self._waiting), error)
            self._waiting.clear()

    def forked(self) -> None:
        """Go on in a child process. What waits is the parent's to write."""
        atexit.unregister(self.close)
        was_ended = self.ended.is_set()
        self._start()
        if was_ended:
            self.ended.set()
