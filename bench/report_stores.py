"""What stores take, as a page people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from machine import description
from report import row, table, verdict
from sample import BYTES, SECONDS, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from report import Row

BEGIN_STORES = "<!-- measured: bench/run.py --stores writes from here -->"

NAMES = {"memory": "memory", "sqlite": "SQLite", "postgres": "PostgreSQL", "redis": "Redis"}
SLOWEST, AIM = 0.050, 0.005


@dataclass(frozen=True)
class Stores:
    """What stores take: ``taken`` by what was done and store; ``answers`` to SQL, for each size of catalog."""

    taken: dict[str, Sample]
    facts: dict[str, Any]
    answers: list[dict[str, Any]]


def stores_page(stores: Stores) -> str:
    """Return the results as Markdown."""
    queries = ("what is asked", "of models", "rows", "SQLite p50", "p95", "PostgreSQL p50", "p95", "p95 ≤ 50 ms, aim 5 ms")
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC).date()} on {description()}.",
            table(("what", "target", "modelmeta", "beside it", "ratio", "target met"), _targets(stores)),
            table(("what", *NAMES.values()), _each(stores)),
            table(queries, _queries(stores.answers)),
        ]
    )


def _targets(stores: Stores) -> Iterator[Row]:
    taken, facts = stores.taken, stores.facts
    for store in ("sqlite", "postgres", "redis"):
        beside = {"bundled": taken["open, bundled"]}
        yield row(f"a registry opens, {NAMES[store]}", "≤ 2 of bundled", taken[f"open, {store}"], SECONDS, beside, ratio=2)
        what = f"the same over a store that is connected, {NAMES[store]}"
        yield row(what, "≤ 2 of bundled", taken[f"open connected, {store}"], SECONDS, beside, ratio=2)
    for store in ("sqlite", "postgres", "redis"):
        what = f"fresh interpreter to first answer, {NAMES[store]}"
        yield row(what, "", taken[f"start, {store}"], SECONDS, {"bundled": taken["start, bundled"]})
    for store in ("sqlite", "postgres", "redis"):
        yield row(f"`history(ref)`, {NAMES[store]}", "≤ 5 ms", taken[f"history, {store}"], SECONDS, most=5e-3)
    if "bytes" in facts:
        what = f"a SQLite file of {facts['replayed']} real documents of half a year"
        yield row(what, "≤ 40 MB", Sample([facts["bytes"]]), BYTES, most=40e6)


def _each(stores: Stores) -> Iterator[Row]:
    """Yield what was measured of every store."""
    rows = {
        "connect": "connecting and looking at the schema",
        "head": "asking for the newest revision",
        "load": "reading its snapshot, first over a connection",
        "first commit": "committing the first revision, all models",
        "commit": f"committing a revision of {stores.facts['changed rows']} changed models",
        "refresh": "the whole refresh that found them",
        **{f"as_of {back}": f"`as_of` {back} back" for back in (1, 10, 100)},
        **{f"changes {back}": f"`changes(since=…)`, from {back} back" for back in (1, 10, 100)},
    }
    for what, words in rows.items():
        samples = [stores.taken.get(f"{what}, {store}") for store in NAMES]
        if any(samples):
            yield (words, *("" if sample is None else sample.written(SECONDS) for sample in samples))


def _queries(sizes: list[dict[str, Any]]) -> Iterator[Row]:
    words = {
        "provider": "the models of a provider",
        "capability": "the 100 cheapest models with a capability",
        "price": "the 100 cheapest models from a price to twice that",
        "search": "the 20 best models for two words of a name",
        "versions": "the versions of a model that changed 20 times",
        "history": "`history(ref)` of it",
    }
    for kind, what in words.items():
        for size in sizes:
            answer = size["answers"][kind]
            both = [answer[dialect] for dialect in ("sqlite", "postgres")]
            cells = [Sample([each[part]]).written(SECONDS).removesuffix(" (once)") for each in both for part in ("p50", "p95")]
            worst = max(each["p95"] for each in both)
            met = verdict(met=worst <= SLOWEST) + (", and the aim" if worst <= AIM else "")
            yield (what, f"{size['models']:,}", f"{answer['rows']:,.0f}", *cells, met)
