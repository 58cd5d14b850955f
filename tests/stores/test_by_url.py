"""From the address of a store to the store."""

from __future__ import annotations

import pytest

from modelmeta import AsyncRegistry, Registry, SettingsError
from modelmeta.stores.by_url import open_store
from modelmeta.stores.memory import MemoryStore


def test_memory_is_a_new_store_each_time():
    one, other = open_store("memory://"), open_store("memory://")
    assert isinstance(one, MemoryStore)
    assert one is not other


def test_a_store_is_itself():
    store = MemoryStore()
    assert open_store(store) is store


@pytest.mark.parametrize("store", ["", "memory", "memory://x", "sqlite:///a.db", "tape://", 5, None, object(), {"commit": 1}])
def test_what_is_no_store_is_refused(store):
    with pytest.raises(SettingsError, match=r"there is no store .*; the store is memory:// or an object that is one") as caught:
        open_store(store)
    assert caught.value.key == "store"


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
def test_a_bad_store_is_refused_when_the_registry_is_made(facade):
    for store in ("tape://", 5, None):
        with pytest.raises(SettingsError, match="there is no store"):
            facade(store=store)
