"""A connection to a client, who may be slow, or have much to say, but not for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import TimerHandle, Transport

__all__ = ["Connection"]

_PATIENCE = 30.0
"""So many seconds a request may take to come."""
_LARGEST_HEAD = 128 * 1024
"""Once so many bytes have come that are no body, and the request is not whole, no more are taken."""


class Connection(HttpToolsProtocol):
    """uvicorn's own, which by itself would wait and listen without end. Between two requests it closes the connection soon."""

    _came = 0
    _whole = False
    _end: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait."""
        super().connection_made(transport)
        self._end = self.loop.call_later(_PATIENCE, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._hurry(waiting=False)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, or several of them."""
        self._whole = False
        self._came += len(data)
        super().data_received(data)
        self._hurry(waiting=not self._whole)  # also where it was a line end, which begins no request
        if self._came > _LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Take the beginning of a request."""
        self._whole = False
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, which is bounded elsewhere."""
        self._came -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Take the end of a request."""
        self._whole, self._came = True, 0
        super().on_message_complete()

    def _hurry(self, *, waiting: bool) -> None:
        """Let the rest of a request come in time, if one is *waiting* for it."""
        if waiting and self._end is None:
            self._end = self.loop.call_later(_PATIENCE, self.transport.close)
        elif not waiting and self._end is not None:
            self._end.cancel()
            self._end = None
