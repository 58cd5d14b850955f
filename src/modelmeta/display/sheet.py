"""A table of text, whatever it is shown on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import attrs

from .text import align

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Sheet", "Shown"]


@attrs.frozen(kw_only=True)
class Sheet:
    """What there is to show: a title, a table, and notes below it.

    ``best`` are the places (row and column below the header) of cells that stand out. All of it is plain text; what shows it escapes it.
    """

    title: str = ""
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    best: Collection[tuple[int, int]] = ()
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        marked = [
            [f"{cell} *" if (number, place) in self.best else cell for place, cell in enumerate(row)] for number, row in enumerate(self.rows)
        ]
        return "\n".join([*([self.title, ""] if self.title else []), align([self.header, *marked]), *(["", *self.notes] if self.notes else [])])


class Shown:
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
