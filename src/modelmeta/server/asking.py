"""How a route asks its registry, of either colour, and how what it says becomes an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import LRUCache
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from ..codec.json_text import Written, to_text
from ..records.plain import plain, to_dict
from ..registry.registry import AsyncRegistry
from .answers import Answer, Answers
from .front import route_of

if TYPE_CHECKING:
    from ..records.model import Model
    from ..records.refs import ModelRef
    from ..registry.registry import Registry

__all__ = ["Asking", "as_json"]

_LOOKING = 4
"""So many questions at a time go to the store for what answers are made of."""
_SMALL = 8_000
"""What takes so few bytes is packed in no time."""
_MODELS = 5_000
"""So many models are kept as JSON, from one revision to the next if they do not change."""

T = TypeVar("T")


class Asking:
    """One registry and the answers it has given to the questions of its current revision."""

    def __init__(self, registry: Registry | AsyncRegistry) -> None:
        self.registry = registry
        self.answers: Answers = Answers(registry)
        self._looking, self._thinking = _threads()
        self._texts: LRUCache[ModelRef, tuple[Model, Written]] = LRUCache(_MODELS)
        self._begun: dict[Hashable, asyncio.Future[Answer]] = {}

    def close(self) -> None:
        """End the threads that work answers out; others begin when there is one to work out again."""
        for threads in (self._looking, self._thinking):
            threads.shutdown()
        self._looking, self._thinking = _threads()

    async def world(self, method: str, *arguments: Any, **named: Any) -> Any:
        """Return what a *method* of the registry says that touches the world; it never blocks the event loop."""
        if isinstance(self.registry, AsyncRegistry):
            return await getattr(self.registry, method)(*arguments, **named)
        return await run_in_threadpool(getattr(self.registry, method), *arguments, **named)

    async def prepared(self, request: Request, work: Callable[[], Any], *, short: bool = False) -> Response:
        """Return the answer to *request*: the one that is prepared, or else what *work* says, worked out in a thread unless it is *short*."""
        if short:
            return await self._prepared(request, lambda: Answer(as_json(work())), None)
        return await self.prepared_bytes(request, lambda: Answer(as_json(work(), self._text)))

    async def prepared_bytes(self, request: Request, work: Callable[[], Answer]) -> Response:
        """The same, of *work* that makes its own bytes."""
        return await self._prepared(request, work, self._thinking)

    async def remembered(self, request: Request, work: Callable[[], Any]) -> Response:
        """The same, of *work* that asks the store."""
        return await self._prepared(request, lambda: Answer(as_json(work())), self._looking)

    def at_once(self, value: Any) -> Response:
        """Return *value* as an answer that is not kept."""
        return Response(as_json(value), media_type="application/json")

    async def thought(self, work: Callable[[], T]) -> T:
        """Return what *work* comes to, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thinking, work)

    async def _prepared(self, request: Request, work: Callable[[], Answer], threads: ThreadPoolExecutor | None) -> Response:
        question, catalog = (request.scope["path"], request.scope["query_string"]), self.registry.catalog
        accepts, known = (request.headers.get(name, "").encode("latin-1") for name in ("accept-encoding", "if-none-match"))
        answer = self.answers.known(question)
        if answer is None:
            self.answers.misses += 1
            answer = work() if threads is None else await self._once((id(catalog), question), lambda: _packed(work(), accepts), threads)
            answer.route = route_of(request.scope)
            self.answers.keep(question, answer, catalog)
        else:
            self.answers.hits += 1
        if answer.packed(accepts) is None:
            if answer.size < _SMALL:
                answer.pack(accepts)
            else:
                await self._once((id(answer), accepts), lambda: _packed(answer, accepts), self._thinking)
            self.answers.keep(question, answer, catalog)  # it takes more room now
        status, headers, body = answer.pack(accepts).sent(known)
        response = Response(body, status)
        response.raw_headers = [*headers]
        return response

    async def _once(self, key: Hashable, work: Callable[[], Answer], threads: ThreadPoolExecutor) -> Answer:
        """Return what *work* comes to, which is done once for all who ask for it meanwhile."""
        if key not in self._begun:
            self._begun[key] = asyncio.get_running_loop().run_in_executor(threads, work)
            self._begun[key].add_done_callback(lambda _: self._begun.pop(key))
        return await asyncio.shield(self._begun[key])

    def _text(self, model: Model) -> Written:
        kept, text = self._texts.get(model.ref, (None, Written()))
        if kept is not model:
            text = Written(to_text(to_dict(model)))
            self._texts[model.ref] = model, text
        return text


def _packed(answer: Answer, accepts: bytes) -> Answer:
    answer.pack(accepts)
    return answer


def as_json(value: Any, told: Callable[[Model], Written] | None = None) -> bytes:
    """Return *value*, records as objects, numbers as they were written; models as *told*, if given."""
    return to_text(plain(value, told)).encode() + b"\n"


def _threads() -> tuple[ThreadPoolExecutor, ThreadPoolExecutor]:
    """Return those that ask the store, and the one that works answers out: more of that would only take turns."""
    return ThreadPoolExecutor(_LOOKING, "modelmeta-history"), ThreadPoolExecutor(1, "modelmeta-answers")
