"""The address of a store in PostgreSQL: what is read from it, and what of it is never shown."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from modelmeta import MissingExtraError, SettingsError, StoreError, StoreUnavailableError
from modelmeta.stores.postgres import PostgresStore


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me:hunter2@db.example:5433/catalog", "postgresql://me@db.example:5433/catalog"),
        ("postgres://me:hunter2@db.example/catalog", "postgresql://me@db.example/catalog"),
        ("postgresql://me@db.example/catalog?password=hunter2&sslmode=require", "postgresql://me@db.example/catalog?sslmode=require"),
        ("postgresql://me:hunter2#?@db.example/catalog", "postgresql://me@db.example/catalog"),
        ("postgresql:///catalog?host=/run/postgresql&sslpassword=hunter2", "postgresql:///catalog?host=/run/postgresql"),
        ("postgresql://me:hunter2@one:1,two:2/catalog", "postgresql://me@/catalog?host=one,two&port=1,2"),
        ("postgresql://me%40home:hunter2%40@db.example/my%20catalog", "postgresql://me%40home@db.example/my%20catalog"),
        ("postgresql://", "postgresql:///"),
    ],
)
def test_a_store_shows_its_address_without_passwords(url, expected):
    store = PostgresStore(url)
    assert expected == store.name
    assert f"PostgresStore({expected!r})" == repr(store)
    store.close()


def test_without_psycopg_a_store_says_what_to_install(uninstalled):
    uninstalled("psycopg", "modelmeta.stores.sql.postgres")
    with pytest.raises(MissingExtraError, match=r'needs psycopg .*: pip install "modelmeta\[postgres\]"') as raised:
        PostgresStore("postgresql://me:hunter2@db.example/catalog")
    assert "postgres" == raised.value.extra
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2/x@db.example/catalog",  # libpq reads a port
        "postgresql://me:12/hunter2@db.example/catalog",  # and here a database
        "postgresql://me:p@hunter2@db.example/catalog",  # and here a host
        "postgresql://me:hunter2/catalog",  # and here a port
        "postgresql://me:hunter2%zz@db.example/catalog",
        "postgresql://me:hunter2@db.example/catalog?passwort=hunter2",
        "postgresql://me:hunter2@db.example:port/catalog",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(url):
    with pytest.raises(SettingsError, match="write postgresql://user:password@host:port/database") as raised:
        PostgresStore(url)
    assert "hunter2" not in str(raised.value)
    assert raised.value.__context__ is None
    assert "store" == raised.value.key


def test_constructing_a_store_connects_to_nothing(tmp_path):
    store = PostgresStore(f"postgresql://me:hunter2@/catalog?host={tmp_path}")
    with pytest.raises(StoreError, match="No such file or directory") as raised:
        store.head()
    assert "hunter2" not in str(raised.value)
    assert f"postgresql://me@/catalog?host={tmp_path}" == raised.value.store
    store.close()


def read_until_refused(url):
    """Read a store, each time with a new connection: a server takes a moment to read its rules."""
    while True:
        with closing(PostgresStore(url)) as store:
            store.pending()


@pytest.mark.parametrize("rule", ["reject", "scram-sha-256"])
def test_a_server_that_lets_nobody_in_is_quoted_without_the_password(postgres_server, postgres_url, rule):
    rules = postgres_server.pgdata / "pg_hba.conf"
    before = rules.read_text()
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'another'")
        try:
            rules.write_text(f"local all stranger {rule}\n{before}")
            admin.execute("SELECT pg_reload_conf()")
            with pytest.raises(StoreUnavailableError, match="the server is up, and that address, user and password are right") as raised:
                read_until_refused(postgres_url.replace("postgres:never-shown@", "stranger:never-shown@"))
            assert "never-shown" not in f"{raised.value} {raised.value.__dict__} {raised.value.__cause__!r}"
        finally:
            rules.write_text(before)
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("DROP ROLE stranger")
