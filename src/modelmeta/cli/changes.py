"""How the command line shows what changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from ..catalog.diff import Change
from ..display.sheet import Sheet
from ..display.text import as_text
from .output import cell, json_value, print_json, print_sheet

__all__ = ["print_change", "print_changes"]

_WHEN = ("revision", "at")


def print_changes(changes: Iterable[Change], note: str | None = None, *, as_json: bool, dated: bool = False) -> None:
    """Print *changes*, a line each, with when each was accepted if *dated*."""
    when = _WHEN if dated else ()
    if as_json:
        print_json([_facts(change, when) for change in changes])
        return
    rows = [_cells(change, when) for change in changes]
    header = [*when, "change", "model", "field", "before", "after", "%"]
    print_sheet(Sheet(header=header, rows=rows, notes=[note] if note else []))


def print_change(change: Change, *, as_json: bool) -> None:
    """Print one *change* as a line."""
    if as_json:
        print_json(_facts(change, ()))
    else:
        kind, ref, path, before, after, percent = _cells(change, ())
        moved = f" {path}: {before} -> {after}" if path else ""
        click.echo(f"{kind} {ref}{moved}{percent and f' ({percent} %)'}")


def _facts(change: Change, when: tuple[str, ...]) -> dict[str, Any]:
    return {name: json_value(getattr(change, name)) for name in (*when, "kind", "ref", "path", "before", "after", "percent")}


def _cells(change: Change, when: tuple[str, ...]) -> list[str]:
    return [
        *(cell(getattr(change, name)) for name in (*when, "kind", "ref", "path")),
        *("" if change.path is None else as_text(value) for value in (change.before, change.after)),
        "" if change.percent is None else f"{change.percent:+.1f}",
    ]
