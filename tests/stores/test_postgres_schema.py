"""The tables of a store in PostgreSQL, for who asks with SQL, and what they must not meet there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from modelmeta import StoreError, load_catalog
from modelmeta.stores.postgres import PostgresStore
from modelmeta.testing.stores.samples import HOSTILE, NOON, acme, commit, everything, hostile_document, note, result, revision, run, samples

ITS_OWN = r"give it a schema of its own: \?options=-csearch_path%3D"


@pytest.fixture
def opened(postgres_url):
    """Return what opens the store in a schema; all are closed in the end."""
    stores = []

    def opened(schema="public"):
        stores.append(PostgresStore(f"{postgres_url}&options=-csearch_path%3D{schema}"))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def store(opened):
    return opened()


@pytest.fixture
def ask(postgres_url):
    """Return what executes SQL in the database."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:

        def ask(sql, *parameters):
            cursor = connection.execute(sql, parameters or None)
            return cursor.fetchall() if cursor.description else None

        yield ask


@pytest.fixture
def write(store):
    """Return what commits these documents one after the other."""

    def write(*documents, **facts):
        for document in documents:
            catalog = load_catalog(document)
            commit(store, catalog, write.old, **facts)
            write.old = catalog

    write.old = None
    return write


def test_models_are_those_of_the_newest_revision(write, ask):
    write(acme(rocket=2, glider=1), acme(rocket=2.5), acme(rocket=2.5, kite=0), acme(rocket=2.5, kite=0, glider=1))
    rows = ask("SELECT provider_id, model_id, name, provider_name, cost_input, price_state, first_seen, changed FROM models ORDER BY 2")
    assert [
        ("acme", "glider", "Glider", "Acme", Decimal(1), "priced", 1, 4),
        ("acme", "kite", "Kite", "Acme", Decimal(0), "free", 3, 3),
        ("acme", "rocket", "Rocket", "Acme", Decimal("2.5"), "priced", 1, 2),
    ] == rows


def test_every_column_has_the_type_of_what_it_holds(store, ask):
    store.head()
    rows = ask("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'")
    types = {}
    for table, column, data_type in rows:
        types.setdefault(data_type, set()).add(f"{table}.{column}")
    rates = ("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio")
    assert {*(f"models.cost_{rate}" for rate in rates), "benchmarks.score", "ledger.total"} == types["numeric"]
    assert {
        *(
            "revisions.confirmed_at",
            "revisions.committed_at",
            "schema_migrations.applied_at",
            "providers.last_sync",
            "refreshes.started_at",
        ),
        *("benchmarks.written_at", "notes.written_at", "lease.expires_at", "ledger.at"),
    } == types["timestamp with time zone"]
    assert {"models.vision", "models.tool_call", "models.pdf_input"} < types["boolean"]
    usage = {f"ledger.{name}_tokens" for name in rates} | {"ledger.number", "ledger.tier"}
    assert {"models.context", "models.input_limit", "models.output_limit", "refreshes.number"} | usage == types["bigint"]
    assert {"models.raw", "providers.raw", "model_versions.raw", "part_versions.raw"} < types["text"]
    assert {"head.snapshot", "held.snapshot"} == types["bytea"]
    assert {"models.search"} == types["tsvector"]
    assert {"refreshes.duration"} == types["double precision"]


def test_a_snapshot_is_not_packed_again(store, ask):
    store.head()
    assert [("e",), ("e",)] == ask("SELECT attstorage::text FROM pg_attribute WHERE attname = 'snapshot'")


def test_what_nobody_said_is_null_and_what_is_no_is_not(write, ask):
    write({"acme": {"name": "Acme", "models": {"a": {"name": "A", "tool_call": False, "reasoning": True}}}})
    assert [(False, True, None, None, None, None)] == ask("SELECT tool_call, reasoning, vision, context, cost_input, family FROM models")


def test_times_are_times(store, write, ask):
    write(acme(rocket=1), confirmed_at=NOON)
    store.record(run("one", duration=timedelta(milliseconds=1_500)))
    assert [(NOON, NOON + timedelta(minutes=1))] == ask("SELECT confirmed_at, committed_at FROM revisions")
    assert [(NOON,)] == ask("SELECT last_sync FROM providers")
    assert [(NOON, 1.5)] == ask("SELECT started_at, duration FROM refreshes")
    assert (datetime.now(UTC) - ask("SELECT max(applied_at) FROM schema_migrations")[0][0]) < timedelta(minutes=10)


def test_the_raw_row_can_be_asked_as_json(write, ask):
    write(acme(rocket=2))
    assert [("200000", acme(rocket=2)["acme"]["models"]["rocket"])] == ask(
        "SELECT raw::json -> 'limit' ->> 'context', raw::json FROM models"
    )


@pytest.mark.parametrize(
    "price", ["0.1", "5", "0.000000125", "1.10", "123456789012345678", "0.1234567890123456789", "100000000000000000001", "1E-300", "1E+300"]
)
def test_no_digit_of_a_price_or_score_is_lost_and_they_compare_as_numbers(store, write, ask, price):
    write({"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket", "cost": {"input": Decimal(price)}}}}})
    assert [(Decimal(price),)] == ask("SELECT cost_input FROM models")
    assert [("rocket",)] == ask("SELECT model_id FROM models WHERE cost_input = %s AND cost_input > 0", Decimal(price))
    store.put(result(score=Decimal(price)))
    assert [(Decimal(price),)] == ask("SELECT score FROM benchmarks")
    assert [str(Decimal(price))] == [str(own.benchmark.score) for own in store.benchmarks(None)]


def test_hostile_texts_are_told_apart_in_every_table(write, ask):
    write(hostile_document(), acme(rocket=1), hostile_document())
    names = {text.replace("/", "") or "empty" for text in HOSTILE}
    assert [(len(names | {"acme"}),)] == ask("SELECT count(*) FROM providers")
    assert [(len(names),)] == ask("SELECT count(*) FROM models WHERE provider_id = 'acme'")
    assert [(len(names),)] == ask("SELECT count(DISTINCT model) FROM benchmarks")
    assert [(0,)] == ask("SELECT count(*) FROM models WHERE provider_name IS NULL")
    assert [(1, 1)] == ask("SELECT DISTINCT total_models, available_models FROM providers WHERE provider_id <> 'acme'")
    assert [(None, None)] == ask("SELECT DISTINCT context, output_limit FROM models")


def test_a_name_as_long_as_a_book_is_kept_and_its_beginning_is_found(write, ask):
    name = " ".join(f"word{number}" for number in range(200_000))
    write({"acme": {"name": name, "models": {"a": {"name": name, "family": name, "description": name}}}})
    assert [(len(name), len(name))] == ask("SELECT length(name), length(provider_name) FROM models")
    assert [("a",)] == ask("SELECT model_id FROM models WHERE search @@ plainto_tsquery('simple', 'word7 word1000')")


def test_search_finds_every_part_of_a_name_and_follows_what_is_current(write, ask):
    def found(words):
        sql = "SELECT model_id FROM models WHERE search @@ plainto_tsquery('simple', %s) ORDER BY 1"
        return [model_id for (model_id,) in ask(sql, words)]

    models = {"acme/rocket-3.5_sonnet:free": {"name": "Rocket 3.5 (new)", "family": "Rockets"}, "glider": {"name": "GLIDER-7.1 <b>@home"}}
    write({"acme": {"name": "Acme", "models": models}})
    rocket, glider = "acme/rocket-3.5_sonnet:free", "glider"
    for words in ("rocket", "rocket sonnet", "3 5", "3.5", "free acme", "new", "rockets", "ROCKET"):
        assert [rocket] == found(words)
    assert [rocket, glider] == found("acme")
    for words in ("home b", "glider-7.1", "glider 7.1", "glider 7 1", "7"):
        assert [glider] == found(words)
    write({"acme": {"name": "Zenith", "models": {"kite": {"name": "Kite"}}}})
    assert [[], ["kite"], []] == [found(words) for words in ("rocket", "zenith kite", "acme")]


def test_what_users_know_is_one_row_for_each_key(store, ask):
    for each in (note(text="a"), note(text="b\0c"), result(score="slow"), result(score="fast"), result(variant="x")):
        store.put(each)
    assert [("acme/rocket", "", "b\N{REPLACEMENT CHARACTER}c", NOON)] == ask("SELECT model, name, text, written_at FROM notes")
    assert [("user", "acme/rocket", "race", "", "fast"), ("user", "acme/rocket", "race", "x", None)] == ask(
        "SELECT origin, model, name, variant, score_text FROM benchmarks ORDER BY variant"
    )
    assert (note(text="b\0c"),) == store.notes(None)


def test_however_a_catalog_came_about_its_tables_say_the_same(store, opened, ask):
    tables = {"models": {"first_seen", "changed"}, "providers": {"last_sync"}, "benchmarks": {"written_at"}}
    old = None
    for number, new in enumerate(samples()):
        commit(store, new, old)
        old = new
        ask(f"CREATE SCHEMA fresh{number}")
        commit(opened(f"fresh{number}"), new)
        for table, without in tables.items():
            rows = [ask(f"SELECT to_jsonb({table}) FROM {schema}.{table}") for schema in ("public", f"fresh{number}")]  # noqa: S608  # our own names
            one, two = (
                sorted(sorted((key, str(row[key])) for key in row.keys() - without) for (row,) in table_rows) for table_rows in rows
            )
            assert one == two


# Schemas


def test_two_schemas_of_a_database_are_two_stores(opened, ask):
    ask("CREATE SCHEMA mine; CREATE SCHEMA theirs")
    mine, theirs = opened("mine"), opened("theirs,mine")
    commit(mine, samples()[0])
    mine.lease("a", 60)
    assert theirs.head() is None
    assert theirs.lease("b", 60)
    assert [("mine",), ("theirs",)] == ask("SELECT schemaname FROM pg_tables WHERE tablename = 'models' ORDER BY 1")


def test_a_schema_that_is_missing_is_asked_for(opened):
    with pytest.raises(
        StoreError, match=r"no schema has been selected to create in; make the schema that the address names: CREATE SCHEMA"
    ):
        opened("nowhere").head()


@pytest.mark.parametrize(
    "foreign",
    [
        "CREATE TABLE models (id INTEGER)",
        "CREATE VIEW models AS SELECT 1 AS one",
        "CREATE TABLE schema_migrations (version VARCHAR PRIMARY KEY)",  # as Ruby on Rails has it
        "CREATE TABLE schema_migrations (number INTEGER)",
    ],
)
def test_tables_of_somebody_else_are_left_as_they_were(store, ask, foreign):
    ask(foreign)
    with pytest.raises(StoreError, match=ITS_OWN):
        store.head()
    assert [(1,)] == ask("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')")


def test_a_table_that_somebody_dropped_is_missed(store, ask):
    commit(store, samples()[0])
    ask("DROP TABLE notes")
    with pytest.raises(StoreError, match=f'relation "notes" does not exist; .*{ITS_OWN}'):
        store.notes(None)


# Who may only read


def refused(store, match):
    for writing in (lambda: store.put(note()), lambda: store.lease("x", 1), lambda: store.hold(revision()), lambda: store.record(run("x"))):
        with pytest.raises(StoreError, match=match):
            writing()


def test_a_server_that_may_only_be_read_is_read(store, opened, ask):
    commit(store, samples()[0])
    store.record(run("dead"))
    before = everything(store)
    ask("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$")
    reader = opened()
    assert everything(reader) == before
    assert ["crashed"] == [each.outcome for each in reader.refreshes(9)]
    assert () == reader.pending() == reader.migrate()
    refused(reader, "in a read-only transaction; it may only be read there; give the address of the primary server")


def test_a_user_who_may_only_read_reads(store, postgres_url, ask):
    commit(store, samples()[0])
    before = everything(store)
    ask("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    try:
        with closing(PostgresStore(postgres_url.replace("//postgres:", "//reader:"))) as reader:
            assert everything(reader) == before
            refused(reader, "permission denied for table .*; grant the user what is missing")
    finally:
        ask("DROP OWNED BY reader; DROP ROLE reader")
