"""What a command is about: the catalog, or the store, that options name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import closing
from typing import Any

import attrs
import click

from ..errors import SettingsError
from ..registry.catalogs import bundled_catalog, load_catalog
from ..registry.head import Head, open_head
from ..stores.by_url import open_store

__all__ = ["STORE_HELP", "Given", "with_catalog", "with_given", "with_store"]

STORE_HELP = "The store: sqlite:///catalog.db, postgresql://…, redis://…"


@attrs.frozen
class Given:
    """What ``--catalog`` names, and what ``--store`` does, before the command or behind it, or else MODELMETA_STORE."""

    path: str | None
    store: str | None = attrs.field(repr=False)

    def head(self) -> Head:
        """Return what is to be read: a file, the newest revision of a store, or what is bundled."""
        if self.path is not None:
            return Head(load_catalog(self.path))
        if self.store is None:
            return Head(bundled_catalog())
        with closing(open_store(self.store)) as store:
            return open_head(store)

    def needed_store(self, reason: str) -> str:
        """Return the address of the store, which is needed for a *reason*.

        Raises:
            SettingsError: nobody said which.
        """
        if self.store is None:
            message = f"{reason}; say which with --store, or in MODELMETA_STORE"
            raise SettingsError(message, key="store")
        return self.store


def with_given(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the option ``--store``, and call it with what is given."""

    @click.option("--store", "behind", help=STORE_HELP)
    @click.pass_context
    @functools.wraps(command)
    def called(ctx: click.Context, /, *args: Any, behind: str | None = None, **options: Any) -> None:
        path, before = (ctx.find_root().params[name] for name in ("path", "store"))
        command(Given(path, before if behind is None else behind), *args, **options)

    return called


def with_catalog(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the option ``--store``, and call it with the catalog to read."""

    @functools.wraps(command)
    def called(given: Given, /, *args: Any, **options: Any) -> None:
        command(given.head().catalog, *args, **options)

    return with_given(called)


def with_store(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the option ``--store``, and call it with the address of the store."""

    @functools.wraps(command)
    def called(given: Given, /, *args: Any, **options: Any) -> None:
        command(given.needed_store("this command is about a store"), *args, **options)

    return with_given(called)
