"""From bytes to text, within bounds."""

from __future__ import annotations

import zlib
from gzip import GzipFile
from io import BytesIO

from ..errors import DecodeError

__all__ = ["MOST_BYTES", "to_bytes", "to_utf8"]

MOST_BYTES = 1 << 30
"""The largest document that is unpacked: a hundred times today's, and no bomb."""

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20


def to_bytes(data: bytes, source: str | None = None, most: int = MOST_BYTES) -> bytes:
    """Return *data*, unpacked if it is gzipped, to no more than *most* bytes.

    Raises:
        DecodeError: it is damaged, cut short or larger than *most* unpacked.
    """
    if not data.startswith(_GZIP):
        return data
    pieces: list[bytes] = []
    room = most + 1
    try:
        with GzipFile(fileobj=BytesIO(data)) as file:
            while piece := file.read(min(room, _PIECE)):  # which takes the memory for as much as it is asked for
                pieces.append(piece)
                room -= len(piece)
    except (EOFError, OSError, zlib.error) as error:
        message = f"{source or 'the data'} is not sound gzip: {error}"
        raise DecodeError(message, source=source) from None
    if room == 0:
        message = f"{source or 'the data'} is gzip that unpacks to more than {most:,} bytes"
        raise DecodeError(message, source=source)
    return b"".join(pieces)


def to_utf8(data: bytes, source: str | None = None) -> str:
    """Return *data* as text, without a byte order mark.

    Raises:
        DecodeError: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{source or 'the data'} is not UTF-8 text: {error}"
        raise DecodeError(message, source=source) from None
