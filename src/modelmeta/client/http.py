"""The two HTTP clients: each runs the same flow, one in threads, one in tasks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from importlib.metadata import version
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from aiolimiter import AsyncLimiter

from .._clock import LONGEST, Clock
from .._flow import drive, drive_async
from ..errors import DeadlineError, FetchError
from .body import HTTPX_ERRORS, UNUSABLE, Body, error_of
from .fetch import Acquire, Answer, Send, Sleep, Wanted, fetch
from .limiter import PERIOD, Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._flow import Flow
    from ..settings import Settings

__all__ = ["AsyncHttp", "Http"]

_MOMENT = 1.0
"""For how many seconds a thread that was broken off is waited for: one that looks up a name cannot be hurried."""

_USER_AGENT = f"modelmeta/{version('modelmeta')}"

_NOT_KEPT = httpx.Limits(max_keepalive_connections=0)
"""A catalog is asked for once an hour: no connection is worth keeping open for that."""


class _Http:
    def __init__(self, settings: Settings, clock: Clock | None) -> None:
        self.settings = settings
        self._clock = clock or Clock()
        self._key_origin = _origin(settings.base_url) if settings.api_key and settings.base_url.startswith("https:") else None

    def _flow(self, wanted: Wanted, retries: int | None, deadline: float | None) -> Flow[Answer]:
        settings = self.settings
        return fetch(
            wanted,
            retries=settings.max_retries if retries is None else retries,
            deadline=settings.deadline.total_seconds() if deadline is None else deadline,
            clock=self._clock.monotonic,
        )

    def _request(self, send: Send, trace: Any) -> dict[str, Any]:
        """Return how *send* is put to httpx; *trace* hears of its progress. The key goes to its own https origin and nowhere else."""
        wanted = send.wanted
        headers = {"Accept": ", ".join(wanted.media), "Accept-Encoding": "gzip", "User-Agent": _USER_AGENT}
        if wanted.etag is not None:
            headers["If-None-Match"] = wanted.etag
        if _origin(wanted.url) == self._key_origin:
            headers["Authorization"] = f"Bearer {self.settings.api_key}"
        headers.update(wanted.headers)
        timeout = min(self.settings.timeout.total_seconds(), max(0.001, self._left(send)))
        return {"method": "GET", "url": wanted.url, "headers": headers, "timeout": timeout, "extensions": {"trace": trace}}

    def _left(self, step: Send | Acquire) -> float:
        return min(step.until - self._clock.monotonic(), LONGEST)

    def _body(self, wanted: Wanted, response: httpx.Response) -> Body:
        return Body(wanted, response, self.settings.max_document_bytes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.settings.base_url}>"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _too_late(url: str) -> DeadlineError:
    return DeadlineError(f"{url} gave no complete answer within the deadline", url=url)


def _closed(url: str) -> FetchError:
    return FetchError(f"{url} was not read: the client was closed", url=url)


class Http(_Http):
    """Fetches documents; threads may share it. A *client* that was given is used and never closed."""

    def __init__(self, settings: Settings, clock: Clock | None = None, client: httpx.Client | None = None) -> None:
        super().__init__(settings, clock)
        self._given = client
        self._own: httpx.Client | None = None
        self._bucket = Bucket(settings.rate_limit, self._clock)
        self._lock = Lock()
        self._closed = Event()
        self._attempts: set[_Attempt] = set()

    def fetch(self, wanted: Wanted, *, retries: int | None = None, deadline: float | None = None) -> Answer:
        """Return *wanted*, within *deadline* seconds, by default those of the settings.

        Raises:
            FetchError: it did not come.
        """

        def perform(step: Acquire | Sleep | Send) -> Answer | None:
            match step:
                case Acquire():
                    while seconds := self._bucket.take():
                        if seconds > self._left(step):
                            raise _too_late(wanted.url)
                        self._wait(seconds, wanted.url)
                case Sleep(seconds):
                    self._wait(seconds, wanted.url)
                case _:
                    return self._send(step)
            return None

        return drive(self._flow(wanted, retries, deadline), perform)

    def _wait(self, seconds: float, url: str) -> None:
        if self._clock.wait(self._closed, seconds):
            raise _closed(url)

    def _send(self, send: Send) -> Answer:
        attempt = _Attempt(self, send)
        with self._lock:
            if self._closed.is_set():
                raise _closed(send.wanted.url)
            self._attempts.add(attempt)
        try:
            return attempt.result(self._left(send))
        finally:
            with self._lock:
                self._attempts.discard(attempt)

    def read(self, send: Send, trace: Any) -> Answer:
        """Send one request and read the answer, in the calling thread."""
        with _as_ours(send.wanted.url, *UNUSABLE):
            client = self._client()
            request = client.build_request(**self._request(send, trace))
        with _as_ours(send.wanted.url, *HTTPX_ERRORS):
            response = client.send(request, stream=True, follow_redirects=False)
            with contextlib.closing(response):
                body = self._body(send.wanted, response)
                chunks: Any = response.stream  # not iter_raw: a mock transport's response counts as read
                for chunk in chunks:
                    body.feed(chunk)
                return body.answer()

    def _client(self) -> httpx.Client:
        if self._given is not None:
            return self._given
        with self._lock:
            self._own = self._own or httpx.Client(limits=_NOT_KEPT)
            return self._own

    @property
    def is_open(self) -> bool:
        """Whether there is anything to close."""
        return self._own is not None and not self._closed.is_set()

    def close(self) -> None:
        """Break off what is under way, and close the connections. Nothing can be fetched any more."""
        self._closed.set()
        with self._lock:
            for attempt in self._attempts:
                attempt.break_off()
            if self._own is not None:
                self._own.close()


class _Attempt:
    """One request, in a thread of its own: whoever waits for it can leave in time, whatever names, networks and servers do."""

    def __init__(self, http: Http, send: Send) -> None:
        self._http = http
        self._send = send
        self._over = Event()
        self._socket: socket.socket | None = None
        self._lock = Lock()
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="modelmeta-fetch", daemon=True)

    def result(self, seconds: float) -> Answer:
        """Return the answer, if it is there in so many *seconds*."""
        self._thread.start()
        try:
            in_time = self._over.wait(max(0.0, seconds))
        finally:
            self.break_off()
            self._thread.join(_MOMENT)
        if self._answer is not None:
            return self._answer
        raise self._error or (_closed if in_time else _too_late)(self._send.wanted.url)

    def _run(self) -> None:
        try:
            self._answer = self._http.read(self._send, self._trace)
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits
            if not self._over.is_set():
                self._error = error
        with self._lock:
            if self._socket is not None:
                self._socket.close()
            self._socket = None
        self._over.set()

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """Keep a handle on the connection, by which it can be cut while another thread waits for it."""
        if event.endswith(("connect_tcp.complete", "connect_unix_socket.complete")):
            with self._lock:
                if self._socket is not None:
                    self._socket.close()
                self._socket = info["return_value"].get_extra_info("socket").dup()
            if self._over.is_set():
                self.break_off()

    def break_off(self) -> None:
        """End the attempt, if it is still under way."""
        self._over.set()
        with self._lock, contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)


class AsyncHttp(_Http):
    """Fetches documents; the tasks of one event loop may share it. A *client* that was given is used and never closed."""

    def __init__(self, settings: Settings, clock: Clock | None = None, client: httpx.AsyncClient | None = None) -> None:
        super().__init__(settings, clock)
        self._given = client
        self._own: httpx.AsyncClient | None = None
        self._limiter: AsyncLimiter | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._under_way: set[asyncio.Timeout] = set()

    async def fetch(self, wanted: Wanted, *, retries: int | None = None, deadline: float | None = None) -> Answer:
        """Return *wanted*, within *deadline* seconds, by default those of the settings.

        Raises:
            FetchError: it did not come.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                self._own = None  # its connections belong to a loop that is over
            self._loop, self._limiter = loop, AsyncLimiter(self.settings.rate_limit, PERIOD)

        async def perform(step: Acquire | Sleep | Send) -> Answer | None:
            match step:
                case Acquire():
                    assert self._limiter is not None  # noqa: S101  # made above
                    with _in_time(wanted.url):
                        async with asyncio.timeout(self._left(step)):
                            await self._limiter.acquire()
                case Sleep(seconds):
                    await self._clock.sleep(seconds)
                case _:
                    return await self._send(step)
            return None

        scope = asyncio.timeout(None)
        try:
            async with scope:
                self._under_way.add(scope)
                try:
                    return await drive_async(self._flow(wanted, retries, deadline), perform)
                finally:
                    self._under_way.discard(scope)
        except TimeoutError:
            if scope.expired():
                raise _closed(wanted.url) from None
            raise

    async def _send(self, send: Send) -> Answer:
        if self._closed:
            raise _closed(send.wanted.url)
        connections: list[Any] = []

        async def trace(event: str, info: dict[str, Any]) -> None:
            if event.endswith("connect_tcp.complete"):
                connections.append(info["return_value"])

        with _as_ours(send.wanted.url, *UNUSABLE):
            client = self._client()
            request = client.build_request(**self._request(send, trace))
        with _as_ours(send.wanted.url, *HTTPX_ERRORS), _in_time(send.wanted.url):
            async with asyncio.timeout(self._left(send)):
                try:
                    return await self._read(client, request, send.wanted)
                except asyncio.CancelledError:
                    for connection in connections:  # httpcore forgets one that was cancelled during its TLS handshake
                        await connection.aclose()
                    raise

    async def _read(self, client: httpx.AsyncClient, request: httpx.Request, wanted: Wanted) -> Answer:
        response = await client.send(request, stream=True, follow_redirects=False)
        async with contextlib.aclosing(response):
            body = self._body(wanted, response)
            chunks: Any = response.stream  # as above
            async for chunk in chunks:
                body.feed(chunk)
                await asyncio.sleep(0)  # unpacking takes a while: others get their turn
            return body.answer()

    def open(self) -> None:
        """Make the httpx client, in a thread: reading certificates takes a while. Should that fail, whoever fetches is told."""
        with contextlib.suppress(*UNUSABLE):
            self._client()

    def _client(self) -> httpx.AsyncClient:
        if self._given is not None:
            return self._given
        self._own = self._own or httpx.AsyncClient(limits=_NOT_KEPT)
        return self._own

    @property
    def is_open(self) -> bool:
        """Whether there is anything to close."""
        return self._own is not None and not self._closed

    async def aclose(self) -> None:
        """Break off what is under way, and close the connections. Nothing can be fetched any more."""
        self._closed = True
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            under_way, self._under_way = self._under_way, set()
            for scope in under_way:
                scope.reschedule(loop.time())
            if self._own is not None:
                await self._own.aclose()
        self._own = None


@contextlib.contextmanager
def _as_ours(url: str, *kinds: type[Exception]) -> Iterator[None]:
    try:
        yield
    except kinds as error:
        raise error_of(error, url) from error


@contextlib.contextmanager
def _in_time(url: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise _too_late(url) from None
