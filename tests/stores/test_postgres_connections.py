"""Connections to a PostgreSQL server: lent, kept, replaced where they broke."""

from __future__ import annotations

import threading

import psycopg
import pytest

from modelmeta.stores.sql.postgres import connections as module
from modelmeta.stores.sql.postgres.address import read_address
from modelmeta.stores.sql.postgres.connections import Connections

BEGIN = "BEGIN"


@pytest.fixture
def connections(postgres_url):
    connections = Connections(read_address(postgres_url))
    yield connections
    connections.close()


def backend(connection) -> int:
    return connection.info.backend_pid


def test_a_connection_is_kept_for_the_next_who_asks(connections):
    with connections.lent(BEGIN) as first:
        pass
    with connections.lent(BEGIN) as second, connections.lent(BEGIN) as third:
        assert first is second
        assert first is not third


def test_what_was_done_is_kept_where_nothing_was_raised(connections):
    with connections.lent(BEGIN) as connection:
        connection.execute("CREATE TABLE kept ()")
    with pytest.raises(psycopg.errors.UndefinedTable), connections.lent(BEGIN) as connection:
        connection.execute("CREATE TABLE dropped (); SELECT * FROM nowhere")
    with connections.lent(BEGIN) as connection:
        found = connection.execute("SELECT to_regclass('kept') IS NULL, to_regclass('dropped') IS NULL").fetchone()
    assert (False, True) == found


def test_a_connection_that_broke_while_nobody_used_it_is_replaced(connections):
    kept = [connections.take("SELECT 1") for _ in range(3)]
    pids = [backend(connection) for connection in kept]
    for connection in kept[:2]:
        connections.give(connection)
    with psycopg.connect(**connections._parameters, autocommit=True) as other:
        for pid in pids[:2]:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
    with connections.lent(BEGIN) as connection:
        assert backend(connection) not in pids
    connections.give(kept[2])


def test_a_connection_that_breaks_while_it_is_used_is_not_kept(connections):
    with pytest.raises(psycopg.errors.AdminShutdown), connections.lent(BEGIN) as broken:
        broken.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert broken.closed
    with connections.lent(BEGIN) as connection:
        assert broken is not connection


def test_what_cannot_be_begun_leaves_no_connection(connections):
    with pytest.raises(psycopg.errors.UndefinedTable):
        connections.take("SELECT * FROM nowhere")
    assert set() == connections._made


def test_who_asks_while_all_are_lent_is_told_after_a_while(connections, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    lent = [connections.lent(BEGIN) for _ in range(8)]
    for each in lent:
        each.__enter__()
    with pytest.raises(psycopg.errors.TooManyConnections, match="all 8 connections were in use"), connections.lent(BEGIN):
        pass
    for each in lent:
        each.__exit__(None, None, None)


def test_threads_share_eight_connections(connections):
    used = set()

    def use() -> None:
        for _ in range(5):
            with connections.lent(BEGIN) as connection:
                used.add(backend(connection))

    threads = [threading.Thread(target=use) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(used) <= 8


def test_closing_closes_what_is_lent_as_it_comes_back(connections):
    with connections.lent(BEGIN) as lent:
        with connections.lent(BEGIN) as kept:
            pass
        connections.close()
        assert kept.closed
        assert (1,) == lent.execute("SELECT 1").fetchone()
    assert lent.closed


def test_options_and_names_of_the_address_come_before_ours(postgres_url, monkeypatch):
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    ask = "SELECT current_setting('work_mem'), current_setting('lock_timeout'), current_setting('application_name')"
    shown = []
    for query in ("", "&application_name=mine&options=-c%20work_mem%3D2MB%20-c%20lock_timeout%3D3s"):
        connections = Connections(read_address(postgres_url + query))
        with connections.lent(BEGIN) as connection:
            shown.append(connection.execute(ask).fetchone())
        connections.close()
    assert [("1MB", "10s", "modelmeta"), ("2MB", "3s", "mine")] == shown


def test_after_a_fork_nothing_of_what_was_connected_is_used_again(connections):
    kept, lent, broken = [connections.take("SELECT 1") for _ in range(3)]
    connections.give(kept)
    broken.close()
    connections.forked()
    assert [True] * 3 == [connection.closed for connection in (kept, lent, broken)]
    assert set() == connections._made
    with connections.lent(BEGIN) as connection:
        assert (1,) == connection.execute("SELECT 1").fetchone()
