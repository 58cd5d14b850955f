"""Programs run in turn, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from resource import getpagesize
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sample import Sample

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = {
    **{name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR") if name in os.environ},
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # litellm reads its own file and stays off the network
}


@dataclass(frozen=True)
class Program:
    """What *python* runs with ``-c``, and how many times."""

    python: Path
    code: str
    times: int


def startup(programs: dict[str, Program], folder: Path) -> dict[str, Sample]:
    """Return the seconds each program takes in a fresh interpreter, less what the same interpreter takes for nothing, by the median."""
    return _less_bare(programs, lambda python, code: _took(python, code, folder))


def memory(programs: dict[str, Program], folder: Path) -> dict[str, Sample]:
    """Return the bytes resident at the end of each program, less those of the same interpreter doing nothing, by the median."""
    return _less_bare(programs, lambda python, code: _resident(python, code, folder))


def probe(python: Path, script: str, *arguments: object) -> dict[str, Any]:
    """Return what the script of this name, run by *python*, prints as JSON."""
    command = [str(python), str(Path(__file__).with_name(script)), *map(str, arguments)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT).stdout
    result: dict[str, Any] = json.loads(printed)
    return result


def _less_bare(programs: dict[str, Program], measure: Callable[[Path, str], float]) -> dict[str, Sample]:
    for program in programs.values():
        measure(program.python, program.code)  # the first time reads files from the disk
    whole, bare = defaultdict(list), defaultdict(list)
    for turn in range(max(program.times for program in programs.values())):
        for name, program in programs.items():
            if turn < program.times:
                bare[name].append(measure(program.python, "pass"))
                whole[name].append(measure(program.python, program.code))
    return {name: Sample([value - median(bare[name]) for value in values]) for name, values in whole.items()}


def _took(python: Path, code: str, folder: Path) -> float:
    start = perf_counter()
    subprocess.run([python, "-c", code], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=folder)
    return perf_counter() - start


def _resident(python: Path, code: str, folder: Path) -> float:
    code += "\nprint(open('/proc/self/statm').read().split()[1])"
    done = subprocess.run([python, "-c", code], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=folder)
    return float(done.stdout.split()[-1]) * getpagesize()
