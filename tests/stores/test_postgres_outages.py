"""A PostgreSQL that goes away, is locked or refuses: the store says so, and works again when it can."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import psycopg
import pytest

from modelmeta import StoreError, StoreUnavailableError
from modelmeta.stores.postgres import PostgresStore
from modelmeta.stores.sql.postgres.errors import translated
from modelmeta.testing.stores.samples import commit, everything, note, run, samples

LONG = 3_600.0


@pytest.fixture
def opened(postgres_url):
    """Return what opens the store, with these options; all are closed in the end."""
    stores = []

    def opened(options=""):
        stores.append(PostgresStore(f"{postgres_url}&options={quote(options)}"))
        return stores[-1]

    yield opened
    for store in stores:
        store.close()


@pytest.fixture
def store(opened):
    return opened()


@pytest.fixture
def admin(postgres_url):
    """A connection to the same database that is not of a store."""
    with psycopg.connect(postgres_url, autocommit=True, application_name="admin") as connection:
        yield connection


def terminate(admin):
    """End all connections of stores."""
    admin.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'modelmeta' AND datname = current_database()"
    )


def waiting(admin):
    """Return once a connection listens and rests."""
    while admin.execute("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN modelmeta' AND state = 'idle'").fetchone() == (0,):
        pass


def test_a_server_that_is_stopped_is_told_of_at_once_and_used_again_when_it_is_back(postgres_server, store, opened):
    commit(store, samples()[0])
    assert store.lease("one", LONG)
    before = everything(store)
    unused = opened()
    postgres_server.stop()
    try:
        began = time.monotonic()
        for each in (store, unused):
            for ask in (each.head, each.load, each.pending, lambda each=each: each.put(note()), lambda each=each: each.wait("x", LONG)):
                with pytest.raises(StoreUnavailableError, match=r"No such file or directory .*; see that the server is up") as raised:
                    ask()
                assert each.name == raised.value.store
        assert time.monotonic() - began < LONG
    finally:
        postgres_server.ensure_postgres_running()
    assert before == everything(store) == everything(unused)
    assert unused.lease("two", LONG), "who has the lease is only known to live while its connection does"
    commit(store, samples()[1], samples()[0])


def test_a_store_may_be_closed_while_the_server_is_down(postgres_server, store):
    assert store.lease("one", LONG)
    postgres_server.stop()
    try:
        store.close()
    finally:
        postgres_server.ensure_postgres_running()


def test_connections_that_are_cut_are_made_again(store, admin):
    commit(store, samples()[0])
    before = everything(store)
    for _ in range(3):
        terminate(admin)
        assert before == everything(store)


def test_a_connection_that_is_cut_within_a_transaction_leaves_nothing_of_it(store):
    commit(store, samples()[0])
    with pytest.raises(StoreUnavailableError, match="terminating connection"), store._transaction(write=True) as cursor:
        cursor.connection.execute("DELETE FROM revisions; SELECT pg_terminate_backend(pg_backend_pid())")
    assert 1 == len(store.revisions())


def test_who_waits_while_the_connection_is_cut_is_told_and_may_wait_again(store, opened, admin):
    made = commit(store, samples()[0])
    with ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            heard = pool.submit(opened().wait, made.id, LONG)
            waiting(admin)
            terminate(admin)
            with pytest.raises(StoreUnavailableError, match="see that the server is up"):
                heard.result()
    assert store.wait(None, LONG)


def test_a_lease_ends_with_the_connection_that_shows_it_and_may_be_taken_again(store, opened, admin):
    other = opened()
    assert store.lease("one", LONG)
    store.record(run("one"))
    assert [False, True] == [other.lease("two", LONG), store.lease("one", LONG)]
    terminate(admin)
    assert ["crashed"] == [each.outcome for each in other.refreshes(9)]
    assert [True, False] == [store.lease("one", LONG), other.lease("two", LONG)]
    terminate(admin)
    assert [True, False] == [other.lease("two", LONG), store.lease("one", LONG)]
    store.release("one")
    assert not store.lease("three", LONG)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ("-clock_timeout=50ms", "canceling statement due to lock timeout; somebody else holds a lock on the store's tables"),
        ("-cstatement_timeout=1s", "canceling statement due to statement timeout; it took too long"),
    ],
)
def test_a_locked_table_is_waited_for_only_so_long(opened, postgres_url, options, match):
    commit(opened(), samples()[0])
    store = opened(options)
    before = everything(store)
    with psycopg.connect(postgres_url) as other:
        other.execute("LOCK TABLE models")
        assert before == everything(store)
        head = store.head()
        with pytest.raises(StoreUnavailableError, match=match):
            commit(store, samples()[1], samples()[0])
        assert head == store.head()
        other.execute("LOCK TABLE revisions")
        with pytest.raises(StoreUnavailableError, match=match):
            store.head()
    assert before == everything(store)
    commit(store, samples()[1], samples()[0])


def test_who_writes_waits_for_who_writes_and_who_reads_for_nobody(opened):
    store, other = opened(), opened("-clock_timeout=50ms")
    commit(store, samples()[0])
    before = everything(other)
    with store._transaction(write=True) as cursor:
        cursor.execute("DELETE FROM revisions")
        assert before == everything(other)
        with pytest.raises(StoreUnavailableError, match="somebody else holds a lock"):
            other.put(note())
    other.put(note())


@pytest.mark.parametrize(
    ("condition", "kind", "match"),
    [
        ("disk_full", StoreError, "disk_full; its disk is full"),
        ("too_many_connections", StoreUnavailableError, "too_many_connections; use it from fewer threads"),
        ("query_canceled", StoreUnavailableError, "query_canceled; it took too long"),
        ("insufficient_privilege", StoreError, "insufficient_privilege; grant the user"),
        ("data_corrupted", StoreError, "failed: data_corrupted$"),
    ],
)
def test_what_a_server_complains_of_is_quoted_with_what_to_do(admin, condition, kind, match):
    with pytest.raises(StoreError, match=match) as raised, translated("a store"):
        admin.execute(f"DO $$ BEGIN RAISE {condition}; END $$")
    assert (kind, "a store") == (type(raised.value), raised.value.store)
    assert isinstance(raised.value.__cause__, psycopg.Error)


def test_closing_wakes_who_waits_and_leaves_no_connection(postgres_url, admin):
    store = PostgresStore(postgres_url)
    made = commit(store, samples()[0])
    assert store.lease("one", LONG)
    with ThreadPoolExecutor(3) as pool:
        heard = [pool.submit(store.wait, made.id, LONG) for _ in range(3)]
        while admin.execute("SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN modelmeta'").fetchone() != (3,):
            pass
        store.close()
        store.close()
        assert [False] * 3 == [each.result() for each in heard]
    assert set() == store._connections._made
    with closing(PostgresStore(postgres_url)) as again:
        assert again.lease("two", LONG)


def test_who_waits_in_vain_is_told_when_the_time_is_over(store):
    made = commit(store, samples()[0])
    assert [False, False, True] == [store.wait(made.id, 0.7), store.wait(made.id, 0), store.wait(None, 0)]


def test_a_commit_in_another_schema_is_not_what_somebody_waits_for(opened, admin):
    admin.execute("CREATE SCHEMA elsewhere")
    store, other = opened(), opened("-csearch_path=elsewhere")
    made = commit(store, samples()[0])
    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(store.wait, made.id, LONG)
        waiting(admin)
        commit(other, samples()[0])
        assert not heard.done()
        commit(store, samples()[1], samples()[0])
        assert heard.result()


def test_threads_that_wait_do_not_keep_others_from_reading(store):
    made = commit(store, samples()[0])
    threads = [threading.Thread(target=store.wait, args=(made.id, LONG)) for _ in range(12)]
    for thread in threads:
        thread.start()
    assert made == store.head()
    commit(store, samples()[1], samples()[0])
    for thread in threads:
        thread.join()
