"""The tables say what the catalog says, for who asks with SQL."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

import pytest

from modelmeta import load_catalog
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing.stores.samples import HOSTILE, NOON, acme, commit, hostile_document, note, result, revision, run, samples

WHEN = "2026-11-01T12:30:15.123456+00:00"
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def store(tmp_path):
    with closing(SqliteStore(f"sqlite:///{tmp_path}/store.db")) as store:
        yield store


@pytest.fixture
def ask(store, tmp_path):
    """Return what executes SQL in the store's file."""
    store.head()
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        yield lambda sql, *parameters: connection.execute(sql, parameters).fetchall()


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


def with_labs(**benchmarks):
    labs = {f"acme/{name}": {"name": name, "limit": {}, "benchmarks": results} for name, results in benchmarks.items()}
    return {"models": labs, "providers": acme(rocket=1)}


def test_models_are_those_of_the_newest_revision(write, ask):
    write(acme(rocket=2, glider=1), acme(rocket=2.5), acme(rocket=2.5, kite=0), acme(rocket=2.5, kite=0, glider=1))
    rows = ask("SELECT provider_id, model_id, name, provider_name, cost_input, price_state, first_seen, changed FROM models ORDER BY 2")
    assert rows == [
        ("acme", "glider", "Glider", "Acme", 1, "priced", 1, 4),
        ("acme", "kite", "Kite", "Acme", 0, "free", 3, 3),
        ("acme", "rocket", "Rocket", "Acme", 2.5, "priced", 1, 2),
    ]


def test_a_model_is_there_raw(write, ask):
    write(acme(rocket=2))
    assert json.loads(ask("SELECT raw FROM models")[0][0]) == acme(rocket=2)["acme"]["models"]["rocket"]


def test_what_nobody_said_is_null_and_what_is_no_is_not(write, ask):
    write({"acme": {"name": "Acme", "models": {"a": {"name": "A", "tool_call": False, "reasoning": True}}}})
    assert ask("SELECT tool_call, reasoning, vision, context, cost_input, family FROM models") == [(0, 1, None, None, None, None)]


def test_providers_count_their_models(write, ask):
    document = acme(rocket=1, glider=2)
    document["emca"] = {"name": "Emca", "env": ["KEY"], "npm": "n", "api": "a", "doc": "d", "models": {}}
    write(document)
    expected = [("acme", "Acme", 2, 2, "[]"), ("emca", "Emca", 0, 0, '["KEY"]')]
    assert ask("SELECT provider_id, name, total_models, available_models, env FROM providers ORDER BY 1") == expected
    document = deepcopy(document)
    document["acme"]["models"]["glider"]["status"] = "deprecated"
    document["emca"]["models"] = {"x": {"name": "X", "status": "beta"}}
    write(document)
    assert ask("SELECT provider_id, total_models, available_models FROM providers ORDER BY 1") == [("acme", 2, 1), ("emca", 1, 1)]
    del document["acme"]
    write(document)
    assert ask("SELECT provider_id, npm, api, doc, raw FROM providers") == [
        ("emca", "n", "a", "d", '{"api":"a","doc":"d","env":["KEY"],"models":{},"name":"Emca","npm":"n"}')
    ]


def test_a_provider_that_is_renamed_is_renamed_with_its_models_and_found_by_the_new_name(write, ask):
    document = acme(rocket=1, glider=2)
    write(document)
    document = deepcopy(document)
    document["acme"]["name"] = "Zenith"
    write(document)
    assert ask("SELECT DISTINCT provider_name, changed FROM models") == [("Zenith", 1)]
    found = "SELECT count(*) FROM models_fts WHERE models_fts MATCH ?"
    assert [ask(found, word) for word in ("acme", "zenith", "rocket")] == [[(0,)], [(2,)], [(1,)]]


def test_search_follows_what_is_current(write, ask):
    found = "SELECT models.model_id FROM models_fts JOIN models ON models.docid = models_fts.rowid WHERE models_fts MATCH ? ORDER BY 1"
    write(acme(rocket=1, glider=2))
    assert ask(found, "glid*") == [("glider",)]
    write(acme(rocket=1, kite=3))
    assert [ask(found, word) for word in ("glid*", "kite", "acme")] == [[], [("kite",)], [("kite",), ("rocket",)]]
    assert ask("INSERT INTO models_fts (models_fts) VALUES ('integrity-check')") == []


def test_the_last_sync_is_when_upstream_was_last_known_to_say_so(store, write, ask):
    synced = "SELECT provider_id, last_sync FROM providers ORDER BY 1"
    document = {**acme(rocket=1), "emca": {"name": "Emca", "models": {"x": {"name": "X"}}}}
    write(document)
    assert ask(synced) == [("acme", None), ("emca", None)]
    store.confirm(revision(1, confirmed_at=NOON))
    assert ask(synced) == [("acme", WHEN), ("emca", WHEN)]
    assert ask("SELECT confirmed_at FROM revisions") == [(WHEN,)]
    document = deepcopy(document)
    document["emca"]["models"]["x"]["name"] = "Y"
    write(document, scope=("emca",), confirmed_at=LATER)
    assert ask(synced) == [("acme", WHEN), ("emca", LATER.isoformat(timespec="microseconds"))]
    store.confirm(revision(1, confirmed_at=LATER))
    assert ask(synced)[0] == ("acme", WHEN)


def test_benchmarks_of_upstream_are_replaced_with_their_model_and_those_of_users_stay(store, write, ask):
    told = "SELECT origin, model, name, score, score_text, written_at FROM benchmarks ORDER BY origin, model, name"
    store.put(result("acme/rocket", "race", Decimal(7)))
    own = ("user", "acme/rocket", "race", 7, None, WHEN)
    first, second = ((NOON + timedelta(minutes=minutes)).isoformat() for minutes in (1, 2))
    write(with_labs(rocket=[{"name": "race", "score": 3.5}, {"name": "rally", "score": "fast"}], kite=[{"name": "race", "score": 1}]))
    assert ask(told) == [
        ("upstream", "acme/kite", "race", 1, None, first),
        ("upstream", "acme/rocket", "race", 3.5, None, first),
        ("upstream", "acme/rocket", "rally", None, "fast", first),
        own,
    ]
    write(with_labs(rocket=[{"name": "race", "score": 4}], kite=[{"name": "race", "score": 1}]))
    assert ask(told) == [("upstream", "acme/kite", "race", 1, None, first), ("upstream", "acme/rocket", "race", 4, None, second), own]
    write(with_labs(kite=[]))
    assert ask(told) == [own]


def test_of_two_results_of_one_key_the_last_stays(write, ask):
    write(with_labs(rocket=[{"name": "race", "score": 3.5}, {"name": "race", "score": 4}, {"name": "race", "score": 5, "variant": "x"}]))
    assert ask("SELECT variant, score FROM benchmarks ORDER BY 1") == [("", 4), ("x", 5)]


def test_what_users_know_is_one_row_for_each_key(store, ask):
    for each in (note(text="a"), note(text="b"), result(score="slow"), result(score="fast"), result(variant="x")):
        store.put(each)
    assert ask("SELECT * FROM notes") == [("acme/rocket", "", "b", WHEN, None)]
    assert ask("SELECT origin, model, name, variant, score_text FROM benchmarks ORDER BY variant") == [
        ("user", "acme/rocket", "race", "", "fast"),
        ("user", "acme/rocket", "race", "x", None),
    ]


def test_what_is_written_with_sql_is_read_by_the_store(store, ask, tmp_path):
    store.head()
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection:
        connection.execute(
            "INSERT INTO benchmarks (origin, model, name, metric, score, written_at) VALUES ('user', 'acme/rocket', 'race', 'time', 1.5, ?)",
            [WHEN],
        )
        connection.execute("INSERT INTO notes (model, name, text, written_at) VALUES ('acme/rocket', '', 'fast', ?)", [WHEN])
        connection.commit()
    assert store.benchmarks(None) == (result(score=Decimal("1.5"), metric="time"),)
    assert store.notes(None) == (note(),)


def test_a_version_says_from_which_revision_to_which(write, ask):
    write(acme(rocket=1), acme(rocket=2), acme(glider=2))
    assert ask("SELECT model_id, valid_from, valid_to FROM model_versions ORDER BY 2, 1") == [
        ("rocket", 1, 2),
        ("rocket", 2, 3),
        ("glider", 3, None),
    ]
    assert ask("SELECT part, key, valid_from, valid_to FROM part_versions") == [("providers", "acme", 1, None)]


def test_the_newest_revision_is_kept_as_one_file(store, write, ask):
    write(*[acme(rocket=price) for price in range(1, 4)])
    assert ask("SELECT number, snapshot FROM head") == [(3, store.load()[1])]
    assert ask("SELECT number FROM revisions ORDER BY 1") == [(1,), (2,), (3,)]


def test_runs_are_one_row_each(store, ask):
    store.record(run("one"))
    store.record(run("two", 1, outcome="failed", error="no"))
    store.record(run("one", outcome="updated", duration=timedelta(milliseconds=1_500), added=3))
    assert ask("SELECT id, outcome, duration, added, error FROM refreshes ORDER BY number") == [
        ("one", "updated", 1.5, 3, None),
        ("two", "failed", None, 0, "no"),
    ]


def test_the_database_itself_refuses_what_makes_no_sense(ask):
    for sql in (
        "INSERT INTO refreshes (id, started_at, outcome, added, removed, changed, price_changes, problems) VALUES ('x', 'y', 'odd', 0, 0, 0, 0, 0)",
        "INSERT INTO head (one) VALUES (2)",
        "INSERT INTO benchmarks (origin, model, name, written_at) VALUES ('nobody', 'm', 'n', 'now')",
        "INSERT INTO notes (model, name, text, written_at) VALUES (x'00', 'n', 't', 'w')",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            ask(sql)


PRICES = {
    "0.1": ("real", 0.1),
    "5": ("integer", 5),
    "0.000000125": ("real", 1.25e-7),
    "1.10": ("real", 1.1),
    "123456789012345678": ("integer", 123456789012345678),
    "0.1234567890123456789": ("text", "0.1234567890123456789"),
    "100000000000000000001": ("text", "100000000000000000001"),
}


def test_no_digit_of_a_price_is_lost_and_prices_compare_as_numbers(write, ask):
    models = {f"m{number}": {"name": text, "cost": {"input": Decimal(text)}} for number, text in enumerate(PRICES)}
    write({"acme": {"name": "Acme", "models": models}})
    kept = {name: (kind, value) for name, kind, value in ask("SELECT name, typeof(cost_input), cost_input FROM models")}
    assert kept == PRICES
    assert {name: Decimal(str(value)) for name, (_, value) in kept.items()} == {text: Decimal(text) for text in PRICES}
    below = ask("SELECT name FROM models WHERE cost_input < 1 ORDER BY cost_input")
    assert [name for (name,) in below] == ["0.000000125", "0.1"]


def test_hostile_texts_are_told_apart_in_every_table(write, ask):
    write(hostile_document(), acme(rocket=1), hostile_document())
    names = {text.replace("/", "") or "empty" for text in HOSTILE}
    assert ask("SELECT count(*) FROM providers") == [(len(names | {"acme"}),)]
    assert ask("SELECT count(*) FROM models WHERE provider_id = 'acme'") == [(len(names),)]
    assert ask("SELECT count(DISTINCT model) FROM benchmarks")[0][0] == len(names)
    assert ask("SELECT count(*) FROM models WHERE provider_name IS NULL") == [(0,)]
    assert [row for row in ask("SELECT total_models, available_models FROM providers WHERE provider_id <> 'acme'") if row != (1, 1)] == []
    for table, column in (("models", "model_id"), ("providers", "provider_id"), ("benchmarks", "model"), ("part_versions", "key")):
        ((longest,),) = ask(f"SELECT max(length(CAST({column} AS BLOB))) FROM {table}")  # noqa: S608  # our own names
        assert longest <= 400


def test_a_limit_beyond_any_column_is_null_and_stands_in_raw(write, ask):
    write(hostile_document())
    assert ask("SELECT DISTINCT context, output_limit FROM models") == [(None, None)]
    assert ask("SELECT count(*) FROM models WHERE instr(raw, '1000000000000000000000000000000') = 0") == [(0,)]


def test_every_sample_leaves_what_a_new_store_would_say(store, tmp_path, ask):
    """However a catalog came about, its tables are the same but for when that was."""
    tables = {"models": "first_seen, changed, docid", "providers": "last_sync", "benchmarks": "written_at"}
    old = None
    for number, new in enumerate(samples()):
        commit(store, new, old)
        old = new
        with closing(SqliteStore(f"sqlite:///{tmp_path}/{number}.db")) as fresh:
            commit(fresh, new)
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as connection:
            for table, without in tables.items():
                names = [row[1] for row in ask(f"PRAGMA table_info({table})") if row[1] not in without.split(", ")]
                sql = f"SELECT {', '.join(names)} FROM {table} ORDER BY {', '.join(names)}"  # noqa: S608  # our own names
                assert ask(sql) == connection.execute(sql).fetchall()
