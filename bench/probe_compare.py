"""A handful of operations, for ``compare.py``: ``python probe_compare.py <repeats>``, run with any modelmeta that has them on its path.

It is the processor's time that is taken, so that what else the machine does counts for less.
"""

from __future__ import annotations

import json
import random
import sys
from collections import defaultdict
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Any

from quality import texts
from questions import ask, batch, questions
from stopwatch import per_call, timed

from modelmeta import Registry, Usage, bundled_catalog, dump_catalog, load_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

ASKED = 50
CHANGED = 0.01


def main(repeats: int) -> None:
    registry = Registry()
    usage = Usage(input_tokens=300_000, output_tokens=2_000)
    statements = {
        "get": 'registry.get("openai/gpt-5.5")',
        "the same filter again": 'registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1)',
        "price": 'registry.price("openai/gpt-5.5", usage)',
        "resolve": 'registry.resolve("gpt-5.5@openai")',
    }
    taken = per_call(statements, {"registry": registry, "usage": usage}, repeats, process_time) | anew(registry, repeats)
    with TemporaryDirectory() as folder:
        taken |= documents(Path(folder) / "api.json", repeats)
    print(json.dumps({name: min(values) for name, values in taken.items()}))


def anew(registry: Registry, repeats: int) -> dict[str, list[float]]:
    """Return what questions take that were not asked before."""
    models, tokens = list(registry), count(1_000)
    thresholds, wanted = questions(models), texts(models)
    asks: dict[str, Callable[[Any], Any]] = {
        "a new filter": lambda question: ask(registry, question),
        "select for a new workload": lambda _: registry.select("tool_call", "vision", usage=Usage(input_tokens=next(tokens))),
        "a new search": lambda _: registry.search(next(wanted)),
    }
    taken = defaultdict(list)
    for _ in range(repeats + 1):
        for name, answer in asks.items():
            asked = batch(thresholds, ASKED)
            took, _ = timed(lambda answer=answer, asked=asked: [answer(question) for question in asked], process_time)
            taken[name].append(took / ASKED)
    return {name: values[1:] for name, values in taken.items()}  # the first time builds what such questions need


def documents(path: Path, repeats: int) -> dict[str, list[float]]:
    """Return what it takes to load a document, and to refresh where 1 % of its rows changed."""
    document = dump_catalog(bundled_catalog())
    rows = [row for provider in document.values() for row in provider["models"].values()]
    dice, taken = random.Random(1), defaultdict(list)
    path.write_text(json.dumps(document))
    with Registry(source=str(path)) as registry:
        registry.refresh()
        for _ in range(max(2, repeats // 2)):
            taken["load a document"].append(timed(lambda: load_catalog(path), process_time)[0])
            for row in dice.sample(rows, round(len(rows) * CHANGED)):
                row["limit"] = {**row.get("limit", {}), "output": dice.randrange(1, 1_000_000)}
            path.write_text(json.dumps(document))
            took, report = timed(registry.refresh, process_time)
            if report.status != "updated":
                sys.exit(f"the refresh came to {report}")
            taken["refresh with 1 % changed"].append(took)
    return taken


main(int(sys.argv[1]))
