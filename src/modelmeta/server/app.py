"""The whole server: the routes, the mirror, and what stands around them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import compile_path

from ..metrics import PrometheusMetrics
from ..registry.registry import AsyncRegistry
from .answers import Answer
from .asking import Asking
from .front import PREFIX, Front
from .mirror import mirror
from .problem import problem
from .router import router
from .schemas import problems
from .site import site
from .webhooks import webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.types import Receive, Scope, Send

    from ..registry.registry import Registry
    from ..registry.telemetry import Metrics

__all__ = ["create_app"]

_NOT_THIS_METHOD = 405


class _Fronted(FastAPI):
    """An app behind its front, which comes before whatever FastAPI puts first."""

    front: Front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.front(scope, receive, send)


def create_app(
    registry: Registry | AsyncRegistry | None = None,
    *,
    token: str | None = None,
    cors: Sequence[str] = (),
    rate_limit: int | None = None,
    metrics: Metrics | None = None,
    private_webhooks: bool = False,
) -> FastAPI:
    """Return an ASGI app that serves *registry*.

    Args:
        registry: what is asked, ``AsyncRegistry()`` by default. It is opened and closed with the app.
        token: what refreshing asks for as a bearer token. None: nobody may.
        cors: the origins whose pages may read the answers; none by default.
        rate_limit: requests a minute that one client may send, any number by default.
        metrics: who counts requests; give it to *registry* too, for refreshes and the store. ``PrometheusMetrics()`` also answers ``/metrics``.
        private_webhooks: whether webhooks may call private addresses and this machine, and there by http.
    """
    asking = Asking(AsyncRegistry(metrics=metrics) if registry is None else registry)
    app = _Fronted(
        title="modelmeta",
        version=version("modelmeta"),
        lifespan=lambda _: _opened(asking),
        summary="The catalog of LLM models.",
        openapi_url=None,
        redirect_slashes=False,  # it would tell the Host that was sent
    )
    app.include_router(router(asking.registry, token=token, asking=asking), prefix=PREFIX)
    app.include_router(webhooks(asking, token=token, allow_private=private_webhooks), prefix=PREFIX)
    app.include_router(mirror(asking))
    app.include_router(site(asking))
    _add_operation(app, asking, metrics)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        headers = _allowed(app, request) if error.status_code == _NOT_THIS_METHOD else {}
        detail = f"there is nothing for that here; {request.scope.get('root_path', '')}/openapi.json tells what there is"
        return problem(error.status_code, detail, {**(error.headers or {}), **headers})

    if cors:
        app.add_middleware(CORSMiddleware, allow_origins=[*cors], allow_methods=["GET", "HEAD", "POST"], allow_headers=["authorization"])
    app.state.answers = asking.answers
    app.front = Front(partial(FastAPI.__call__, app), asking.answers, cors=bool(cors), rate_limit=rate_limit, metrics=metrics)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # how FastAPI is told
    return app


@asynccontextmanager
async def _opened(asking: Asking) -> AsyncIterator[None]:
    """Open the registry for as long as the app runs."""
    registry = asking.registry
    try:
        if isinstance(registry, AsyncRegistry):
            async with registry:
                yield
        else:
            with registry:
                yield
    finally:
        asking.close()


def _add_operation(app: FastAPI, asking: Asking, metrics: Metrics | None) -> None:
    """Add what those ask who watch over the server, or write programs that ask it."""

    @app.get("/openapi.json", include_in_schema=False)
    async def described(request: Request) -> Response:
        return await asking.prepared_bytes(request, lambda: Answer(json.dumps(app.openapi()).encode()))

    @app.get("/health", tags=["operation"])
    async def health() -> dict[str, str]:
        """Tell that the process lives."""
        return {"status": "healthy"}

    @app.get("/ready", tags=["operation"])
    async def ready() -> dict[str, Any]:
        """Tell that a catalog is there, and what is wrong with it if anything is."""
        status = asking.registry.status()
        reasons = {
            "the facts are stale": status.stale,
            "the last refresh failed": status.consecutive_failures > 0,
            "a revision is held": status.held is not None,
        }
        wrong = [reason for reason, holds in reasons.items() if holds]
        return {"status": "degraded" if wrong else "ready", "reasons": wrong, "revision": status.revision, "models": status.models}

    if isinstance(metrics, PrometheusMetrics):
        metrics.attached(asking.registry)
        metrics.observe(asking.answers.tiers)

        @app.get("/metrics", tags=["operation"], response_class=PlainTextResponse)
        async def numbers() -> Response:
            """Tell the numbers of the server and its registry, as Prometheus scrapes them."""
            return Response(await run_in_threadpool(metrics.exposition), media_type="text/plain; version=0.0.4")


def _allowed(app: FastAPI, request: Request) -> dict[str, str]:
    """Return all methods that the path of *request* has, if it is described: Starlette tells those of the first route."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    for template, methods in app.openapi()["paths"].items():
        if compile_path(template)[0].match(path):
            return {"Allow": ", ".join(sorted(map(str.upper, methods)))}
    return {}


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        for operation in (operation for methods in document["paths"].values() for operation in methods.values()):
            always = problems(414, 429, 500, *([400, 413] if "requestBody" in operation else []))
            operation["responses"] |= {str(status): said for status, said in always.items()}
        app.openapi_schema = document
    return app.openapi_schema
