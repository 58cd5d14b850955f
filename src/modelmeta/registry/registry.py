"""The hallway: where a program meets the catalog."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from ..catalog.reading import Reading
from .catalogs import bundled_catalog

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from ..catalog.catalog import Catalog
    from .status import RegistryStatus

__all__ = ["AsyncRegistry", "Registry"]


class _Facade(Reading):
    """What both registries are made of: one reference to the current catalog, opened when first asked for."""

    def __init__(self) -> None:
        self._catalog: Catalog | None = None
        self._opening = Lock()

    @property
    def catalog(self) -> Catalog:
        """The current immutable catalog; hold on to it to ask several questions of the same facts."""
        return self._catalog if self._catalog is not None else self._open()

    def _open(self) -> Catalog:
        with self._opening:
            if self._catalog is None:
                self._catalog = bundled_catalog()
            return self._catalog

    def status(self) -> RegistryStatus:
        """Return where the facts are from and how old they are."""
        from .status import status_of  # noqa: PLC0415  # the first answer needs none of it

        return status_of(self.catalog)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._catalog!r}>" if self._catalog is not None else f"<{type(self).__name__}, not opened yet>"


class Registry(_Facade):
    """The catalog for programs: reads are plain calls, answered in memory.

    Constructing one opens nothing; the first question opens the bundled snapshot. Two registries know nothing of each other.

    >>> from modelmeta import Registry
    >>> with Registry() as registry:
    ...     registry.get("anthropic/claude-opus-4-5").limit.context
    200000
    """

    def close(self) -> None:
        """Release what the registry holds. Reading goes on working."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncRegistry(_Facade):
    """The catalog for asyncio programs: the same reads, the same plain calls; only what touches the world is awaited."""

    async def aclose(self) -> None:
        """Release what the registry holds. Reading goes on working."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()
