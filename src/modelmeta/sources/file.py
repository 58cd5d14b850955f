"""A file on disk, read again when it changed."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from ..errors import SourceError, SourceNotFoundError
from .source import Fetched

__all__ = ["FileSource"]


class FileSource:
    """A document or snapshot in the file at *path*, gzipped or not, of at most *most_bytes*. Its time of change says whether it is new."""

    offline = True
    """Reading it touches no network."""

    def __init__(self, path: str | os.PathLike[str], *, most_bytes: int) -> None:
        self.name: str = os.fsdecode(path)
        self._most_bytes = most_bytes

    def fetch(self, validator: str | None) -> Fetched | None:
        """Return the file, or None where it is the one *validator* came with.

        Raises:
            SourceError: it cannot be read, or is too large; ``SourceNotFoundError`` when it is not there.
        """
        try:
            with open(self.name, "rb") as file:  # noqa: PTH123  # as everywhere beside the first answer
                facts = os.fstat(file.fileno())
                now = f"{facts.st_mtime_ns} {facts.st_size} {facts.st_ino}"
                if now == validator:
                    return None
                data = file.read(self._most_bytes + 1)
        except FileNotFoundError:
            message = f"there is no file {self.name!r}"
            raise SourceNotFoundError(message, source=self.name) from None
        except (OSError, ValueError) as error:
            message = f"{self.name!r} cannot be read: {error}"
            raise SourceError(message, source=self.name) from error
        if len(data) > self._most_bytes:
            message = f"{self.name!r} holds more than {self._most_bytes:,} bytes; max_document_bytes allows no more"
            raise SourceError(message, source=self.name)
        return Fetched(data, now, datetime.fromtimestamp(facts.st_mtime, UTC))

    def __repr__(self) -> str:
        return f"<FileSource of {self.name!r}>"
