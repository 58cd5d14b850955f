"""What every request meets first: limits, an id, headers, and the answers that are prepared."""

from __future__ import annotations

import logging
import time
from itertools import count
from random import getrandbits
from typing import TYPE_CHECKING

from cachetools import TTLCache
from starlette.exceptions import HTTPException

from ..display.text import printable
from ..registry.telemetry import Telemetry
from .problem import problem
from .security import network_of

if TYPE_CHECKING:
    from typing import TypeAlias

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ..registry.telemetry import Metrics
    from .answers import Answers, Headers

    Asked: TypeAlias = dict[bytes, bytes]
    """The headers of a request."""

__all__ = ["ACCESS", "PREFIX", "Front", "route_of"]

ACCESS = "modelmeta.server.access"
"""The name of the logger that hears of every request."""
PREFIX = "/api/v1"
"""Where the API is."""
_LOG = logging.getLogger(ACCESS)
_LONGEST_QUERY = 8_000
_LONGEST_PATH = 4_000
_LARGEST_BODY = 64 * 1024
_TOO_LARGE = f"a body may have {_LARGEST_BODY:,} bytes"
_MINUTE = 60.0
_NO_ROUTE = "other"
_CLIENTS = 100_000
_SAFE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]


class Front:
    """Answers what is prepared without asking the app, and refuses what is too much.

    Args:
        app: what answers the rest.
        answers: what is prepared.
        cors: whether *app* tells pages of other origins that they may read; it then answers those itself.
        rate_limit: requests a minute that one client may send, None for any number.
        metrics: who hears how long requests took.
    """

    def __init__(
        self, app: ASGIApp, answers: Answers, *, cors: bool = False, rate_limit: int | None = None, metrics: Metrics | None = None
    ) -> None:
        self._app = app
        self._answers = answers
        self._cors = cors
        self._rate_limit = rate_limit
        self._telemetry = Telemetry(metrics)
        self._minutes: TTLCache[str, count[int]] = TTLCache(_CLIENTS, _MINUTE)  # pyright: ignore[reportAttributeAccessIssue]  # its stubs leave the types open
        """Of each client the requests of a minute, which begins with the first of them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, request_id = time.perf_counter(), f"{getrandbits(64):016x}"
        asked: Asked = dict(scope["headers"])
        head = scope["method"] == "HEAD"
        sent = 0

        async def sending(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                sent = message["status"]
                message["headers"] = [*message["headers"], *_SAFE, (b"x-request-id", request_id.encode())]
            elif head:
                message["body"] = b""
            await send(message)

        refusal, route = self._refusal(scope, asked), _NO_ROUTE
        if refusal is not None:
            await refusal(scope, receive, sending)
        elif head or scope["method"] == "GET":
            route = await self._get({**scope, "method": "GET"} if head else scope, asked, receive, sending)
        else:
            await self._app(scope, _bounded(receive), sending)
            route = route_of(scope)
        seconds = time.perf_counter() - begun
        self._telemetry.tell("served", route, scope["method"], sent, seconds)
        _LOG.info(
            "%s %s %d",
            scope["method"],
            printable(scope["path"]),
            sent,
            extra={"request_id": request_id, "status": sent, "seconds": seconds},
        )

    async def _get(self, scope: Scope, asked: Asked, receive: Receive, send: Send) -> str:
        """Answer, and return the template of the route."""
        elsewhere = self._cors and b"origin" in asked
        answer = None if elsewhere else self._answers.known((scope["path"], scope["query_string"]))
        packed = answer and answer.packed(asked.get(b"accept-encoding", b""))
        if not answer or not packed:
            await self._app(scope, receive, send)
            return route_of(scope)
        self._answers.hits += 1
        status, headers, body = packed.sent(asked.get(b"if-none-match", b""))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return answer.route

    def _refusal(self, scope: Scope, asked: Asked) -> ASGIApp | None:
        """Return what to say to a request that is too much, None to one that is not."""
        if len(scope["query_string"]) > _LONGEST_QUERY or len(scope["path"]) > _LONGEST_PATH:
            return problem(414, "the address is too long")
        length = asked.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            return problem(413, _TOO_LARGE)
        if self._rate_limit is None:
            return None
        client = network_of(scope["client"][0] if scope["client"] else "")
        try:
            minute = self._minutes[client]
        except KeyError:
            minute = self._minutes[client] = count(1)
        if next(minute) > self._rate_limit:
            return problem(429, f"{self._rate_limit:,} requests a minute are answered", {"Retry-After": "60"})
        return None


def route_of(scope: Scope) -> str:
    """Return the template of the route that a request went to, without the prefix, which only some versions of FastAPI put before it."""
    path: str = getattr(scope.get("route"), "path", _NO_ROUTE)
    return path.removeprefix(PREFIX)


def _bounded(receive: Receive) -> Receive:
    """Return *receive*, which gives no more of a body than is read here."""
    left = _LARGEST_BODY

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _TOO_LARGE)
        return message

    return receiving
