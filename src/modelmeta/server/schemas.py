"""What the answers look like, for OpenAPI: made of the records themselves."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from ..records.dates import PartialDate
from ..records.lab import Benchmark
from ..records.model import Model
from ..records.provider import Provider
from ..records.refs import ModelRef
from ..records.usage import Usage

__all__ = ["components", "responses"]

Schema = dict[str, Any]

_TEXTS = (str, PartialDate, ModelRef, datetime, timedelta)
_PROBLEM = "Problem"
_SAID = {
    401: "There is no token, or a wrong one.",
    403: "The server was started without a token.",
    404: "There is no such thing; suggestions may be there.",
    409: "Several models are meant; they are listed.",
    422: "A parameter is unknown, or has a value it cannot have.",
    503: "The store does not answer.",
}


def responses(name: str, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers: a body of the schema called *name*, or one of these *problems*."""
    body = {"description": "Successful Response", "content": {"application/json": {"schema": _ref(name)}}}
    said: dict[int | str, dict[str, Any]] = {status: body}
    for problem in problems:
        said[problem] = {"description": _SAID[problem], "content": {"application/problem+json": {"schema": _ref(_PROBLEM)}}}
    return said


def components() -> dict[str, Schema]:
    """Return every schema that a route names."""
    found: dict[str, Schema] = {}
    for cls in (Model, Provider, Benchmark, Usage):
        _record(cls, found)
    return {**found, **_ANSWERS}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _record(cls: type[Any], found: dict[str, Schema]) -> Schema:
    """Return a reference to the schema of the record *cls*, which is among those *found* then."""
    if cls.__name__ not in found:
        found[cls.__name__] = {}
        hints = get_type_hints(cls)
        fields = {field.name: _schema(hints[field.name], found) for field in attrs.fields(cls) if field.name not in _UNTOLD.get(cls, ())}
        fields |= _DERIVED.get(cls, {})
        found[cls.__name__] = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return _ref(cls.__name__)


def _schema(hint: Any, found: dict[str, Schema]) -> Schema:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_schema(argument, found) for argument in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], found)}
    if origin is not None and issubclass(origin, Sequence):
        return {"type": "array", "items": _schema(arguments[0], found)}
    if attrs.has(hint) and not issubclass(hint, _TEXTS):
        return _record(hint, found)
    return next(({"type": name} for kinds, name in _TYPES.items() if isinstance(hint, type) and issubclass(hint, kinds)), {})


_TYPES: dict[tuple[type, ...], str] = {(bool,): "boolean", (int,): "integer", (Decimal, float): "number", _TEXTS: "string", (type(None),): "null"}
_UNTOLD: dict[type, set[str]] = {Model: {"ref", "subscription"}}
_DERIVED: dict[type, Schema] = {
    Model: {"provider_id": {"type": "string"}, "id": {"type": "string"}, "price_state": {"enum": ["priced", "free", "plan", "unpriced"]}}
}

_TEXT, _COUNT, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": ["number", "null"]}
_MAYBE_TEXT = {"type": ["string", "null"]}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_SOME_MODEL = {"type": "object", "required": ["provider_id", "id"]}
"""A model, or of it the fields that were asked for."""
_PAGE = {"total": _COUNT, "page": _COUNT, "limit": _COUNT}
_CHANGE = _object(
    kind=_TEXT, ref=_TEXT, path=_MAYBE_TEXT, before={}, after={}, percent=_NUMBER, revision=_MAYBE_TEXT, at=_MAYBE_TEXT
)
_RUN = {"type": "object", "required": ["id", "status"], "properties": {"id": _TEXT, "status": _TEXT}}
_LINE = _object(component=_TEXT, tokens=_COUNT, rate=_NUMBER, amount=_NUMBER)
_ANSWERS: dict[str, Schema] = {
    "ModelPage": _object(models=_list(_SOME_MODEL), pages=_COUNT, **_PAGE),
    "CapabilityPage": _object(capability=_TEXT, models=_list(_ref("Model")), pages=_COUNT, **_PAGE),
    "ProviderPage": _object(provider_id=_TEXT, models=_list(_ref("Model")), pages=_COUNT, **_PAGE),
    "Providers": _object(providers=_list(_ref("Provider")), total=_COUNT),
    "Hits": _object(hits=_list(_object(model=_SOME_MODEL, score=_NUMBER, matched=_list(_TEXT)))),
    "Comparison": _object(
        models=_list(_TEXT),
        missing=_list(_TEXT),
        rows=_list(_object(field=_TEXT, unit=_MAYBE_TEXT, values=_list({}), differs={"type": "boolean"}, best=_list(_COUNT))),
    ),
    "Benchmarks": _object(model=_TEXT, benchmarks=_list(_ref("Benchmark"))),
    "Offerings": _object(offerings=_list({"type": "object", "required": ["model", "evidence"]})),
    "Changes": _object(changes=_list(_CHANGE)),
    "ChangePage": _object(changes=_list(_CHANGE), **_PAGE),
    "Quote": _object(
        ref=_TEXT,
        usage=_ref("Usage"),
        total=_NUMBER,
        state=_TEXT,
        lines=_list(_LINE),
        tier={},
        mode=_MAYBE_TEXT,
        reason=_MAYBE_TEXT,
    ),
    "Stats": {"type": "object", "required": ["models", "providers"]},
    "Job": _RUN,
    "Refreshes": _object(refreshes=_list(_RUN), total=_COUNT),
    _PROBLEM: {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {"type": _TEXT, "title": _TEXT, "status": _COUNT, "detail": _TEXT},
    },
}
