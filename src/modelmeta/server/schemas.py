"""What the answers look like, for OpenAPI: the records as they are, and what stands around them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from pydantic import BaseModel, ConfigDict, create_model

from ..catalog.compare import ComparisonRow
from ..catalog.diff import Change
from ..catalog.offerings import Offering
from ..catalog.price import Quote
from ..catalog.stats import Stats
from ..records.cost import CostTier
from ..records.dates import PartialDate
from ..records.lab import Benchmark
from ..records.model import Model
from ..records.provider import Provider
from ..records.refs import ModelRef
from ..records.vocabulary import PriceState

__all__ = ["Problem", "problems", "responses"]

Said = dict[int | str, dict[str, Any]]
"""What FastAPI is told of the answers of a route, by status."""

_SAID = {
    400: "It cannot be read.",
    401: "There is no token, or a wrong one.",
    403: "The server was started without a token.",
    404: "There is no such thing; suggestions may be there.",
    409: "Several models are meant; they are listed.",
    413: "The body is too large.",
    414: "The address is too long.",
    422: "A parameter is unknown, or has a value it cannot have.",
    429: "This client asks too often.",
    500: "Something went wrong here.",
    503: "The store does not answer.",
}


class Problem(BaseModel, extra="allow"):
    """What went wrong, as RFC 9457 says it."""

    type: str
    title: str
    status: int
    detail: str


def problems(*statuses: int) -> Said:
    """Return what a route answers that refuses with these *statuses*."""
    return {
        status: {"description": _SAID[status], "content": {"application/problem+json": {"schema": Problem.model_json_schema()}}}
        for status in statuses
    }


def responses(name: str, *refusals: int, status: int = 200) -> Said:
    """Return what a route answers: a body called *name*, or a problem with one of these statuses."""
    return {status: {"model": _ANSWERS[name]}, **problems(*refusals)}


@cache
def _record(cls: type[Any]) -> Any:
    """Return the model of the record *cls*, as it is told."""
    hints = get_type_hints(cls, localns=_NAMES)
    fields = {field.name: _kind(hints[field.name], cls) for field in attrs.fields(cls) if field.name not in _UNTOLD.get(cls, ())}
    return _object(cls.__name__, **fields, **_DERIVED.get(cls, {}))


def _kind(hint: Any, within: type[Any]) -> Any:
    """Return how what *hint* says is told, within a record, which may hold others of its kind."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return Union[tuple(_kind(argument, within) for argument in arguments)]  # noqa: UP007  # of members that are not known here
    if origin is not None and origin is not Literal:
        of = _kind(arguments[-1] if issubclass(origin, Mapping) else arguments[0], within)
        return types.GenericAlias(dict, (str, of)) if issubclass(origin, Mapping) else _list(of)
    if hint is within:
        return ForwardRef(within.__name__)
    if hint in _TOLD_AS:
        return _TOLD_AS[hint]
    return _record(hint) if attrs.has(hint) else hint


def _object(name: str, extra: Literal["allow", "forbid"] = "forbid", /, **fields: Any) -> Any:
    """Return a model of this *name* with these *fields*, all of which are there; others are if *extra* allows it."""
    told: dict[str, Any] = {field: (kind, ...) for field, kind in fields.items()}
    return create_model(name, __config__=ConfigDict(extra=extra), **told)


def _list(of: Any) -> Any:
    return types.GenericAlias(list, (of,))


_NAMES = {"CostTier": CostTier, "Decimal": Decimal, "ModelRef": ModelRef, "PriceState": PriceState}
"""What some records import only when types are checked."""
_TOLD_AS: dict[Any, Any] = {PartialDate: str, ModelRef: str, datetime: str, timedelta: str, Decimal: float}
_UNTOLD: dict[type, set[str]] = {Model: {"ref", "subscription"}}
_DERIVED: dict[type, dict[str, Any]] = {
    Model: {"provider_id": str, "id": str, "price_state": PriceState},
    Change: {"percent": float | None},
}

_PAGE = {"total": int, "page": int, "limit": int}
_MODELS = {"models": _list(_record(Model)), **_PAGE, "pages": int}
_SOME_MODEL = _object("SomeModel", "allow", provider_id=str, id=str)
"""A model, or of it the fields that were asked for."""
_JOB = _object("Job", "allow", id=str, status=str)
_CHANGES = {"changes": _list(_record(Change))}
_ANSWERS: dict[str, type[BaseModel]] = {
    "Model": _record(Model),
    "ModelPage": _object("ModelPage", **{**_MODELS, "models": _list(_SOME_MODEL)}),
    "CapabilityPage": _object("CapabilityPage", capability=str, **_MODELS),
    "Hits": _object("Hits", hits=_list(_object("Hit", model=_SOME_MODEL, score=float, matched=list[str]))),
    "Comparison": _object("Comparison", models=list[str], missing=list[str], rows=_list(_record(ComparisonRow))),
    "Benchmarks": _object("Benchmarks", model=str, benchmarks=_list(_record(Benchmark))),
    "Offerings": _object("Offerings", offerings=_list(_record(Offering))),
    "Quote": _record(Quote),
    "Stats": _record(Stats),
    "Provider": _record(Provider),
    "Providers": _object("Providers", providers=_list(_record(Provider)), total=int),
    "ProviderPage": _object("ProviderPage", provider_id=str, **_MODELS),
    "Changes": _object("Changes", **_CHANGES),
    "ChangePage": _object("ChangePage", **_CHANGES, **_PAGE),
    "Job": _JOB,
    "Refreshes": _object("Refreshes", refreshes=_list(_JOB), total=int),
}
