"""A schema in PostgreSQL is brought up to date in steps, each of them whole and once."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import psycopg
import pytest

from modelmeta import StoreError, StoreVersionError
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.postgres import PostgresStore
from modelmeta.stores.sql import store as sql_store
from modelmeta.stores.sql.migrate import Migration, migrations
from modelmeta.testing.stores.samples import commit, everything, note, result, run, samples

STEPS = migrations("postgres")
LAST = STEPS[-1].number


@pytest.fixture
def store(postgres_url):
    with closing(PostgresStore(postgres_url)) as store:
        yield store


@pytest.fixture
def ask(postgres_url):
    """Return what executes SQL in the database."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@pytest.fixture
def tables(ask):
    """Return what says which columns and indexes there are."""
    columns = "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
    indexes = "SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'"
    return lambda: ask(f"{columns} UNION ALL {indexes} ORDER BY 1, 2, 3")


@pytest.fixture
def known(monkeypatch):
    """Return a function that lets stores know only these steps."""
    return lambda *steps: monkeypatch.setattr(sql_store, "migrations", lambda _: steps)


def test_asking_what_is_pending_changes_nothing(store, tables):
    assert STEPS == store.pending()
    assert ["CREATE TABLE schema_migrations", "ADD COLUMN search"] == [
        needle for needle, step in zip(("CREATE TABLE schema_migrations", "ADD COLUMN search"), STEPS, strict=False) if needle in step.sql
    ]
    assert [] == tables()


def test_a_new_store_takes_all_steps_and_says_so(store, ask):
    assert STEPS == store.migrate()
    assert () == store.migrate() == store.pending()
    assert [(step.number, step.name) for step in STEPS] == ask("SELECT version, name FROM schema_migrations ORDER BY 1")


def test_an_old_schema_with_data_is_brought_up_to_date(store, postgres_url, known, ask):
    known(STEPS[0])
    memory = MemoryStore()
    for each in (memory, store):
        for old, new in zip((None, *samples()), samples()[:3], strict=False):
            commit(each, new, old)
        each.put(note())
        each.put(result())
        each.record(run("one", outcome="updated"))
    known(*STEPS)
    with closing(PostgresStore(postgres_url)) as again:
        assert STEPS[1:] == again.pending()
        assert everything(memory) == everything(again)
        assert () == again.pending()
    assert [("rocket",)] == ask("SELECT model_id FROM models WHERE search @@ plainto_tsquery('simple', 'rocket')")


def test_a_newer_schema_is_refused_by_name(store, postgres_url, known, tables):
    known(*STEPS, Migration(LAST + 1, "later", "CREATE TABLE later (x INTEGER);"))
    commit(store, samples()[0])
    before = tables()
    known(*STEPS)
    with closing(PostgresStore(postgres_url)) as old:
        for ask_for in (old.head, old.migrate, old.pending, lambda: old.put(note()), lambda: old.wait(None, 60)):
            with pytest.raises(
                StoreVersionError, match=rf"the schema of postgresql://.* is of version {LAST + 1}, .* up to {LAST}"
            ) as error:
                ask_for()
            assert (old.name, LAST + 1, LAST) == (error.value.store, error.value.found, error.value.supported)
    assert before == tables()


@pytest.mark.parametrize("broken", ["nonsense;", "DROP TABLE nothing;"])
def test_a_step_that_fails_half_way_leaves_nothing(store, postgres_url, known, tables, broken):
    commit(store, samples()[0])
    before = tables()
    known(
        *STEPS,
        Migration(LAST + 1, "fine", "CREATE TABLE fine (x INTEGER);"),
        Migration(LAST + 2, "broken", f"CREATE TABLE later (x INTEGER); {broken}"),
    )
    with closing(PostgresStore(postgres_url)) as again:
        with pytest.raises(StoreError, match=r"syntax error|does not exist"):
            again.load()
        assert before == tables()
        known(*STEPS)
        assert again.load() is not None


def test_many_processes_that_open_a_store_at_once_migrate_it_once(postgres_url, ask):
    code = """
import sys
from modelmeta.stores.postgres import PostgresStore
store = PostgresStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(len(store.migrate()), store.head())
store.close()
"""
    command = [sys.executable, "-W", "error", "-c", code, postgres_url]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert ["ready\n"] * 6 == [process.stdout.readline() for process in processes]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = sorted(process.communicate()[0] for process in processes)
    assert ["0 None\n"] * 5 + [f"{len(STEPS)} None\n"] == told
    assert [(step.number,) for step in STEPS] == ask("SELECT version FROM schema_migrations ORDER BY version")
