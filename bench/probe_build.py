"""Load a synthetic document and keep its snapshot: ``python probe_build.py <times> <snapshot to write>``, run where modelmeta is installed."""

from __future__ import annotations

import gc
import json
import resource
import sys
from pathlib import Path

from modelmeta import bundled_catalog, dump_catalog, load_catalog
from modelmeta.testing.scale import scaled_document
from stopwatch import once


def main(times: int, target: Path) -> None:
    text = json.dumps(scaled_document(dump_catalog(bundled_catalog()), times)).encode()
    gc.collect()
    catalogs = []
    taken = once(lambda: catalogs.append(load_catalog(text)))
    (catalog,) = catalogs
    if catalog.problems or len(catalog) != times * len(bundled_catalog()):
        sys.exit(f"{len(catalog)} models were loaded, with {len(catalog.problems)} problems")
    target.write_bytes(bytes(catalog.content))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"load": taken, "models": len(catalog), "peak": peak}))


main(int(sys.argv[1]), Path(sys.argv[2]))
