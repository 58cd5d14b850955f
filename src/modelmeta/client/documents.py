"""The two clients' common ground: documents of models.dev as bytes, each asked for again only when it changed."""

from __future__ import annotations

import asyncio
import time
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx
from aiolimiter import AsyncLimiter

from .._flow import drive, drive_async
from .fetch import Acquire, Answer, Body, Fetch, Send, Sleep, error_of, fetch
from .limiter import PERIOD, Bucket

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from .._flow import Flow
    from ..settings import Settings

__all__ = ["AsyncDocuments", "Documents"]

USER_AGENT = f"modelmeta/{version('modelmeta')}"
_HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict)


class _Shared:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def url(self, path: str) -> str:
        """Return where *path* is."""
        return f"{self.settings.base_url}/{path}"

    def flow(self, path: str, etag: str | None, media: tuple[str, ...] | None) -> Flow[Answer]:
        """Return the flow that fetches *path*."""
        settings = self.settings
        wanted = Fetch(self.url(path), etag, settings.max_document_bytes, **({"media": media} if media else {}))
        return fetch(wanted, retries=settings.max_retries, deadline=settings.deadline.total_seconds(), clock=time.monotonic)

    def request(self, step: Send) -> dict[str, Any]:
        """Return what httpx is asked: the key goes to its own https origin only, and no time is given beyond the deadline's."""
        settings = self.settings
        secret = settings.api_key if settings.base_url.startswith("https://") else None
        return {
            "method": "GET",
            "url": step.fetch.url,
            "headers": {**step.fetch.headers, "User-Agent": USER_AGENT, **({"Authorization": f"Bearer {secret}"} if secret else {})},
            "timeout": max(0.001, min(settings.timeout.total_seconds(), step.until - time.monotonic())),
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.settings.base_url}>"


class Documents(_Shared):
    """Fetches documents; threads may share it. An httpx client that was given is used and never closed."""

    def __init__(self, settings: Settings, http_client: httpx.Client | None = None) -> None:
        super().__init__(settings)
        self._given = http_client
        self._own: httpx.Client | None = None
        self._opening = Lock()
        self._bucket = Bucket(settings.rate_limit)

    def fetch(self, path: str, *, etag: str | None = None, media: tuple[str, ...] | None = None) -> Answer:
        """Return the document at *path*, without data where it still has *etag*.

        Raises:
            FetchError: it did not come.
        """
        return drive(self.flow(path, etag, media), self._perform)

    def _perform(self, step: Acquire | Sleep | Send) -> Answer | None:
        match step:
            case Acquire():
                return self._bucket.acquire()
            case Sleep(seconds):
                return time.sleep(seconds)
            case Send():
                return self._send(step)

    def _send(self, step: Send) -> Answer:
        request = self.request(step)
        timeout = request.pop("timeout")
        client = self._client()
        try:
            response = client.send(client.build_request(**request, timeout=timeout), stream=True, follow_redirects=False)
            try:
                body = Body(step.fetch, response, step.until, time.monotonic)
                for chunk in response.iter_raw():
                    body.feed(chunk)
                return body.answer()
            finally:
                response.close()
        except _HTTPX_ERRORS as error:
            raise error_of(error, step.fetch.url) from error

    def _client(self) -> httpx.Client:
        with self._opening:
            if self._given is None and self._own is None:
                self._own = httpx.Client()
            client = self._given or self._own
            assert client is not None  # noqa: S101  # for type checkers
            return client

    def close(self) -> None:
        """Close the connections; the next fetch opens new ones."""
        with self._opening:
            own, self._own = self._own, None
        if own is not None:
            own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncDocuments(_Shared):
    """Fetches documents; the tasks of one event loop may share it. An httpx client that was given is used and never closed."""

    def __init__(self, settings: Settings, http_client: httpx.AsyncClient | None = None) -> None:
        super().__init__(settings)
        self._given = http_client
        self._own: httpx.AsyncClient | None = None
        self._limiter: AsyncLimiter | None = None

    async def fetch(self, path: str, *, etag: str | None = None, media: tuple[str, ...] | None = None) -> Answer:
        """Return the document at *path*, without data where it still has *etag*.

        Raises:
            FetchError: it did not come.
        """
        return await drive_async(self.flow(path, etag, media), self._perform)

    async def _perform(self, step: Acquire | Sleep | Send) -> Answer | None:
        match step:
            case Acquire():
                self._limiter = self._limiter or AsyncLimiter(self.settings.rate_limit, PERIOD)
                return await self._limiter.acquire()
            case Sleep(seconds):
                return await asyncio.sleep(seconds)
            case Send():
                return await self._send(step)

    async def _send(self, step: Send) -> Answer:
        request = self.request(step)
        timeout = request.pop("timeout")
        if self._given is None and self._own is None:
            self._own = httpx.AsyncClient()
        client = self._given or self._own
        assert client is not None  # noqa: S101  # for type checkers
        try:
            response = await client.send(client.build_request(**request, timeout=timeout), stream=True, follow_redirects=False)
            try:
                body = Body(step.fetch, response, step.until, time.monotonic)
                async for chunk in response.aiter_raw():
                    body.feed(chunk)
                return body.answer()
            finally:
                await response.aclose()
        except _HTTPX_ERRORS as error:
            raise error_of(error, step.fetch.url) from error

    async def aclose(self) -> None:
        """Close the connections; the next fetch opens new ones."""
        own, self._own = self._own, None
        self._limiter = None
        if own is not None:
            await own.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()
