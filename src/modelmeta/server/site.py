"""The page at ``/``: its files, and the facts it shows, column by column."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from ..catalog.searching.precedence import Precedence
from ..codec.json_text import to_text
from ..records.capabilities import CAPABILITIES
from ..records.columns import COLUMNS
from .answers import Answer
from .problem import ProblemRoute, problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog.catalog import Catalog
    from ..records.cost import Cost, CostTier
    from ..records.model import Model
    from .asking import Asking

__all__ = ["site"]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_RATES = ("input", "output", "cache_read")
_CAPABILITIES = {name: answer for name, answer in CAPABILITIES.items() if name in COLUMNS or name == "vision"}
"""Those that the modalities do not say as well."""


def site(asking: Asking) -> APIRouter:
    """Return the routes of the page, to be included under any prefix."""
    routes = APIRouter(route_class=ProblemRoute, include_in_schema=False)
    kept = {
        file.name: Answer(file.read_bytes(), _TYPES[file.name.rpartition(".")[2]])
        for file in (files("modelmeta.server") / "page").iterdir()
    }

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
    """Return what the page shows of every model, in the order in which equals are found: what labs sell themselves first, newest first."""
    models = _ordered(catalog)
    columns = {
        "provider": _coded(model.provider_id for model in models),
        "id": _coded(model.id for model in models),
        "name": _coded(model.name for model in models),
        "family": _coded(model.family for model in models),
        "type": _coded(model.type or "chat" for model in models),
        "status": _coded(model.status or "available" for model in models),
        "released": _coded(model.release_date and str(model.release_date) for model in models),
        "context": _coded(model.limit.context for model in models),
        "output": _coded(model.limit.output for model in models),
        "state": _coded(model.price_state for model in models),
        "rates": _coded(_rates(model.cost) for model in models),
        "capabilities": _coded(tuple(name for name, answer in _CAPABILITIES.items() if answer(model)) or None for model in models),
        "takes": _coded(model.modalities.input or None for model in models),
        "gives": _coded(model.modalities.output or None for model in models),
    }
    providers = {provider.id: provider.name for provider in catalog.providers()}
    return Answer(to_text({"as_of": catalog.content.fetched_at, "providers": providers, "columns": columns}).encode() + b"\n")


def _ordered(catalog: Catalog) -> list[Model]:
    refs = [ref.partition("/") for ref in catalog.content.refs]
    place = Precedence(catalog, [seller for seller, _, _ in refs], [model_id for _, _, model_id in refs]).place
    return [catalog.at(row) for row in sorted(range(len(refs)), key=place.__getitem__)]


def _coded(facts: Iterable[Any]) -> dict[str, list[Any]]:
    """Return every distinct fact once, and for each model which one it has: 0 where nobody said."""
    places: dict[Any, int] = {None: 0}
    codes = [places.setdefault(fact, len(places)) for fact in facts]
    return {"values": [*places], "codes": codes}


def _rates(cost: Cost | None) -> tuple[Any, ...] | None:
    """Return the rates of input, output and cached input, and after them those of each tier behind the tokens it begins above; None without any."""
    if cost is None or (cost.input is None and cost.output is None):
        return None
    return (*_of(cost), *((tier.size, *_of(tier)) for tier in cost.tiers))


def _of(rates: Cost | CostTier) -> tuple[Any, ...]:
    return tuple(getattr(rates, name) for name in _RATES)
