"""What fuzzing found, and what it begins with, is read as it should be. ``nox -s fuzz`` looks for more."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TARGETS = runpy.run_path(str(HERE / "targets.py"))["TARGETS"]
CORPUS = sorted((HERE / "corpus").glob("*/*"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_fuzzing_found_is_read_as_it_should_be(path):
    TARGETS[path.parent.name].fuzz(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_what_fuzzing_begins_with_is_read_as_it_should_be(name):
    for seed in TARGETS[name].seeds:
        TARGETS[name].fuzz(seed)
