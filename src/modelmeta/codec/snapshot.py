"""Our own format: one file that opens in milliseconds and decodes a model when it is first touched.

A snapshot is one line of JSON, the header, and behind it the parts whose byte lengths the header lists:

``providers``
    a JSON array of ``[id, provider without its models]``
``refs``
    a JSON array of ``provider/model``, sorted: the rows
``offsets``
    where each row begins within ``rows``, and where the last one ends: unsigned 32-bit little-endian
``rows``
    upstream's JSON of each row, one line each
``lab``
    a JSON array of ``[id, row]`` from models.json
``problems``
    a JSON array of ``[path, reason, kind, raw]``
``asides``
    a JSON array of ``[[key, …], value]``: what could not be read, and where it stood
``aliases``
    a JSON array of ``[name, provider/model]``: other names, only where there are any
``column:<name>:values`` and ``column:<name>:codes``
    every distinct value of a fact once, ascending, as a JSON array; and for each row 1 + the place of its value there, or 0 where
    nobody said: unsigned 16-bit (or, where the header says so, 32-bit) little-endian

All text is ASCII; keys are sorted and providers and rows in order, so equal facts are equal bytes. ``digest`` in the header is the SHA-256
of the parts from ``providers`` to ``aliases``, which is to say of everything that is not derived from them. ``checksum`` is the SHA-256 of the
header without it, as Python's ``json.dumps`` writes it, and of all parts.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections import Counter
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Literal

from .._forks import unlocked_in_child
from ..errors import DecodeError, SnapshotVersionError
from ..records.columns import COLUMNS, Column
from ..records.dates import PartialDate
from ..records.provider import sells_plan
from ..records.refs import ModelRef
from .build import build_model, build_provider
from .json_text import row_decoder, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from mmap import mmap

    from ..records.lab import LabModel
    from ..records.model import Model
    from ..records.problem import Problem
    from ..records.provider import Provider
    from .models_dev import Document, Kind
    from .shape import Json

    JsonPart = Literal["providers", "lab", "problems", "asides"]

__all__ = ["FORMAT", "MAGIC", "VERSION", "Snapshot", "encode", "head_sells_plan", "to_line", "write"]

FORMAT = "modelmeta-snapshot"
VERSION = 1

_CONTENT = ("providers", "refs", "offsets", "rows", "lab", "problems", "asides")

_VALUE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("cost.input", "cost.output"), Decimal),
    **dict.fromkeys(("knowledge", "last_updated", "release_date"), PartialDate),
    **dict.fromkeys(("modalities.input", "modalities.output"), tuple),
}
"""How a column's values are read, where it is not as they stand. They are written as text, or as lists of text."""


def encode(document: Document, *, source: str, fetched_at: str | None) -> bytes:
    """Return the snapshot of *document*.

    Args:
        document: what to keep.
        source: where it came from, for people.
        fetched_at: when it was current, as an ISO 8601 date or time in UTC, or None where nobody said.
    """
    refs = sorted(document.rows, key=attrgetter("provider_id", "model_id"))
    models = [document.models[ref] for ref in refs]
    return write(
        document,
        refs=[str(ref) for ref in refs],
        lines=[to_line(document.rows[ref]) for ref in refs],
        columns={name: Column.of(map(answer, models)) for name, answer in COLUMNS.items()},
        source=source,
        fetched_at=fetched_at,
    )


def to_line(row: Json) -> bytes:
    """Return upstream's JSON of a row as a snapshot holds it."""
    return to_text(row).encode() + b"\n"


def write(
    document: Document, *, refs: list[str], lines: list[bytes], columns: dict[str, Column], source: str, fetched_at: str | None
) -> bytes:
    """Return the snapshot of the rows *lines*, called *refs* and sorted by them, and of all of *document* that is not rows."""
    parts = {
        "providers": _json(sorted(document.heads.items())),
        "refs": _json(refs),
        "offsets": _little("I", accumulate(map(len, lines), initial=0)),
        "rows": b"".join(lines),
        "lab": _json(sorted(document.lab_rows.items())),
        "problems": _json(
            sorted(([problem.path, problem.reason, problem.kind, problem.raw] for problem in document.problems), key=itemgetter(0, 1))
        ),
        "asides": _json(sorted(document.asides, key=itemgetter(0))),
    }
    if document.aliases:
        parts["aliases"] = _json(sorted(document.aliases.items()))
    digest = _digest(parts.values())
    for name, column in columns.items():
        parts[f"column:{name}:values"] = _json([_plain(value) for value in column.values])
        parts[f"column:{name}:codes"] = _little(column.codes.typecode, column.codes)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "kind": document.kind,
        "source": source,
        "fetched_at": fetched_at,
        "digest": digest,
        "models": len(refs),
        "providers": len(document.heads),
        "wide": [name for name, column in columns.items() if column.codes.typecode == "I"],
        "parts": [[name, len(part)] for name, part in parts.items()],
    }
    body = b"".join(parts.values())
    return json.dumps({**header, "checksum": _checksum(header, body)}).encode() + b"\n" + body


def _checksum(header: Json, body: bytes | memoryview) -> str:
    """Return the SHA-256 of a whole snapshot, of its header without the checksum and of all parts."""
    return _digest([json.dumps({key: value for key, value in header.items() if key != "checksum"}).encode(), body])


@unlocked_in_child
class Snapshot:
    """A snapshot, opened: its header read, its rows and columns decoded when first asked for.

    What it says is taken at its word; :meth:`checked` is for bytes that may have been cut short or changed.

    Raises:
        DecodeError: *data* is no snapshot.
        SnapshotVersionError: it is of another version of the format.
    """

    def __init__(self, data: bytes | mmap, *, name: str | None = None, models: Mapping[ModelRef, Model] | None = None) -> None:
        end = data.find(b"\n") + 1
        header = _header(data[:end], name)
        self.digest: str = header["digest"]
        """The SHA-256 of all facts."""
        self.kind: Kind = header["kind"]
        """Which models.dev document the facts came in."""
        self.source: str = header["source"]
        """Where the document came from, for people."""
        self.fetched_at: str | None = header["fetched_at"]
        """When the document was current: an ISO 8601 date or time in UTC, None where nobody said."""
        self._wide: list[str] = header["wide"]
        self._data = data
        self._parts: dict[str, tuple[int, int]] = {}
        for part, size in header["parts"]:
            self._parts[part] = (end, end := end + size)
        self.refs: list[str] = json.loads(self._part("refs"))
        self.aliases: Mapping[str, str] = dict(json.loads(self._part("aliases"))) if "aliases" in self._parts else {}
        """Other names of models, each with the reference it stands for."""
        self._decoded = models or {}

    @classmethod
    def checked(cls, data: bytes, *, name: str | None = None) -> Snapshot:
        """Open *data* if not a bit of it differs from what was written. That is no signature: who forges the checksum too can make rows that fail when read.

        Raises:
            DecodeError: it is no snapshot, or a damaged one.
            SnapshotVersionError: it is of another version of the format.
        """
        end = data.find(b"\n") + 1
        header = _header(data[:end], name)
        if header.get("checksum") != _checksum(header, memoryview(data)[end:]):
            message = f"{name or 'the snapshot'} is not as it was written: it was cut short, changed or damaged"
            raise DecodeError(message, source=name)
        try:
            snapshot = cls(data, name=name)
            "".join(snapshot.refs)
        except (LookupError, RecursionError, TypeError, ValueError) as error:
            message = f"{name or 'the snapshot'} has a sound checksum, but was not written by modelmeta: {error!r}"
            raise DecodeError(message, source=name) from None
        return snapshot

    def verify(self) -> None:
        """Compare the snapshot with its checksum.

        Raises:
            DecodeError: it was changed or damaged.
        """
        Snapshot.checked(bytes(self), name=self.source)

    def providers(self) -> dict[str, Provider]:
        """Return the providers by id."""
        counts = self.counts()
        return {provider_id: build_provider(provider_id, head, model_count=counts[provider_id]) for provider_id, head in self.heads.items()}

    def counts(self) -> Counter[str]:
        """Return how many models each provider has, by id."""
        return Counter(ref.partition("/")[0] for ref in self.refs)

    def lab_models(self) -> dict[str, LabModel]:
        """Return the lab models by id."""
        from .structure import structure_lab_model  # noqa: PLC0415  # brings in cattrs, which the first answer does without

        return {lab_id: structure_lab_model(lab_id, row) for lab_id, row in self.read("lab")}

    def problems(self) -> tuple[Problem, ...]:
        """Return what the document held that could not be read, or reads oddly."""
        from ..records.problem import Problem  # noqa: PLC0415  # most snapshots have none

        return tuple(Problem(path, reason, raw, kind) for path, reason, kind, raw in json.loads(self._part("problems")))

    def model(self, row: int) -> Model:
        """Return the model of *row*."""
        ref = ModelRef.parse(self.refs[row])
        if ref in self._decoded:
            return self._decoded[ref]
        return build_model(ref, row_decoder.decode(self.line(row).decode()), subscription=self.sells_plan(ref.provider_id))

    def column(self, name: str) -> Column:
        """Return the column called *name*, one of ``COLUMNS``."""
        read = _VALUE.get(name, lambda value: value)
        codes = array("I" if name in self._wide else "H", self._part(f"column:{name}:codes"))
        return Column(tuple(map(read, json.loads(self._part(f"column:{name}:values")))), _native(codes))

    def line(self, row: int) -> bytes:
        """Return upstream's JSON of *row*, canonically written."""
        begin = self._parts["rows"][0]
        return self._data[begin + self._offsets[row] : begin + self._offsets[row + 1]]

    def only(self, rows: Sequence[int], labs: Collection[str], models: Mapping[ModelRef, Model]) -> Snapshot:
        """Return what is said of these *rows*, ascending, of the providers that have any of them, and of these *labs*' models, by id.

        *models* are the models of the rows, so that they need not be read again; it is asked for one when that is first touched.
        """
        from .picking import pick  # noqa: PLC0415  # few leave rows out

        return Snapshot(pick(self, rows, labs), models=models)

    def sells_plan(self, provider_id: str) -> bool:
        """Return whether the provider of this id sells a subscription plan, which decides what a price of 0 means."""
        return head_sells_plan(provider_id, self.heads[provider_id])

    @cached_property
    def heads(self) -> dict[str, Json]:
        """Upstream's JSON of each provider, without its models."""
        return dict(json.loads(self._part("providers")))

    def text(self, part: JsonPart) -> str:
        """Return a part that is JSON, with every number as upstream wrote it."""
        return self._part(part).decode()

    def read(self, part: JsonPart) -> Any:
        """Return what a part says, with every number as upstream wrote it."""
        return row_decoder.decode(self.text(part))

    def __bytes__(self) -> bytes:
        return self._data[:]

    def __reduce__(self) -> tuple[type[Snapshot], tuple[bytes]]:
        return Snapshot, (bytes(self),)

    @cached_property
    def _offsets(self) -> array[int]:
        return _native(array("I", self._part("offsets")))

    def _part(self, name: str) -> bytes:
        begin, end = self._parts[name]
        return self._data[begin:end]


def head_sells_plan(provider_id: str, head: Json) -> bool:
    """Return whether the provider that upstream's *head* describes sells a subscription plan."""
    name = head.get("name")
    return sells_plan(provider_id, provider_id if name is None else name)


MAGIC = b'{"format": "modelmeta-snapshot"'


def _header(head: bytes, name: str | None) -> Json:
    try:
        header: Json = json.loads(head if head.startswith(MAGIC) else b"")
    except (ValueError, RecursionError):
        message = f"{name or 'the data'} is not a modelmeta snapshot"
        raise DecodeError(message, source=name) from None
    if header.get("version") != VERSION:
        message = f"{name or 'the snapshot'} is of version {header.get('version')!r} of the format; this modelmeta reads version {VERSION}"
        raise SnapshotVersionError(message, source=name, found=header.get("version"), supported=VERSION)
    return header


def _json(value: Any) -> bytes:
    return to_text(value).encode() + b"\n"


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int, tuple)) else str(value)


def _little(typecode: str, numbers: Iterable[int]) -> bytes:
    return _native(array(typecode, numbers)).tobytes()


def _native(numbers: array[int]) -> array[int]:
    """Turn little-endian numbers into this machine's order, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _digest(parts: Iterable[bytes | memoryview]) -> str:
    from hashlib import sha256  # noqa: PLC0415  # only writing and verifying need it

    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
