"""What the questions of a router and a person take: ``python probe_questions.py <repeats>``, run where modelmeta is installed."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from quality import found, texts
from questions import questions
from stopwatch import per_call, timed

from modelmeta import Registry, Usage, bundled_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from modelmeta import Catalog, Model

ASKED = 50


def main(repeats: int) -> None:
    taken = first_uses()
    catalog = bundled_catalog()
    models = list(catalog)
    sample = random.Random(1).sample(models, 1_000)
    spelled = [text for model in sample for text in notations(model)]
    shouted = [f"{model.provider_id}/{model.id.upper()}" for model in sample]
    for model in sample:
        catalog.offerings(model.ref)
    usage = Usage(input_tokens=20_000, output_tokens=1_000)
    statements = {
        "resolve": "for text in spelled: catalog.resolve(text)",
        "resolve again": "for text in shouted: catalog.resolve(text)",
        "offerings": "for ref in refs: catalog.offerings(ref)",
        "select again": 'catalog.select("tool_call", "vision", min_context=200_000, max_input_cost=1, usage=usage)',
    }
    names = {"catalog": catalog, "spelled": spelled, "shouted": shouted, "refs": [str(model.ref) for model in sample], "usage": usage}
    for statement in statements.values():
        exec(statement, names)  # asked once before, so that "again" is what is measured
    for name, values in per_call(statements, names, repeats).items():
        calls = len(names.get({"resolve": "spelled", "resolve again": "shouted", "offerings": "refs"}.get(name, ""), [None]))
        taken[name] = [value / calls for value in values]
    taken |= anew(models, repeats)
    quality = found(lambda text: [hit.model for hit in catalog.search(text)])
    print(json.dumps({"taken": taken, "spellings": judged(catalog, models), "links": linked(catalog), "quality": quality}))


def notations(model: Model) -> tuple[str, str, str]:
    return f"{model.provider_id}/{model.id}", f"{model.provider_id}:{model.id}", f"{model.id}@{model.provider_id}"


def first_uses() -> dict[str, list[float]]:
    """Return what the first question of each kind takes, each in a catalog of its own: it builds what such questions need."""
    asks: dict[str, Callable[[Registry], Any]] = {
        "first resolve": lambda registry: registry.resolve("OpenAI/GPT-5.5"),
        "first offerings": lambda registry: registry.offerings("openai/gpt-5.5"),
        "first search": lambda registry: registry.search("sonet 4.5"),
        "first select": lambda registry: registry.select("tool_call", "vision", min_context=200_000, max_input_cost=1),
        "first explain": lambda registry: registry.explain("tool_call", "vision", min_context=2_000_000),
    }
    taken = {}
    for name, ask in asks.items():
        registry = Registry()
        registry.get("openai/gpt-5.5")
        taken[name] = [timed(lambda ask=ask, registry=registry: ask(registry))[0]]
    return taken


def anew(models: list[Model], repeats: int) -> dict[str, list[float]]:
    """Return what questions take that were not asked before."""
    catalog = bundled_catalog()
    catalog.search("warm up")
    catalog.resolve("OpenAI/GPT-5.5")
    catalog.select("tool_call", "vision")
    for model in catalog:
        catalog.offerings(model.ref)
    workloads, thresholds, wanted = new_workloads(), questions(models), texts(models)
    spellings = iter([f"{model.provider_id}/{model.id.upper()}" for model in random.Random(2).sample(models, len(models))])
    asks: dict[str, Callable[[], Any]] = {
        "resolve new": lambda: catalog.resolve(next(spellings)),
        "search": lambda: catalog.search(next(wanted)),
        "select new workload": lambda: catalog.select("tool_call", "vision", min_context=200_000, max_input_cost=1, usage=next(workloads)),
        "select any": lambda: catalog.select("tool_call", usage=next(workloads)),
        "select new": lambda: ask_select(catalog, *next(thresholds), next(workloads)),
        "rank new": lambda: catalog.rank("tool_call", "vision", min_context=200_000, max_input_cost=1, usage=next(workloads))[:10],
    }
    taken = defaultdict(list)
    for _ in range(repeats):
        for name, ask in asks.items():
            took, _ = timed(lambda ask=ask: [ask() for _ in range(ASKED)])
            taken[name].append(took / ASKED)
    return dict(taken)


def ask_select(catalog: Catalog, context: int, price: Any, usage: Usage) -> Model | None:
    try:
        return catalog.select("tool_call", "vision", min_context=context, max_input_cost=price, usage=usage)
    except LookupError:
        return None


def new_workloads() -> Iterator[Usage]:
    drawn = random.Random(3)
    while True:
        into, cached = drawn.randrange(1_000, 400_000), drawn.randrange(1_000)
        yield Usage(input_tokens=into, output_tokens=drawn.randrange(100, 8_000), cache_read_tokens=cached)


def judged(catalog: Catalog, models: list[Model]) -> dict[str, int]:
    """Return how many spellings of all models mean the right model, another one, or none."""
    meant: Counter[str] = Counter(right=0, wrong=0, none=0)
    for model in models:
        for text in notations(model):
            try:
                meant["right" if catalog.resolve(text).model is model else "wrong"] += 1
            except LookupError:
                meant["none"] += 1
    return meant


def linked(catalog: Catalog) -> dict[str, int]:
    """Return how many linked rows the rules would link rightly and wrongly without their own link, and how many rows are linked in all."""
    published = catalog.column("canonical_model_id")
    counts: Counter[str] = Counter(linked=0, right=0, wrong=0)
    for row, identity in enumerate(catalog.links.identities):
        counts["linked"] += identity.canonical is not None
        if published[row] and (inferred := catalog.links.infer(row)):
            counts["right" if inferred.canonical == published[row] else "wrong"] += 1
    return counts


main(int(sys.argv[1]))
