"""The routes, for an app of one's own: ``app.include_router(router(registry), prefix="/api/v1")``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ..catalog.diff import ChangeKind
from ..errors import QueryError
from ..records.capabilities import capability_names
from ..records.plain import to_dict
from ..records.usage import Usage
from .asking import Asking
from .jobs import Jobs
from .parameters import Comparing, Listing, Nothing, Paging, Searching, Workload, fields_of
from .problem import ProblemRoute
from .schemas import responses
from .security import bearer

if TYPE_CHECKING:
    from ..catalog.diff import Change
    from ..records.model import Model
    from ..registry.registry import AsyncRegistry, Registry

__all__ = ["router"]

_FEWEST, _MOST = 2, 10


class Pricing(BaseModel):
    """What ``POST /price`` takes."""

    model_config = ConfigDict(extra="forbid")

    model: Annotated[str, Field(min_length=1, max_length=1_000)]
    usage: Workload
    mode: Annotated[str, Field(max_length=200)] | None = None


class Changing(BaseModel):
    """What ``GET /changes`` takes."""

    model_config = ConfigDict(extra="forbid")

    since: Annotated[str, Field(max_length=100)] | None = Field(None, description="Only what was accepted after this revision or time.")
    until: Annotated[str, Field(max_length=100)] | None = Field(None, description="Only what was accepted up to this revision or time.")
    kind: Annotated[list[ChangeKind], Field(max_length=10)] = Field([], description="Only changes of this kind. Repeatable.")
    page: Annotated[int, Field(ge=1, le=10**6)] = 1
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


class Looking(BaseModel):
    """What ``GET /models/refresh/status`` takes."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 10


class Refreshing(BaseModel):
    """What ``POST /models/refresh`` takes."""

    model_config = ConfigDict(extra="forbid")

    provider: Annotated[list[str], Field(max_length=50)] = Field([], description="Take over only what belongs to this provider. Repeatable.")


def router(registry: Registry | AsyncRegistry, *, token: str | None = None, asking: Asking | None = None) -> APIRouter:
    """Return the routes over *registry*, to be included under any prefix.

    Args:
        registry: what is asked. It is opened, refreshed and closed by whoever made it.
        token: what ``POST /models/refresh`` asks for as a bearer token. None: it is refused.
        asking: the answers prepared so far, where several routers share them.
    """
    ask = asking or Asking(registry)
    jobs = Jobs(ask)
    routes = APIRouter(route_class=ProblemRoute, tags=["models"])
    guarded = [Depends(bearer(token))]

    @routes.get("/models", responses=responses("ModelPage", 422))
    async def models(request: Request, asked: Annotated[Listing, Query()]) -> Response:
        """List the models that meet all criteria."""
        return await ask.prepared(request, lambda: _listed(registry, asked))

    @routes.get("/models/search", responses=responses("Hits", 422))
    async def search(request: Request, asked: Annotated[Searching, Query()]) -> Response:
        """Find the models that a text describes among those that meet all criteria, best first."""

        def found() -> Any:
            hits = registry.search(asked.q, asked.query(), limit=asked.limit)
            return {
                "hits": [
                    {"model": _shown(hit.model, asked.fields), "score": hit.score, "matched": hit.matched} for hit in hits
                ]
            }

        return await ask.prepared(request, found)

    @routes.get("/models/compare", responses=responses("Comparison", 404, 409, 422))
    async def compare(request: Request, asked: Annotated[Comparing, Query()]) -> Response:
        """Show 2 to 10 models side by side, and which references nothing is known of."""
        refs = list(dict.fromkeys(fields_of(asked.ids)))
        if not _FEWEST <= len(refs) <= _MOST:
            message = f"{_FEWEST} to {_MOST} models can be compared, not {len(refs)}"
            raise QueryError(message, criterion="ids", value=len(refs))

        def compared() -> Any:
            comparison = registry.compare(*refs, usage=asked.usage())
            return {"models": [model.ref for model in comparison.models], "missing": comparison.missing, "rows": comparison.rows}

        return await ask.prepared(request, compared)

    @routes.get("/models/capability/{capability}", responses=responses("CapabilityPage", 422))
    async def capability(request: Request, capability: str, asked: Annotated[Paging, Query()]) -> Response:
        """List the models that are known to have a capability."""
        capability_names(capability)

        def having() -> Any:
            page = registry.filter(capability).page(asked.page, asked.limit)
            return {"capability": capability, **_paged(page.items, page.total, asked)}

        return await ask.prepared(request, having)

    @routes.post("/models/refresh", status_code=202, dependencies=guarded, responses=responses("Job", 401, 403, 422, status=202))
    async def refresh(request: Request, asked: Annotated[Refreshing, Query()]) -> Response:
        """Begin to refresh, or join the refresh that is under way; its end is told at ``Location``."""
        job = await jobs.begin(frozenset(asked.provider))
        return jobs.accepted(job, request.url_for("refresh_job", job=job).path)

    @routes.get("/models/refresh/status", dependencies=guarded, responses=responses("Refreshes", 401, 403, 422, 503))
    async def refresh_status(asked: Annotated[Looking, Query()]) -> Any:
        """Tell how the last refreshes went, newest first."""
        return jobs.listed(await ask.world("refreshes", limit=asked.limit))

    @routes.get("/models/refresh/status/{job}", dependencies=guarded, name="refresh_job", responses=responses("Job", 401, 403, 404, 422, 503))
    async def refresh_job(job: str, asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # it takes no parameters
        """Tell how one refresh goes or went."""
        return await jobs.told(job)

    @routes.get("/models/{ref:path}/benchmarks", responses=responses("Benchmarks", 404, 409, 422))
    async def benchmarks(request: Request, ref: str, asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # as above
        """List the published results of a model; an empty list where there are none."""
        return await ask.prepared(request, lambda: {"model": str(registry.get(ref).ref), "benchmarks": registry.benchmarks(ref)})

    @routes.get("/models/{ref:path}/offerings", responses=responses("Offerings", 404, 409, 422))
    async def offerings(request: Request, ref: str, asked: Annotated[Workload, Query()]) -> Response:
        """List every offer of the same model, whoever sells it, cheapest first."""
        return await ask.prepared(request, lambda: {"offerings": registry.offerings(ref, usage=asked.usage())})

    @routes.get("/models/{ref:path}/history", responses=responses("Changes", 404, 409, 422, 503))
    async def history(request: Request, ref: str, asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # as above
        """Tell what happened to a model, oldest first."""
        return await ask.remembered(request, "history", ref, shape=lambda changes: {"changes": [*map(_change, changes)]})

    @routes.get("/models/{ref:path}", responses=responses("Model", 404, 409, 422))
    async def model(request: Request, ref: str, asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # as above
        """Tell everything known about a model. Its reference may hold slashes."""
        return await ask.prepared(request, lambda: registry.get(ref))

    @routes.get("/providers", responses=responses("Providers", 422))
    async def providers(request: Request, asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # as above
        """List all providers."""
        return await ask.prepared(request, lambda: {"providers": registry.providers(), "total": len(registry.providers())})

    @routes.get("/providers/{provider_id}", responses=responses("Provider", 404, 422))
    async def provider(request: Request, provider_id: str, asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # as above
        """Tell everything known about a provider."""
        return await ask.prepared(request, lambda: registry.provider(provider_id))

    @routes.get("/providers/{provider_id}/models", responses=responses("ProviderPage", 404, 422))
    async def provider_models(request: Request, provider_id: str, asked: Annotated[Paging, Query()]) -> Response:
        """List the models of a provider."""

        def sold() -> Any:
            page = registry.models(registry.provider(provider_id).id).page(asked.page, asked.limit)
            return {"provider_id": provider_id, **_paged(page.items, page.total, asked)}

        return await ask.prepared(request, sold)

    @routes.post("/price", responses=responses("Quote", 404, 409, 422))
    async def price(asked: Pricing) -> Any:
        """Price a workload at a model, exactly and line by line."""
        return ask.at_once(registry.price(asked.model, asked.usage.usage() or Usage(), mode=asked.mode))

    @routes.get("/changes", responses=responses("ChangePage", 404, 422, 503))
    async def changes(request: Request, asked: Annotated[Changing, Query()]) -> Response:
        """Tell what happened to all models, oldest first."""

        def shape(told: Sequence[Change]) -> Any:
            begin = (asked.page - 1) * asked.limit
            part = [*map(_change, told[begin : begin + asked.limit])]
            return {"changes": part, "total": len(told), "page": asked.page, "limit": asked.limit}

        named = {"since": asked.since, "until": asked.until, "kinds": asked.kind or None}
        return await ask.remembered(request, "changes", shape=shape, **named)

    @routes.get("/stats", responses=responses("Stats", 422))
    async def stats(asked: Annotated[Nothing, Query()]) -> Response:  # noqa: ARG001  # as above
        """Tell the catalog in numbers, and where answers came from."""
        return ask.at_once(registry.stats())

    return routes


def _listed(registry: Registry | AsyncRegistry, asked: Listing) -> Any:
    sort = fields_of(asked.sort)
    page = registry.filter(asked.query(**({"sort": sort} if sort else {}))).page(asked.page, asked.limit)
    return _paged([_shown(model, asked.fields) for model in page.items], page.total, asked)


def _paged(items: Sequence[Any], total: int, asked: Paging) -> dict[str, Any]:
    return {"models": items, "total": total, "page": asked.page, "limit": asked.limit, "pages": -(-total // asked.limit)}


def _shown(model: Model, fields: list[str]) -> Any:
    """Return *model*, or of it only the *fields*, dotted ones within their objects."""
    whole = to_dict(model)
    wanted = fields_of(fields)
    if not wanted:
        return whole
    shown: dict[str, Any] = {"provider_id": whole["provider_id"], "id": whole["id"]}
    for path in wanted:
        *way, last = path.split(".")
        source, target = whole, shown
        for name in way:
            source = source.get(name) if isinstance(source, dict) else None
            target = target.setdefault(name, {})
        if path.partition(".")[0] not in whole:
            message = f"a model has no field {path!r:.100}; its fields are {', '.join(whole)}"
            raise QueryError(message, criterion="fields", value=path)
        target[last] = source.get(last) if isinstance(source, dict) else None
    return shown


def _change(change: Change) -> dict[str, Any]:
    names = ("kind", "ref", "path", "before", "after", "percent", "revision")
    return {**{name: getattr(change, name) for name in names}, "at": None if change.at is None else change.at.isoformat()}
