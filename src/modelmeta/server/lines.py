"""The log of the server, one JSON object a line."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter

from .front import ACCESS

__all__ = ["Gathering", "Lines"]

_SOON = 0.1


class Gathering(logging.StreamHandler[TextIO]):
    """Writes what an event loop logs together, a tenth of a second later: each line by itself would let other threads go first."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take *record*, to be written soon; at once where there is no event loop."""
        try:
            self._lines.append(self.format(record) + self.terminator)
        except Exception:  # noqa: BLE001  # as every handler does
            self.handleError(record)
        if len(self._lines) == 1:
            try:
                asyncio.get_running_loop().call_later(_SOON, self.flush)
            except RuntimeError:
                self.flush()

    def flush(self) -> None:
        """Write what was taken; also done when the program ends."""
        lines, self._lines = self._lines, []
        self.stream.write("".join(lines))
        super().flush()


class Lines(JsonFormatter):
    """Writes records as JSON; those of requests, of which there are many and all alike, without asking what is in them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* as a line."""
        if record.name != ACCESS:
            return super().format(record)
        said = vars(record)
        return (
            f'{{"level": "{record.levelname}", "logger": "{record.name}", "process": {record.process}, '
            f'"message": {encode_basestring_ascii(record.getMessage())}, "request_id": "{said["request_id"]}", '
            f'"status": {said["status"]}, "seconds": {said["seconds"]}, '
            f'"timestamp": "{datetime.fromtimestamp(record.created, UTC).isoformat()}"}}'
        )
