"""The page at ``/``: its files, and the facts it shows, column by column."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from ..codec.json_text import to_text
from .answers import Answer
from .problem import ProblemRoute, problem

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..records.cost import Cost, CostTier
    from .asking import Asking

__all__ = ["site"]

_TYPES = {"css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_RATES = ("input", "output", "cache_read")


def site(asking: Asking) -> APIRouter:
    """Return the routes of the page, to be included under any prefix."""
    routes = APIRouter(route_class=ProblemRoute, include_in_schema=False)
    kept = {file.name: Answer(file.read_bytes(), _TYPES[file.name.rpartition(".")[2]]) for file in (files(__package__) / "page").iterdir()}

    async def send(request: Request, name: str) -> Response:
        return await asking.prepared_bytes(request, lambda: kept[name]) if name in kept else problem(404, "there is no such file")

    @routes.get("/")
    async def index(request: Request) -> Response:
        return await send(request, "index.html")

    @routes.get("/page/models.json")
    async def models(request: Request) -> Response:
        return await asking.prepared_bytes(request, lambda: _columns(asking.registry.catalog))

    @routes.get("/page/{name}")
    async def file(request: Request, name: str) -> Response:
        return await send(request, name)

    return routes


def _columns(catalog: Catalog) -> Answer:
    """Return what the page shows of every model, a list for each fact: much smaller than an object for each model."""
    models = [*catalog]
    names = {provider.id: provider.name for provider in catalog.providers()}
    columns: dict[str, list[Any]] = {
        "provider": [model.provider_id for model in models],
        "id": [model.id for model in models],
        "name": [model.name for model in models],
        "family": [model.family for model in models],
        "type": [model.type or "chat" for model in models],
        "status": [model.status or "available" for model in models],
        "released": [model.release_date and str(model.release_date) for model in models],
        "context": [model.limit.context for model in models],
        "output": [model.limit.output for model in models],
        "state": [model.price_state for model in models],
        "rates": [_rates(model.cost) for model in models],
        "capabilities": [sorted(model.capabilities) for model in models],
        "takes": [model.modalities.input for model in models],
        "gives": [model.modalities.output for model in models],
    }
    facts = {"as_of": catalog.content.fetched_at, "digest": catalog.content.digest, "providers": names, "models": columns}
    return Answer(to_text(facts).encode() + b"\n")


def _rates(cost: Cost | None) -> Any:
    """Return the rates of input, output and cached input, and after them those of each tier behind the tokens it begins above; None without any."""
    if cost is None or (cost.input is None and cost.output is None):
        return None
    return [*_of(cost), *[[tier.size, *_of(tier)] for tier in cost.tiers]]


def _of(rates: Cost | CostTier) -> list[Any]:
    return [getattr(rates, name) for name in _RATES]
