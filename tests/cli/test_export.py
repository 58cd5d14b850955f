"""The catalog as files, by the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from pyarrow import parquet

from modelmeta import load_catalog

DOCUMENT = {"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket", "cost": {"input": 2, "output": 8}}}}}


@pytest.fixture
def document(tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    return tmp_path / "api.json"


@pytest.mark.parametrize("option", [[], ["-o"], ["--output"]], ids=["target", "-o", "--output"])
def test_the_ending_of_the_file_says_what_is_written(run, document, tmp_path, option):
    for name in ("out.json", "out.jsonl", "out.csv", "out.parquet", "out.db", "out.md", "out.snapshot"):
        assert run("--catalog", str(document), "export", *option, str(tmp_path / name)) == ""

    assert json.loads((tmp_path / "out.json").read_text()) == DOCUMENT
    assert json.loads((tmp_path / "out.jsonl").read_text())["id"] == "rocket"
    assert (tmp_path / "out.csv").read_text().startswith("provider_id,id,price_state,")
    assert parquet.read_table(tmp_path / "out.parquet").num_rows == 1
    with closing(sqlite3.connect(tmp_path / "out.db")) as connection:
        assert connection.execute("SELECT model_id FROM models").fetchall() == [("rocket",)]
    assert "| acme/rocket | ? | ? | 2 | 8 | priced | ? | available |" in (tmp_path / "out.md").read_text()
    assert list(load_catalog(tmp_path / "out.snapshot")) == list(load_catalog(document))


def test_a_format_that_is_named_wins(run, document, tmp_path):
    run("--catalog", str(document), "export", str(tmp_path / "out.json"), "--format", "jsonl")
    assert json.loads((tmp_path / "out.json").read_text())["id"] == "rocket"


@pytest.mark.parametrize("name", ["out.txt", "out"])
def test_output_without_an_ending_that_says_more_is_the_document(run, document, tmp_path, name):
    run("--catalog", str(document), "export", "-o", str(tmp_path / name))
    assert json.loads((tmp_path / name).read_text()) == DOCUMENT


def test_a_target_without_such_an_ending_is_asked_for_its_format(run, document, tmp_path):
    printed = run("--catalog", str(document), "export", str(tmp_path / "catalogue"), exit_code=2)
    assert "nothing says in what format to write" in printed
    assert not (tmp_path / "catalogue").exists()


@pytest.mark.parametrize("arguments", [["-"], ["-o", "-"], []], ids=["target", "-o", "nothing"])
def test_the_standard_output_is_written_to(run, document, arguments):
    assert json.loads(run("--catalog", str(document), "export", *arguments)) == DOCUMENT
    assert json.loads(run("--catalog", str(document), "export", *arguments, "--format", "jsonl"))["id"] == "rocket"


def test_two_files_are_one_too_many(run, tmp_path):
    assert "TARGET and --output are the same" in run("export", str(tmp_path / "a.csv"), "-o", str(tmp_path / "b.csv"), exit_code=2)


def test_a_store_that_is_there_is_not_written_over(run, document, tmp_path):
    run("--catalog", str(document), "export", str(tmp_path / "out.db"))
    assert "is there already" in run("--catalog", str(document), "export", str(tmp_path / "out.db"), exit_code=2)


def test_a_file_that_cannot_be_written_is_named(run, tmp_path):
    printed = run("export", str(tmp_path / "nowhere" / "out.csv"), exit_code=1)
    assert f"Could not open file '{tmp_path}/nowhere/out.csv': No such file or directory" in printed


def test_the_newest_revision_of_a_store_is_written(run, store, tmp_path):
    run("export", str(tmp_path / "out.jsonl"), "--store", store)
    assert json.loads((tmp_path / "out.jsonl").read_text())["cost"]["input"] == 2.5
