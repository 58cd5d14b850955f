"""What questions take once the catalog is open: ``python probe_reads.py <repeats>``, run where modelmeta is installed."""

from __future__ import annotations

import json
import sys
from collections import defaultdict

from questions import ask, batch, comprehend, questions
from stopwatch import per_call, timed

from modelmeta import Policy, Registry, Usage

ASKED = 50


def main(repeats: int) -> None:
    registry = Registry()
    registry.get("openai/gpt-5.5")
    first_filter, _ = timed(lambda: registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1))
    usage = Usage(input_tokens=300_000, output_tokens=2_000)
    statements = {
        "get": 'registry.get("openai/gpt-5.5")',
        "filter again": 'registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1)',
        "price": 'registry.price("openai/gpt-5.5", usage)',
    }
    statements |= {f"{name}, ruled": statements[name].replace("registry", "ruled") for name in ("get", "filter again")}
    ruled = Registry(overlays={"models": {"openai/gpt-5.5": {"cost": {"input": 4}}}}, policy=Policy(deny={"provider": "openrouter"}))
    ruled.get("openai/gpt-5.5")
    taken = per_call(statements, {"registry": registry, "ruled": ruled, "usage": usage}, repeats)
    filtered, found = filters(registry, repeats)
    quote, status = registry.price("openai/gpt-5.5", usage), registry.status()
    facts = {"total": str(quote.total.normalize()), "models": status.models, "fetched_at": str(status.fetched_at.date()), "found": found}
    print(json.dumps({"taken": {**taken, **filtered, "first filter": [first_filter]}, **facts}))


def filters(registry: Registry, repeats: int) -> tuple[dict[str, list[float]], float]:
    """Return what new filters take and what the comprehension takes for the same questions; and how many models one finds on average."""
    models = list(registry)
    source = questions(models)
    for one in batch(source, ASKED):
        if list(ask(registry, one)) != comprehend(models, one):
            sys.exit(f"filter and comprehension disagree about {one}")
    taken, found = defaultdict(list), 0
    ways = {"new filter": lambda one: ask(registry, one), "new filter, list": lambda one: list(ask(registry, one))}
    for _ in range(repeats):
        for name, answer in ways.items():
            asked = batch(source, ASKED)
            took, results = timed(lambda answer=answer, asked=asked: [answer(one) for one in asked])
            taken[name].append(took / ASKED)
            took, _ = timed(lambda asked=asked: [comprehend(models, one) for one in asked])
            taken["comprehension"].append(took / ASKED)
            found += sum(map(len, results))
    return taken, found / (len(ways) * repeats * ASKED)


main(int(sys.argv[1]))
