"""How a route asks its registry, of either colour, and how what it says becomes an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from ..codec.json_text import to_text
from ..records.plain import plain
from ..registry.registry import AsyncRegistry
from .answers import Answer, Answers

if TYPE_CHECKING:
    from ..registry.registry import Registry

__all__ = ["Asking"]


class Asking:
    """One registry and the answers it has given to the questions of its current revision."""

    def __init__(self, registry: Registry | AsyncRegistry) -> None:
        self.registry = registry
        self.answers = Answers(registry)

    async def world(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Return what a *method* of the registry says that touches the world; it never blocks the event loop."""
        if isinstance(self.registry, AsyncRegistry):
            return await getattr(self.registry, method)(*arguments, **named)
        return await run_in_threadpool(getattr(self.registry, method), *arguments, **named)

    async def prepared(self, request: Request, work: Callable[[], Any]) -> Response:
        """Return the answer to *request*: the one that is prepared, or else what *work* says, worked out in a thread."""
        return await self._prepared(request, lambda: run_in_threadpool(lambda: as_json(work())))

    async def prepared_bytes(self, request: Request, work: Callable[[], Answer]) -> Response:
        """The same, of *work* that makes its own bytes."""
        return await self._prepared(request, partial(run_in_threadpool, work))

    async def remembered(self, request: Request, method: str, *arguments: Any, shape: Callable[[Any], Any], **named: Any) -> Response:
        """The same, of what the history of the store says."""

        async def work() -> Answer:
            said = await self.world(method, *arguments, **named)
            return await run_in_threadpool(lambda: as_json(shape(said)))

        return await self._prepared(request, work)

    def at_once(self, value: Any) -> Response:
        """Return *value* as an answer that is not kept."""
        return Response(as_json(value).body, media_type="application/json")

    async def _prepared(self, request: Request, work: Callable[[], Awaitable[Answer]]) -> Response:
        question = (request.scope["path"], request.scope["query_string"])
        answer = self.answers.known(question)
        if answer is None:
            catalog = self.registry.catalog
            answer = await work()
            answer.route = request.scope["route"].path
            self.answers.keep(question, answer, catalog)
        accepts, known = (request.headers.get(name, "").encode("latin-1") for name in ("accept-encoding", "if-none-match"))
        status, headers, body = answer.negotiated(accepts, known)
        response = Response(body, status)
        response.raw_headers = [*headers]
        return response


def as_json(value: Any) -> Answer:
    """Return *value*, records as objects, numbers as they were written."""
    return Answer(to_text(plain(value)).encode() + b"\n")
