"""How the command line shows what changed."""

from __future__ import annotations

from collections.abc import Iterable

from ..catalog.diff import Change
from ..display.sheet import Sheet
from ..display.text import as_text
from .output import cell, json_value, print_json, print_sheet

__all__ = ["print_changes"]


def print_changes(changes: Iterable[Change], note: str | None = None, *, as_json: bool, dated: bool = False) -> None:
    """Print *changes*, a line each, with when each was accepted if *dated*."""
    when = ("revision", "at") if dated else ()
    if as_json:
        names = (*when, "kind", "ref", "path", "before", "after", "percent")
        print_json([{name: json_value(getattr(change, name)) for name in names} for change in changes])
        return
    rows = [
        [
            *(cell(getattr(change, name)) for name in (*when, "kind", "ref", "path")),
            *("" if change.path is None else as_text(value) for value in (change.before, change.after)),
            "" if change.percent is None else f"{change.percent:+.1f}",
        ]
        for change in changes
    ]
    header = [*when, "change", "model", "field", "before", "after", "%"]
    print_sheet(Sheet(header=header, rows=rows, notes=[note] if note else []))
