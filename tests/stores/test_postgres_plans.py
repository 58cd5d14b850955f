"""Hot queries use an index of PostgreSQL too, where a catalog of the usual size has been kept for a year."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import closing
from urllib.parse import quote

import psycopg
import pytest

from modelmeta.stores.postgres import PostgresStore
from modelmeta.stores.sql.queries import read_queries
from modelmeta.testing.stores.samples import commit

BLOCK = re.compile(r"^-- name: (.+)\n(?:-- only: (.+)\n)?-- index: (.+)\n([^;]+);", re.MULTILINE)
LARGE = {"models", "model_versions", "part_versions", "benchmarks"}
A_YEAR = """
INSERT INTO revisions SELECT number, number || '-x', 'x', 'api.json', 'a source', '{}', NULL, NULL, now(), now(), 1, 1, 0, 0, 10, 10, NULL
FROM generate_series(2, 365) AS number;
INSERT INTO model_versions SELECT provider_id, model_id, number, nullif(number, 365) + 1, raw, NULL
FROM (SELECT * FROM model_versions ORDER BY md5(model_id) LIMIT 50) AS these, generate_series(2, 365) AS number;
INSERT INTO part_versions SELECT part, key, number, nullif(number, 365) + 1, raw, NULL
FROM (SELECT * FROM part_versions ORDER BY md5(key) LIMIT 20) AS these, generate_series(2, 365) AS number;
INSERT INTO refreshes (id, started_at, outcome, added, removed, changed, price_changes, problems)
SELECT number, now(), 'updated', 0, 0, 0, 0, 0 FROM generate_series(1, 8760) AS number;
INSERT INTO benchmarks (origin, model, name, written_at)
SELECT CASE provider_id WHEN 'openai' THEN 'user' ELSE 'upstream' END, provider_id || '/' || model_id, name, now() FROM models;
INSERT INTO ledger (
    id, at, model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_audio_tokens, output_audio_tokens,
    tags, state, rates
) SELECT number, '2026-01-01'::timestamptz + make_interval(mins => 5 * number), 'a/m', 1, 0, 0, 0, 0, 0, 0, '{}', 'unpriced', '{}'
FROM generate_series(1, 100000) AS number;
INSERT INTO notes (model, name, text, written_at) SELECT provider_id || '/' || model_id, '', name, now() FROM models;
"""


@pytest.fixture(scope="module")
def connection(postgres_server, catalog):
    """A connection to a store that has kept the bundled catalog, some of which changed every day."""
    socket = quote(str(postgres_server.get_postmaster_info().socket_dir))
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE plans")
    url = f"postgresql://postgres@/plans?host={socket}"
    with closing(PostgresStore(url)) as store:
        commit(store, catalog)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(A_YEAR)
        connection.execute("VACUUM ANALYZE")
        yield connection


def nodes(plan):
    """Yield every step of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


@pytest.fixture(scope="module")
def explain(connection):
    """Return what tells the steps of a query."""

    def explain(sql, parameters=None):
        (((top,),),) = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchall()
        return list(nodes(top["Plan"]))

    return explain


@pytest.fixture(scope="module")
def hot(root):
    """What must stay quick, by name: SQL, and the indexes that serve it."""
    text = (root / "tests" / "stores" / "sql" / "hot.sql").read_text()
    return {name: (sql, indexes.split()) for name, only, indexes, sql in BLOCK.findall(text) if only in {"", "postgres"}}


def test_hot_queries_use_their_indexes_and_nothing_else(hot, explain):
    wrong = {}
    for name, (sql, indexes) in hot.items():
        steps = explain(sql)
        used = {step["Index Name"].removesuffix("_pkey") for step in steps if "Index Name" in step}
        if used != set(indexes) or any(step["Node Type"] == "Seq Scan" for step in steps):
            wrong[name] = [(step["Node Type"], step.get("Index Name")) for step in steps]
    assert {} == wrong
    assert len(hot) > 20


def test_what_is_asked_for_the_cheapest_reads_no_more_than_it_returns(hot, explain):
    for name, (sql, _) in hot.items():
        if "ORDER BY cost_input LIMIT" in sql:
            assert ["Limit", "Index Scan"] == [step["Node Type"] for step in explain(sql)], name


def test_every_index_serves_a_hot_query(hot, connection):
    sql = "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND indexdef NOT LIKE 'CREATE UNIQUE INDEX %'"
    made = {name for (name,) in connection.execute(sql)}
    assert set() == made - {index for _, indexes in hot.values() for index in indexes}
    assert len(made) > 15


def test_the_store_itself_reads_no_large_table_from_end_to_end(explain):
    times = dict.fromkeys(
        ("applied_at", "confirmed_at", "committed_at", "written_at", "started_at", "at", "since", "until", "before"), "now"
    )
    values = defaultdict(lambda: "1", rows="[]", **times)
    scans = {}
    for name, sql in read_queries("postgres").items():
        steps = explain(sql, {parameter: values[parameter] for parameter in re.findall(r"%\((\w+)\)s", sql)})
        scans[name] = {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"} & LARGE
    assert {} == {name: tables for name, tables in scans.items() if tables}
    assert len(scans) > 40
