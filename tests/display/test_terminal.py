"""What rich prints."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from modelmeta import Usage
from modelmeta.display.sheet import Sheet
from modelmeta.display.terminal import to_rich
from modelmeta.display.text import printable


def printed(thing, *, width=200, color=False) -> str:
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=color, color_system="standard" if color else None).print(thing)
    return file.getvalue()


def test_a_sheet_prints_its_title_table_and_notes_in_this_order():
    lines = printed(to_rich(Sheet(title="Title", header=["a", "b"], rows=[["1", "x"]], notes=["note"]))).split()

    assert ["Title", "a", "b", "1", "x", "note"] == [word for word in lines if set(word) != {"─"}]


def test_what_is_best_is_bold_and_green_and_nothing_else_is():
    shown = printed(to_rich(Sheet(header=["a", "b"], rows=[["one", "two"]], best={(0, 1)})), color=True)

    assert re.findall(r"\x1b\[1;32m(\w+)", shown) == ["two"]


def test_numbers_stand_right():
    lines = printed(to_rich(Sheet(header=["a", "number"], rows=[["x", "1"], ["y", "?"]]))).splitlines()

    assert [line.rstrip()[-1] for line in lines if line.strip() and "─" not in line] == ["r", "1", "?"]
    assert len({len(line.rstrip()) for line in lines if line.strip() and "─" not in line}) == 1


def test_a_narrow_terminal_loses_nothing():
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    shown = printed(to_rich(Sheet(header=["a", "b"], rows=[[letters, letters.upper()]])), width=20)

    assert sorted(f"ab{letters}{letters.upper()}") == sorted("".join(shown.replace("─", "").split()))


@pytest.mark.parametrize("name", ["models", "model", "comparison", "quote"])
def test_rich_prints_what_is_shown(catalog, name):
    things = {
        "models": catalog.models("openai"),
        "model": catalog["openai/gpt-5.5"],
        "comparison": catalog.compare("openai/gpt-5.5", "anthropic/claude-opus-4-5"),
        "quote": catalog.price("openai/gpt-5.5", Usage(300_000)),
    }
    sheet, shown = things[name].sheet(), printed(things[name], width=1_000)
    lines = [line.split() for line in shown.splitlines()]

    for row in [sheet.header, *sheet.rows]:
        assert " ".join(row).split() in lines
    for text in [sheet.title, *sheet.notes]:
        assert text.split() in lines


def test_the_data_is_printed_literally_and_steers_nothing(catalog_of, hostile):
    first, second = catalog_of.content.refs
    for thing in (
        catalog_of[first],
        catalog_of.models(),
        catalog_of.compare(first, second),
        catalog_of.price(first, Usage(1), mode=hostile),
    ):
        shown = printed(thing, width=3_000)
        assert printable(hostile).rstrip() in shown
        assert all(character.isprintable() or character == "\n" for character in shown)
