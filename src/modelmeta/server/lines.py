"""The log of the server, one JSON object a line."""

from __future__ import annotations

from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

from pythonjsonlogger.json import JsonFormatter

from .front import ACCESS

if TYPE_CHECKING:
    from logging import LogRecord

__all__ = ["Lines"]


class Lines(JsonFormatter):
    """Writes records as JSON; those of requests, of which there are many and all alike, without asking what is in them."""

    def format(self, record: LogRecord) -> str:
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
