"""A schema is brought up to date in steps, each of them whole and once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import count

import pytest

from modelmeta.errors import StoreError, StoreVersionError
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.sql import store as sql_store
from modelmeta.stores.sql.migrate import Migration, migrations
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import commit, everything, note, result, run, samples

STEPS = migrations("sqlite")
NUMBERS = [step.number for step in STEPS]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def store(path):
    with closing(SqliteStore(f"sqlite:///{path}")) as store:
        yield store


@pytest.fixture
def known(monkeypatch):
    """Return a function that lets stores know only these steps."""
    return lambda *steps: monkeypatch.setattr(sql_store, "migrations", lambda _: steps)


def schema(path):
    """Return all that the schema of a file says."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute("SELECT type, name, sql FROM sqlite_master"), key=str)


def ask(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_steps_are_numbered_from_one_and_have_a_name(dialect):
    steps = migrations(dialect)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert [step.name for step in steps[:2]] == ["initial", "search"]
    assert all("CREATE" in step.sql for step in steps)


def test_a_new_store_takes_all_steps_and_says_so(store, path):
    assert store.migrate() == STEPS
    assert store.migrate() == store.pending() == ()
    told = ask(path, "SELECT version, name, applied_at FROM schema_migrations ORDER BY version")
    assert [row[:2] for row in told] == [(step.number, step.name) for step in STEPS]
    assert all(len(row[2]) == len("2026-11-01T12:30:15.123456+00:00") for row in told)


def test_using_a_store_migrates_it(store, path):
    assert store.head() is None
    assert ask(path, "SELECT version FROM schema_migrations ORDER BY version") == [(number,) for number in NUMBERS]


def test_asking_what_is_pending_changes_nothing(store, path):
    assert store.pending() == STEPS
    assert list(path.parent.iterdir()) == []
    path.touch()
    assert store.pending() == STEPS
    assert path.stat().st_size == 0
    assert list(path.parent.iterdir()) == [path]


def test_an_old_file_with_data_is_brought_up_to_date(store, path, known):
    known(STEPS[0])
    memory = MemoryStore()
    for each in (memory, store):
        for old, new in zip((None, *samples()), samples()[:3], strict=False):
            commit(each, new, old)
        each.put(note())
        each.put(result())
        each.record(run("one", outcome="updated"))
    names = ask(path, "SELECT provider_id, model_id, name FROM models ORDER BY 1, 2")
    store.close()
    known(*STEPS)
    with closing(SqliteStore(f"sqlite:///{path}")) as again:
        assert again.pending() == STEPS[1:]
        assert everything(again) == everything(memory)
        assert again.pending() == ()
    assert ask(path, "SELECT provider_id, model_id, name FROM models ORDER BY 1, 2") == names
    assert ask(path, "SELECT count(*) FROM models_fts WHERE models_fts MATCH 'rocket'") == [(1,)]


def test_an_old_file_ends_as_a_new_one(store, path, known, tmp_path):
    known(STEPS[0])
    store.head()
    store.close()
    known(*STEPS)
    for name in ("store.db", "new.db"):
        with closing(SqliteStore(f"sqlite:///{tmp_path}/{name}")) as each:
            each.head()
    assert schema(path) == schema(tmp_path / "new.db")


def test_a_newer_file_is_refused_by_name(store, path, known):
    later = Migration(NUMBERS[-1] + 1, "later", "CREATE TABLE later (x INTEGER);")
    known(*STEPS, later)
    commit(store, samples()[0])
    store.close()
    before = path.read_bytes()
    known(*STEPS)
    with closing(SqliteStore(f"sqlite:///{path}")) as old:
        for ask_for in (old.head, old.migrate, old.pending, lambda: old.put(note())):
            with pytest.raises(
                StoreVersionError, match=r"the schema of sqlite:///.* is of version \d+, and this modelmeta knows up to \d+"
            ) as error:
                ask_for()
            assert (error.value.store, error.value.found, error.value.supported) == (old.name, later.number, NUMBERS[-1])
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "broken", ["CREATE TABLE later (x INTEGER);\nnonsense;\n", "CREATE TABLE later (x INTEGER);\nDROP TABLE nothing;\n"]
)
def test_a_step_that_fails_half_way_leaves_nothing(store, path, known, broken):
    commit(store, samples()[0])
    store.close()
    before = schema(path)
    known(*STEPS, Migration(NUMBERS[-1] + 1, "fine", "CREATE TABLE fine (x INTEGER);\n"), Migration(NUMBERS[-1] + 2, "broken", broken))
    with closing(SqliteStore(f"sqlite:///{path}")) as again:
        with pytest.raises(StoreError, match="cannot be used"):
            again.load()
        assert schema(path) == before
        known(*STEPS)
        assert again.load() is not None


def test_a_database_of_somebody_else_is_left_as_it_was(store, path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE models (x INTEGER)")
    before = schema(path)
    with pytest.raises(StoreError, match="cannot be used: table models already exists"):
        store.head()
    assert schema(path) == before


def test_many_processes_that_open_a_store_at_once_migrate_it_once(path):
    code = """
import sys
from modelmeta.stores.sqlite import SqliteStore
store = SqliteStore(f"sqlite:///{sys.argv[1]}")
print("ready", flush=True)
sys.stdin.readline()
print(len(store.migrate()), store.head())
store.close()
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 6
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = sorted(process.communicate()[0] for process in processes)
    assert told == ["0 None\n"] * 5 + [f"{len(STEPS)} None\n"]
    assert ask(path, "SELECT version FROM schema_migrations ORDER BY version") == [(number,) for number in NUMBERS]


def test_a_process_that_comes_second_finds_nothing_to_do(store, path, monkeypatch):
    with closing(SqliteStore(f"sqlite:///{path}")) as first:
        times = count()
        monkeypatch.setattr(store, "pending", lambda: STEPS if next(times) else first.migrate())
        assert store.migrate() == ()
