"""The command that writes the catalog out."""

from __future__ import annotations

from typing import BinaryIO, cast, get_args

import click

from ..exports.files import export as write
from ..exports.files import format_of
from ..exports.formats import Format
from .given import Given, with_given
from .keeping import copy_between
from .output import ending, working

__all__ = ["export"]


@click.command(epilog=ending("export models.parquet"))
@click.argument("target", required=False)
@click.option("--format", "kind", type=click.Choice(get_args(Format)), help="Write this, whatever the file is called.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", "-o", type=click.Path(), help="The same as TARGET, for a file. JSON if its ending says nothing.")
@with_given()
def export(given: Given, /, target: str | None, kind: Format | None, as_json: bool, output: str | None) -> None:
    """Write the whole catalog into a file, or copy a store into another.

    TARGET is a file, the standard output without one, or a store, into which another is copied, its history too. The ending of a file says what is written: .json (the models.dev document), .jsonl, .csv, .parquet, .db (SQLite), .md or .snapshot
    (modelmeta's own format). What is named by an address (postgresql://…) is a store.
    """
    if target is not None and "://" in target:
        if kind is not None or output is not None:
            message = "what is written into a store has no --format and no --output"
            raise click.UsageError(message)
        copy_between(given.needed_store("TARGET is a store, into which another is copied"), target, as_json=as_json)
        return
    if target is not None and output is not None:
        message = "TARGET and --output are the same: give one of them"
        raise click.UsageError(message)
    path = target or output or "-"
    default: Format | None = "json" if target in {None, "-"} else None
    chosen = "json" if as_json else kind or format_of(path) or default
    catalog = given.catalog()
    if path == "-":
        with click.open_file(path, "wb") as stream:
            write(catalog, cast("BinaryIO", stream), chosen)
        return
    try:
        with working(f"Writing {path}", quiet=as_json):
            write(catalog, path, chosen)
    except OSError as error:
        raise click.FileError(path, error.strerror) from error
