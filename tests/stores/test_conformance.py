"""Every store passes every test of the protocol."""

from __future__ import annotations

import runpy

import psycopg
import pytest

from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.postgres import PostgresStore
from modelmeta.stores.redis import RedisStore
from modelmeta.stores.sqlite import SqliteStore
from modelmeta.testing import StoreSuite


class TestMemoryStore(StoreSuite):
    """What a process keeps while it lives."""

    lasts = False

    @pytest.fixture
    def open_store(self):
        """Return what opens an empty store."""
        return lambda _: MemoryStore()


class TestExampleStore(StoreSuite):
    """A store of somebody else's."""

    @pytest.fixture
    def open_store(self, root, tmp_path):
        """Return what opens the file of a name."""
        example = runpy.run_path(root / "examples" / "custom_store.py")
        return lambda name: example["FileStore"](tmp_path / name)


class TestSqliteStore(StoreSuite):
    """A file."""

    @pytest.fixture
    def open_store(self, tmp_path):
        """Return what opens the file of a name."""
        return lambda name: SqliteStore(f"sqlite:///{tmp_path}/{name}.db")


class TestPostgresStore(StoreSuite):
    """A schema of its own for each name, in one database."""

    @pytest.fixture
    def open_store(self, postgres_url):
        """Return what opens the schema of a name."""

        def open_store(name):
            with psycopg.connect(postgres_url, autocommit=True) as connection:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
            return PostgresStore(f"{postgres_url}&options=-csearch_path%3D{name}")

        return open_store


class TestRedisStore(StoreSuite):
    """A prefix of its own for each name, in one database."""

    @pytest.fixture
    def open_store(self, redis_url):
        """Return what opens the prefix of a name."""
        return lambda name: RedisStore(redis_url, prefix=name)
