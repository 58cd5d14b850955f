"""A sheet on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .sheet import Sheet

__all__ = ["to_rich"]


def to_rich(sheet: Sheet) -> RenderableType:
    """Return *sheet* as something rich prints: a title, a table, and notes below. What looks like rich's markup is printed as it stands."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    numeric = sheet.numeric
    for place, name in enumerate(sheet.header):
        table.add_column(Text(name), justify="right" if place in numeric else "left", overflow="fold")
    for row, cells in enumerate(sheet.rows):
        table.add_row(*(Text(cell, style="bold green" if (row, place) in sheet.best else "") for place, cell in enumerate(cells)))
    return Group(*([Text(sheet.title, style="bold")] if sheet.title else []), table, *map(Text, sheet.notes))
