"""Answers as bytes, prepared once for each question of a revision."""

from __future__ import annotations

import gzip
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

import attrs
import zstandard
from cachetools import LRUCache

from ..catalog.tally import Tier

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..catalog.reading import Reading

__all__ = ["Answer", "Answers", "Headers", "Question"]

Question: TypeAlias = tuple[str, bytes]
"""A path and a query string, as they were sent."""

Headers: TypeAlias = list[tuple[bytes, bytes]]

_WORTH_PACKING = 1_000
_MOST_BYTES = 64 * 1024 * 1024
_PACK = {
    b"zstd": lambda body: zstandard.ZstdCompressor(level=6).compress(body),
    b"gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
"""How a body is packed, best first."""


@attrs.define
class Answer:
    """A body and what to say of it. ``etag`` is the beginning of its SHA-256, so that equal answers are known as such in every process."""

    body: bytes
    media_type: str = "application/json"
    etag: bytes = attrs.field(init=False)
    route: str = attrs.field(init=False, default="other")
    """The template of the route that gave it."""
    _packed: dict[bytes, bytes] = attrs.field(init=False, factory=dict)
    _sent: dict[bytes, Headers] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.etag = b'"' + sha256(self.body).hexdigest()[:32].encode() + b'"'

    def negotiated(self, accepts: bytes, known: bytes) -> tuple[int, Headers, bytes]:
        """Return status, headers and body for one who takes these encodings (``Accept-Encoding``) and has those (``If-None-Match``)."""
        encoding = self._encoding(accepts)
        etag = self.etag if not encoding else self.etag[:-1] + b"-" + encoding + b'"'
        if known and (known.strip() == b"*" or etag in {tag.strip().removeprefix(b"W/") for tag in known.split(b",")}):
            return 304, [(b"etag", etag), (b"cache-control", b"no-cache"), (b"vary", b"accept-encoding")], b""
        body = self._body(encoding)
        if encoding not in self._sent:
            self._sent[encoding] = [
                (b"content-type", self.media_type.encode()),
                (b"content-length", str(len(body)).encode()),
                (b"etag", etag),
                (b"cache-control", b"no-cache"),
                (b"vary", b"accept-encoding"),
                *([(b"content-encoding", encoding)] if encoding else []),
            ]
        return 200, self._sent[encoding], body

    def _encoding(self, accepts: bytes) -> bytes:
        """Return the best encoding that is taken, empty for none."""
        if len(self.body) < _WORTH_PACKING or not accepts:
            return b""
        taken = {name.strip(): weight.strip() for name, _, weight in (part.partition(b";") for part in accepts.lower().split(b","))}
        return next((name for name in _PACK if name in taken and taken[name] not in {b"q=0", b"q=0.0"}), b"")

    def _body(self, encoding: bytes) -> bytes:
        if not encoding:
            return self.body
        if encoding not in self._packed:
            self._packed[encoding] = _PACK[encoding](self.body)
        return self._packed[encoding]

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return 2 * len(self.body) + 1_000


class Answers:
    """The answers to the questions of the current revision, the latest of them. Belongs to one event loop."""

    def __init__(self, reading: Reading, *, most_bytes: int = _MOST_BYTES) -> None:
        self._reading = reading
        self._catalog: Catalog | None = None
        self._kept: LRUCache[Question, Answer] = LRUCache(most_bytes, getsizeof=lambda answer: answer.size)
        self.hits = self.misses = 0

    def tiers(self) -> tuple[Tier]:
        """Return how often an answer was prepared."""
        return (Tier("prepared", self.hits, self.misses, len(self._kept)),)

    def known(self, question: Question) -> Answer | None:
        """Return the answer that is prepared, None where there is none for what is read now."""
        catalog = self._reading.catalog
        if catalog is not self._catalog:
            self._kept.clear()
            self._catalog = catalog
        answer = self._kept.get(question)
        if answer is None:
            self.misses += 1
        else:
            self.hits += 1
        return answer

    def keep(self, question: Question, answer: Answer, asked: Catalog) -> None:
        """Keep the *answer* that the catalog *asked* gave, if that is still read and the answer is not larger than all that is kept."""
        if asked is self._catalog and answer.size <= self._kept.maxsize:
            self._kept[question] = answer
