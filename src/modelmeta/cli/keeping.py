"""The commands about a store: to refresh it, to ask what was, to look after it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from typing import Any, get_args

import click

from ..catalog.diff import Change, ChangeKind
from ..display.text import printable
from ..errors import SettingsError
from ..registry.copying import copy_store
from ..registry.registry import Registry
from ..settings import Settings
from ..stores.by_url import open_store
from ..stores.sql.store import SqlStore
from .changes import print_changes
from .given import Given, with_given, with_store
from .naming import PROVIDER, REF
from .output import as_json, ending, print_json, print_records, working

__all__ = ["KEEPING", "copy_between"]

_RUN = ("started_at", "outcome", "duration", "revision", "added", "removed", "changed", "price_changes", "source", "reason", "error")
_REVISION = ("id", "committed_at", "models", "providers", "added", "removed", "changed", "price_changes", "source")


@click.command(epilog=ending("refresh --store sqlite:///catalog.db", "when what came looks broken, and is held instead"))
@click.option("--provider", "-p", multiple=True, type=PROVIDER, help="Take over only what belongs to this provider. Repeatable.")
@click.option("--force", is_flag=True, help="Ask for the whole document, even if it has not changed.")
@click.option("--accept", is_flag=True, help="Apply what is held, or what looks broken.")
@as_json
@with_given("store", "source")
def refresh(given: Given, /, provider: tuple[str, ...], force: bool, accept: bool, as_json: bool) -> None:
    """Bring the catalog in a store up to date.

    Asks models.dev, or each --source in turn, and tells how it ended and how much changed. Other settings are read from MODELMETA_… variables.
    """
    store = given.needed_store("this command is about a store")
    settings = Settings.from_env().replace(auto_refresh=False)
    with (
        working("Refreshing", quiet=as_json),
        Registry(store=store, source=[*given.source] or None, settings=settings) as registry,
    ):
        report = registry.refresh(force=force, accept=accept or None, providers=provider or None)
    if as_json:
        counts = {name: len(getattr(report, name)) for name in ("added", "removed", "changed", "price_changes", "problems")}
        print_json({name: getattr(report, name) for name in ("status", "revision", "source", "reason")} | counts)
    else:
        click.echo(printable(str(report)) + ("; --accept applies it all the same" if report.status == "held" else ""))
    sys.exit(1 if report.status == "held" else 0)


@click.command(epilog=ending("history openai/gpt-5.5 --since 2026-11-01 --store sqlite:///catalog.db"))
@click.argument("ref", required=False, type=REF)
@click.option("--since", help="Only what was accepted after this revision or time.")
@click.option("--until", help="Only what was accepted up to this revision or time.")
@click.option("--kind", multiple=True, type=click.Choice(get_args(ChangeKind)), help="Only changes of this kind. Repeatable.")
@click.option("--runs", is_flag=True, help="Show the last refreshes instead, newest first.")
@as_json
@with_store
def history(store: str, /, ref: str | None, runs: bool, as_json: bool, kind: tuple[ChangeKind, ...], **between: str | None) -> None:
    """Show what happened to a model, to all, or to a store.

    A line for each change of the model; of all, with --since, --until or --kind; or else for each revision, or with --runs for each refresh.
    """
    narrowing = {name: moment for name, moment in between.items() if moment is not None} | ({"kinds": kind} if kind else {})
    if runs and (narrowing or ref is not None):
        message = "--runs shows the last refreshes, whatever they changed: it takes no model, and no --since, --until or --kind"
        raise click.UsageError(message)
    with closing(Registry(store=store)) as registry:
        if runs:
            print_records(registry.refreshes(), _RUN, as_json=as_json)
        elif ref is None and not narrowing:
            print_records(registry.revisions(), _REVISION, as_json=as_json)
        else:
            print_changes(_changes(registry, ref, narrowing), as_json=as_json, dated=True)


def _changes(registry: Registry, ref: str | None, narrowing: dict[str, Any]) -> Iterable[Change]:
    """Return what happened to one model, or to all, oldest first."""
    if ref is None:
        return registry.changes(**narrowing)
    told = registry.history(ref)
    among = {*(registry.changes(**narrowing) if narrowing else told)}
    return [change for change in told if change in among]


@click.command(epilog=ending("prune --keep 90d --store sqlite:///catalog.db"))
@click.option("--keep", required=True, help="How many revisions to keep, or for how long: 50, 90d.")
@as_json
@with_store
def prune(store: str, /, keep: str, as_json: bool) -> None:
    """Forget old revisions of a store, and what stood only in them.

    Tells how many. The newest one always stays.
    """
    with closing(Registry(store=store)) as registry:
        gone = registry.prune(keep=int(keep) if keep.isdecimal() else keep)
    if as_json:
        print_json({"revisions": gone})
    else:
        click.echo(f"{gone:,} revisions forgotten.")


@click.command(epilog=ending("migrate --dry-run --store postgresql://app@db.internal/app"))
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@as_json
@with_store
def migrate(store: str, /, dry_run: bool, as_json: bool) -> None:
    """Bring the tables of a store up to this modelmeta.

    A line for each step, with --dry-run its SQL. Opening a store does the same.
    """
    with closing(open_store(store)) as opened:
        if not isinstance(opened, SqlStore):
            message = f"{store.partition(':')[0]} stores have no tables, and nothing to migrate"
            raise SettingsError(message, key="store")
        steps = opened.pending() if dry_run else opened.migrate()
    if as_json:
        print_json(steps)
        return
    for step in steps:
        click.echo(f"-- {step.number:04} {step.name}" + (f"\n{step.sql.strip()}\n" if dry_run else ""))
    click.echo(f"{len(steps)} migrations {'to apply' if dry_run else 'applied'}.")


@click.command("import", epilog=ending("import sqlite:///catalog.db --store postgresql://app@db.internal/app"))
@click.argument("source")
@as_json
@with_store
def import_(store: str, /, source: str, as_json: bool) -> None:
    """Copy all that the store SOURCE keeps into another.

    Compares both, and tells how much was copied and found equal. A copy that broke off goes on where it was.
    """
    copy_between(source, store, as_json=as_json)


def copy_between(source: str, target: str, *, as_json: bool) -> None:
    """Copy a store into another, and print what that holds."""
    with working("Copying", quiet=as_json), closing(open_store(source)) as one, closing(open_store(target)) as other:
        copied = copy_store(one, other)
    if as_json:
        print_json(copied)
    else:
        click.echo(
            f"{copied.revisions:,} revisions, {copied.refreshes:,} refreshes, {copied.notes:,} notes, {copied.benchmarks:,} results and"
            f" {copied.usages:,} usages copied, and found equal."
        )


KEEPING = (refresh, history, prune, migrate, import_)
"""The commands of this module."""
