"""What refreshing takes: ``python probe_refresh.py <repeats>``, run where modelmeta is installed with its extra ``testing``."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import defaultdict
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import httpx
from upstream import upstream

from modelmeta import AsyncRegistry, Registry, bundled_catalog, dump_catalog, load_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGED = 0.01


def main(repeats: int) -> None:
    document = dump_catalog(bundled_catalog())
    rows = [row for provider in document.values() for row in provider["models"].values()]
    for row in rows:
        row["description"] = f"{row['name']} is a model. " * 5  # upstream has some 150 characters of prose in each
    text = json.dumps(document).encode()
    taken: dict[str, list[float]] = defaultdict(list)
    dice = random.Random(1)
    with (
        upstream(document) as (url, serve),
        Registry(source=url, rate_limit=1_000_000) as registry,
        httpx.Client(limits=httpx.Limits(max_keepalive_connections=0)) as client,
    ):
        etag = client.get(f"{url}/catalog.json?type=all", headers={"Accept-Encoding": "gzip"}).headers["etag"]
        cpu("first refresh", registry.refresh, taken)
        for _ in range(repeats):
            cpu("load", lambda: load_catalog(text), taken)
            for row in dice.sample(rows, round(len(rows) * CHANGED)):
                row["limit"] = {**row.get("limit", {}), "output": dice.randrange(1, 1_000_000)}
            serve(document)
            report = cpu("changed", registry.refresh, taken)
            if report.status != "updated" or len(report.changed) != round(len(rows) * CHANGED):
                sys.exit(f"the refresh came to {report}")
        etag = client.get(f"{url}/catalog.json?type=all", headers={"Accept-Encoding": "gzip"}).headers["etag"]
        headers = {"If-None-Match": etag, "Accept-Encoding": "gzip"}
        for _ in range(repeats * 20):
            wall("round trip", lambda: client.get(f"{url}/catalog.json?type=all", headers=headers), taken)
            wall("unchanged", registry.refresh, taken)
        asyncio.run(awaited(url, headers, repeats * 20, taken))
    taken["beyond"] = [took - middle(taken["round trip"]) for took in taken["unchanged"]]
    taken["beyond, awaited"] = [took - middle(taken["round trip, awaited"]) for took in taken["unchanged, awaited"]]
    print(json.dumps({"taken": taken, "changed rows": round(len(rows) * CHANGED)}))


async def awaited(url: str, headers: dict[str, str], times: int, taken: dict[str, list[float]]) -> None:
    limits = httpx.Limits(max_keepalive_connections=0)
    async with AsyncRegistry(source=url, rate_limit=1_000_000) as registry, httpx.AsyncClient(limits=limits) as client:
        await registry.refresh()
        for _ in range(times):
            start = perf_counter()
            await client.get(f"{url}/catalog.json?type=all", headers=headers)
            between = perf_counter()
            await registry.refresh()
            taken["round trip, awaited"].append(between - start)
            taken["unchanged, awaited"].append(perf_counter() - between)


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def cpu(name: str, call: Callable[[], Any], taken: dict[str, list[float]]) -> Any:
    start = process_time()
    result = call()
    taken[name].append(process_time() - start)
    return result


def wall(name: str, call: Callable[[], Any], taken: dict[str, list[float]]) -> None:
    start = perf_counter()
    call()
    taken[name].append(perf_counter() - start)


main(int(sys.argv[1]))
