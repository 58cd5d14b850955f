"""Refreshes, for those who have the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from ..jobs import Jobs
from ..parameters import Nothing, Strict
from ..schemas import responses
from ..security import bearer

if TYPE_CHECKING:
    from ..asking import Asking

__all__ = ["add_refreshing"]


class Refreshing(Strict):
    """What ``POST /models/refresh`` takes."""

    provider: Annotated[list[Annotated[str, Field(min_length=1, max_length=200, pattern="^[^/]+$")]], Field(max_length=50)] = Field(
        [], description="Take over only what belongs to this provider. Repeatable."
    )


class Looking(Strict):
    """What ``GET /models/refresh/status`` takes."""

    limit: Annotated[int, Field(ge=1, le=100, description="At most this many.")] = 10


def add_refreshing(routes: APIRouter, ask: Asking, token: str | None) -> None:
    """Add what begins a refresh and tells how it went, for those who send *token*."""
    jobs = Jobs(ask)
    guarded = [Depends(bearer(token))]

    @routes.post(
        "/models/refresh", status_code=202, tags=["refreshing"], dependencies=guarded, responses=responses("Job", 401, 403, 422, status=202)
    )
    async def refresh(request: Request, asked: Annotated[Refreshing, Query()]) -> Response:
        """Begin to refresh, or join the refresh that is under way; its end is told at ``Location``."""
        job = jobs.begin(frozenset(asked.provider))
        return jobs.accepted(job, request.url_for("refresh_job", job=job).path)

    @routes.get("/models/refresh/status", tags=["refreshing"], dependencies=guarded, responses=responses("Refreshes", 401, 403, 422, 503))
    async def refresh_status(asked: Annotated[Looking, Query()]) -> Response:
        """Tell how the last refreshes went, newest first."""
        return jobs.listed(await ask.world("refreshes", limit=asked.limit))

    @routes.get(
        "/models/refresh/status/{job}",
        name="refresh_job",
        tags=["refreshing"],
        dependencies=guarded,
        responses=responses("Job", 401, 403, 404, 422, 503),
    )
    async def refresh_job(job: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell how one refresh goes or went."""
        return await jobs.told(job)
