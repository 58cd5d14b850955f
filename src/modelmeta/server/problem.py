"""What went wrong, as RFC 9457 says it: no stack, no SQL, no path, nothing of what was sent that could be a secret."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from ..errors import (
    AmbiguousModelError,
    InvalidRefError,
    ModelMetaError,
    ModelNotFoundError,
    ProviderNotFoundError,
    QueryError,
    RevisionNotFoundError,
    StoreError,
    UnknownModeError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

__all__ = ["ProblemRoute", "problem"]

_LOG = logging.getLogger("modelmeta.server")
_TITLES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Ambiguous",
    413: "Too large",
    414: "Too long",
    422: "Unprocessable",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
_SAID = {
    "extra_forbidden": "there is no such parameter",
    "json_invalid": "this is no JSON",
    "missing": "it is needed",
    "model_attributes_type": "a JSON object is needed, sent with Content-Type: application/json",
}
"""What is wrong with a value, by pydantic's name for it, where pydantic says it to programmers in Python."""
_MOST_ERRORS = 20


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """Return a problem; *more* are its members beside title, status and detail."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail, **more}
    return Response(json.dumps(body) + "\n", status, dict(headers or {}), "application/problem+json")


class ProblemRoute(APIRoute):
    """A route whose errors are problems, whatever app it is included in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                errors = [_shown(each) for each in error.errors()[:_MOST_ERRORS]]
                return problem(422, "; ".join(f"{each['parameter'] or each['in']}: {each['detail']}" for each in errors), errors=errors)
            except HTTPException as error:
                return problem(error.status_code, str(error.detail), error.headers)
            except ModelMetaError as error:
                return _of(error, request)
            except Exception:  # noqa: BLE001  # whatever it is: it is logged here, and not shown
                _LOG.exception("a request failed", extra={"path": request.url.path})
                return problem(500, "something went wrong here; it was logged")

        return handler


def _shown(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a value stood and what is wrong with it, without the value."""
    place, *steps = error["loc"]
    if place == "query":
        steps = steps[:1]  # which of its values it was says nothing: they have no order
    elif error["type"] == "json_invalid":
        steps = []
    return {"in": place, "parameter": ".".join(map(str, steps)), "detail": _SAID.get(error["type"], str(error["msg"]))}


def _of(error: ModelMetaError, request: Request) -> Response:
    """Return the problem that *error* is to one who asked over HTTP."""
    match error:
        case ModelNotFoundError() | ProviderNotFoundError():
            return problem(404, str(error), suggestions=[*error.suggestions])
        case RevisionNotFoundError():
            return problem(404, str(error))
        case AmbiguousModelError():
            detail = f"{error.name!r:.100} can mean {len(error.candidates)} models; write one of the candidates"
            return problem(409, detail, candidates=[*error.candidates])
        case QueryError():
            name = "capability" if error.criterion == "capabilities" else error.criterion  # in Python they have no name
            place = "path" if name in request.path_params else "query" if request.method == "GET" else "body"
            return problem(422, str(error), errors=[{"in": place, "parameter": name, "detail": str(error)}])
        case InvalidRefError() | UsageError() | UnknownModeError():
            return problem(422, str(error))
        case StoreError():
            _LOG.warning("the store failed: %s", error)
            return problem(503, "the store does not answer; what is in memory still does", {"Retry-After": "10"})
        case _:
            _LOG.warning("a request failed: %s", error)
            return problem(503, "that cannot be done now; it was logged", {"Retry-After": "10"})
