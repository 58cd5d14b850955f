"""A provider of your own, on this machine, that lists its models, and fails as you tell it to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .server import FakeModelsDev
from .site import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from ssl import SSLContext

    from ..codec.live import Dialect
    from .server import Request
    from .site import Site

__all__ = ["FakeProvider"]

_LARGEST_PAGE = 1_000
_ROOTS = {"openai": "/v1", "anthropic": "/v1", "google": "/v1beta", "ollama": ""}


class FakeProvider(FakeModelsDev):
    """A real HTTP server on 127.0.0.1 that lists models as OpenAI, Anthropic, Google or Ollama does, or fails on command.

    ``fail``, ``heal``, ``requests`` and the rest are those of :class:`FakeModelsDev`.

    Args:
        models: the ids of its models, or rows of its list.
        dialect: whose list it is like.
        key: the key it wants, as that provider wants it; without it the answer is 401.
        page: the most models on a page, by default as that provider has it, and at most 1,000; OpenAI and Ollama have no pages.
        tls: serve https with this.

    >>> from modelmeta import Registry
    >>> from modelmeta.testing import FakeProvider
    >>> with FakeProvider(["llama-4"], key="sk-1234") as server, Registry() as registry:
    ...     registry.discover(server.base_url, api_key="sk-1234").unknown[0].id
    'llama-4'
    """

    def __init__(
        self,
        models: Iterable[str | Mapping[str, Any]],
        dialect: Dialect = "openai",
        *,
        key: str | None = None,
        page: int | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        super().__init__({}, tls=tls)
        self._dialect = dialect
        self._key = key
        self._page = page
        self.models: list[dict[str, Any]] = [_row(model, dialect) if isinstance(model, str) else dict(model) for model in models]
        """The rows of its list, which may be changed between requests."""

    @property
    def base_url(self) -> str:
        """Where its API is: what ``discover`` takes."""
        return f"{self.url}{_ROOTS[self._dialect]}"

    def _right(self, site: Site, request: Request) -> Answer:
        path = "/api/tags" if self._dialect == "ollama" else f"{_ROOTS[self._dialect]}/models"
        if request.path != path:
            return site.answer(request.path, request.query)
        name, scheme = {"anthropic": ("x-api-key", ""), "google": ("x-goog-api-key", "")}.get(self._dialect, ("Authorization", "Bearer "))
        sent = request.headers.get(name)
        if self._key is not None and sent != f"{scheme}{self._key}":
            return _json({"error": {"message": f"Incorrect API key provided: {sent}"}}, 401)
        if self._dialect == "anthropic" and "anthropic-version" not in request.headers:
            return _json({"error": {"message": "anthropic-version: header is required"}}, 400)
        return _json(self._list(request.query))

    def _list(self, query: Mapping[str, str]) -> Any:
        match self._dialect:
            case "openai":
                return {"object": "list", "data": self.models}
            case "ollama":
                return {"models": self.models}
            case "anthropic":
                places = {row["id"]: place for place, row in enumerate(self.models, 1)}
                rows, more = self._rows(places.get(query.get("after_id"), 0), query.get("limit", "20"))
                return {"data": rows, "has_more": more is not None, "last_id": rows[-1]["id"] if rows else None}
            case _:
                rows, more = self._rows(int(query.get("pageToken", "0")), query.get("pageSize", "50"))
                return {"models": rows, **({} if more is None else {"nextPageToken": str(more)})}

    def _rows(self, first: int, size: str) -> tuple[list[dict[str, Any]], int | None]:
        """Return the rows of a page, and where the next one begins, if there is one."""
        end = first + (self._page or min(int(size), _LARGEST_PAGE))
        return self.models[first:end], end if end < len(self.models) else None


def _row(model_id: str, dialect: Dialect) -> dict[str, Any]:
    match dialect:
        case "openai":
            return {"id": model_id, "object": "model", "owned_by": "somebody"}
        case "anthropic":
            return {"type": "model", "id": model_id, "display_name": model_id.title()}
        case "google":
            return {"name": f"models/{model_id}", "displayName": model_id.title(), "inputTokenLimit": 1_000, "outputTokenLimit": 100}
        case _:
            return {"name": model_id, "model": model_id, "size": 1}


def _json(tree: Any, status: int = 200) -> Answer:
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(tree).encode())
