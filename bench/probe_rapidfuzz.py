"""What search takes with rapidfuzz instead: ``python probe_rapidfuzz.py <repeats>``, run where modelmeta and rapidfuzz are installed."""

from __future__ import annotations

import json
import sys

from quality import found, texts
from rapidfuzz import fuzz, process, utils
from stopwatch import timed

from modelmeta import bundled_catalog

ASKED = 10


def main(repeats: int) -> None:
    catalog = bundled_catalog()
    models = list(catalog)
    choices = [utils.default_process(f"{catalog.provider(model.provider_id).name} {model.name} {model.id}") for model in models]

    def search(text: str) -> list:
        nearest = process.extract(text, choices, scorer=fuzz.token_set_ratio, processor=utils.default_process, limit=20)
        return [models[place] for _, _, place in nearest]

    source = texts(models)
    taken = [timed(lambda: [search(next(source)) for _ in range(ASKED)])[0] / ASKED for _ in range(repeats)]
    print(json.dumps({"taken": {"search": taken}, "quality": found(search)}))


main(int(sys.argv[1]))
