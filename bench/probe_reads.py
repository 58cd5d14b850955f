"""What questions take once the catalog is open: ``python probe_reads.py <repeats>``, run where modelmeta is installed."""

from __future__ import annotations

import json
import sys
from collections import defaultdict

from modelmeta import Registry, Usage
from questions import ask, batch, comprehend, questions
from stopwatch import once, per_call

QUESTIONS = 20


def main(repeats: int) -> None:
    registry = Registry()
    registry.get("openai/gpt-5.5")
    first_filter = once(lambda: registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1))
    usage = Usage(input_tokens=300_000, output_tokens=2_000)
    quote = registry.price("openai/gpt-5.5", usage)
    taken = per_call(
        {
            "get": 'registry.get("openai/gpt-5.5")',
            "filter again": 'registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1)',
            "price": 'registry.price("openai/gpt-5.5", usage)',
        },
        {"registry": registry, "usage": usage},
        repeats,
    )
    taken["first filter"] = [first_filter]
    found = _filters(registry, repeats, taken)
    status = registry.status()
    print(
        json.dumps(
            {
                "taken": taken,
                "models": status.models,
                "providers": status.providers,
                "source": status.source,
                "found": found,
                "total": str(quote.total.normalize()),
                "tier": quote.tier.size,
            }
        )
    )


def _filters(registry: Registry, repeats: int, taken: dict[str, list[float]]) -> float:
    """Time new filters and the comprehension on the same questions; return how many models one finds on average."""
    models = list(registry)
    source = questions(models)
    for question in batch(source, QUESTIONS):
        if list(ask(registry, question)) != comprehend(models, question):
            sys.exit(f"the filter and the comprehension disagree about {question}")
    plain, found = defaultdict(list), []
    for _ in range(repeats):
        for name, answer in (("new filter", lambda one: ask(registry, one)), ("new filter, list", lambda one: list(ask(registry, one)))):
            asked = batch(source, QUESTIONS)
            taken.setdefault(name, []).append(once(lambda answer=answer, asked=asked: [answer(one) for one in asked]) / QUESTIONS)
            plain[name].append(once(lambda asked=asked: [comprehend(models, one) for one in asked]) / QUESTIONS)
            found += [len(ask(registry, one)) for one in asked]
    taken["comprehension"] = plain["new filter"] + plain["new filter, list"]
    return sum(found) / len(found)


main(int(sys.argv[1]))
