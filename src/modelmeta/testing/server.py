"""A models.dev of your own, on this machine, that fails as you tell it to."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.client import HTTPException, parse_headers
from itertools import chain, repeat
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import parse_qsl, urlsplit

import attrs

from .faults import Fault, Wire
from .site import Answer, Json, Site

if TYPE_CHECKING:
    from ssl import SSLContext
    from types import TracebackType
    from typing import Self

__all__ = ["FakeModelsDev", "Request"]

_HOST = "127.0.0.1"
_LONGEST_LINE = 65_536
_RIGHT = Fault("none")


class _Headers(Mapping[str, str]):
    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}

    def __getitem__(self, name: str) -> str:
        return self._headers[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def __repr__(self) -> str:
        return repr(self._headers)


@attrs.frozen
class Request:
    """A request as it came."""

    method: str
    path: str
    """Without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Found by their names in any case."""


class FakeModelsDev:
    """A real HTTP server on 127.0.0.1 that answers as models.dev does, or fails on command.

    It serves ``/api.json``, ``/models.json`` and ``/catalog.json`` with ``?type=`` filtered as upstream filters, ETags, 304 and gzip, and
    ``/logos/<provider>.svg``; any other path leads to ``/``, a web page. All its methods may be called from any thread while it runs.

    Args:
        document: a parsed api.json or catalog.json, which must not change while it is served; or text or bytes to serve as they are on
            every document's path.
        lab_models: a parsed models.json. By default what catalog.json holds, or none.
        tls: serve https with this.

    Attributes:
        delay: seconds to wait before each answer.

    >>> import httpx
    >>> from modelmeta.testing import FakeModelsDev, Fault
    >>> with FakeModelsDev({"acme": {"models": {"rocket": {"name": "Rocket"}}}}) as server:
    ...     httpx.get(f"{server.url}/api.json").json()
    ...     server.fail(Fault.status(503), Fault.redirect())
    ...     [httpx.get(f"{server.url}/api.json").status_code for _ in range(3)]
    {'acme': {'models': {'rocket': {'name': 'Rocket'}}}}
    [503, 302, 200]
    """

    def __init__(self, document: Json | bytes | str, *, lab_models: Json | None = None, tls: SSLContext | None = None) -> None:
        self.delay: float = 0.0
        self._tls = tls
        self._port = 0
        self._accepting: Thread | None = None
        self._closing = False
        self._closed = Event()
        self._changed = Condition()  # guards what follows
        self._site = Site(document, lab_models)
        self._requests: list[Request] = []
        self._plan: Iterator[Fault] = iter(())
        self._healed = Event()
        self._connections: dict[Thread, socket.socket] = {}

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://{_HOST}:{self._port}"

    @property
    def requests(self) -> list[Request]:
        """The requests that came, since the start or the last ``clear``, oldest first."""
        with self._changed:
            return list(self._requests)

    def start(self) -> Self:
        """Begin to answer, on a free port; after a ``close``, on the same port as before. Return the server."""
        if self._accepting:
            return self
        listener = socket.create_server((_HOST, self._port))
        self._port = listener.getsockname()[1]
        self._closing = False
        self._closed, self._healed = Event(), Event()
        if self._tls:
            listener = self._tls.wrap_socket(listener, server_side=True, do_handshake_on_connect=False)
        self._accepting = Thread(target=self._accept, args=(listener,), name="FakeModelsDev", daemon=True)
        self._accepting.start()
        return self

    def close(self) -> None:
        """Cut all connections and wait until no thread is left; from now on connections are refused."""
        accepting, self._accepting = self._accepting, None
        if accepting is None:
            return
        self._closing = True
        with suppress(OSError):  # someone else's connection may have woken it before
            socket.create_connection((_HOST, self._port)).close()
        accepting.join()
        with self._changed:
            for stream in self._connections.values():
                with suppress(OSError):  # it may be closed already
                    socket.socket.shutdown(stream, socket.SHUT_RDWR)
            self._healed.set()
        self._closed.set()
        for thread in self._connections:
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def serve(self, document: Json | bytes | str, lab_models: Json | None = None) -> None:
        """Serve this from the next request on; the arguments are those of the class."""
        site = Site(document, lab_models)
        with self._changed:
            self._site = site

    def fail(self, *faults: Fault, times: int | None = None) -> None:
        """Let the next requests go wrong, instead of any faults asked for before.

        One fault goes on until ``heal``. Several happen in order, one per request, and then all is well again. With *times*, be they one
        or several, they happen in order that many times over.
        """
        endless = times is None and len(faults) == 1
        rounds = repeat(faults) if endless else repeat(faults, 1 if times is None else times)
        with self._changed:
            self._plan = chain.from_iterable(rounds)

    def heal(self) -> None:
        """Let all be well from the next request on, and let go of those that hang or drip."""
        with self._changed:
            self._plan = iter(())
            self._healed.set()
            self._healed = Event()

    def clear(self) -> None:
        """Forget the requests that came."""
        with self._changed:
            self._requests.clear()

    def wait_for(self, requests: int = 1, timeout: float = 5.0) -> list[Request]:
        """Wait until so many *requests* came since the start or the last ``clear``, and return them all. Blocks the thread.

        Raises:
            TimeoutError: fewer came in *timeout* seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._requests) >= requests, timeout):
                message = f"{len(self._requests)} of {requests} requests came in {timeout} seconds"
                raise TimeoutError(message)
            return list(self._requests)

    def _accept(self, listener: socket.socket) -> None:
        with listener:
            while not self._closing:
                with suppress(OSError):  # who came may be gone again
                    stream, _ = listener.accept()
                    thread = Thread(target=self._converse, args=(stream,), name="FakeModelsDev connection", daemon=True)
                    with self._changed:
                        self._connections = {thread: stream} | {old: its for old, its in self._connections.items() if old.is_alive()}
                    thread.start()

    def _converse(self, stream: socket.socket) -> None:
        try:
            with suppress(OSError), stream.makefile("rb") as reader:  # who asked may be gone
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while self._answer(reader, stream):
                    pass
        finally:
            with self._changed:  # lest ``close`` shuts down what has this number next
                stream.close()

    def _answer(self, reader: BinaryIO, stream: socket.socket) -> bool:
        """Answer one request and return whether another may follow."""
        request = _read(reader)
        if request is None:
            return False
        with self._changed:
            self._requests.append(request)
            self._changed.notify_all()
            site, healed, fault = self._site, self._healed, next(self._plan, _RIGHT)
        self._closed.wait(self.delay)
        wire = Wire(stream, healed, last=request.headers.get("Connection", "").lower() == "close")
        right = self._right(site, request) if request.method == "GET" else Answer(405, {"Allow": "GET"})
        fault.play(right, request.headers, wire)
        return not wire.last

    def _right(self, site: Site, request: Request) -> Answer:
        """Return the whole, uncompressed answer."""
        return site.answer(request.path, request.query)


def _read(reader: BinaryIO) -> Request | None:
    """Return the next request; None when there is none, or none that HTTP knows."""
    try:
        method, target, _version = reader.readline(_LONGEST_LINE).decode("latin-1").split()
        headers = _Headers(dict(parse_headers(reader).items()))
        reader.read(int(headers.get("Content-Length", "0")))
        url = urlsplit(target)
    except (HTTPException, ValueError):
        return None
    return Request(method, url.path, dict(parse_qsl(url.query, keep_blank_values=True)), headers)
