"""Making a registry: it costs nothing, and refuses by name what could not work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelmeta import AsyncClient, AsyncRegistry, Client, Registry, Settings, SettingsError
from modelmeta.stores.memory import MemoryStore

FACADES = [Registry, AsyncRegistry]
HEAVY = {
    *("aiolimiter", "anyio", "asyncio", "cachetools", "cattrs", "concurrent", "httpcore", "httpx", "logging", "socket", "sqlite3", "ssl"),
    *("email", "http", "urllib", "importlib.metadata"),
    *("modelmeta.client.http", "modelmeta.registry.background", "modelmeta.registry.refresh"),
}
WAYS = [
    'facade(source="https://models.dev", refresh_interval="1h")',
    'facade(source=["https://models.dev", "http://mirror.example/api.json", "models.json"], auto_refresh=True)',
    'facade(settings=Settings(base_url="https://mirror.example", enabled=False), store="memory://", max_retries=5)',
]


class Shelf:
    """A source."""

    name = "shelf"

    def fetch(self, validator):
        """Return nothing new."""


class AsyncShelf:
    """A source for tasks alone."""

    name = "shelf"

    async def afetch(self, validator):
        """Return nothing new."""


@pytest.mark.parametrize("facade", FACADES)
@pytest.mark.parametrize("way", WAYS)
def test_it_opens_no_file_and_no_socket_starts_no_thread_and_loads_nothing_heavy(facade, way):
    code = f"""
import sys, threading
from modelmeta import {facade.__name__} as facade, Settings
seen = []

def look(event, args):
    if event.startswith(("socket.", "mmap.", "subprocess.")) or (event == "open" and ".py" not in str(args[0])):  # modules are read
        seen.append((event, args))

sys.addaudithook(look)
registry = {way}
assert "not opened yet" in repr(registry)
assert not seen, seen
assert threading.active_count() == 1
assert not {HEAVY!r} & set(sys.modules), {HEAVY!r} & set(sys.modules)
"""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}  # measuring loads much, too
    result = subprocess.run([sys.executable, "-I", "-X", "dev", "-c", code], capture_output=True, text=True, check=False, env=bare)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("facade", FACADES)
@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"refresh_interval": "soon"}, "refresh_interval"),
        ({"refresh_interval": 0}, "refresh_interval"),
        ({"max_shrink": 2}, "max_shrink"),
        ({"refresh_intervall": "1h"}, "refresh_intervall"),
        ({"settings": {"refresh_interval": "1h"}}, "settings"),
        ({"settings": Settings(), "timeout": "never"}, "timeout"),
        ({"source": ""}, "source"),
        ({"source": 5}, "source"),
        ({"source": "ftp://models.dev"}, "source"),
        ({"source": "https://user:secret@models.dev"}, "source"),
        ({"source": ["https://models.dev", object()]}, "source"),
        ({"source": Shelf}, "source"),
        ({"store": "nowhere://"}, "store"),
        ({"store": 5}, "store"),
    ],
)
def test_what_could_not_work_is_refused_by_name(facade, options, key):
    with pytest.raises(SettingsError, match=key.rstrip("l") if key != "settings" else "Settings") as refused:
        facade(**options)
    assert key == refused.value.key
    assert "secret" not in str(refused.value)


def test_a_source_for_tasks_alone_is_none_for_threads():
    assert AsyncRegistry(source=[Shelf(), AsyncShelf()]).status().models
    with pytest.raises(SettingsError) as refused:
        Registry(source=AsyncShelf())
    assert refused.value.key == "source"


@pytest.mark.parametrize("facade", FACADES)
def test_fields_replace_single_values_of_settings(facade):
    settings = Settings(refresh_interval="2h", timeout=5)
    registry = facade(settings=settings, timeout=7)

    assert Settings(refresh_interval="2h", timeout=7) == registry.world_settings == registry.world().settings
    assert Settings() == facade().world_settings


@pytest.mark.parametrize(("facade", "client"), [(Registry, Client), (AsyncRegistry, AsyncClient)])
def test_a_client_brings_its_settings_unless_there_are_others(facade, client):
    settings = Settings(timeout=5, rate_limit=7)
    shared = client(settings)

    assert settings == facade(client=shared).world_settings
    assert Settings(timeout=7, rate_limit=7) == facade(client=shared, timeout=7).world_settings
    assert Settings(timeout=9) == facade(client=shared, settings=Settings(timeout=9)).world_settings
    assert shared.http is facade(client=shared)._shared_http


@pytest.mark.parametrize("facade", FACADES)
def test_a_store_and_a_path_are_taken_as_they_are(facade):
    store = MemoryStore()
    registry = facade(store=store, source=Path("nowhere.json"))

    assert store is registry.world().store
    assert ["nowhere.json"] == [source.name for source in registry.world().sources]
