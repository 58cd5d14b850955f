"""How the command line says things: tables on a terminal, plain text in a pipe, JSON when asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from ..codec.json_text import to_text
from ..display.terminal import to_rich
from ..display.text import as_text
from ..records.plain import plain

if TYPE_CHECKING:
    from ..display.sheet import Sheet

__all__ = ["cell", "json_value", "print_json", "print_sheet", "stdout_is_terminal"]


def stdout_is_terminal() -> bool:
    """Return whether a person reads the output."""
    return Console().is_terminal


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
