"""How the command line says things: tables on a terminal, plain text in a pipe, JSON when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from ..codec.json_text import to_text
from ..display.terminal import to_rich
from ..records.plain import plain

if TYPE_CHECKING:
    from ..display.sheet import Sheet

__all__ = ["print_json", "print_sheet", "stdout_is_terminal"]


def stdout_is_terminal() -> bool:
    """Return whether a person reads the output."""
    return Console().is_terminal


def print_json(value: Any) -> None:
    """Print *value* as one line of JSON, numbers as written; records become objects."""
    click.echo(to_text(plain(value)))


def print_sheet(sheet: Sheet) -> None:
    """Print *sheet*: a table in colour on a terminal, plain lines without a title in a pipe."""
    if stdout_is_terminal():
        Console().print(to_rich(sheet))
    else:
        click.echo(sheet.body)
