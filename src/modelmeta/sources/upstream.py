"""models.dev, or a mirror of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from .._flow import drive, drive_async
from ..errors import FetchError, StatusError
from .source import Fetched

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from .._flow import Flow

__all__ = ["AsyncUpstream", "Upstream"]

_DOCUMENTS = ("catalog.json?type=all", "api.json?type=all")
"""The first has lab models with benchmarks; some mirrors only have the second. Without ``?type=all`` only chat models would come."""

_NOT_HERE = frozenset({301, 302, 303, 307, 308, 403, 404})
"""How a site answers that has no such document; models.dev redirects to its front page, a store of objects forbids."""

_HOPELESS = 3
"""After so many failures in a row one request is enough to see whether a site is back."""


class _Answer(Protocol):
    @property
    def data(self) -> bytes | None: ...
    @property
    def etag(self) -> str | None: ...


class _Site:
    """The flow of both colours. The validator it hands out names the document beside its ETag, so that it is only used for that."""

    def __init__(self, url: str) -> None:
        self.name: str = url.rstrip("/")
        self._failures = 0

    def _flow(self, validator: str | None) -> Flow[Fetched | None]:
        known, _, etag = (validator or "").partition(" ")
        places = self._places()
        while True:
            place = places.pop(0)
            try:
                answer: _Answer = yield place, etag if place == known else None
            except StatusError as error:
                was_there = place == known and self._failures < _HOPELESS  # it may pass, and what only this one has would be lost
                if error.status not in _NOT_HERE or was_there or not places:
                    self._failures += 1
                    raise
            except FetchError:
                self._failures += 1
                raise
            else:
                self._failures = 0
                return None if answer.data is None else Fetched(answer.data, f"{place} {answer.etag}" if answer.etag else None)

    @property
    def is_document(self) -> bool:
        """Whether the address is that of one document, not of a site."""
        return self.name.partition("?")[0].endswith(".json")

    def _places(self) -> list[str]:
        if self.is_document:
            return [self.name if "?" in self.name else f"{self.name}?type=all"]
        return [f"{self.name}/{document}" for document in _DOCUMENTS]

    @property
    def _retries(self) -> int | None:
        return 0 if self._failures >= _HOPELESS else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Upstream(_Site):
    """The documents at *url*, the address of a site or of one document (``….json``).

    Args:
        url: where it is.
        fetch: what fetches one address, given an ETag and how often to try again.
    """

    def __init__(self, url: str, fetch: Callable[[str, str | None, int | None], _Answer]) -> None:
        super().__init__(url)
        self._fetch = fetch

    def fetch(self, validator: str | None) -> Fetched | None:
        """Return the document, or None where it has not changed since *validator* came with it.

        Raises:
            FetchError: it did not come.
        """

        def perform(step: tuple[str, str | None]) -> _Answer:
            place, etag = step
            return self._fetch(place, etag, self._retries)

        return drive(self._flow(validator), perform)


class AsyncUpstream(_Site):
    """As :class:`Upstream`, awaited."""

    def __init__(self, url: str, fetch: Callable[[str, str | None, int | None], Awaitable[_Answer]]) -> None:
        super().__init__(url)
        self._fetch = fetch

    async def afetch(self, validator: str | None) -> Fetched | None:
        """Return the document, or None where it has not changed since *validator* came with it.

        Raises:
            FetchError: it did not come.
        """

        async def perform(step: tuple[str, str | None]) -> _Answer:
            place, etag = step
            return await self._fetch(place, etag, self._retries)

        return await drive_async(self._flow(validator), perform)
