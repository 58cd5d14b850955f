"""What the server takes, as a page people read."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from machine import description
from report import table, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from report import Row

BEGIN_SERVING = "<!-- measured: bench/run.py --serving writes from here -->"

NAMES = {"modelmeta": "modelmeta", "starlette": "bare Starlette, the same bytes", "refreshing": "modelmeta, while it refreshes"}
SLOWEST, LEAST, FLAT, HITS = 0.100, 0.60, 10e6, 0.80
WARM = 0.25
"""The part of a soak after which nothing should grow any more."""


def serving_page(served: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    loads = (
        "1,000 connections, mixed reads",
        "requests a second",
        "of Starlette's",
        "p50",
        "p95",
        "p99",
        "processor time of each",
        "errors",
        "≥ 60 %, p95 < 100 ms, no error",
    )
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC).date()} on {description()}, which also runs wrk.",
            table(loads, _loads(served["runs"])),
            table(("soak", "target", "measured", "target met"), _soak(served["soak"])),
        ]
    )


def _loads(runs: list[dict[str, Any]]) -> Iterator[Row]:
    rates = {who: median(run["rate"] for run in runs if run["who"] == who) for who in NAMES}
    for who, words in NAMES.items():
        mine = [run for run in runs if run["who"] == who]
        p50, p95, p99, cpu = (median(run[part] for run in mine) for part in ("p50", "p95", "p99", "cpu"))
        errors, ratio = sum(run["errors"] for run in mine), rates[who] / rates["starlette"]
        met = "" if who == "starlette" else verdict(met=ratio >= LEAST and p95 < SLOWEST and not errors)
        late = (f"{each * 1e3:.0f} ms" for each in (p50, p95, p99))
        yield (words, f"{rates[who]:,.0f}", f"{ratio:.0%}", *late, f"{cpu * 1e6:.0f} µs", str(errors), met)


def _soak(soak: dict[str, Any]) -> Iterator[Row]:
    seen = soak["seen"][int(len(soak["seen"]) * WARM) :]
    held, files = zip(*seen, strict=True)
    tenth = max(1, len(seen) // 10)
    grown = median(held[-tenth:]) - median(held[:tenth])
    opened = median(files[-tenth:]) - median(files[:tenth])
    ratio = soak["hits"] / (soak["hits"] + soak["misses"])
    yield ("seconds, refreshes, requests a second", "", f"{len(soak['seen']):,}, {len(soak['refreshes'])}, {soak['rate']:,.0f}", "")
    yield (
        "memory at the end, against after warming up",
        "±10 MB",
        f"{grown / 1e6:+.1f} MB of {median(held) / 1e6:.0f} MB",
        verdict(met=abs(grown) <= FLAT),
    )
    yield ("open descriptors, likewise", "no growth", f"{opened:+.0f} of {median(files):.0f}", verdict(met=opened <= 0))
    yield ("answers that were prepared, addresses by Zipf's law", "> 80 %", f"{ratio:.1%}", verdict(met=ratio > HITS))
    yield ("errors", "none", str(soak["errors"]), verdict(met=not soak["errors"]))
