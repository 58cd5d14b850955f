"""The command that tells of changes as they come."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, get_args

import click

from ..catalog.diff import ChangeKind
from ..registry.registry import Registry
from ..settings import Settings
from .changes import print_change
from .given import Given, with_given
from .naming import REF
from .output import as_json, ending

if TYPE_CHECKING:
    from ..catalog.diff import Change

__all__ = ["watch"]


@click.command(epilog=ending("watch --kind price --store sqlite:///catalog.db"))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(get_args(ChangeKind)), help="Only changes of this kind. Repeatable.")
@click.option("--model", "models", multiple=True, type=REF, help="Only changes of this model. Repeatable.")
@as_json
@with_given()
def watch(given: Given, /, kinds: tuple[ChangeKind, ...], models: tuple[str, ...], as_json: bool) -> None:
    """Tell what changes in a store as it comes.

    A line for each change, whoever commits it, with --json an object, until Ctrl-C. With --source it also refreshes the store itself, every MODELMETA_REFRESH_INTERVAL. When
    it begins, and what goes wrong meanwhile, is told on the standard error.
    """
    store = given.needed_store("only what is kept can be watched")
    settings = Settings.from_env().replace(auto_refresh=bool(given.source))
    news: SimpleQueue[Change] = SimpleQueue()
    registry = Registry(store=store, source=[*given.source] or None, overlays=given.overlay, policy=given.rules(), settings=settings)
    with suppress(KeyboardInterrupt), _told(), closing(registry):
        registry.subscribe(news.put, kinds=kinds or None, models=models or None)
        click.echo(f"Watching from revision {registry.status().revision}; Ctrl-C ends it.", err=True)
        while True:
            print_change(news.get(), as_json=as_json)


@contextmanager
def _told() -> Iterator[None]:
    """Say on the standard error what is logged meanwhile."""
    log, handler = logging.getLogger("modelmeta"), logging.StreamHandler()
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
