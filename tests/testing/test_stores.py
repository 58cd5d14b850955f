"""The suite of stores finds what is wrong with one, and says what it needs."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from modelmeta import MissingExtraError, Store, load_catalog, testing
from modelmeta.testing import StoreSuite
from modelmeta.testing.stores.samples import HOSTILE, hostile_document, pieces, samples

BROKEN = Path(__file__).with_name("broken_stores.py")
FAILS = [(name, test) for name, suite in runpy.run_path(str(BROKEN)).items() if name.startswith("Test") for test in suite.fails]


def run(*arguments, cwd):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False).stdout


def test_a_broken_store_fails_and_is_told_what_was_compared(root):
    found = run(*(f"{BROKEN}::{name}::{test}" for name, test in FAILS), "--tb=short", cwd=root)
    failed = set(re.findall(r"^FAILED \S+::(Test\w+)::(test_\w+)", found, re.MULTILINE))
    assert [fail for fail in FAILS if fail not in failed] == []
    assert "assert [True, True, True, True] == [True, True, False, True]" in found


def test_a_suite_that_does_not_open_its_store_is_told_to(tmp_path):
    (tmp_path / "test_mine.py").write_text("from modelmeta.testing import StoreSuite\n\nclass TestMine(StoreSuite):\n    pass\n")
    answer = run("test_mine.py", "-x", cwd=tmp_path)
    assert (
        "NotImplementedError: TestMine needs a fixture open_store, which returns a function from a name to the store of that name" in answer
    )


def test_three_lines_are_a_suite(tmp_path):
    (tmp_path / "test_mine.py").write_text(
        """
import pytest
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing import StoreSuite

class TestMine(StoreSuite):
    @pytest.fixture
    def open_store(self, tmp_path):
        return lambda name: SqliteStore(f"sqlite:///{tmp_path}/{name}.db")
"""
    )
    answer = run("test_mine.py", "-k", "a_new_store_is_empty or opened_again", cwd=tmp_path)
    assert re.search(r"^\d+ passed, \d+ deselected", answer, re.MULTILINE), answer


def test_every_test_of_the_suite_states_a_fact_and_a_reason():
    tests = [getattr(StoreSuite, name) for name in dir(StoreSuite) if name.startswith("test_")]
    assert len(tests) > 70
    assert [test.__name__ for test in tests if not test.__doc__] == []


def test_without_pytest_the_suite_says_what_to_install(uninstalled):
    uninstalled("pytest", again="modelmeta.testing.")
    with pytest.raises(MissingExtraError, match=r'testing\.StoreSuite needs pytest: pip install "modelmeta\[testing\]"') as caught:
        testing.StoreSuite  # noqa: B018  # to ask is enough
    assert caught.value.extra == "testing"


def test_no_two_hostile_texts_are_equal():
    assert len(set(HOSTILE)) == len(HOSTILE)


def test_the_samples_have_pieces_of_every_part_and_differ():
    catalogs = samples()
    assert {fact.part for catalog in catalogs for fact in pieces(None, catalog)} == {"models", "providers", "labs", "rest"}
    assert all(pieces(old, new) for old, new in pairwise(catalogs))


def test_what_is_kept_has_the_records_that_columns_are_made_of():
    facts = pieces(None, load_catalog(hostile_document()))
    assert [fact.key for fact in facts if fact.record is None and fact.part != "rest"] == []
    assert sum(len(fact.record.benchmarks) for fact in facts if fact.part == "labs") > 60


def test_the_how_to_names_every_method_of_a_store(root):
    text = (root / "docs" / "howto" / "stores" / "custom.md").read_text()
    methods = [name for name in vars(Store) if not name.startswith("_")]
    assert len(methods) == 26
    assert [name for name in methods if f"`{name}(" not in text] == []
