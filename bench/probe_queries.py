"""What SQL takes on the tables of a store: ``python probe_queries.py <times> <asked>``, run as ``probe_stores.py`` is.

The catalog is the bundled one made so many *times* as large. After it, 1 % of its models change in each of 20 revisions: it is their history
that is asked for. Every answer is fetched whole, and each question is another one.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
import sys
from collections import defaultdict
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import attrs
import psycopg
from servers import postgres
from stopwatch import timed

from modelmeta import Fact, Registry, Revision, bundled_catalog, dump_catalog, load_catalog
from modelmeta.codec.pieces import cut
from modelmeta.stores.by_url import open_store
from modelmeta.testing.scale import scaled_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmeta import Catalog, Store

    Values = dict[str, Any]
    Ask = Callable[[str, Values], list[Any]]

CHANGED = 0.01
REVISIONS = 20
CAPABILITIES = ("vision", "tool_call", "reasoning", "structured_output", "open_weights", "audio_input", "pdf_input", "image_output")
SHOWN = "SELECT models.* FROM models"
SEARCH = {
    "sqlite": f"{SHOWN} JOIN models_fts ON models_fts.rowid = docid WHERE models_fts MATCH :words ORDER BY rank LIMIT 20",
    "postgres": f"{SHOWN}, plainto_tsquery('simple', :words) words WHERE search @@ words ORDER BY ts_rank(search, words) DESC LIMIT 20",
}
QUERIES = {
    "provider": f"{SHOWN} WHERE provider_id = :provider_id ORDER BY model_id",
    "capability": f"{SHOWN} WHERE {{capability}} AND cost_input IS NOT NULL ORDER BY cost_input LIMIT 100",
    "price": f"{SHOWN} WHERE cost_input BETWEEN :low AND :high ORDER BY cost_input LIMIT 100",
    "versions": (
        "SELECT valid_from, valid_to, raw FROM model_versions WHERE provider_id = :provider_id AND model_id = :model_id ORDER BY valid_from"
    ),
}


def main(times: int, asked: int) -> None:
    catalog = load_catalog(json.dumps(scaled_document(dump_catalog(bundled_catalog()), times)).encode())
    changing = random.Random(1).sample(list(catalog.rows), round(len(catalog) * CHANGED))
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        urls = {"sqlite": f"sqlite:///{folder}/models.db", "postgres": stack.enter_context(postgres(folder))}
        asks, histories = {}, {}
        for dialect, url in urls.items():
            with closing(open_store(url)) as store:
                fill(store, catalog, changing)
            asks[dialect] = stack.enter_context(connected(dialect, url))
            histories[dialect] = stack.enter_context(Registry(store=url)).history
        taken, rows = defaultdict(list), defaultdict(list)
        for kind, values in questions(catalog, changing, asked):
            for dialect, ask in asks.items():
                sql = SEARCH[dialect] if kind == "search" else QUERIES[kind].format(**values)
                took, found = timed(lambda ask=ask, sql=sql, values=values: ask(sql, values))
                taken[kind, dialect].append(took)
                rows[kind].append(len(found))
                if kind == "versions":
                    ref = "{provider_id}/{model_id}".format(**values)
                    took, found = timed(lambda dialect=dialect, ref=ref: histories[dialect](ref))
                    taken["history", dialect].append(took)
                    rows["history"].append(len(found))
    answers = {kind: {"rows": sum(counts) / len(counts)} for kind, counts in rows.items()}
    for (kind, dialect), values in taken.items():
        answers[kind][dialect] = {"p50": sorted(values)[len(values) // 2], "p95": sorted(values)[len(values) * 95 // 100]}
    print(json.dumps({"models": len(catalog), "answers": answers}))


def questions(catalog: Catalog, changing: list[str], asked: int) -> Iterator[tuple[str, Values]]:
    """Yield questions of all kinds, in turn."""
    dice = random.Random(2)
    refs, sellers = list(catalog.rows), list(catalog.sellers)
    names = sorted({" ".join(re.findall(r"\w+", model.name)[:2]) for model in bundled_catalog()})
    column = catalog.column("cost.input")
    prices = sorted({price for row in range(len(refs)) if (price := column[row])})
    for _ in range(asked):
        low = dice.choice(prices)
        yield "provider", {"provider_id": dice.choice(sellers)}
        yield "capability", {"capability": dice.choice(CAPABILITIES)}
        yield "price", {"low": low, "high": 2 * low}
        yield "search", {"words": dice.choice(names)}
        provider_id, _, model_id = dice.choice(changing).partition("/")
        yield "versions", {"provider_id": provider_id, "model_id": model_id}


def fill(store: Store, catalog: Catalog, changing: list[str]) -> None:
    """Commit *catalog*, and then the revisions in which models change."""
    content, base = catalog.content, None
    facts = cut(None, content, catalog.peek)
    again = [fact for fact in facts if fact.part == "models" and fact.key in {*changing}]
    for number in range(1, REVISIONS + 2):
        revision = Revision(
            id=f"{number}-{content.digest[:12]}",
            number=number,
            digest=content.digest,
            kind=content.kind,
            source="bench",
            committed_at=datetime.now(UTC),
        )
        store.commit(revision, bytes(content), facts, base=base)
        facts, base = [changed(fact, number) for fact in again], revision.id


def changed(fact: Fact, number: int) -> Fact:
    """Return *fact*, a model, with *number* for its limit of output."""
    raw, model = json.loads(fact.raw), fact.record
    raw["limit"] = {**raw.get("limit", {}), "output": number}
    changed_model = attrs.evolve(model, limit=attrs.evolve(model.limit, output=number))
    return Fact(fact.part, fact.key, json.dumps(raw), lambda: changed_model)


@contextmanager
def connected(dialect: str, url: str) -> Iterator[Ask]:
    """Yield what executes a query, as any program might."""
    if dialect == "sqlite":
        sqlite3.register_adapter(Decimal, float)
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            yield lambda sql, values: connection.execute(sql, values).fetchall()
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            yield lambda sql, values: connection.execute(re.sub(r":(\w+)", r"%(\1)s", sql), values).fetchall()


main(int(sys.argv[1]), int(sys.argv[2]))
