"""Questions to one model, by its reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from ...records.usage import Usage
from ..parameters import Nothing, Strict, Workload
from ..schemas import responses

if TYPE_CHECKING:
    from ..asking import Asking

__all__ = ["add_model", "add_price"]


class Pricing(Strict):
    """What ``POST /price`` takes."""

    model: Annotated[str, Field(min_length=1, max_length=1_000)]
    usage: Workload
    mode: Annotated[str, Field(max_length=200)] | None = None


def add_model(routes: APIRouter, ask: Asking) -> None:
    """Add what tells of a model and of who sells it."""
    registry = ask.registry

    @routes.get("/models/{ref:path}/benchmarks", tags=["models"], responses=responses("Benchmarks", 404, 409, 422))
    async def benchmarks(request: Request, ref: str, _: Annotated[Nothing, Query()]) -> Response:
        """List the published results of a model; an empty list where there are none."""
        return await ask.prepared(
            request, lambda: {"model": str(registry.get(ref).ref), "benchmarks": registry.benchmarks(ref)}, short=ref in registry
        )

    @routes.get("/models/{ref:path}/offerings", tags=["models"], responses=responses("Offerings", 404, 409, 422))
    async def offerings(request: Request, ref: str, asked: Annotated[Workload, Query()]) -> Response:
        """List every offer of the same model, whoever sells it, cheapest first."""
        return await ask.prepared(request, lambda: {"offerings": registry.offerings(ref, usage=asked.usage())})

    @routes.get("/models/{ref:path}", tags=["models"], responses=responses("Model", 404, 409, 422))
    async def model(request: Request, ref: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell everything known about a model. Its reference may hold slashes."""
        return await ask.prepared(request, lambda: registry.get(ref), short=ref in registry)


def add_price(routes: APIRouter, ask: Asking) -> None:
    """Add what tells what a model costs."""
    registry = ask.registry

    @routes.post("/price", tags=["models"], responses=responses("Quote", 404, 409, 422))
    async def price(asked: Pricing) -> Response:
        """Price a workload at a model, exactly and line by line."""

        def quote() -> Response:
            return ask.at_once(registry.price(asked.model, asked.usage.usage() or Usage(), mode=asked.mode))

        return quote() if asked.model in registry else await ask.thought(quote)  # it takes long to guess what was meant
