"""One run at a time, shared by all threads that ask for the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from ..errors import RefreshError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["CLOSED", "WITHIN", "Flights"]

T = TypeVar("T")

CLOSED = "the registry was closed during the refresh"
WITHIN = "a refresh cannot be waited for from within itself: a subscriber or a source called refresh()"


class _Flight(Generic[T]):
    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.thread = threading.current_thread()
        self.over = threading.Event()
        self.result: T | None = None
        self.error: Exception | None = None
        self.afterwards: list[Callable[[], object]] = []


class Flights(Generic[T]):
    """Who asks for what is under way waits for its end and has its result, or its error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flight: _Flight[T] | None = None
        self._closed = False

    def run(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what *work* returns, or what the same work of another thread, under way, does.

        Raises:
            RefreshError: the caller is under way itself, or all flights have landed.
        """
        while True:
            own: _Flight[T] = _Flight(key)
            try:
                with self._lock:
                    if self._closed:
                        raise RefreshError(CLOSED)
                    flight = self._flight = self._flight or own
                if flight is own:
                    return self._lead(own, work)
            finally:  # also where the thread was interrupted before it led
                self._leave(own)
            if flight.thread is own.thread:
                raise RefreshError(WITHIN)
            flight.over.wait()
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
        return flight.result

    def _leave(self, flight: _Flight[T]) -> None:
        with self._lock:
            if self._flight is not flight:
                return
            self._flight = None
        flight.over.set()
        for function in flight.afterwards:
            function()

    def outside(self, function: Callable[[], object]) -> None:
        """Call *function* now or, where the caller is under way itself, when that is over."""
        flight = self._flight
        if flight is not None and flight.thread is threading.current_thread():
            flight.afterwards.append(function)
        else:
            function()

    def land(self) -> None:
        """Let nothing take off any more, and wait until nothing is under way, unless that is the caller itself."""
        with self._lock:
            self._closed = True
            flight = self._flight
        if flight is not None and flight.thread is not threading.current_thread():
            flight.over.wait()
