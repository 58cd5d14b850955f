"""What can be shown to people. Every record's module reads this one, so it stays small."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .sheet import Sheet

__all__ = ["Shown"]


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
