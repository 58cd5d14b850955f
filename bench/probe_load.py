"""Load a synthetic document and keep its snapshot: ``python probe_load.py <times> <snapshot to write>``, run where modelmeta is installed."""

from __future__ import annotations

import gc
import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from stopwatch import timed

from modelmeta import bundled_catalog, dump_catalog, load_catalog
from modelmeta.testing.scale import scaled_document


def main(times: int, target: Path) -> None:
    text = json.dumps(scaled_document(dump_catalog(bundled_catalog()), times)).encode()
    gc.collect()
    collections: list[float] = []
    gc.callbacks.append(lambda *_: collections.append(perf_counter()))
    took, catalog = timed(lambda: load_catalog(text))
    gc.callbacks.clear()
    collecting = sum(end - start for start, end in zip(collections[::2], collections[1::2], strict=True))
    if catalog.problems or len(catalog) != times * len(bundled_catalog()):
        sys.exit(f"{len(catalog)} models were loaded, with {len(catalog.problems)} problems")
    target.write_bytes(bytes(catalog.content))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        json.dumps(
            {
                "load": [took],
                "load each": [took / len(catalog)],
                "collecting": [collecting / took],
                "peak": [peak],
                "models": [len(catalog)],
            }
        )
    )


main(int(sys.argv[1]), Path(sys.argv[2]))
