"""Open a snapshot and ask it: ``python probe_open.py <snapshot> <repeats>``, run where modelmeta is installed."""

from __future__ import annotations

import sys
from time import perf_counter

from modelmeta import load_catalog

PAGES = "/proc/self/statm"
KNOWN = "openai/gpt-5.5"
TOUCHED = 1_000
QUESTIONS = 10


def main(path: str, repeats: int) -> None:
    start = perf_counter()
    catalog = load_catalog(path)
    opened = perf_counter() - start
    catalog.get(KNOWN)
    catalog.filter("tool_call", "vision", min_context=200_000, max_input_cost=1)
    with open(PAGES) as file:
        pages = int(file.read().split()[1])

    import json
    from resource import getpagesize

    from modelmeta import bundled_catalog
    from questions import ask, batch, questions
    from stopwatch import once, per_call

    refs = catalog.content.refs[:: max(1, len(catalog) // TOUCHED)][:TOUCHED]
    for ref in refs:
        catalog.get(ref)
    taken = per_call(
        {"get": f"get({KNOWN!r})", "get, spread": "for ref in refs: get(ref)"}, {"get": catalog.get, "refs": refs}, repeats
    )
    taken["get, spread"] = [value / len(refs) for value in taken["get, spread"]]
    source = questions(list(bundled_catalog()))
    batches = [batch(source, QUESTIONS) for _ in range(repeats)]
    taken["filter"] = [once(lambda asked=asked: [ask(catalog, one) for one in asked]) / QUESTIONS for asked in batches]
    print(json.dumps({"taken": {"open": [opened], **taken}, "resident": pages * getpagesize(), "models": len(catalog)}))


main(sys.argv[1], int(sys.argv[2]))
