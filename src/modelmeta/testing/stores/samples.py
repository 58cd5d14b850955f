"""What the suite keeps in a store: documents cut into pieces, revisions, and texts that a store may stumble over."""

# ruff: noqa: S101  # a suite of tests asserts

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from ...codec.pieces import cut
from ...codec.snapshot import Snapshot
from ...records.dates import PartialDate
from ...records.frozen import FrozenDict
from ...records.lab import Benchmark
from ...records.ledger import Entry
from ...records.own import Note, OwnBenchmark
from ...records.refs import ModelRef
from ...records.usage import Usage
from ...registry.catalogs import load_catalog
from ...stores.store import Refresh, Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...catalog.catalog import Catalog
    from ...records.facts import Fact, Part, Version
    from ...stores.store import Store
    from ..site import Json

__all__ = [
    "HOSTILE",
    "NOON",
    "acme",
    "commit",
    "entry",
    "everything",
    "hostile_document",
    "note",
    "pieces",
    "result",
    "revision",
    "run",
    "samples",
    "snapshot",
    "standing",
]

NOON = datetime(2026, 11, 1, 12, 30, 15, 123_456, tzinfo=UTC)
EVER = 1_000_000
"""No revision has a greater number."""

_LONG = "model " * 1_700
HOSTILE = (
    *("", " ", " a", "a ", "a", "A", "é", "e\u0301", "ß", "ss", "null", "None", "0", "1e5", "{}", "[]", "~", "\N{BOM}"),
    *("'", '"', "''", '"; --', "\\", "\\'", "\\u0041", "\\x00", "`", "$1", "%s", "%(key)s", "%%", ":key", "?", "{key}", "{0}"),
    *(
        "a//b",
        "/",
        "../x",
        "x'); DROP TABLE models; --",
        "1 OR 1=1",
        "*1\r\n$8\r\nFLUSHALL\r\n",
        "a:b",
        "a@b",
        "#",
        ".",
        "..",
        "*",
        "_",
        "%",
    ),
    *("\0", "a\0b", "a\0", "\x1b[31m", "\x7f", "\n", "\r\n", "\t", "\u2028", "\u200b", "\u202eabc", "\N{REPLACEMENT CHARACTER}", "\uffff"),
    *("\ud83d", "\ude00", "a\ude00\ud83d", "👩‍🚀", "🦖" * 30, "Ω≈ç√∫", "表ポあA鷗"),
    *(
        _LONG,
        _LONG + "a",
        _LONG + "\0",
        _LONG + "\ud83d",
        "🦖" * 2_500,
        "🦖" * 2_500 + "a",
        "n" * 499,
        "n" * 500,
        "n" * 501,
        "é" * 250,
        "é" * 251,
    ),
)
"""Texts that differ, and that something on the way to a disk may not carry or tell apart."""


def acme(**prices: float) -> Json:
    """Return a document of one provider that sells these models at these prices."""
    return {"acme": {"name": "Acme", "models": {name: _row(name, price) for name, price in prices.items()}}}


def _row(name: str, price: float) -> Json:
    limit = {"context": 200_000, "output": 32_000}
    return {"id": name, "name": name.title(), "tool_call": True, "limit": limit, "cost": {"input": price, "output": 3 * price}}


def hostile_document() -> Json:
    """Return a catalog.json with every hostile text in every place that takes one."""
    keys = {text.replace("/", "") or "empty": text for text in HOSTILE}
    models = {key: _hostile_row(text) for key, text in keys.items()}
    providers = {
        key: {"name": text, "npm": text, "api": text, "doc": text, "env": [text], text: text, "models": {key: _hostile_row(text)}}
        for key, text in keys.items()
    }
    labs = {f"lab/{key}": {**_hostile_row(text), "benchmarks": [_hostile_benchmark(text)]} for key, text in keys.items()}
    return {"models": labs, "providers": {**providers, "acme": {"name": "Acme", "models": models}}}


def _hostile_row(text: str) -> Json:
    words = dict.fromkeys(("name", "description", "family", "type", "status", "knowledge", "release_date", "last_updated", "license"), text)
    limit = {"context": 10**30, "output": 0}
    cost = {"input": 0.1, "output": 10**30, "cache_read": 1e-300}
    return {**words, text: text, "modalities": {"input": [text], "output": [text, text]}, "limit": limit, "cost": cost}


def _hostile_benchmark(text: str) -> Json:
    words = dict.fromkeys(("metric", "harness", "variant", "dataset", "version", "source", "date"), text)
    return {"name": text, "score": text or 0, **words}


@cache
def samples() -> tuple[Catalog, ...]:
    """Return the catalogs of some documents, of which each but the first differs from the one before in another way."""
    both = acme(rocket=2, glider=0.1)
    labs = {
        "acme/rocket": {"name": "Rocket", "limit": {}, "benchmarks": [{"name": "race", "score": 3.5}, {"name": "race", "score": "fast"}]}
    }
    plan = {"acme": {**both["acme"], "name": "Acme Duo"}}
    broken = {**both, "emca": {"name": "Emca", "models": {"x": {"name": 5}, "y": "no row"}}, "z": 1}
    documents = (
        *(both, acme(rocket=2.5, glider=0.1), acme(rocket=2.5), acme(rocket=2, glider=0.1, kite=0), plan),
        *({"models": labs, "providers": both}, broken, {"models": labs, "providers": plan}, {"emca": plan["acme"]}),
    )
    return tuple(load_catalog(document) for document in documents)


def pieces(old: Catalog | None, new: Catalog) -> list[Fact]:
    """Return what a registry commits to get from *old* to *new*."""
    return cut(None if old is None else snapshot(old), snapshot(new), new.peek)


def snapshot(catalog: Catalog) -> Snapshot:
    """Return the facts of *catalog*, as bytes where a store is to keep them."""
    content = catalog.content
    assert isinstance(content, Snapshot)  # load_catalog makes nothing else
    return content


def revision(number: int = 1, name: str = "", **facts: Any) -> Revision:
    """Return a revision of this *number*, committed so many minutes after noon; another *name* gives it another digest."""
    digest = hashlib.sha256(f"{number} {name}".encode()).hexdigest()
    told = {"kind": "api.json", "source": "a source", "committed_at": NOON + timedelta(minutes=number), **facts}
    return Revision(id=f"{number}-{digest[:12]}", number=number, digest=digest, **told)


def commit(store: Store, new: Catalog, old: Catalog | None = None, *, step: int = 1, **facts: Any) -> Revision:
    """Make the catalog *new* the newest revision of *store*, which holds *old*."""
    head = store.head()
    made = revision((head.number if head else 0) + step, models=len(new), **facts)
    assert store.commit(made, bytes(snapshot(new)), pieces(old, new), base=head.id if head else None) is True
    return made


def standing(versions: Iterable[Version], number: int) -> Mapping[tuple[Part, str], str]:
    """Return the pieces that stood in the revision *number*."""
    return {(version.part, version.key): version.raw for version in versions if version.since <= number < (version.until or EVER)}


def run(name: str, minute: float = 0, **facts: Any) -> Refresh:
    """Return a run that started so many minutes after noon."""
    return Refresh(id=name, started_at=NOON + timedelta(minutes=minute), **facts)


def note(model: str = "acme/rocket", name: str = "", text: str = "fast") -> Note:
    """Return a note on *model*."""
    return Note(ref=ModelRef.parse(model), name=name, text=text, written_at=NOON)


def result(model: str = "acme/rocket", name: str = "race", score: Decimal | str = Decimal("1.50"), **facts: Any) -> OwnBenchmark:
    """Return a result of *model*."""
    date = PartialDate(facts.pop("date")) if "date" in facts else None
    return OwnBenchmark(ref=ModelRef.parse(model), benchmark=Benchmark(name=name, score=score, date=date, **facts), written_at=NOON)


def entry(name: str = "a", model: str = "acme/rocket", minute: float = 0, **facts: Any) -> Entry:
    """Return an entry of the ledger, of so many minutes after noon."""
    told: dict[str, Any] = {
        "usage": Usage(input_tokens=1_000),
        "total": Decimal("0.002"),
        "state": "priced",
        "rates": FrozenDict({"input": Decimal(2)}),
    }
    told |= {field: FrozenDict(fact) if isinstance(fact, dict) else fact for field, fact in facts.items()}
    return Entry(id=name, at=NOON + timedelta(minutes=minute), ref=ModelRef.parse(model), **told)


def everything(store: Store) -> dict[str, object]:
    """Return all that *store* keeps."""
    return {
        "head": store.head(),
        "load": store.load(),
        "revisions": store.revisions(),
        "changes": store.changes(0, EVER),
        "held": store.held(),
        "refreshes": store.refreshes(1_000),
        "notes": store.notes(None),
        "benchmarks": [(own, str(own.benchmark.score)) for own in store.benchmarks(None)],
        "entries": {kind: store.entries(kind) for kind in store.kinds()},
        "ledger": [(entry, str(entry.total)) for entry in store.booked(0, EVER)],
    }


VALIDATORS = FrozenDict({text or "empty": text for text in HOSTILE})
