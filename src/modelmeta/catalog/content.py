"""What a catalog is made over: the facts, however they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..records.columns import Column
    from ..records.lab import LabModel
    from ..records.model import Model
    from ..records.problem import Problem
    from ..records.provider import Provider
    from ..records.refs import ModelRef

__all__ = ["Content"]


class Content(Protocol):
    """The facts of one revision. Asking twice gives equal answers; a catalog keeps the first."""

    @property
    def refs(self) -> Sequence[str]:
        """``provider/model`` of every row, sorted."""
        ...

    @property
    def digest(self) -> str:
        """The SHA-256 of all facts."""
        ...

    @property
    def kind(self) -> str:
        """Which models.dev document the facts came in."""
        ...

    @property
    def source(self) -> str:
        """Where the document came from, for people."""
        ...

    @property
    def fetched_at(self) -> str | None:
        """When the document was current: an ISO 8601 date or time in UTC, None where nobody said."""
        ...

    @property
    def aliases(self) -> Mapping[str, str]:
        """Other names of models, each with the reference it stands for."""
        ...

    def providers(self) -> Mapping[str, Provider]:
        """Return the providers by id."""
        ...

    def lab_models(self) -> Mapping[str, LabModel]:
        """Return the lab models by id."""
        ...

    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read, or reads oddly."""
        ...

    def model(self, row: int) -> Model:
        """Return the model of *row*."""
        ...

    def column(self, name: str) -> Column:
        """Return the column called *name*, one of ``COLUMNS``."""
        ...

    def line(self, row: int) -> bytes:
        """Return all facts of *row* as bytes that are equal when the facts are."""
        ...

    def only(self, rows: Sequence[int], labs: Collection[str], models: Mapping[ModelRef, Model]) -> Content:
        """Return what is said of these *rows*, ascending, of the providers that have any of them, and of these *labs*' models, by id.

        *models* are the models of the rows, so that they need not be read again; it is asked for one when that is first touched.
        """
        ...

    def verify(self) -> None:
        """Compare the facts with their digest.

        Raises:
            DecodeError: they differ.
        """
        ...

    def __bytes__(self) -> bytes:
        """Return the facts in modelmeta's own format."""
        ...
