"""How the command line says things: tables on a terminal, plain text in a pipe, JSON when asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

import click
from rich.console import Console

from ..codec.json_text import to_text
from ..display.sheet import Sheet
from ..display.terminal import to_rich
from ..display.text import as_text
from ..records.plain import plain

__all__ = [
    "Long",
    "as_json",
    "cell",
    "ending",
    "json_value",
    "print_json",
    "print_long",
    "print_records",
    "print_sheet",
    "stdout_is_terminal",
    "working",
]

as_json: Callable[[Callable[..., None]], Callable[..., None]] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Long(Protocol):
    """A table of any length."""

    def sheet(self, *, most: int | None = ...) -> Sheet:
        """Return a screenful of it, the first *most* rows, or all."""
        ...


def ending(example: str, no: str | None = None) -> str:
    """Return the end of a command's help: its exit codes, 1 for *no*, and an *example*."""
    return f"Exit codes: 0{f'; 1 {no}' if no else ''}; 2 when something is wrong, and why.\n\nExample: modelmeta {example}"


def stdout_is_terminal() -> bool:
    """Return whether a person reads the output."""
    return Console().is_terminal


@contextmanager
def working(what: str, *, quiet: bool) -> Iterator[None]:
    """Show on a terminal, beside the output, that *what* is done meanwhile, unless it is to be *quiet*."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(f"{what} …"):
        yield


def cell(value: Any) -> str:
    """Return *value* for a table cell, a time in UTC to the second; what does not apply is empty."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case timedelta():
            return f"{value.total_seconds():.1f} s"
        case _:
            return as_text(value)


def json_value(value: Any) -> Any:
    """Return *value* as JSON has it: a time in ISO 8601, a duration in seconds, all else as it is."""
    return value.isoformat() if isinstance(value, datetime) else value.total_seconds() if isinstance(value, timedelta) else value


def print_json(value: Any) -> None:
    """Print *value* as one line of JSON, numbers as written; records become objects."""
    click.echo(to_text(plain(value)))


def print_sheet(sheet: Sheet) -> None:
    """Print *sheet*: a table in colour on a terminal, plain lines without a title in a pipe."""
    if stdout_is_terminal():
        Console().print(to_rich(sheet))
    else:
        click.echo(sheet.body)


def print_long(shown: Long) -> None:
    """Print a screenful of *shown* on a terminal, all of it in a pipe."""
    print_sheet(shown.sheet() if stdout_is_terminal() else shown.sheet(most=None))


def print_records(records: Iterable[Any], names: Sequence[str], *, as_json: bool, unknown: str = "") -> None:
    """Print the fields *names* of *records*, a line each, and in a table *unknown* for what is None."""
    if as_json:
        print_json([{name: json_value(getattr(record, name)) for name in names} for record in records])
    else:
        rows = [[unknown if (value := getattr(record, name)) is None else cell(value) for name in names] for record in records]
        print_sheet(Sheet(header=names, rows=rows))
