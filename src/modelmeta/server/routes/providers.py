"""Questions to providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response

from ..parameters import Nothing, Paging
from ..schemas import responses
from .shape import paged

if TYPE_CHECKING:
    from ..asking import Asking

__all__ = ["add_providers"]


def add_providers(routes: APIRouter, ask: Asking) -> None:
    """Add what tells of providers and of what they sell."""
    registry = ask.registry

    @routes.get("/providers", tags=["providers"], responses=responses("Providers", 422))
    async def providers(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """List all providers."""
        return await ask.prepared(request, lambda: {"providers": registry.providers(), "total": len(registry.providers())})

    @routes.get("/providers/{provider_id}", tags=["providers"], responses=responses("Provider", 404, 422))
    async def provider(request: Request, provider_id: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell everything known about a provider."""
        return await ask.prepared(request, lambda: registry.provider(provider_id), short=provider_id in registry.catalog.sellers)

    @routes.get("/providers/{provider_id}/models", tags=["providers"], responses=responses("ProviderPage", 404, 422))
    async def provider_models(request: Request, provider_id: str, asked: Annotated[Paging, Query()]) -> Response:
        """List the models of a provider."""
        return await ask.prepared(
            request, lambda: {"provider_id": provider_id, **paged(registry.models(registry.provider(provider_id).id), asked)}
        )
