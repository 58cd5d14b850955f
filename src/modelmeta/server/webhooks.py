"""The routes about webhooks, for those who have the token."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import attrs
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ..catalog.diff import ChangeKind
from ..errors import QueryError
from ..webhooks.delivery import DeliveryState
from ..webhooks.hook import Hook
from ..webhooks.webhooks import Webhooks
from .parameters import Nothing
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


class Registering(BaseModel):
    """What ``POST /webhooks`` takes."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=2_000, description="An https address.")]
    secret: Annotated[str, Field(max_length=200)] | None = Field(None, description="whsec_ and base64; without one, it is made.")
    kinds: Annotated[list[ChangeKind], Field(max_length=10)] = Field([], description="Only changes of these kinds.")
    models: _Names = Field([], description="Only changes of these models, provider/model, and of the providers.")
    providers: _Names = Field([], description="Only changes of what these providers sell, and of the models.")
    min_price_change: Annotated[Decimal, Field(ge=0, le=10**6, max_digits=12)] | None = Field(
        None, description="Of a price only if it moved by so many percent."
    )


class Changing(BaseModel):
    """What ``PATCH /webhooks/{id}`` takes."""

    model_config = ConfigDict(extra="forbid")

    paused: bool


class Replaying(BaseModel):
    """What ``POST /webhooks/{id}/replay`` takes."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[str, Field(min_length=1, max_length=100)]


class Selecting(BaseModel):
    """What ``GET /webhooks/{id}/deliveries`` takes."""

    model_config = ConfigDict(extra="forbid")

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


def webhooks(asking: Asking, *, token: str | None = None, allow_private: bool = False) -> APIRouter:  # noqa: C901  # routes, one after another
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

    def known(webhook: str) -> Hook:
        try:
            return hooks.get(webhook)
        except QueryError as error:
            raise HTTPException(404, str(error)) from error

    def say(value: Any, status: int = 200, **headers: str) -> Response:
        response = asking.at_once(value)
        response.status_code = status
        response.headers.update({"cache-control": "no-store", **headers})
        return response

    @routes.post("", status_code=201, **_answers(NewWebhook, 422, status=201))
    def add(request: Request, asked: Registering, _: Annotated[Nothing, Query()]) -> Response:
        """Tell an address of changes from now on. Only this answer holds the secret."""
        hook = hooks.add(**dict(asked))
        return say({**hook.to_dict(), "secret": hook.secret}, 201, location=request.url_for("webhook", webhook=hook.id).path)

    @routes.get("", **_answers(WebhookList, 422))
    def every(_: Annotated[Nothing, Query()]) -> Response:
        """List the webhooks, oldest first."""
        found = [hook.to_dict() for hook in hooks.all()]
        return say({"webhooks": found, "total": len(found)})

    @routes.get("/{webhook}", name="webhook", **_answers(Webhook, 404, 422))
    def one(webhook: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell of one webhook."""
        return say(known(webhook).to_dict())

    @routes.patch("/{webhook}", **_answers(Webhook, 404, 422))
    def change(webhook: str, asked: Changing, _: Annotated[Nothing, Query()]) -> Response:
        """Pause a webhook, or resume it: what happened meanwhile is delivered then."""
        return say((hooks.pause if asked.paused else hooks.resume)(known(webhook).id).to_dict())

    @routes.delete("/{webhook}", status_code=204, response_class=Response, responses=problems(404, 422, 401, 403, 503))
    def remove(webhook: str, _: Annotated[Nothing, Query()]) -> Response:
        """Forget a webhook, and what is to be delivered to it."""
        hooks.remove(known(webhook).id)
        return Response(status_code=204)

    @routes.post("/{webhook}/test", **_answers(WebhookAttempt, 404, 422))
    def test(webhook: str, _: Annotated[Nothing, Query()]) -> Response:
        """Send a message of the type webhook.test now, and tell how that went."""
        return say(attrs.asdict(hooks.test(known(webhook).id)))

    @routes.get("/{webhook}/deliveries", **_answers(WebhookDeliveries, 404, 422))
    def deliveries(webhook: str, asked: Annotated[Selecting, Query()]) -> Response:
        """Tell what became of the messages, newest revisions first: of all that are pending, and the last that ended."""
        found = [delivery.to_dict() for delivery in hooks.deliveries(known(webhook).id, asked.state)]
        return say({"deliveries": found, "total": len(found)})

    @routes.post("/{webhook}/replay", status_code=202, **_answers(WebhookDelivery, 404, 422, status=202))
    def replay(webhook: str, asked: Replaying, _: Annotated[Nothing, Query()]) -> Response:
        """Deliver the message about one revision once more, under the same id."""
        return say(hooks.replay(known(webhook).id, asked.revision).to_dict(), 202)

    return routes


def _answers(model: type[BaseModel], *refusals: int, status: int = 200) -> dict[str, Any]:
    """Return what a decorator of a route is to know of its answers."""
    return {"responses": {status: {"model": model}, **problems(*refusals, 401, 403, 503)}}
