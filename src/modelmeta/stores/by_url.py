"""From the address of a store to the store."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .store import Store

__all__ = ["open_store"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_GROUP = "modelmeta.stores"
_POSTGRES, _REDIS = ("postgres", "PostgresStore"), ("redis", "RedisStore")
_OURS = {
    "sqlite": ("sqlite", "SqliteStore"),
    "postgresql": _POSTGRES,
    "postgres": _POSTGRES,
    "redis": _REDIS,
    "rediss": _REDIS,
    "unix": _REDIS,
}
"""Where the store of each scheme lives: its module and its class."""


def open_store(store: str | Store) -> Store:
    """Return the store at an address, or *store* itself where it is one. It connects to nothing yet.

    Addresses of other schemes than ours are opened by the entry point of that name in the group ``modelmeta.stores``: a callable that takes
    the address and returns a store.

    Args:
        store: an address, ``memory://`` or one like ``sqlite:///models.db``, or an object with the methods of ``Store``.

    Raises:
        SettingsError: there is no such store.
        MissingExtraError: it needs a package that is not installed.
    """
    if not isinstance(store, str):
        return _checked(store, f"a {type(store).__name__}")
    if store == "memory://":
        from .memory import MemoryStore  # noqa: PLC0415  # other stores need none of it

        return MemoryStore()
    match = _SCHEME.match(store)
    scheme = match[1] if match else ""
    if scheme in _OURS:
        module, name = _OURS[scheme]
        opened: Store = getattr(import_module(f".{module}", __package__), name)(store)
        return opened
    from importlib.metadata import entry_points  # noqa: PLC0415  # it takes longer than all of our own stores

    others = {point.name: point for point in entry_points(group=_GROUP)}
    if scheme in others:
        return _checked(others[scheme].load()(store), f"what {others[scheme].value} returns for {scheme}://")
    raise _unknown(scheme, others)


def _checked(store: Any, what: str) -> Store:
    """Return *store*, which has every method of the protocol."""
    from .store import Store  # noqa: PLC0415  # a store that is named by its address has them

    missing = [name for name in vars(Store) if not name.startswith("_") and not callable(getattr(store, name, None))]
    if missing:
        message = f"{what} is no store: it has no method {', '.join(missing)}"
        raise SettingsError(message, key="store")
    checked: Store = store
    return checked


def _unknown(scheme: str, others: Iterable[str]) -> SettingsError:
    """Return the error for an address of another scheme. It shows no more of it, which may hold a password."""
    wrong = {"": "a store is named by an address like sqlite:///models.db, or is an object", "memory": "memory:// has nothing after it"}
    known = ", ".join(f"{name}://" for name in ("memory", *_OURS, *sorted(others)))
    message = (
        f"{wrong.get(scheme, f'there is no store for {scheme}://')}; known are {known}. Some need an extra, pip install "
        f'"modelmeta[postgres]" or "modelmeta[redis]"; other packages bring more, as entry points of the group {_GROUP}'
    )
    return SettingsError(message, key="store")
