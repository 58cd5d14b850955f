"""What happened, to one model or to all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from ...catalog.diff import ChangeKind
from ...errors import QueryError
from ..parameters import Nothing, Strict
from ..schemas import responses

if TYPE_CHECKING:
    from ...catalog.diff import Change
    from ..asking import Asking

__all__ = ["add_changes"]

_TOLD = ("kind", "ref", "path", "before", "after", "percent", "revision")


class Changing(Strict):
    """What ``GET /changes`` takes."""

    since: Annotated[str, Field(max_length=100)] | None = Field(None, description="Only what was accepted after this revision or time.")
    until: Annotated[str, Field(max_length=100)] | None = Field(None, description="Only what was accepted up to this revision or time.")
    kind: Annotated[list[ChangeKind], Field(max_length=10)] = Field([], description="Only changes of this kind. Repeatable.")
    page: Annotated[int, Field(ge=1, le=10**6, description="Which page, the first is 1.")] = 1
    limit: Annotated[int, Field(ge=1, le=1_000, description="At most this many.")] = 100


def add_changes(routes: APIRouter, ask: Asking) -> None:
    """Add what tells of changes."""
    registry = ask.registry

    @routes.get("/changes", tags=["changes"], responses=responses("ChangePage", 404, 422, 503))
    async def changes(request: Request, asked: Annotated[Changing, Query()]) -> Response:
        """Tell what happened to all models, oldest first."""

        def page() -> Any:
            told = registry.past().changes(asked.since, asked.until, asked.kind or None)
            begin = (asked.page - 1) * asked.limit
            part = [*map(_change, told[begin : begin + asked.limit])]
            return {"changes": part, "total": len(told), "page": asked.page, "limit": asked.limit}

        try:
            return await ask.remembered(request, page)
        except QueryError as error:
            raise QueryError(str(error), criterion="since" if error.value == asked.since else "until", value=error.value) from error

    @routes.get("/models/{ref:path}/history", tags=["changes"], responses=responses("Changes", 404, 409, 422, 503))
    async def history(request: Request, ref: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell what happened to a model, oldest first."""
        return await ask.remembered(request, lambda: {"changes": [*map(_change, registry.history_of(ref))]})


def _change(change: Change) -> dict[str, Any]:
    return {**{name: getattr(change, name) for name in _TOLD}, "at": None if change.at is None else change.at.isoformat()}
