"""Open a snapshot and ask it: ``python probe_open.py <snapshot> <repeats>``, run where modelmeta is installed."""

from __future__ import annotations

import json
import sys

from questions import ask, batch, questions
from stopwatch import per_call, timed

from modelmeta import bundled_catalog, load_catalog

TOUCHED = 1_000
ASKED = 10


def main(path: str, repeats: int) -> None:
    opened, catalog = timed(lambda: load_catalog(path))
    refs = list(map(str, catalog.filter().refs[:: len(catalog) // TOUCHED]))
    for ref in refs:
        catalog.get(ref)
    statements = {"get": 'get("openai/gpt-5.5")', "get in turn": "for ref in refs: get(ref)"}
    taken = per_call(statements, {"get": catalog.get, "refs": refs}, repeats)
    taken["get in turn"] = [took / len(refs) for took in taken["get in turn"]]
    source = questions(list(bundled_catalog()))
    ask(catalog, next(source))
    batches = [batch(source, ASKED) for _ in range(repeats)]
    taken["filter"] = [timed(lambda asked=asked: [ask(catalog, one) for one in asked])[0] / ASKED for asked in batches]
    print(json.dumps({"open": [opened], **taken}))


main(sys.argv[1], int(sys.argv[2]))
