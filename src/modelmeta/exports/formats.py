"""How each format is written."""

from __future__ import annotations

import csv
import re
import shutil
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias
from urllib.parse import quote

from ..catalog.arrow import import_pyarrow
from ..catalog.model_list import ModelList
from ..codec.json_text import to_text
from ..codec.pieces import cut
from ..display.text import as_text
from ..records.plain import flatten, to_dict
from ..registry.catalogs import dump_catalog
from ..registry.head import Head, as_time, revision_id
from ..stores.by_url import open_store
from ..stores.store import Revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..catalog.catalog import Catalog
    from ..catalog.reading import Reading

__all__ = ["ENDINGS", "WHOLE", "Format", "write"]

Format: TypeAlias = Literal["json", "jsonl", "csv", "parquet", "sqlite", "markdown", "snapshot"]
"""What a catalog can be written as."""

ENDINGS: dict[str, Format] = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
    ".md": "markdown",
    ".markdown": "markdown",
    ".snapshot": "snapshot",
}
"""The format that the ending of a file stands for."""

_FORMULA = re.compile(r"[=\t\r]|[+\-@](?![\w@./:+-]*$)")
"""Begins what a spreadsheet would take for a formula. A plain id that begins with such a sign (``@cf/meta/llama``) can call nothing."""


def write(models: Reading | ModelList, file: BinaryIO, format: Format) -> None:
    """Write *models* to *file*; the formats of ``WHOLE`` take no ModelList."""
    if isinstance(models, ModelList):
        _LISTS[format](models, file)
    elif format in WHOLE:
        _WHOLE[format](models.catalog, file)
    else:
        _LISTS[format](models.models(), file)


def _json(catalog: Catalog, file: BinaryIO) -> None:
    file.write(to_text(dump_catalog(catalog)).encode() + b"\n")


def _snapshot(catalog: Catalog, file: BinaryIO) -> None:
    file.write(bytes(catalog.content))


def _sqlite(catalog: Catalog, file: BinaryIO) -> None:
    snapshot = Head(catalog).snapshot
    revision = Revision(
        id=revision_id(1, snapshot.digest),
        number=1,
        digest=snapshot.digest,
        kind=snapshot.kind,
        source=snapshot.source,
        fetched_at=snapshot.fetched_at,
        confirmed_at=as_time(snapshot.fetched_at),
        committed_at=datetime.now(UTC),
        models=len(catalog),
        providers=len(catalog.sellers),
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "catalog.db"
        with closing(open_store(f"sqlite:///{quote(str(path))}")) as store:
            store.commit(revision, bytes(snapshot), cut(None, snapshot, snapshot.model), base=None)
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)


def _jsonl(models: ModelList, file: BinaryIO) -> None:
    file.write(b"".join([to_text(to_dict(model)).encode() + b"\n" for model in models]))


def _csv(models: ModelList, file: BinaryIO) -> None:
    rows = [{"provider_id": model.provider_id, "id": model.id, "price_state": model.price_state, **flatten(model)} for model in models]
    columns = dict.fromkeys(["provider_id", "id", "price_state", *sorted({path for row in rows for path in row})])
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows({path: _cell(value) for path, value in row.items()} for row in rows)
    file.write(text.getvalue().encode(errors="replace"))


def _cell(value: Any) -> Any:
    """Return *value* for a CSV cell, behind an apostrophe where a spreadsheet would otherwise calculate it."""
    text = as_text(value) if isinstance(value, tuple) else value
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def _parquet(models: ModelList, file: BinaryIO) -> None:
    import_pyarrow()
    from pyarrow import parquet  # type: ignore[import-untyped]  # noqa: PLC0415  # comes with the extra; it brings no types

    parquet.write_table(models.to_arrow(), file)


def _markdown(models: ModelList, file: BinaryIO) -> None:
    file.write(models.sheet(most=None).markdown.encode() + b"\n")


_WHOLE: dict[Format, Callable[[Catalog, BinaryIO], None]] = {"json": _json, "snapshot": _snapshot, "sqlite": _sqlite}
_LISTS: dict[Format, Callable[[ModelList, BinaryIO], None]] = {"jsonl": _jsonl, "csv": _csv, "parquet": _parquet, "markdown": _markdown}

WHOLE = frozenset(_WHOLE)
"""The formats that hold a whole catalog, with its providers and what labs say."""
