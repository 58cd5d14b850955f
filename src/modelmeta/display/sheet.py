"""A table of text, whatever it is shown on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import attrs

from .text import UNKNOWN, align, is_number, printable

__all__ = ["SHOWN", "Sheet", "part_of"]

SHOWN = 30
"""How many rows of a long table are shown at first."""


def part_of(shown: int, total: int, what: str) -> list[str]:
    """Return the note below a table of *shown* out of *total* rows, where these are not all."""
    return [f"{shown:,} of {total:,} {what}"] if shown < total else []


def _all_printable(texts: Iterable[str]) -> list[str]:
    return [printable(text) for text in texts]


def _rows_printable(rows: Iterable[Iterable[str]]) -> list[list[str]]:
    return [_all_printable(row) for row in rows]


def _as_markdown(cell: str) -> str:
    return cell.replace("|", "\\|").replace("<", "&lt;")


@attrs.frozen(kw_only=True)
class Sheet:
    """What there is to show: a title, a table, and notes below it, a line each.

    ``best`` are the places (row and column below the header) of cells that stand out. All of it is plain text that prints as it stands, made
    so here; what shows it escapes what its own markup would take for more.
    """

    title: str = attrs.field(default="", converter=printable)
    header: Sequence[str] = attrs.field(converter=_all_printable)
    rows: Sequence[Sequence[str]] = attrs.field(converter=_rows_printable)
    best: Collection[tuple[int, int]] = frozenset()
    notes: Sequence[str] = attrs.field(default=(), converter=_all_printable)

    def marked(self, mark: str) -> list[list[str]]:
        """Return the rows, the cells that stand out put into *mark*, a format such as ``"{} *"``."""
        return [
            [mark.format(cell) if (number, place) in self.best else cell for place, cell in enumerate(row)]
            for number, row in enumerate(self.rows)
        ]

    @property
    def numeric(self) -> frozenset[int]:
        """The places of the columns in which everything known is a number."""
        columns = [[cell for cell in column if cell not in {"", UNKNOWN}] for column in zip(*self.rows, strict=True)]
        return frozenset(place for place, known in enumerate(columns) if known and all(map(is_number, known)))

    @property
    def body(self) -> str:
        """The table and the notes as lines of text, without the title."""
        return "\n".join([align([self.header, *self.marked("{} *")]), *(["", *self.notes] if self.notes else [])])

    @property
    def markdown(self) -> str:
        """The table and the notes as Markdown, the cells that stand out in bold."""
        lines = ["| " + " | ".join(map(_as_markdown, cells)) + " |" for cells in [self.header, *self.marked("**{}**")]]
        lines.insert(1, "|" + " --- |" * len(self.header))
        return "\n".join([*lines, *(["", *self.notes] if self.notes else [])])

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.body}" if self.title else self.body
