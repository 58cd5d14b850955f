"""A JSON text, walked member by member, so that no single call into C holds up the other threads."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["Cursor", "UnexpectedError"]

_SPACE = re.compile(r"[ \t\n\r]*")
_OPEN = re.compile(r"\{[ \t\n\r]*")
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_END = re.compile(r"[ \t\n\r]*([,}])[ \t\n\r]*")
_scan = json.JSONDecoder().raw_decode


class UnexpectedError(Exception):
    """Something a cursor does not walk over: no object, a key twice, no JSON."""


class Cursor:
    """A place in a JSON text.

    Raises:
        UnexpectedError: by every method, where the text does not go on as it must.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._skip(_SPACE)

    def begins_with(self, keys: Collection[str]) -> bool:
        """Return whether the first key of the object here, plainly written, is one of *keys*."""
        return bool(re.compile(rf'\{{[ \t\n\r]*"({"|".join(keys)})"').match(self._text, self._at))

    def members(self) -> Iterator[str]:
        """Yield the keys of the object here; whoever asks moves over each value before the next."""
        self._skip(_OPEN)
        if self._text.startswith("}", self._at):
            self._skip(_END)
            return
        keys: set[str] = set()
        end = ","
        while end == ",":
            key = self._key()
            if key in keys:
                raise UnexpectedError
            keys.add(key)
            self._skip(_COLON)
            yield key
            end = self._skip(_END)[1]

    def value(self) -> str:
        """Return the text of the value here, and move over it."""
        begin = self._at
        self._decode()
        return self._text[begin : self._at]

    def finish(self) -> None:
        """Expect nothing more."""
        if self._at != len(self._text):
            raise UnexpectedError

    def _key(self) -> str:
        if not self._text.startswith('"', self._at):
            raise UnexpectedError
        return str(self._decode())

    def _decode(self) -> Any:
        try:
            value, self._at = _scan(self._text, self._at)
        except (ValueError, RecursionError):
            raise UnexpectedError from None
        return value

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise UnexpectedError
        self._at = match.end()
        return match
