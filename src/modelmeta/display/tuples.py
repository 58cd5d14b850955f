"""Results that are tuples, and show themselves as tables."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, TypeVar, overload

from .sheet import SHOWN
from .shown import Shown

if TYPE_CHECKING:
    from .sheet import Sheet

__all__ = ["ShownTuple"]

T_co = TypeVar("T_co", covariant=True)


class ShownTuple(tuple[T_co, ...], Shown):
    """A tuple that shows itself as a table; so does every slice of it."""

    __slots__ = ()

    @abstractmethod
    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all as a table."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> T_co: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any]) -> Self: ...
    def __getitem__(self, index: SupportsIndex | slice) -> T_co | Self:
        return self._some(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

    def __str__(self) -> str:
        return str(self.sheet(most=None))

    def _some(self, some: tuple[T_co, ...]) -> Self:
        return type(self)(some)
