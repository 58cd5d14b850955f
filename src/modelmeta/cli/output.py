"""How the command line says things: tables on a terminal, plain text in a pipe, JSON when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..display.text import align
from ..codec.json_text import to_text
from ..records.plain import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["print_json", "print_table", "stdout_is_terminal"]


def stdout_is_terminal() -> bool:
    """Return whether a person reads the output."""
    return Console().is_terminal


def print_json(value: Any) -> None:
    """Print *value* as one line of JSON, numbers as written; records become objects."""
    click.echo(to_text(plain(value)))


def print_table(table: Sequence[Sequence[str]], *, title: str | None = None, best: Collection[tuple[int, int]] = ()) -> None:
    """Print *table*, its first row the header, the cells at *best* (row and column below the header) highlighted."""
    if not stdout_is_terminal():
        click.echo(align(table))
        return
    header, *rows = table
    pretty = Table(*header, title=title, box=box.SIMPLE_HEAD, title_justify="left", header_style="bold")
    for number, row in enumerate(rows):
        pretty.add_row(*(Text(cell, style="bold green" if (number, place) in best else "") for place, cell in enumerate(row)))
    Console().print(pretty)
