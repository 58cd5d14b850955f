"""Fuzz each way in, one after the other: ``python tests/fuzz/run.py [seconds for each] [names of targets …]``.

What is reached is kept in ``.fuzz/<name>/`` and is where the next run goes on from. What fails is written to ``.fuzz/<name>-…``; once it is
mended it belongs in ``corpus/<name>/``, where an ordinary test replays it. Then everything that was reached is measured against the bounds.
"""

from __future__ import annotations

import json
import random
import re
import runpy
import subprocess
import sys
import time
import tracemalloc
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
REACHED = Path(".fuzz")
SECONDS = 600
LONGEST = 10_000
"""Bytes of an input: above the 4,300 digits of a number that Python refuses to write."""
SLOWEST = 25
"""Seconds, of a busy machine, after which an input counts as one that hangs."""
LARGEST = 1_024
"""MiB of memory that a target may take in all."""
BASE_TIME, BYTE_TIME = 0.2, 100e-6
"""Seconds of CPU that reading an input may take: so many, and so many for each of its bytes."""
BASE_MEMORY, BYTE_MEMORY = 4_000_000, 4_000
"""Bytes of memory, likewise: a gzipped byte can be a thousand, each of which is held as bytes, text and value."""


def words() -> str:
    """Return a dictionary for the fuzzer: what the formats and fields are called."""
    named = r"\"([a-z][a-z_]{2,30})\""
    sources = (HERE.parent.parent / "src" / "modelmeta").rglob("*.py")
    found = {word for path in sources for word in re.findall(named, path.read_text(encoding="utf-8"))}
    return "\n".join(f'"{word}"' for word in sorted(found))


def fuzz_one(name: str, arguments: list[str]) -> None:
    """Fuzz the target called *name* in this process, which ends with it."""
    import atheris  # noqa: PLC0415  # the rest of this script runs without it

    with atheris.instrument_imports(include=["modelmeta", "tomllib"], enable_loader_override=False):
        target = runpy.run_path(str(HERE / "targets.py"))["TARGETS"][name]
        for seed in target.seeds:  # what is imported when it is first needed is imported here
            target.fuzz(seed)

    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        changed = json_changed(data, random.Random(seed)) if seed % 2 else None
        return changed if changed is not None and len(changed) <= longest else atheris.Mutate(data, longest)

    atheris.Setup([name, *arguments], target.fuzz, custom_mutator=mutated)
    atheris.Fuzz()


ODD = (None, True, 0, -1, 10**30, 0.1, 1e-300, "", "0x1", "1e999", "2025-13", "\ud800", [], {}, [[]], {"": None})


def json_changed(data: bytes, chance: random.Random) -> bytes | None:
    """Return the JSON of *data* with one of its values replaced, removed, repeated or put elsewhere; None where it is no JSON with any."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return None
    places = (
        [(tree, key) for key in tree]
        if isinstance(tree, dict)
        else [(tree, at) for at in range(len(tree))]
        if isinstance(tree, list)
        else []
    )
    for container, key in places:  # which grows meanwhile
        inner = container[key]
        if isinstance(inner, (dict, list)):
            places += [(inner, key) for key in (inner if isinstance(inner, dict) else range(len(inner)))]
    if not places:
        return None
    container, key = chance.choice(places)
    other, place = chance.choice(places)
    value = chance.choice([other[place], *ODD])
    match chance.choice(("replace", "remove", "add")):
        case "remove":
            del container[key]
        case "add" if isinstance(container, list):
            container.insert(key, value)
        case "add":
            container[chance.choice([str(place), f"{key}!"])] = value
        case _:
            container[key] = value
    with suppress(ValueError, RecursionError):  # within itself
        return json.dumps(tree).encode()
    return None


def measure(name: str) -> list[str]:
    """Return which of the inputs that *name* has reached take more time or memory than the bounds allow."""
    target = runpy.run_path(str(HERE / "targets.py"))["TARGETS"][name]
    over = []
    for path in sorted((REACHED / name).iterdir()):
        data = path.read_bytes()
        seconds = min(_seconds(target.fuzz, data) for _ in range(2))  # the first may import
        tracemalloc.start()
        target.fuzz(data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if seconds > BASE_TIME + BYTE_TIME * len(data) or peak > BASE_MEMORY + BYTE_MEMORY * len(data):
            over.append(f"{path}: {len(data):,} bytes took {seconds:.3f} s and {peak:,} bytes of memory")
    return over


def _seconds(run, data: bytes) -> float:
    begun = time.process_time()
    run(data)
    return time.process_time() - begun


def main(seconds: int, names: list[str]) -> int:
    """Fuzz the targets called *names*, all without any; return 0 if nothing was found."""
    targets = runpy.run_path(str(HERE / "targets.py"))["TARGETS"]
    REACHED.mkdir(exist_ok=True)
    (REACHED / "words").write_text(words(), encoding="utf-8")
    found = 0
    for name in names or targets:
        reached = REACHED / name
        reached.mkdir(exist_ok=True)
        for number, seed in enumerate(targets[name].seeds):
            (reached / f"seed-{number}").write_bytes(seed)
        options = {
            "max_total_time": seconds,
            "max_len": LONGEST,
            "timeout": SLOWEST,
            "rss_limit_mb": LARGEST,
            "dict": REACHED / "words",
            "artifact_prefix": f"{reached}-",
            "print_final_stats": 1,
            "verbosity": 1,
        }
        given = [str(reached), *(f"-{option}={value}" for option, value in options.items())]
        ran = subprocess.run(
            [sys.executable, __file__, "--one", name, *given], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        log = ran.stdout.decode(errors="replace")
        (REACHED / f"{name}.log").write_text(log, encoding="utf-8")
        runs = re.search(r"number_of_executed_units: +(\d+)", log) or re.search(r"Done (\d+) runs", log)
        over = measure(name)
        findings = over if ran.returncode == 0 else [*over, *log.splitlines()[-40:]]
        found += len(findings)
        told = [f"{name}: {int(runs[1]) if runs else 0:,} runs, {len(list(reached.iterdir())):,} inputs reached", *findings]
        print("\n  ".join(told), flush=True)  # noqa: T201  # what it is for
    return 1 if found else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        fuzz_one(sys.argv[2], sys.argv[3:])
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    sys.exit(main(*(numbers or [SECONDS]), [argument for argument in sys.argv[1:] if not argument.isdigit()]))
