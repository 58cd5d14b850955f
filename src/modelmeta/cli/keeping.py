"""The commands about a store: to refresh it, to ask what was, to look after it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, get_args

import click

from ..catalog.diff import ChangeKind
from ..display.sheet import Sheet
from ..display.text import as_text
from ..errors import SettingsError
from ..registry.copying import copy_store
from ..registry.registry import Registry
from ..settings import Settings
from ..stores.by_url import open_store
from ..stores.store import Store
from .changes import print_changes
from .output import print_json, print_sheet
from .questions import as_json

__all__ = ["KEEPING", "copy_between", "store_option"]

_HELP = "The store: sqlite:///catalog.db, postgresql://…, redis://…"


def store_option(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* the option ``--store``: the one given before the command, or MODELMETA_STORE, where it is not used."""

    def given(ctx: click.Context, _: click.Parameter, value: str | None) -> str:
        url: str | None = value or ctx.find_root().params["store"]
        if url is None:
            message = f"{ctx.info_name} is about a store: say which with --store, or in MODELMETA_STORE"
            raise SettingsError(message, key="store")
        return url

    return click.option("--store", callback=given, help=_HELP)(command)


@click.command()
@store_option
@click.option("--source", multiple=True, help="An address or a file to read from instead of models.dev. Repeatable: tried in order.")
@click.option("--provider", "-p", multiple=True, help="Take over only what belongs to this provider. Repeatable.")
@click.option("--force", is_flag=True, help="Ask for the whole document, even if it has not changed.")
@click.option("--accept", is_flag=True, help="Apply what is held, or what looks broken.")
@as_json
def refresh(store: str, source: tuple[str, ...], provider: tuple[str, ...], force: bool, accept: bool, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Bring the catalog in a store up to date. Exit code 1 when what came looks broken and is held instead.

    Settings are read from MODELMETA_… variables.
    """
    with Registry(store=store, source=[*source] or None, settings=Settings.from_env()) as registry:
        report = registry.refresh(force=force, accept=accept or None, providers=provider or None)
    if as_json:
        counts = {name: len(getattr(report, name)) for name in ("added", "removed", "changed", "price_changes", "problems")}
        print_json({name: getattr(report, name) for name in ("status", "revision", "source", "reason")} | counts)
    else:
        click.echo(str(report))
    sys.exit(1 if report.status == "held" else 0)


@click.command()
@click.argument("ref", required=False)
@store_option
@click.option("--since", help="Only what was accepted after this revision or time.")
@click.option("--until", help="Only what was accepted up to this revision or time.")
@click.option("--kind", multiple=True, type=click.Choice(get_args(ChangeKind)), help="Only changes of this kind. Repeatable.")
@click.option("--runs", is_flag=True, help="Show the last refreshes instead, newest first.")
@as_json
def history(ref: str | None, store: str, runs: bool, as_json: bool, kind: tuple[ChangeKind, ...], **between: str | None) -> None:  # noqa: FBT001  # click passes flags by name
    """Show what happened to one model; or, with --since, --until or --kind, to all; or else the revisions of a store."""
    with Registry(store=store) as registry:
        if runs:
            _print_records(registry.refreshes(), _RUN, as_json=as_json)
        elif ref is not None or kind or any(between.values()):
            of_ref = None if ref is None else {*registry.history(ref)}
            changes = registry.changes(**between, kinds=kind or None)
            print_changes([change for change in changes if of_ref is None or change in of_ref], as_json=as_json, dated=True)
        else:
            _print_records(registry.revisions(), _REVISION, as_json=as_json)


_RUN = ("started_at", "outcome", "duration", "revision", "added", "removed", "changed", "price_changes", "source", "reason", "error")
_REVISION = ("id", "committed_at", "models", "providers", "added", "removed", "changed", "price_changes", "source")


def _print_records(records: tuple[Any, ...], names: tuple[str, ...], *, as_json: bool) -> None:
    facts = [{name: _shown(getattr(record, name)) for name in names} for record in records]
    if as_json:
        print_json(facts)
    else:
        print_sheet(Sheet(header=names, rows=[[as_text(value) for value in fact.values()] for fact in facts]))


def _shown(value: Any) -> Any:
    return value if isinstance(value, (int, str)) or value is None else str(value)


@click.command()
@store_option
@click.option("--keep", required=True, help="How many revisions to keep, or for how long: 50, 90d.")
@as_json
def prune(store: str, keep: str, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Forget old revisions of a store, and what stood only in them."""
    with Registry(store=store) as registry:
        gone = registry.prune(keep=int(keep) if keep.isdecimal() else keep)
    if as_json:
        print_json({"revisions": gone})
    else:
        click.echo(f"{gone:,} revisions forgotten.")


@click.command()
@store_option
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@as_json
def migrate(store: str, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Bring the tables of a store up to this modelmeta. Opening a store does so too."""
    opened: Any = open_store(store)
    try:
        if not hasattr(opened, "migrate"):
            message = f"{store.partition(':')[0]} stores have no tables, and nothing to migrate"
            raise SettingsError(message, key="store")
        steps = opened.pending() if dry_run else opened.migrate()
    finally:
        opened.close()
    if as_json:
        print_json([{"version": step.version, "name": step.name, "sql": step.sql} for step in steps])
        return
    for step in steps:
        click.echo(f"-- {step.version:04} {step.name}" + (f"\n{step.sql.strip()}\n" if dry_run else ""))
    click.echo(f"{len(steps)} migrations {'to apply' if dry_run else 'applied'}.")


@click.command("import")
@click.argument("source")
@store_option
@as_json
def import_(source: str, store: str, as_json: bool) -> None:  # noqa: FBT001  # click passes flags by name
    """Copy all that the store SOURCE keeps into another, and compare both."""
    copy_between(source, store, as_json=as_json)


def copy_between(source: str, target: str, *, as_json: bool) -> None:
    """Copy a store into another, and print what that holds."""
    opened: list[Store] = []
    try:
        opened += [open_store(source)]
        opened += [open_store(target)]
        copied = copy_store(*opened)
    finally:
        for store in opened:
            store.close()
    if as_json:
        print_json(copied)
    else:
        click.echo(
            f"{copied.revisions:,} revisions, {copied.refreshes:,} refreshes, {copied.notes:,} notes and {copied.benchmarks:,} results copied,"
            " and found equal."
        )


KEEPING = (refresh, history, prune, migrate, import_)
"""The commands of this module."""
