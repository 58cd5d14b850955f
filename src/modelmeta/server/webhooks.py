"""The routes about webhooks, for those who have the token."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import attrs
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field

from ..catalog.diff import ChangeKind
from ..errors import QueryError
from ..webhooks.delivery import DeliveryState
from ..webhooks.hook import Hook
from ..webhooks.webhooks import Webhooks
from .asking import as_json
from .parameters import Nothing, Strict
from .problem import ProblemRoute
from .schemas import problems
from .security import bearer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from .asking import Asking

__all__ = ["webhooks"]

_Name = Annotated[str, Field(min_length=1, max_length=300)]
_Names = Annotated[list[_Name], Field(max_length=100)]


class Registering(Strict):
    """What ``POST /webhooks`` takes."""

    url: Annotated[str, Field(max_length=2_000, description="An https address.")]
    secret: Annotated[str, Field(max_length=200)] | None = Field(None, description="whsec_ and base64; without one, it is made.")
    kinds: Annotated[list[ChangeKind], Field(max_length=10)] = Field([], description="Only changes of these kinds.")
    models: _Names = Field([], description="Only changes of these models, provider/model, and of the providers.")
    providers: _Names = Field([], description="Only changes of what these providers sell, and of the models.")
    min_price_change: Annotated[Decimal, Field(ge=0, le=10**6, max_digits=12)] | None = Field(
        None, description="Of a price only if it moved by so many percent."
    )


class Changing(Strict):
    """What ``PATCH /webhooks/{id}`` takes."""

    paused: bool


class Replaying(Strict):
    """What ``POST /webhooks/{id}/replay`` takes."""

    revision: Annotated[str, Field(min_length=1, max_length=100)]


class Selecting(Strict):
    """What ``GET /webhooks/{id}/deliveries`` takes."""

    state: DeliveryState | None = Field(None, description="Only those in this state; the dead are those that were given up.")


class Webhook(BaseModel):
    """A webhook as it is told of."""

    id: str
    url: str
    kinds: list[str]
    models: list[str]
    providers: list[str]
    min_price_change: float | None
    paused: bool
    created_at: datetime
    cursor: int


class NewWebhook(Webhook):
    """A new webhook, with the secret that is never told again."""

    secret: str


class WebhookList(BaseModel):
    """All webhooks."""

    webhooks: list[Webhook]
    total: int


class WebhookDelivery(BaseModel):
    """What became of a message, or is to become of it."""

    id: str
    hook: str
    revision: str
    state: Literal["pending", "delivered", "dead"]
    attempts: int
    status: int | None
    error: str | None
    created_at: datetime
    at: datetime


class WebhookDeliveries(BaseModel):
    """What became of the messages to a webhook."""

    deliveries: list[WebhookDelivery]
    total: int


class WebhookAttempt(BaseModel):
    """How a test went."""

    status: int | None
    error: str | None


def webhooks(asking: Asking, *, token: str | None = None, allow_private: bool = False) -> APIRouter:
    """Return the routes, to be included under any prefix. While the app runs, messages are delivered.

    Args:
        asking: whose registry it is about.
        token: what every route asks for as a bearer token. None: nobody may.
        allow_private: whether private addresses and this machine may be called.
    """
    hooks = Webhooks(asking.registry, allow_private=allow_private)

    @asynccontextmanager
    async def delivering(_: FastAPI) -> AsyncIterator[None]:
        hooks.start()
        try:
            yield
        finally:
            await asyncio.to_thread(hooks.stop)

    routes = APIRouter(
        prefix="/webhooks", route_class=ProblemRoute, tags=["webhooks"], dependencies=[Depends(bearer(token))], lifespan=delivering
    )
    _add_hooks(routes, hooks)
    _add_deliveries(routes, hooks)
    return routes


def _add_hooks(routes: APIRouter, hooks: Webhooks) -> None:
    @routes.post("", status_code=201, **_answers(NewWebhook, 422, status=201))
    def add(request: Request, asked: Registering, _: Annotated[Nothing, Query()]) -> Response:
        """Tell an address of changes from now on. Only this answer holds the secret."""
        hook = hooks.add(**dict(asked))
        return _said({**hook.to_dict(), "secret": hook.secret}, 201, location=request.url_for("webhook", webhook=hook.id).path)

    @routes.get("", **_answers(WebhookList, 422))
    def every(_: Annotated[Nothing, Query()]) -> Response:
        """List the webhooks, oldest first."""
        found = [hook.to_dict() for hook in hooks.all()]
        return _said({"webhooks": found, "total": len(found)})

    @routes.get("/{webhook}", name="webhook", **_answers(Webhook, 404, 422))
    def one(webhook: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell of one webhook."""
        return _said(_known(hooks, webhook).to_dict())

    @routes.patch("/{webhook}", **_answers(Webhook, 404, 422))
    def change(webhook: str, asked: Changing, _: Annotated[Nothing, Query()]) -> Response:
        """Pause a webhook, or resume it: what happened meanwhile is delivered then."""
        return _said((hooks.pause if asked.paused else hooks.resume)(_known(hooks, webhook).id).to_dict())

    @routes.delete("/{webhook}", status_code=204, response_class=Response, responses=problems(404, 422, 401, 403, 503))
    def remove(webhook: str, _: Annotated[Nothing, Query()]) -> Response:
        """Forget a webhook, and what is to be delivered to it."""
        hooks.remove(_known(hooks, webhook).id)
        return Response(status_code=204)


def _add_deliveries(routes: APIRouter, hooks: Webhooks) -> None:
    @routes.post("/{webhook}/test", **_answers(WebhookAttempt, 404, 422))
    def test(webhook: str, _: Annotated[Nothing, Query()]) -> Response:
        """Send a message of the type webhook.test now, and tell how that went."""
        return _said(attrs.asdict(hooks.test(_known(hooks, webhook).id)))

    @routes.get("/{webhook}/deliveries", **_answers(WebhookDeliveries, 404, 422))
    def deliveries(webhook: str, asked: Annotated[Selecting, Query()]) -> Response:
        """Tell what became of the messages, newest revisions first: of all that are pending, and the last that ended."""
        found = [delivery.to_dict() for delivery in hooks.deliveries(_known(hooks, webhook).id, asked.state)]
        return _said({"deliveries": found, "total": len(found)})

    @routes.post("/{webhook}/replay", status_code=202, **_answers(WebhookDelivery, 404, 422, status=202))
    def replay(webhook: str, asked: Replaying, _: Annotated[Nothing, Query()]) -> Response:
        """Deliver the message about one revision once more, under the same id."""
        return _said(hooks.replay(_known(hooks, webhook).id, asked.revision).to_dict(), 202)


def _known(hooks: Webhooks, webhook: str) -> Hook:
    try:
        return hooks.get(webhook)
    except QueryError as error:
        raise HTTPException(404, str(error)) from error


def _said(value: Any, status: int = 200, **headers: str) -> Response:
    return Response(as_json(value), status, {"cache-control": "no-store", **headers}, "application/json")


def _answers(model: type[BaseModel], *refusals: int, status: int = 200) -> dict[str, Any]:
    """Return what a decorator of a route is to know of its answers."""
    return {"responses": {status: {"model": model}, **problems(*refusals, 401, 403, 503)}}
