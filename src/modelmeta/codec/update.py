"""The next document, read against the one before it: only rows that differ are checked and made records.

A row is first compared as text with what came last time, then canonically with what the base holds. What the short way does not expect (a
provider that is no object, a key twice, no JSON at all) takes the long one, which alone says what is wrong with a document.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import DecodeError
from ..records.columns import COLUMNS, Column
from ..records.problem import json_path
from ..records.refs import ModelRef
from .json_text import DEEPEST, parse
from .members import Cursor, UnexpectedError
from .models_dev import PART, Document, read_document, read_head, read_lab_models, read_model
from .snapshot import MAGIC, Snapshot, encode, to_line, write
from .unpack import to_utf8

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Seen", "read_update"]

_parse = partial(parse, deepest=DEEPEST - 4)
"""Reads a piece of a document, which stands in up to four containers."""


@attrs.frozen
class Seen:
    """What a document looked like as text: a hash of each row under its reference, and one of all lab models."""

    rows: dict[str, int] = attrs.field(factory=dict)
    labs: int | None = None


def read_update(
    data: bytes,
    base: Snapshot,
    seen: Seen,
    *,
    source: str,
    fetched_at: str | None = None,
    check: Callable[[], object] = lambda: None,
) -> tuple[Snapshot, Seen]:
    """Return the snapshot of the document in *data*, or *base* itself where it holds the same facts, and what the document looked like.

    Args:
        data: a models.dev document or a snapshot.
        base: the facts of before.
        seen: what the document of *base* looked like.
        source: where *data* came from, for people.
        fetched_at: when it was current: an ISO 8601 time in UTC. A snapshot says so itself.
        check: called now and then; what it raises ends the reading.

    Raises:
        DecodeError: it is no catalog.
    """
    if data.startswith(MAGIC):
        new, seen = Snapshot.checked(data, name=source), Seen()
    else:
        text = to_utf8(data, source)
        try:
            update = _Update(base, seen, source, check)
            new, seen = Snapshot(update.read(text, fetched_at)), update.now
        except (UnexpectedError, DecodeError):
            tree = parse(text, source)
            document = Document("api.json") if tree == {} else read_document(tree, source)
            new, seen = Snapshot(encode(document, source=source, fetched_at=fetched_at)), Seen()
    return (base if new.digest == base.digest else new), seen


class _Update:
    """One reading of a document against *base*."""

    def __init__(self, base: Snapshot, seen: Seen, source: str, check: Callable[[], object]) -> None:
        self.now = Seen()
        self._base, self._seen, self._source, self._check = base, seen, source, check
        self._document = Document("api.json")
        self._old = {ref: row for row, ref in enumerate(base.refs)}
        self._problems = {json_path(*PART[base.kind]) + problem.path[1:] for problem in base.problems()}
        self._odd = {path.rpartition(".")[0] for path in self._problems}
        """Where the rows are that read oddly: they are read anew, so that their problems are stated anew."""
        self._places: dict[str, int] = {}
        """Where the row of each reference is: in the base or, counted on from there, among those read."""
        self._lines: list[bytes] = []
        self._answers: dict[str, list[Any]] = {name: [] for name in COLUMNS}

    def read(self, text: str, fetched_at: str | None) -> bytes:
        """Return the snapshot of *text*."""
        cursor = Cursor(text)
        if cursor.begins_with({"models", "providers"}):
            self._document.kind = "catalog.json"
            parts: dict[str, Callable[[Cursor], object]] = {
                "models": self._read_labs,
                "providers": partial(self._read_providers, keys=["providers"]),
            }
            for key in cursor.members():
                if key not in parts:
                    raise UnexpectedError
                parts.pop(key)(cursor)
            if parts:
                raise UnexpectedError
        elif not self._read_providers(cursor, keys=[]):
            raise UnexpectedError
        cursor.finish()
        return self._write(fetched_at)

    def _read_labs(self, cursor: Cursor) -> None:
        text = cursor.value()
        self.now = attrs.evolve(self.now, labs=hash(text))
        if self.now.labs == self._seen.labs and not self._problems:
            self._document.lab_rows = dict(self._base.read("lab"))
        else:
            tree = _parse(text)
            if not isinstance(tree, dict):
                raise UnexpectedError
            read_lab_models(self._document, tree, ["models"])

    def _read_providers(self, cursor: Cursor, keys: list[str]) -> bool:
        """Read all providers; return whether any of them has models, as one must in an api.json."""
        sells = False
        for provider_id in cursor.members():
            if not provider_id or "/" in provider_id or provider_id in {"id", "models", "providers"}:
                raise UnexpectedError
            sells |= self._read_provider(cursor, provider_id, [*keys, provider_id])
        return sells

    def _read_provider(self, cursor: Cursor, provider_id: str, keys: list[str]) -> bool:
        """Read one provider; return whether it has models, or a place for them."""
        head: dict[str, Any] = {}
        rows: dict[str, str] | None = None
        for key in cursor.members():
            if key == "models":
                rows = {model_id: cursor.value() for model_id in cursor.members()}
            else:
                head[key] = _parse(cursor.value())
        provider = read_head(self._document, provider_id, head, keys)
        if rows is None:
            return False
        self._document.heads[provider_id]["models"] = {}
        as_before = provider_id in self._base.heads and self._base.sells_plan(provider_id) == provider.subscription
        for model_id, text in rows.items():
            self._check()
            ref = f"{provider_id}/{model_id}"
            odd = bool(self._odd) and json_path("providers", provider_id, "models", model_id) in self._odd
            old = self._old.get(ref) if as_before and not odd else None
            self.now.rows[ref] = hash(text)
            if old is not None and self.now.rows[ref] == self._seen.rows.get(ref):
                self._places[ref] = old
                continue
            row = _parse(text)
            if old is not None and to_line(row) == self._base.line(old):
                self._places[ref] = old
            else:
                read_model(
                    self._document, ModelRef(provider_id, model_id), row, [*keys, "models", model_id], subscription=provider.subscription
                )
                self._take(ref)
        return True

    def _take(self, ref: str) -> None:
        """Keep what a snapshot needs of the model that was just read, if it could be. Models themselves would be garbage to collect."""
        document = self._document
        for key, model in document.models.items():
            self._places[ref] = len(self._old) + len(self._lines)
            self._lines.append(to_line(document.rows[key]))
            for name, answer in COLUMNS.items():
                self._answers[name].append(answer(model))
        document.models.clear()
        document.rows.clear()

    def _write(self, fetched_at: str | None) -> bytes:
        refs = sorted(self._places, key=lambda ref: ref.partition("/"))
        places = [self._places[ref] for ref in refs]
        kept = len(self._old)
        columns = {}
        for name, answers in self._answers.items():
            self._check()
            columns[name] = self._base.column(name).picked(places, Column.of(answers))
        return write(
            self._document,
            refs=refs,
            lines=[self._base.line(place) if place < kept else self._lines[place - kept] for place in places],
            columns=columns,
            source=self._source,
            fetched_at=fetched_at,
        )
