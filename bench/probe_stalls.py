"""How long a refresh holds up its host: ``python probe_stalls.py <refreshes of each kind>``, run where modelmeta and its extra ``testing`` are.

There are two hosts, each a process of its own beside upstream: an event loop with an ``AsyncRegistry``, in which a ticker sleeps a millisecond
at a time, and a thread that asks a ``Registry`` for a model every millisecond. What is late of that is the lag, in seconds. Each host is
measured fresh and after it asked all kinds of questions, of which a refresh then builds the answers' indexes anew; and, for comparison, with
nothing to refresh. ``--quick`` instead of a number leaves most of it out: it proves that all of this runs.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import threading
from collections import defaultdict
from itertools import chain, product
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from upstream import upstream

from modelmeta import AsyncRegistry, RefreshReport, Registry, Usage, bundled_catalog, dump_catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TICK = 0.001
SETTLED = 0.1
CHANGED = {"no row changed": 0.0, "1 % of the rows changed": 0.01, "every row changed": 1.0}


def main(times: int, states: tuple[str, ...], kinds: dict[str, float]) -> None:
    document = dump_catalog(bundled_catalog())
    rows = [row for provider in document.values() for row in provider["models"].values()]
    for row in rows:
        row["description"] = f"{row['name']} is a model. " * 5  # upstream has some 150 characters of prose in each
    lags: dict[str, list[float]] = defaultdict(list)
    dice = random.Random(1)
    with upstream(document) as (url, serve):
        for host, state in product(HOSTS, states):
            with subprocess.Popen(
                [sys.executable, __file__, host, state, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                for name, changed in chain([("first refresh", len(rows))], edits(rows, times, kinds, dice)):
                    serve(document)
                    print(changed, file=process.stdin, flush=True)
                    during, beside = json.loads(process.stdout.readline())
                    lags[f"{host}, {state}, {name}"] += during
                    lags[f"{host}, {state}, no refresh"] += beside
    print(json.dumps({"lags": {name: summary(values) for name, values in lags.items()}, "models": len(rows)}))


def edits(rows: list[dict[str, Any]], times: int, kinds: dict[str, float], dice: random.Random) -> Iterator[tuple[str, int]]:
    """Change rows; yield what was done, in words, and how many."""
    for _, (name, share) in product(range(times), kinds.items()):
        changed = dice.sample(rows, round(len(rows) * share))
        for row in changed:
            row["description"] = f"{row['name']} is a model, edition {dice.random()}. " * 4
            row["limit"] = {**row.get("limit", {}), "output": dice.randrange(1, 1_000_000)}
        yield name, len(changed)


def summary(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100], "max": ordered[-1], "ticks": len(ordered)}


class Host:
    """What is measured: ``lag`` grows by one entry a millisecond."""

    def __init__(self, state: str) -> None:
        self.lag: list[float] = []
        self.warm = state == "warm"

    def ask(self, registry: Registry | AsyncRegistry) -> None:
        """Ask what a host asks, of a model or of all."""
        registry.get("openai/gpt-5.5")
        if self.warm:
            registry.search("claude opus")
            registry.filter("vision", max_input_cost=1)
            registry.rank("tool_call", usage=Usage(1_000, 1_000))
            registry.resolve("gpt-5.5", prefer=("openai",))
            registry.offerings("openai/gpt-5.5")

    def taken(self) -> list[float]:
        taken, self.lag[:] = self.lag[:], []
        return taken

    def tell(self, report: RefreshReport, changed: int, during: list[float]) -> None:
        if report.status != ("updated" if changed else "unchanged") or len(report.changed) != changed:
            sys.exit(f"the refresh came to {report}")
        print(json.dumps([during, self.taken()]), flush=True)


async def event_loop(host: Host, url: str, orders: Callable[[], str]) -> None:
    async def tick() -> None:
        while True:
            start = perf_counter()
            await asyncio.sleep(TICK)
            host.lag.append(perf_counter() - start - TICK)

    async with AsyncRegistry(source=url) as registry:
        ticking = asyncio.create_task(tick())
        while changed := await asyncio.to_thread(orders):
            host.ask(registry)
            await asyncio.sleep(SETTLED)
            host.taken()
            report = await registry.refresh(force=True)
            during = host.taken()
            await asyncio.sleep(report.duration.total_seconds())
            host.tell(report, int(changed), during)
        ticking.cancel()


def thread(host: Host, url: str, orders: Callable[[], str]) -> None:
    over = threading.Event()

    def ask() -> None:
        dice = random.Random(2)
        while not over.is_set():
            ref = dice.choice(refs)
            start = perf_counter()
            sleep(TICK)
            registry.get(ref)
            host.lag.append(perf_counter() - start - TICK)

    with Registry(source=url) as registry:
        refs = list(registry.catalog.rows)
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        while changed := orders():
            host.ask(registry)
            sleep(SETTLED)
            host.taken()
            report = registry.refresh(force=True)
            during = host.taken()
            sleep(report.duration.total_seconds())
            host.tell(report, int(changed), during)
        over.set()
        asking.join()


HOSTS: dict[str, Callable[[Host, str, Callable[[], str]], Any]] = {
    "event loop": lambda *facts: asyncio.run(event_loop(*facts)),
    "thread": thread,
}

if sys.argv[1] in HOSTS:
    HOSTS[sys.argv[1]](Host(sys.argv[2]), sys.argv[3], sys.stdin.readline)
elif sys.argv[1] == "--quick":
    main(1, ("fresh",), {"1 % of the rows changed": 0.01})
else:
    main(int(sys.argv[1]), ("fresh", "warm"), CHANGED)
