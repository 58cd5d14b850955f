"""What holds up the host of a refresh: how long is measured by ``bench/probe_stalls.py``; here is what can be counted."""

from __future__ import annotations

import json
import subprocess
import sys

HOSTS = {"event loop", "thread"}
WALKED = """
import gc
from modelmeta import Registry, Usage
registry = Registry()
gc.collect()
before = len(gc.get_objects())
models = list(registry)
registry.search("claude opus")
registry.filter("vision", max_input_cost=1)
registry.rank("tool_call", usage=Usage(1_000, 1_000))
registry.resolve("gpt-5.5", prefer=("openai",))
registry.offerings("openai/gpt-5.5")
gc.collect()
print((len(gc.get_objects()) - before) / len(models))
"""


def test_the_probe_runs_and_says_what_it_measured(root):
    run = subprocess.run([sys.executable, root / "bench" / "probe_stalls.py", "--quick"], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    printed = json.loads(run.stdout)

    assert 8_337 == printed["models"]
    kinds = ("first refresh", "1 % of the rows changed", "no refresh")
    assert {f"{host}, fresh, {kind}" for host in HOSTS for kind in kinds} == printed["lags"].keys()
    for lag in printed["lags"].values():
        assert {"p50", "p99", "max", "ticks"} == lag.keys()
        assert lag["p50"] <= lag["p99"] <= lag["max"]
        assert lag["ticks"] > 0


def test_a_catalog_that_answered_everything_has_few_objects_for_the_garbage_collector_to_walk():
    """It walks all there are at once, and nothing else runs meanwhile: in a process of modelmeta alone that is its longest pause."""
    run = subprocess.run([sys.executable, "-I", "-c", WALKED], capture_output=True, text=True, check=True)

    assert float(run.stdout) < 7.5
