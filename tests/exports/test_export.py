"""The catalog as files: each read back by who reads such files, written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from contextlib import closing
from decimal import Decimal
from threading import Thread

import pytest
from pyarrow import parquet

from modelmeta import MissingExtraError, Registry, SettingsError, dump_catalog, load_catalog
from modelmeta.codec.json_text import to_text
from modelmeta.exports import export
from modelmeta.records.plain import flatten, plain

LISTS = ["jsonl", "csv", "parquet", "markdown"]
WHOLE = ["json", "sqlite", "snapshot"]
ENDINGS = {
    "catalog.json": "json",
    "catalog.jsonl": "jsonl",
    "catalog.ndjson": "jsonl",
    "catalog.csv": "csv",
    "catalog.PARQUET": "parquet",
    "catalog.sqlite": "sqlite",
    "catalog.sqlite3": "sqlite",
    "catalog.db": "sqlite",
    "catalog.md": "markdown",
    "catalog.markdown": "markdown",
    "catalog.snapshot": "snapshot",
}
ROCKET = {"name": "Rocket", "cost": {"input": 0.15, "output": 2}, "modalities": {"input": ["text", "image"]}}


@pytest.fixture
def small():
    """A catalog of three models of two providers, one of them bare."""
    models = {"rocket": ROCKET, "@cf/kite": {"name": "Kite"}}
    return load_catalog({"acme": {"name": "Acme", "models": models}, "lab": {"name": "Lab", "models": {"bare": {"name": "Bare"}}}})


def written(models, format):
    stream = io.BytesIO()
    export(models, stream, format)
    return stream.getvalue()


def csv_rows(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_json_is_the_document(catalog, tmp_path):
    export(catalog, tmp_path / "catalog.json")

    assert dump_catalog(catalog) == json.loads((tmp_path / "catalog.json").read_text())
    assert list(catalog) == list(load_catalog(tmp_path / "catalog.json"))


def test_a_snapshot_is_the_snapshot(catalog):
    assert bytes(catalog.content) == written(catalog, "snapshot")


def test_json_lines_say_what_the_dicts_say_to_the_last_digit(catalog):
    lines = written(catalog, "jsonl").decode().splitlines()

    assert plain(catalog.models().to_dicts()) == [json.loads(line, parse_float=Decimal) for line in lines]


def test_csv_has_every_fact_of_every_model_under_its_path(catalog):
    rows = csv_rows(written(catalog, "csv"))

    for model, row in zip(catalog, rows, strict=True):
        facts = {path: value for path, value in row.items() if value}
        assert (model.provider_id, model.id, model.price_state) == tuple(facts.pop(name) for name in ("provider_id", "id", "price_state"))
        said = {path: value for path, value in flatten(model).items() if value != ""}
        assert said.keys() == facts.keys()
        assert {path: str(value) for path, value in said.items() if not isinstance(value, tuple)} == {
            path: facts[path] for path, value in said.items() if not isinstance(value, tuple)
        }


def test_parquet_is_the_arrow_table(catalog, tmp_path):
    export(catalog, tmp_path / "catalog.parquet")

    assert catalog.models().to_arrow().equals(parquet.read_table(tmp_path / "catalog.parquet"))


def test_markdown_is_a_table_of_what_one_chooses_by(small):
    assert written(small, "markdown").decode().splitlines() == [
        "| model | context | output | USD/M in | USD/M out | price | released | status |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        "| acme/@cf/kite | ? | ? | ? | ? | unpriced | ? | available |",
        "| acme/rocket | ? | ? | 0.15 | 2 | priced | ? | available |",
        "| lab/bare | ? | ? | ? | ? | unpriced | ? | available |",
    ]


def test_sqlite_is_a_store_of_one_revision_with_the_documented_tables(catalog, tmp_path):
    export(catalog, tmp_path / "catalog.db")

    assert [tmp_path / "catalog.db"] == [*tmp_path.iterdir()]
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as connection:
        rows = connection.execute("SELECT provider_id, model_id, cost_input FROM models").fetchall()
    assert {(model.provider_id, model.id, model.cost and model.cost.input) for model in catalog} == {
        (provider_id, model_id, None if price is None else Decimal(str(price))) for provider_id, model_id, price in rows
    }
    with Registry(store=f"sqlite:///{tmp_path}/catalog.db") as registry:
        assert [1] == [revision.number for revision in registry.revisions()]
        assert catalog.content.fetched_at == registry.catalog.content.fetched_at
        assert list(catalog) == list(registry)


def test_sqlite_replaces_nothing(small, tmp_path):
    target = tmp_path / "catalog.db"
    target.write_text("a store of years")

    with pytest.raises(SettingsError, match=r"catalog\.db' is there already, and may be a store with a history") as caught:
        export(small, target)
    assert caught.value.key == "target"
    assert target.read_text() == "a store of years"


@pytest.mark.parametrize(("name", "format"), ENDINGS.items())
def test_the_ending_says_the_format(small, tmp_path, name, format):
    export(small, tmp_path / name)

    made = (tmp_path / name).read_bytes()
    assert (made[:6] == b"SQLite") if format == "sqlite" else (written(small, format) == made)


def test_a_format_that_is_named_wins_over_the_ending(small, tmp_path):
    export(small, str(tmp_path / "catalog.json"), "csv")

    assert written(small, "csv") == (tmp_path / "catalog.json").read_bytes()


@pytest.mark.parametrize("format", [*LISTS, *WHOLE])
def test_a_registry_is_written_as_its_catalog(catalog, format):
    with Registry() as registry:
        assert len(written(catalog, format)) == len(written(registry, format))


@pytest.mark.parametrize("format", LISTS)
def test_some_models_can_be_written_in_their_order(small, format):
    one = load_catalog({"acme": {"name": "Acme", "models": {"rocket": ROCKET}}})

    assert written(one, format) == written(small.filter(min_context=0, unknown="include", sort="-cost.input", limit=1), format)


@pytest.mark.parametrize("format", WHOLE)
def test_what_holds_a_whole_catalog_takes_no_list(small, tmp_path, format):
    with pytest.raises(SettingsError, match=f"{format} holds a whole catalog; of some models write jsonl, csv, parquet, markdown"):
        export(small.models(), tmp_path / "some", format)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("target", "format", "message"),
    [
        ("catalog.txt", None, r"nothing says in what format to write '.*catalog\.txt'; the formats are json, jsonl"),
        ("catalog", None, "nothing says in what format"),
        ("catalog.json", "yaml", r"there is no format 'yaml'; the formats are .* by the endings \.json, \.jsonl"),
    ],
)
def test_a_format_that_nobody_knows_is_refused(small, tmp_path, target, format, message):
    with pytest.raises(SettingsError, match=message) as caught:
        export(small, str(tmp_path / target), format)
    assert caught.value.key == "format"
    assert [*tmp_path.iterdir()] == []


def test_a_stream_needs_a_format_and_stays_open(small):
    stream = io.BytesIO()
    with pytest.raises(SettingsError, match=r"nothing says in what format to write <_io\.BytesIO"):
        export(small, stream)
    for known in [*LISTS, *WHOLE]:
        export(small, stream, known)
    assert not stream.closed


# What a spreadsheet would calculate


@pytest.mark.parametrize(
    "name", ["=1+1", "+1|x", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example")', "@cf one", "+(1)"]
)
def test_what_could_be_a_formula_is_written_as_text(name):
    small = load_catalog({"acme": {"name": "Acme", "models": {"m": {"name": name, "family": "safe = 1"}}}})
    [row] = csv_rows(written(small, "csv"))

    assert (f"'{name}", "safe = 1") == (row["name"], row["family"])


@pytest.mark.parametrize("name", ["@cf/meta/llama-3.1-8b", "-latest", "+1", "a=1", "'quoted", "über", "1"])
def test_what_can_calculate_nothing_is_written_as_it_is(name):
    small = load_catalog({"acme": {"name": "Acme", "models": {name: {"name": name}}}})
    [row] = csv_rows(written(small, "csv"))

    assert (name, name) == (row["id"], row["name"])


def test_half_a_character_breaks_no_format():
    small = load_catalog({"acme": {"name": "Acme", "models": {"m": {"name": "half \ud800 a character"}}}})

    for known in [*LISTS, *WHOLE]:
        assert written(small, known)
    assert csv_rows(written(small, "csv"))[0]["name"] == "half ? a character"


# Whole or not at all


def test_a_file_is_replaced_with_its_permissions_and_nothing_stays_beside(small, tmp_path):
    target = tmp_path / "catalog.csv"
    target.write_text("yesterday")
    target.chmod(0o640)
    export(small, target)

    assert written(small, "csv") == target.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o640
    assert [tmp_path / "catalog.csv"] == [*tmp_path.iterdir()]


def test_a_new_file_has_the_permissions_of_any_other(small, tmp_path):
    (tmp_path / "other").touch()
    export(small, tmp_path / "catalog.csv")

    assert (tmp_path / "other").stat().st_mode == (tmp_path / "catalog.csv").stat().st_mode


def test_a_link_stays_a_link(small, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "catalog.csv").symlink_to(tmp_path / "real" / "today.csv")
    export(small, tmp_path / "catalog.csv")

    assert (tmp_path / "catalog.csv").is_symlink()
    assert written(small, "csv") == (tmp_path / "real" / "today.csv").read_bytes()


def test_a_pipe_is_written_to(small, tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    export(small, pipe, "csv")
    reader.join()

    assert [written(small, "csv")] == read
    assert pipe.is_fifo()


@pytest.mark.parametrize("before", [b"yesterday", None])
def test_what_fails_leaves_what_was_there(small, tmp_path, uninstalled, before):
    target = tmp_path / "catalog.parquet"
    if before is not None:
        target.write_bytes(before)
    uninstalled("pyarrow", again="modelmeta.catalog.arrow")

    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[arrow\]"'):
        export(small, target)
    assert ({} if before is None else {"catalog.parquet": before}) == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_folder_that_is_not_there_is_an_os_error(small, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        export(small, tmp_path / "nowhere" / "catalog.csv")


def test_json_is_one_line_as_the_codec_writes_it(small):
    assert f"{to_text(dump_catalog(small))}\n".encode() == written(small, "json")
