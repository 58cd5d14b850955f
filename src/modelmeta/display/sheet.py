"""A table of text, whatever it is shown on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from .text import UNKNOWN, align, is_number, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.console import RenderableType

__all__ = ["Sheet", "Shown"]


class Sheet:
    """What there is to show: a title, a table, and notes below it, a line each.

    ``best`` are the places (row and column below the header) of cells that stand out. All of it is plain text that prints as it stands, made
    so here; what shows it escapes what its own markup would take for more.
    """

    # Not attrs, whose making of a class takes a hundred times as long: every model's class is made after this module is read.
    __slots__ = ("best", "header", "notes", "rows", "title")

    def __init__(
        self,
        *,
        title: str = "",
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        best: Collection[tuple[int, int]] = (),
        notes: Sequence[str] = (),
    ) -> None:
        self.title = printable(title)
        self.header = [printable(cell) for cell in header]
        self.rows = [[printable(cell) for cell in row] for row in rows]
        self.best = frozenset(best)
        self.notes = [printable(note) for note in notes]

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

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.body}" if self.title else self.body


class Shown(ABC):
    """What shows itself as a table: in a notebook, and through rich in a terminal."""

    __slots__ = ()

    @abstractmethod
    def sheet(self) -> Sheet:
        """Return the table that shows this."""

    def _repr_html_(self) -> str:
        from .html import to_html  # noqa: PLC0415  # only a notebook needs it

        return to_html(self.sheet())

    def __rich__(self) -> RenderableType:
        from .terminal import to_rich  # noqa: PLC0415  # only rich calls this, so rich is there

        return to_rich(self.sheet())
