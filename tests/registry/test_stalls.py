"""What holds up the host of a refresh. ``bench/probe_stalls.py`` measures how long, and the gate runs it; here is what can be counted."""

from __future__ import annotations

import subprocess
import sys

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


def test_a_catalog_that_answered_everything_has_few_objects_for_the_garbage_collector_to_walk():
    """It walks all there are at once, and nothing else runs meanwhile: in a process of modelmeta alone that is its longest pause."""
    run = subprocess.run([sys.executable, "-I", "-c", WALKED], capture_output=True, text=True, check=True)

    assert float(run.stdout) < 7.5
