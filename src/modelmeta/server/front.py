"""What every request meets first: limits, an id, headers, and the answers that are prepared."""

from __future__ import annotations

import logging
import time
from secrets import token_hex
from typing import TYPE_CHECKING

from cachetools import TTLCache

from ..display.text import printable
from ..registry.telemetry import Telemetry
from .problem import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ..registry.telemetry import Metrics
    from .answers import Answers, Headers

__all__ = ["Front"]

_LOG = logging.getLogger("modelmeta.server.access")
_LONGEST_QUERY = 8_000
_LONGEST_PATH = 4_000
_LARGEST_BODY = 64 * 1024
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
        rate_limit: requests a minute that one client may send, None for any number.
        metrics: who hears how long requests took.
    """

    def __init__(self, app: ASGIApp, answers: Answers, rate_limit: int | None = None, metrics: Metrics | None = None) -> None:
        self._app = app
        self._answers = answers
        self._rate_limit = rate_limit
        self._telemetry = Telemetry(metrics)
        self._asked: TTLCache[str, int] = TTLCache(_CLIENTS, _MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, request_id = time.perf_counter(), token_hex(8).encode()
        head = scope["method"] == "HEAD"
        sent = 0

        async def sending(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                sent = message["status"]
                message["headers"] = [*message["headers"], *_SAFE, (b"x-request-id", request_id)]
            elif head:
                message["body"] = b""
            await send(message)

        refusal, route = self._refusal(scope), _NO_ROUTE
        if refusal is not None:
            await refusal(scope, receive, sending)
        elif head or scope["method"] == "GET":
            route = await self._get({**scope, "method": "GET"}, receive, sending)
        else:
            await self._app(scope, bounded(receive), sending)
            route = route_of(scope)
        seconds = time.perf_counter() - begun
        self._telemetry.tell("served", route, scope["method"], sent, seconds)
        _LOG.info(
            "%s %s %d",
            scope["method"],
            printable(scope["path"]),
            sent,
            extra={"request_id": request_id.decode(), "status": sent, "seconds": seconds},
        )

    async def _get(self, scope: Scope, receive: Receive, send: Send) -> str:
        """Answer, and return the template of the route."""
        answer = self._answers.known((scope["path"], scope["query_string"]))
        if answer is None:
            await self._app(scope, receive, send)
            return route_of(scope)
        asked = dict(scope["headers"])
        status, headers, body = answer.negotiated(asked.get(b"accept-encoding", b""), asked.get(b"if-none-match", b""))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        return answer.route

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return what to say to a request that is too much, None to one that is not."""
        if len(scope["query_string"]) > _LONGEST_QUERY or len(scope["path"]) > _LONGEST_PATH:
            return problem(414, "the address is too long")
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            return problem(413, f"a body may have {_LARGEST_BODY:,} bytes")
        if self._rate_limit is None:
            return None
        client = scope["client"][0] if scope["client"] else ""
        asked = self._asked.get(client, 0)
        if asked >= self._rate_limit:
            return problem(429, f"{self._rate_limit:,} requests a minute are answered", {"Retry-After": "60"})
        self._asked[client] = asked + 1
        return None


def route_of(scope: Scope) -> str:
    """Return the template of the route that a request went to, as its router knows it: without a prefix."""
    return getattr(scope.get("route"), "path", _NO_ROUTE)


def bounded(receive: Receive) -> Receive:
    """Return *receive*, which gives no more of a body than is read here."""
    left = _LARGEST_BODY

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            return {"type": "http.disconnect"}
        return message

    return receiving
