"""One run at a time, shared by all threads that ask for the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import RefreshError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["WITHIN", "Flights"]

T = TypeVar("T")

WITHIN = "a refresh cannot be waited for from within itself: a subscriber called refresh() or close()"


class _Flight(Generic[T]):
    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.thread = threading.current_thread()
        self.over = threading.Event()
        self.result: T | None = None
        self.error: Exception | None = None


class Flights(Generic[T]):
    """Who asks for what is under way waits for its end and has its result, or its error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flight: _Flight[T] | None = None

    def run(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what *work* returns, or what the same work of another thread, under way, does."""
        while True:
            with self._lock:
                flight = self._flight
                mine = flight is None
                if flight is None:
                    flight = self._flight = _Flight(key)
            if mine:
                return self._lead(flight, work)
            self._wait(flight)
            if flight.key == key:
                if flight.error is not None:
                    raise flight.error
                if flight.result is not None:
                    return flight.result

    def _lead(self, flight: _Flight[T], work: Callable[[], T]) -> T:
        try:
            flight.result = work()
        except Exception as error:
            flight.error = error
            raise
        else:
            return flight.result
        finally:
            with self._lock:
                self._flight = None
            flight.over.set()

    def _wait(self, flight: _Flight[T]) -> None:
        if flight.thread is threading.current_thread():
            raise RefreshError(WITHIN)
        flight.over.wait()

    def land(self) -> None:
        """Wait until nothing is under way, unless that is the caller itself."""
        flight = self._flight
        if flight is not None and flight.thread is not threading.current_thread():
            flight.over.wait()
