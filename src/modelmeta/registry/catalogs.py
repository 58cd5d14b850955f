"""Catalogs without a registry: from a file, from bytes, from a parsed document, from the wheel, and back into a document."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ..catalog.catalog import Catalog
from ..codec.snapshot import MAGIC, Snapshot
from ..errors import DecodeError, SourceError, SourceNotFoundError
from ..records.dates import PartialDate
from ..sources.bundled import NAME, map_bundled

__all__ = ["bundled_catalog", "dump_catalog", "load_catalog", "read_file", "snapshot_of"]

_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


def bundled_catalog() -> Catalog:
    """Return a catalog of the snapshot in the wheel; ``catalog.content.fetched_at`` says how old its facts are."""
    return Catalog(Snapshot(map_bundled(), name=NAME))


def load_catalog(source: str | os.PathLike[str] | bytes | Mapping[str, Any]) -> Catalog:
    """Return the catalog in *source*: any models.dev document (api.json, models.json, catalog.json) or a modelmeta snapshot.

    Rows that cannot be read are set aside in ``catalog.problems``; the rest loads. A date in the name of a document's file is taken for the
    day it was fetched.

    Args:
        source: a path, bytes (gzipped or not), or a parsed document, of which a float means what it prints as.

    Raises:
        SourceError: the file cannot be read; ``SourceNotFoundError`` when there is none.
        DecodeError: it is no catalog; ``SnapshotVersionError`` when it is a snapshot of another version.
    """
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        return _from_bytes(read_file(path), os.path.basename(path))  # noqa: PTH119  # see read_file
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), None)
    from ..codec.json_text import parse, to_text  # noqa: PLC0415  # a bundled snapshot needs neither

    tree: Any = source
    return _from_tree(parse(to_text(dict(tree) if isinstance(tree, Mapping) else tree)), None)


def dump_catalog(catalog: Catalog) -> dict[str, Any]:
    """Return the models.dev document *catalog* came from, equal key for key and value for value to what ``json.loads`` makes of it.

    Raises:
        DecodeError: *catalog* is no catalog, or not one of a document.
    """
    from ..codec.dump import dump  # noqa: PLC0415  # the first answer needs none of it

    content = getattr(catalog, "content", None)
    if not isinstance(content, Snapshot):
        message = f"only a catalog can be dumped, not {catalog!r}"
        raise DecodeError(message)
    return dump(content)


def snapshot_of(catalog: Catalog) -> Snapshot:
    """Return the facts of *catalog*, one that a registry made of what upstream says."""
    content = catalog.content
    assert isinstance(content, Snapshot)  # noqa: S101  # a registry makes its catalogs of nothing else
    return content


def read_file(path: str, taker: str = "load_catalog") -> bytes:
    """Return the bytes of the file at *path*; ``SourceError`` where it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # pathlib costs the first answer more than it gives here
            return file.read()
    except FileNotFoundError:
        message = f"there is no file {path!r}; {taker} takes a path, bytes or a parsed document"
        raise SourceNotFoundError(message, source=path) from None
    except (OSError, ValueError) as error:
        message = f"{path!r} cannot be read: {error}"
        raise SourceError(message, source=path) from error


def _from_bytes(data: bytes, name: str | None) -> Catalog:
    from ..codec.json_text import parse  # noqa: PLC0415  # a bundled snapshot needs neither
    from ..codec.unpack import to_bytes, to_utf8  # noqa: PLC0415  # as above

    data = to_bytes(data, name)
    if data.startswith(MAGIC):
        return Catalog(Snapshot.checked(data, name=name))
    return _from_tree(parse(to_utf8(data, name), name), name)


def _from_tree(tree: object, name: str | None) -> Catalog:
    from ..codec.models_dev import read_document  # noqa: PLC0415  # brings in cattrs
    from ..codec.snapshot import encode  # noqa: PLC0415  # as above

    date = _DATE.search(name or "")
    fetched_at = date[0] if date and PartialDate(date[0]).is_possible else None
    document = read_document(tree, name)
    return Catalog(Snapshot(encode(document, source=name or "memory", fetched_at=fetched_at), name=name, models=document.models))
