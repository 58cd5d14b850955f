"""What models.dev answers to whom, worked out without a socket."""

from __future__ import annotations

import gzip
import json
from functools import cached_property
from hashlib import blake2b
from html import escape
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias, get_args
from urllib.parse import unquote

import attrs

from ..records.vocabulary import KnownType

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "Json", "Site", "parts"]

Json: TypeAlias = dict[str, Any]

_DOCUMENTS = {"/api.json", "/models.json", "/catalog.json"}
_TYPES = get_args(KnownType)
_STATIC = "public, max-age=0, must-revalidate"
_FILTERED = "public, max-age=3600"


def parts(document: Json) -> tuple[Json, Json | None]:
    """Return the providers of an api.json or catalog.json, and the lab models of the latter."""
    providers, lab_models = document.get("providers"), document.get("models")
    if isinstance(providers, dict) and isinstance(lab_models, dict) and "id" not in providers:
        return providers, lab_models
    return document, None


@attrs.frozen
class Answer:
    """A status, headers and a body. Unless ``Content-Length`` is among the headers, it is set as it is sent."""

    status: int
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def zipped(self) -> bytes:
        """The body, gzipped."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    def negotiated(self, asked: Mapping[str, str]) -> Answer:
        """Return what one who sent the headers *asked* gets of this: gzipped if they take it, 304 if they have it."""
        zipped = bool(self.body) and "gzip" in asked.get("Accept-Encoding", "")
        etag = self.headers.get("ETag")
        headers = self.headers | ({"ETag": f"W/{etag}"} if etag and zipped else {})
        known = {tag.strip().removeprefix("W/") for tag in asked.get("If-None-Match", "").split(",")}
        if etag and not known.isdisjoint({etag, "*"}):
            return Answer(304, {name: headers[name] for name in ("ETag", "Cache-Control")})
        return Answer(self.status, headers | {"Content-Encoding": "gzip"}, self.zipped) if zipped else self


class Site:
    """The pages that one state of the catalog makes. Threads may share it; a body is made when first asked for and kept."""

    def __init__(self, document: Json | bytes | str, lab_models: Json | None = None) -> None:
        self._verbatim: Answer | None = None
        self._providers: Json = {}
        self._lab_models: Json = {}
        if isinstance(document, dict):
            self._providers, own = parts(document)
            self._lab_models = lab_models if lab_models is not None else own or {}
        else:
            self._verbatim = _asset(document.encode() if isinstance(document, str) else document)
        self._answers: dict[tuple[str, tuple[str, ...] | None], Answer] = {}
        self._making = Lock()

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        """Return the whole, uncompressed answer."""
        if path in _DOCUMENTS:
            return self._verbatim or self._document(path, query.get("type") or "chat")
        if path.startswith("/logos/") and path.endswith(".svg"):
            provider = unquote(path.removeprefix("/logos/").removesuffix(".svg"))
            name = provider if provider in self._providers else "default"
            return _asset(f'<svg xmlns="http://www.w3.org/2000/svg"><title>{escape(name)}</title></svg>'.encode(), "image/svg+xml")
        if path == "/":
            return _asset(b"<!doctype html><title>Models.dev</title>", "text/html; charset=utf-8")
        return Answer(302, {"Location": "/"})

    def _document(self, path: str, asked: str) -> Answer:
        types = None if asked == "all" else tuple(sorted(set(asked.split(","))))
        if types and not {*types} <= {*_TYPES}:
            return _json({"error": f"Invalid type value: {asked}", "allowed": [*_TYPES, "all"]}, 400)
        with self._making:
            if (path, types) not in self._answers:
                self._answers[path, types] = self._made(path, types)
            return self._answers[path, types]

    def _made(self, path: str, types: tuple[str, ...] | None) -> Answer:
        providers, lab_models = self._providers, self._lab_models
        if types:
            providers, lab_models = _sellers(providers, types), _rows(lab_models, types)
        content = {"/api.json": providers, "/models.json": lab_models, "/catalog.json": {"models": lab_models, "providers": providers}}
        answer = _json(content[path])
        return attrs.evolve(answer, headers={**answer.headers, "Cache-Control": _FILTERED}) if types and types[1:] else _asset(answer.body)


def _sellers(providers: Json, types: tuple[str, ...]) -> Json:
    """Return the providers with what they sell of *types*, without those who sell none of it; what is no provider stays as it is."""
    sold = {
        key: {**facts, "models": _rows(facts["models"], types)}
        if isinstance(facts, dict) and isinstance(facts.get("models"), dict)
        else facts
        for key, facts in providers.items()
    }
    return {key: facts for key, facts in sold.items() if facts is providers[key] or facts["models"]}


def _rows(models: Json, types: tuple[str, ...]) -> Json:
    return {key: row for key, row in models.items() if _type(row) in types}


def _type(row: object) -> object:
    stated = row.get("type") if isinstance(row, dict) else None
    return "chat" if stated is None else stated


def _json(value: Json, status: int = 200) -> Answer:
    """Return *value* as UTF-8; half a surrogate pair, which UTF-8 lacks, is escaped as JSON does."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, {"Content-Type": "application/json"}, text.encode("utf-8", "backslashreplace"))


def _asset(body: bytes, media: str = "application/json") -> Answer:
    etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    return Answer(200, {"Content-Type": media, "Cache-Control": _STATIC, "ETag": etag}, body)
