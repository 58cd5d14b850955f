"""Hot queries use an index, and there is no index that none of them uses."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from modelmeta.stores.sql.queries import read_queries
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import commit

BLOCK = re.compile(r"^-- name: (.+)\n(?:-- only: (.+)\n)?-- index: (.+)\n([^;]+);", re.MULTILINE)
HOT = {
    name: (sql, indexes.split())
    for name, only, indexes, sql in BLOCK.findall(Path(__file__).with_name("hot.sql").read_text())
    if only in {"", "sqlite"}
}
SMALL = {"head", "held", "lease", "revisions", "notes", "providers", "refreshes", "sqlite_master"}
"""Tables that may be read from one end to the other: all of it is asked for, or there is not much."""
PARAMETER = re.compile(r":[a-z]\w*")


@pytest.fixture(scope="module")
def connection(tmp_path_factory, catalog):
    """A connection to the file of a store that holds the bundled catalog."""
    path = tmp_path_factory.mktemp("plans") / "store.db"
    with closing(SqliteStore(f"sqlite:///{path}")) as store:
        commit(store, catalog)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


def plan(connection, sql):
    """Return the steps in which SQLite would execute *sql*."""
    return [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]


def used(step):
    """Return the names of what a step of a plan looks things up in."""
    table = re.match(r"(?:SEARCH|SCAN) (\w+)", step)
    if "INTEGER PRIMARY KEY" in step or "sqlite_autoindex" in step or "VIRTUAL TABLE INDEX" in step:
        return {table[1]}
    return set(re.findall(r"INDEX (\w+)", step)) - {"1", "2"}


@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_uses_its_index_and_reads_and_sorts_nothing_else(connection, name):
    sql, indexes = HOT[name]
    steps = plan(connection, sql)
    assert set(indexes) <= set().union(*map(used, steps))
    assert [step for step in steps if "SCAN" in step and "INDEX" not in step] == []
    assert [step for step in steps if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("name", HOT)
def test_a_hot_query_can_be_asked(connection, name):
    connection.execute(HOT[name][0]).fetchall()


def test_every_index_serves_a_hot_query(connection):
    made = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")}
    assert made - {index for _, indexes in HOT.values() for index in indexes} == set()
    assert len(made) > 15


@pytest.mark.parametrize("name", read_queries("sqlite"))
def test_the_store_itself_reads_no_large_table_from_end_to_end(connection, name):
    steps = plan(connection, PARAMETER.sub("'1'", read_queries("sqlite")[name]))
    assert [step for step in steps if (scan := re.match(r"SCAN (\w+)$", step)) and scan[1] not in SMALL] == []


def test_the_last_runs_are_read_without_sorting(connection):
    assert plan(connection, "SELECT * FROM refreshes ORDER BY number DESC LIMIT 10") == ["SCAN refreshes"]
