"""The working tree beside a commit, in one run: are we slower than we were?

The commit is measured twice in each round, so that the run says itself how much two measurements of the same code differ. What is measured
uses the packages that are installed here, whichever the commit was made with.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from environments import ROOT
from processes import ENVIRONMENT
from report import table
from sample import SECONDS, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    Measured = dict[str, float]

FIRST_ANSWER = "fresh interpreter to first answer"
STARTS = 5
LEAST_BAND = 0.05
"""Less than this is not told from noise, however quiet the run was: code that is merely laid out otherwise in memory differs by as much."""


def compare(ref: str, rounds: int, repeats: int) -> str:
    """Return a table of the working tree against *ref*; its last column says ``slower`` where the working tree is, beyond the noise."""
    with TemporaryDirectory() as folder, checked_out(ref, Path(folder) / "then") as then:
        sides = {"now": ROOT, "then": then, "then again": then}
        measure(ROOT, 1), measure(then, 1)  # the first time reads files from the disk, and compiles
        measured: dict[str, list[Measured]] = {name: [] for name in sides}
        for turn in range(rounds):
            print(f"measuring: round {turn + 1} of {rounds}", file=sys.stderr)
            for name in sorted(sides, key=lambda name: hash((turn, name))):  # in another order each time
                measured[name].append(measure(sides[name], repeats))
    rows = [judged(what, *([each[what] for each in measured[name]] for name in sides)) for what in measured["now"][0]]
    return table(("what", f"{ref}", "working tree", "ratio", "noise", ""), rows)


def judged(what: str, now: list[float], then: list[float], again: list[float]) -> tuple[str, ...]:
    """Return the row of one operation.

    The band is as far as the commit's two measurements of one round lay apart in any round: a median that lies farther is no accident.
    """
    ratio = median(ours / theirs for ours, theirs in zip(now, then, strict=True))
    band = max(1 + LEAST_BAND, *(max(one / other, other / one) for one, other in zip(then, again, strict=True)))
    verdict = "slower" if ratio > band else "faster" if ratio < 1 / band else ""
    return what, Sample(then).written(SECONDS), Sample(now).written(SECONDS), f"{ratio:.2f}", f"{1 / band:.2f} to {band:.2f}", verdict


@contextmanager
def checked_out(ref: str, folder: Path) -> Iterator[Path]:
    """Yield *folder* with the files of the commit *ref* in it."""
    git = ["git", "-C", str(ROOT), "worktree"]
    added = subprocess.run([*git, "add", "--quiet", "--detach", str(folder), ref], capture_output=True, text=True, check=False)
    if added.returncode:
        sys.exit(f"{ref} cannot be checked out:\n{added.stderr}")
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def measure(tree: Path, repeats: int) -> Measured:
    """Return the least that each operation took with the modelmeta of *tree*, in seconds of the processor."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(tree / "src")}
    code = 'from modelmeta import Registry; Registry().get("openai/gpt-5.5")'
    started = []
    for _ in range(STARTS):
        before = children()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        started.append(children() - before)
    probe = [sys.executable, str(Path(__file__).with_name("probe_compare.py")), str(repeats)]
    printed = subprocess.run(probe, check=True, stdout=subprocess.PIPE, env=environment).stdout
    return {FIRST_ANSWER: min(started), **json.loads(printed)}


def children() -> float:
    """Return the seconds that processes which ended have taken of the processor."""
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
