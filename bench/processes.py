"""Programs run in turn, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

from sample import Sample

Program = tuple[Path, str]

ENVIRONMENT = {
    **{name: os.environ[name] for name in ("HOME", "LANG", "PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ},
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # litellm reads its own file and stays off the network
}

RESIDENT = "\nprint(open('/proc/self/statm').read().split()[1])"


def startup(programs: dict[str, Program], rounds: int, folder: Path) -> dict[str, Sample]:
    """Return how long each program takes in a fresh interpreter, less what the same interpreter takes for nothing just before."""
    for program in programs.values():
        _took(*program, folder)
    taken = defaultdict(list)
    for _ in range(rounds):
        for name, (python, code) in programs.items():
            bare = _took(python, "pass", folder)
            taken[name].append(_took(python, code, folder) - bare)
    return {name: Sample(tuple(values)) for name, values in taken.items()}


def memory(programs: dict[str, Program], rounds: int, folder: Path) -> dict[str, Sample]:
    """Return the resident memory of each program at its end, less the median of the same interpreter doing nothing."""
    held, bare = defaultdict(list), defaultdict(list)
    for _ in range(rounds):
        for name, (python, code) in programs.items():
            bare[name].append(_resident(python, "", folder))
            held[name].append(_resident(python, code, folder))
    return {name: Sample(tuple(values)).over(Sample(tuple(bare[name]))) for name, values in held.items()}


def probe(python: Path, script: str, *arguments: object) -> dict[str, Any]:
    """Return what the script of this name, run by *python*, prints as JSON."""
    command = [str(python), str(Path(__file__).with_name(script)), *map(str, arguments)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT).stdout
    result: dict[str, Any] = json.loads(printed)
    return result


def _took(python: Path, code: str, folder: Path) -> float:
    start = perf_counter()
    subprocess.run([python, "-c", code], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT, cwd=folder)
    return perf_counter() - start


def _resident(python: Path, code: str, folder: Path) -> float:
    done = subprocess.run([python, "-c", code + RESIDENT], check=True, stdout=subprocess.PIPE, env=ENVIRONMENT, cwd=folder)
    return float(done.stdout.split()[-1]) * resource.getpagesize()
