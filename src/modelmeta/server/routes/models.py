"""Questions to all models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from ...errors import QueryError
from ..parameters import Comparing, Listing, Nothing, Paging, Searching, fields_of
from ..schemas import responses
from .shape import paged, showing

if TYPE_CHECKING:
    from ...catalog.reading import Reading
    from ..asking import Asking

__all__ = ["add_models"]

_FEWEST, _MOST = 2, 10


def add_models(routes: APIRouter, ask: Asking) -> None:
    """Add what lists, finds, compares and counts models."""
    registry = ask.registry

    @routes.get("/models", tags=["models"], responses=responses("ModelPage", 422))
    async def models(request: Request, asked: Annotated[Listing, Query()]) -> Response:
        """List the models that meet all criteria."""
        return await ask.prepared(request, lambda: _listed(registry, asked))

    @routes.get("/models/search", tags=["models"], responses=responses("Hits", 422))
    async def search(request: Request, asked: Annotated[Searching, Query()]) -> Response:
        """Find the models that a text describes among those that meet all criteria, best first."""
        return await ask.prepared(request, lambda: _found(registry, asked))

    @routes.get("/models/compare", tags=["models"], responses=responses("Comparison", 404, 409, 422))
    async def compare(request: Request, asked: Annotated[Comparing, Query()]) -> Response:
        """Show 2 to 10 models side by side, and which references nothing is known of."""
        return await ask.prepared(request, lambda: _compared(registry, asked))

    @routes.get("/models/capability/{capability}", tags=["models"], responses=responses("CapabilityPage", 422))
    async def capability(request: Request, capability: str, asked: Annotated[Paging, Query()]) -> Response:
        """List the models that are known to have a capability."""
        return await ask.prepared(request, lambda: {"capability": capability, **paged(registry.filter(capability), asked)})

    @routes.get("/stats", tags=["models"], responses=responses("Stats", 422))
    async def stats(_: Annotated[Nothing, Query()]) -> Response:
        """Tell the catalog in numbers, and where answers came from."""
        return ask.at_once(registry.stats())


def _listed(registry: Reading, asked: Listing) -> Any:
    sort = fields_of(asked.sort)
    return paged(registry.filter(asked.query(**({"sort": sort} if sort else {}))), asked, showing(asked.fields))


def _found(registry: Reading, asked: Searching) -> Any:
    hits = registry.search(asked.q, asked.query(), limit=asked.limit)
    show = showing(asked.fields)
    return {"hits": [{"model": show(hit.model) if show else hit.model, "score": hit.score, "matched": hit.matched} for hit in hits]}


def _compared(registry: Reading, asked: Comparing) -> Any:
    refs = list(dict.fromkeys(fields_of(asked.ids)))
    if not _FEWEST <= len(refs) <= _MOST:
        message = f"{_FEWEST} to {_MOST} models can be compared, not {len(refs)}"
        raise QueryError(message, criterion="ids", value=len(refs))
    comparison = registry.compare(*refs, usage=asked.usage())
    return {"models": [model.ref for model in comparison.models], "missing": comparison.missing, "rows": comparison.rows}
