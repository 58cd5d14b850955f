"""models.dev's own documents, of the revision that is read: any program that reads models.dev can read this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import Field

from ..codec.dump import dump
from ..codec.json_text import Written, row_decoder, to_text
from ..records.vocabulary import KnownType
from ..registry.catalogs import snapshot_of
from .answers import Answer
from .logos import Logos
from .parameters import Nothing, Strict
from .problem import ProblemRoute
from .schemas import problems

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from .asking import Asking

__all__ = ["mirror"]


class Typed(Strict):
    """What a document takes."""

    type: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        description="Only models of these types, comma-separated, or all. Without it, as upstream: chat models and those without a type.",
    )


def mirror(asking: Asking) -> APIRouter:
    """Return the routes of a mirror, to be included without a prefix."""
    routes = APIRouter(route_class=ProblemRoute, tags=["mirror"])

    for name in ("api.json", "models.json", "catalog.json"):
        _add_document(routes, asking, name)

    logos = Logos(asking.registry)

    @routes.get("/logos/{provider}.svg", response_class=Response, responses={200: {"content": {_SVG: {}}}, **problems(404, 422)})
    async def logo(request: Request, provider: str, _: Annotated[Nothing, Query()]) -> Response:
        """Tell the logo of a provider, where a site that the facts come from has one."""
        found = await logos.of(provider)
        if found is None:
            raise HTTPException(404, f"no logo of {provider!r} is known here now")
        return await asking.prepared_bytes(request, lambda: Answer(found, _SVG))

    return routes


def _add_document(routes: APIRouter, asking: Asking, name: str) -> None:
    @routes.get(f"/{name}", name=name, description=f"Tell the facts as the {name} of models.dev.", responses=_ANSWERS)
    async def document(request: Request, asked: Annotated[Typed, Query()]) -> Response:
        types = _types(asked.type)
        if types is None:
            return Response(to_text({"error": "Unknown type", "allowed": ["all", *_KNOWN]}), 400, media_type="application/json")
        return await asking.prepared_bytes(request, lambda: _document(asking.registry.catalog, name, types))


_KNOWN = get_args(KnownType)
_SVG = "image/svg+xml"
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"schema": {"type": "object"}}}},
    400: {
        "description": "There is no such type.",
        "content": {"application/json": {"schema": {"type": "object", "required": ["error", "allowed"]}}},
    },
    **problems(404, 422),
}


def _types(asked: str | None) -> frozenset[str] | None:
    """Return the types that are asked for, empty for all, None where one of them is none."""
    if asked is None:
        return frozenset({"chat"})
    types = frozenset(asked.split(","))
    return frozenset() if types == {"all"} else types if types <= {*_KNOWN} else None


def _document(catalog: Catalog, name: str, types: frozenset[str]) -> Answer:
    """Return a document of *catalog*, of only these *types* of models; without any, of all."""
    content = snapshot_of(catalog)
    tree = dump(content, row_decoder.decode, Written)
    parts = {"api.json": {"providers": tree}, "models.json": {"models": tree}, "catalog.json": tree}[content.kind]
    wanted = {"api.json": ["providers"], "models.json": ["models"], "catalog.json": ["models", "providers"]}[name]
    if not {*wanted} <= parts.keys():
        raise HTTPException(404, f"{name} is not known here: the facts came as {content.kind}")
    if types:
        parts = {part: _of_types(part, parts[part], types) for part in wanted}
    return Answer(to_text(parts if name == "catalog.json" else parts[wanted[0]]).encode() + b"\n")


def _of_types(part: str, tree: Any, types: frozenset[str]) -> Any:
    """Return the models of these *types*, one without a type being chat; providers that are left without any are left out."""
    if part == "models":
        return {key: row for key, row in tree.items() if _has_type(row, types)}
    chosen = {}
    for key, head in tree.items():
        rows = head.get("models") if isinstance(head, dict) else None
        if not isinstance(rows, dict):
            continue
        kept = {model_id: row for model_id, row in rows.items() if _has_type(row, types)}
        if kept:
            chosen[key] = {**head, "models": kept}
    return chosen


def _has_type(row: Any, types: frozenset[str]) -> bool:
    if isinstance(row, Written):
        row = row_decoder.decode(row) if '"type":' in row else {}
    return isinstance(row, dict) and row.get("type", "chat") in types
