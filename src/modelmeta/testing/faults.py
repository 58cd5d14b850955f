"""What goes wrong with an answer on its way: the faults that ``FakeModelsDev`` plays on command."""

from __future__ import annotations

import socket
import struct
import zlib
from http.client import responses
from typing import TYPE_CHECKING

import attrs

from .site import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import Event

__all__ = ["Fault", "Wire"]

_BODILESS = {204, 304}
_BLOCK = b" " * 1_000_000


class Wire:
    """A connection while one answer goes over it. It ends after the ``last``."""

    def __init__(self, stream: socket.socket, healed: Event, *, last: bool) -> None:
        self._stream = stream
        self.healed = healed
        self.last: bool = last

    def head(self, status: int, headers: Mapping[str, object]) -> bytes:
        """Return the bytes of a status line and *headers*."""
        sent = {**headers, "Connection": "close"} if self.last else headers
        lines = [f"HTTP/1.1 {status} {responses.get(status, '')}", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def packed(self, answer: Answer) -> tuple[bytes, bytes]:
        """Return the bytes of *answer*: those before its body, and its body."""
        length = {} if answer.status in _BODILESS else {"Content-Length": len(answer.body)}
        return self.head(answer.status, {**length, **answer.headers}), answer.body

    def write(self, data: bytes | memoryview) -> None:
        """Send *data*."""
        self._stream.sendall(data)

    def reset(self) -> None:
        """Let the connection end in a reset, not in the usual farewell."""
        self.last = True
        self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _send(wire: Wire, answer: Answer) -> None:
    for part in wire.packed(answer):
        wire.write(part)


@attrs.frozen(repr=False)
class Fault:
    """One way in which an answer goes wrong. Make one with the functions here and give it to ``FakeModelsDev.fail``.

    A fault of the connection (``hang``, ``drop``, ``drip``) leaves the answer as the request would have got it. All others take no notice of
    ``Accept-Encoding`` and ``If-None-Match``: what they change is the whole, uncompressed document.
    """

    _name: str
    _change: Callable[[Answer], Answer] | None = None
    _deliver: Callable[[Wire, Answer], None] = _send

    def play(self, right: Answer, asked: Mapping[str, str], wire: Wire) -> None:
        """Answer over *wire* one who sent the headers *asked* and should have got *right*."""
        self._deliver(wire, self._change(right) if self._change else right.negotiated(asked))

    def __repr__(self) -> str:
        return f"Fault.{self._name}"

    @classmethod
    def status(cls, code: int, *, retry_after: str | None = None) -> Fault:
        """Answer with status *code* and no body.

        Args:
            code: any status, those of Cloudflare's own (520 to 530) too.
            retry_after: the header ``Retry-After``: seconds or a date.
        """
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return cls(f"status({code})", lambda _right: Answer(code, headers))

    @classmethod
    def redirect(cls, location: str = "/") -> Fault:
        """Answer 302, as upstream does where it has no such page."""
        return cls(f"redirect({location!r})", lambda _right: Answer(302, {"Location": location}))

    @classmethod
    def html(cls, *, content_type: str = "text/html; charset=utf-8") -> Fault:
        """Answer 200 with a web page, as captive portals and login walls do."""
        return cls(f"html(content_type={content_type!r})", lambda _right: _page(b"<!doctype html><title>Sign in</title>", content_type))

    @classmethod
    def body(cls, data: bytes, *, content_type: str = "application/json") -> Fault:
        """Answer 200 with *data*."""
        return cls(f"body({data[:20]!r})", lambda _right: _page(data, content_type))

    @classmethod
    def truncated(cls) -> Fault:
        """Answer with the first half of the document, of which HTTP thinks it is the whole."""
        return cls("truncated()", _half)

    @classmethod
    def short(cls) -> Fault:
        """Announce the whole document, send the first half and close the connection."""
        return cls("short()", lambda right: _with(_half(right), {"Content-Length": str(len(right.body))}), _send_last)

    @classmethod
    def bomb(cls, size: int = 600_000_000) -> Fault:
        """Answer with gzip, of a thousandth of the size, that unpacks to *size* bytes of JSON: an empty object and much space."""
        return cls(f"bomb({size})", None, lambda wire, _answer: _bomb(wire, size))

    @classmethod
    def hang(cls) -> Fault:
        """Read the request and answer nothing until the server is healed; then answer as is right."""
        return cls("hang()", None, _hang)

    @classmethod
    def drop(cls) -> Fault:
        """Read the request and reset the connection."""
        return cls("drop()", None, lambda wire, _answer: wire.reset())

    @classmethod
    def drip(cls, seconds_between: float = 0.05, *, headers: bool = False) -> Fault:
        """Send the body a byte at a time; when the server is healed, the rest at once.

        Args:
            seconds_between: how long to wait before each byte.
            headers: whether the headers come in drops already.
        """
        return cls(
            f"drip({seconds_between}, headers={headers})", None, lambda wire, answer: _drip(wire, answer, seconds_between, headers=headers)
        )

    @classmethod
    def charset(cls, name: str) -> Fault:
        """Answer with the document in another encoding of text, one that has all its characters, and say so."""
        media = {"Content-Type": f"application/json; charset={name}"}
        return cls(f"charset({name!r})", lambda right: _with(right, media, right.body.decode().encode(name)))

    @classmethod
    def etag(cls, etag: str) -> Fault:
        """Answer 200 with the right document under this *etag*, quotes included."""
        return cls(f"etag({etag!r})", lambda right: _with(right, {"ETag": etag}))

    @classmethod
    def not_modified(cls, etag: str | None = None) -> Fault:
        """Answer 304 whatever was asked.

        Args:
            etag: an ETag to send; by default the right one.
        """
        sent = {} if etag is None else {"ETag": etag}
        return cls(
            f"not_modified({etag!r})",
            lambda right: Answer(304, {name: tag for name, tag in {**right.headers, **sent}.items() if name == "ETag"}),
        )

    @classmethod
    def encoding(cls, coding: str) -> Fault:
        """Answer with the right document, labelled with a content *coding* that it does not have."""
        return cls(f"encoding({coding!r})", lambda right: _with(right, {"Content-Encoding": coding}))


def _page(data: bytes, media: str) -> Answer:
    return Answer(200, {"Content-Type": media}, data)


def _with(right: Answer, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    return Answer(right.status, {**right.headers, **headers}, right.body if body is None else body)


def _half(right: Answer) -> Answer:
    return _with(right, {}, right.body[: len(right.body) // 2])


def _send_last(wire: Wire, answer: Answer) -> None:
    wire.last = True
    _send(wire, answer)


def _hang(wire: Wire, answer: Answer) -> None:
    wire.healed.wait()
    _send(wire, answer)


def _drip(wire: Wire, answer: Answer, seconds: float, *, headers: bool) -> None:
    head, body = wire.packed(answer)
    if headers:
        head, body = b"", head + body
    wire.write(head)
    left = memoryview(body)
    while left and not wire.healed.wait(seconds):
        wire.write(left[:1])
        left = left[1:]
    wire.write(left)


def _bomb(wire: Wire, size: int) -> None:
    wire.last = True
    wire.write(wire.head(200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}))
    gzip = zlib.compressobj(wbits=31)
    wire.write(gzip.compress(b"{"))
    for start in range(2, size, len(_BLOCK)):
        wire.write(gzip.compress(_BLOCK[: size - start]))
    wire.write(gzip.compress(b"}") + gzip.flush())
