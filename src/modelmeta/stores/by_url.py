"""From the address of a store to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SettingsError
from .memory import MemoryStore

if TYPE_CHECKING:
    from .store import Store

__all__ = ["open_store"]


def open_store(store: str | Store) -> Store:
    """Return the store at an address, or *store* itself where it is one.

    Raises:
        SettingsError: there is no such store.
    """
    if store == "memory://":
        return MemoryStore()
    if isinstance(store, str) or not callable(getattr(store, "commit", None)):
        message = f"there is no store {store!r:.100}; the store is memory:// or an object that is one"
        raise SettingsError(message, key="store")
    return store
