"""Answers as bytes, prepared once for each question of a revision."""

from __future__ import annotations

import gzip
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

import attrs
import zstandard
from cachetools import LRUCache

from ..catalog.tally import Tier

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..catalog.catalog import Catalog
    from ..catalog.reading import Reading

__all__ = ["Answer", "Answers", "Headers", "Packed", "Question"]

Question: TypeAlias = tuple[str, bytes]
"""A path and a query string, as they were sent."""

Headers: TypeAlias = list[tuple[bytes, bytes]]

_WORTH_PACKING = 1_000
_AROUND = 1_500
"""About so many bytes are around a body."""
_MOST_BYTES = 64 * 1024 * 1024
_LONGEST, _MOST_ACCEPTED = 200, 100
"""So much is read of what a client says it takes, and so many ways to say it are remembered."""
_BEST = b"zstd"
_ENCODINGS = (_BEST, b"gzip")
_LEVEL = 6


@attrs.frozen
class Packed:
    """An answer in one encoding."""

    headers: Headers
    body: bytes
    _etag: bytes

    def sent(self, known: bytes) -> tuple[int, Headers, bytes]:
        """Return status, headers and body for one who has those already (``If-None-Match``)."""
        if known and (known.strip() == b"*" or self._etag in {tag.strip().removeprefix(b"W/") for tag in known.split(b",")}):
            return 304, [(b"etag", self._etag), (b"cache-control", b"no-cache"), (b"vary", b"accept-encoding")], b""
        return 200, self.headers, self.body


class Answer:
    """A body, kept in the best encoding if that is worth it, and in those that were asked for.

    Args:
        body: the whole of it.
        media_type: what it is.
    """

    def __init__(self, body: bytes, media_type: str = "application/json") -> None:
        self.route = "other"
        """The template of the route that gave it."""
        self._media_type = media_type
        self._digest = sha256(body).hexdigest()[:32]
        self._worth_packing = len(body) >= _WORTH_PACKING
        self._packed: dict[bytes, Packed] = {}
        if self._worth_packing:
            self._add(_BEST, zstandard.ZstdCompressor(level=_LEVEL).compress(body))
        else:
            self._add(b"", body)

    def packed(self, accepts: bytes) -> Packed | None:
        """Return it for one who takes these encodings (``Accept-Encoding``), None if it was not packed so yet."""
        return self._packed.get(self._encoding(accepts))

    def pack(self, accepts: bytes) -> Packed:
        """Return the same, packed now if it was not. Of a large body that takes long."""
        packed = self.packed(accepts)
        if packed is not None:
            return packed
        body = zstandard.ZstdDecompressor().decompress(self._packed[_BEST].body)
        encoding = self._encoding(accepts)
        return self._add(encoding, gzip.compress(body, compresslevel=_LEVEL, mtime=0) if encoding else body)

    def _encoding(self, accepts: bytes) -> bytes:
        return _best(accepts[:_LONGEST]) if self._worth_packing else b""

    def _add(self, encoding: bytes, body: bytes) -> Packed:
        etag = b'"' + "-".join(filter(None, (self._digest, encoding.decode()))).encode() + b'"'
        headers = [
            (b"content-type", self._media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"etag", etag),
            (b"cache-control", b"no-cache"),
            (b"vary", b"accept-encoding"),
            *([(b"content-encoding", encoding)] if encoding else []),
        ]
        return self._packed.setdefault(encoding, Packed(headers, body, etag))

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return sum(len(packed.body) + _AROUND for packed in self._packed.values())


@lru_cache(_MOST_ACCEPTED)
def _best(accepts: bytes) -> bytes:
    """Return the best encoding that is taken, empty for none."""
    taken = {name.strip(): weight.strip() for name, _, weight in (part.partition(b";") for part in accepts.lower().split(b","))}
    return next((name for name in _ENCODINGS if name in taken and taken[name] not in {b"q=0", b"q=0.0"}), b"")


class Answers:
    """The answers to the questions of the current revision, the latest of them. Belongs to one event loop."""

    def __init__(self, reading: Reading, *, most_bytes: int = _MOST_BYTES) -> None:
        self._reading = reading
        self._catalog: Catalog | None = None
        self._kept: LRUCache[Question, Answer] = LRUCache(most_bytes, getsizeof=lambda answer: answer.size)
        self.hits = self.misses = 0
        self.let_go: Callable[[], object] = lambda: None
        """Called when the answers of an earlier catalog are no longer kept."""

    def tiers(self) -> tuple[Tier]:
        """Return how often an answer was prepared."""
        return (Tier("prepared", self.hits, self.misses, len(self._kept)),)

    def known(self, question: Question) -> Answer | None:
        """Return the answer that is kept, None where there is none for what is read now."""
        catalog = self._reading.catalog
        if catalog is not self._catalog:
            self._kept.clear()
            self._catalog = catalog
            self.let_go()
        return self._kept.get(question)

    def keep(self, question: Question, answer: Answer, asked: Catalog) -> None:
        """Keep the *answer* that the catalog *asked* gave, if that is still read and the answer is not larger than all that is kept."""
        if asked is self._catalog and answer.size <= self._kept.maxsize:
            self._kept[question] = answer
