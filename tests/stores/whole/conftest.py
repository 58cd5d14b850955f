"""Stores for whole registries, as many of each kind as a test asks for."""

from __future__ import annotations

from collections import defaultdict

import psycopg
import pytest

from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.postgres import PostgresStore
from modelmeta.stores.redis import RedisStore
from modelmeta.stores.sqlite import SqliteStore


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
def open_store(request, tmp_path):
    """Return what opens the store of a name, each time as another process would; one in memory is the same every time."""
    kept = defaultdict(MemoryStore)

    def in_postgres(name):
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        return PostgresStore(f"{address}&options=-csearch_path%3D{name}")

    match request.param:
        case "memory":
            return lambda name: kept[name]
        case "sqlite":
            return lambda name: SqliteStore(f"sqlite:///{tmp_path}/{name}.db")
        case "postgres":
            address = request.getfixturevalue("postgres_url")
            return in_postgres
        case _:
            address = request.getfixturevalue("redis_url")
            return lambda name: RedisStore(address, prefix=name)
