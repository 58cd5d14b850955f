"""The reference page says what the schema says, and both dialects have the same."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from modelmeta.stores.sql.migrate import migrations
from modelmeta.stores.sqlite import SqliteStore

TABLE = re.compile(r"^CREATE TABLE (\w+) \((.*?)^\)", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^    ([a-z]\w*) (\w+)", re.MULTILINE)
INDEX = re.compile(r"^CREATE INDEX (.+?);", re.MULTILINE)
ONE_DIALECT = {"docid", "search"}


def schema(dialect):
    """Return the columns of each table and their types, as the migrations make them."""
    return {name: dict(COLUMN.findall(body)) for step in migrations(dialect) for name, body in TABLE.findall(step.sql)}


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "reference" / "schema.md").read_text()


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "store.db"
    with closing(SqliteStore(f"sqlite:///{path}")) as store:
        store.head()
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def test_both_dialects_have_the_same_tables_columns_and_indexes():
    tables = {
        dialect: {name: columns.keys() - ONE_DIALECT for name, columns in schema(dialect).items()} for dialect in ("sqlite", "postgres")
    }
    assert tables["sqlite"] == tables["postgres"]
    assert len(tables["sqlite"]) > 10
    assert INDEX.findall(migrations("sqlite")[0].sql) == INDEX.findall(migrations("postgres")[0].sql)


def test_types_are_those_the_page_says():
    same = {
        *(("TEXT", "TEXT"), ("TEXT", "TIMESTAMPTZ"), ("INTEGER", "INTEGER"), ("INTEGER", "BIGINT"), ("INTEGER", "BOOLEAN")),
        *(("ANY", "NUMERIC"), ("REAL", "DOUBLE"), ("BLOB", "BYTEA")),
    }
    here, there = schema("sqlite"), schema("postgres")
    assert {
        (kind, there[table][name]) for table, columns in here.items() for name, kind in columns.items() if name not in ONE_DIALECT
    } == same


def test_every_column_is_on_the_page(connection, page):
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'models_fts%' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    assert len(tables) == len(schema("sqlite"))
    for table in tables:
        section = page.partition(f"### `{table}`\n")[2].partition("\n##")[0] or next(
            line for line in page.splitlines() if line.startswith(f"| `{table}` |")
        )
        columns = [column for _, column, *_ in connection.execute("SELECT * FROM pragma_table_info(?)", [table])]
        assert [column for column in columns if f"`{column}`" not in section] == [], table


def test_every_index_is_on_the_page(connection, page):
    section = page.partition("\n## Indexes\n")[2].partition("\n##")[0]
    indexes = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")]
    assert [name for name in indexes if f"`{name}`" not in section] == []


def test_ten_questions_are_asked(page):
    questions = page.partition("\n## Ten questions\n")[2].partition("\n## ")[0]
    assert questions.count("\n>>> ask(") == 10
