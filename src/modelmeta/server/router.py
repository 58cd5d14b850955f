"""The routes, for an app of one's own: ``app.include_router(router(registry), prefix="/api/v1")``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from .asking import Asking
from .problem import ProblemRoute
from .routes.changes import add_changes
from .routes.model import add_model, add_price
from .routes.models import add_models
from .routes.providers import add_providers
from .routes.refreshing import add_refreshing

if TYPE_CHECKING:
    from ..registry.registry import AsyncRegistry, Registry

__all__ = ["router"]


def router(registry: Registry | AsyncRegistry, *, token: str | None = None, asking: Asking | None = None) -> APIRouter:
    """Return the routes over *registry*, to be included under any prefix.

    Args:
        registry: what is asked. It is opened, refreshed and closed by whoever made it.
        token: what ``POST /models/refresh`` asks for as a bearer token. None: it is refused.
        asking: the answers prepared so far, where several routers share them.
    """
    ask = asking or Asking(registry)
    routes = APIRouter(route_class=ProblemRoute)
    add_price(routes, ask)  # first, since its answers are not kept: routes are tried in order
    add_models(routes, ask)
    add_refreshing(routes, ask, token)
    add_changes(routes, ask)
    add_model(routes, ask)  # after those whose paths could be references
    add_providers(routes, ask)
    return routes
