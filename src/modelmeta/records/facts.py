"""The pieces of a document, as a history keeps them: each on its own, with the revisions it was true in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs

if TYPE_CHECKING:
    from .lab import LabModel
    from .model import Model
    from .provider import Provider

__all__ = ["Fact", "Part", "Version"]

Part: TypeAlias = Literal["models", "providers", "labs", "rest"]
"""Where a piece stands: a model by ``provider/model``, a provider by id (without its models), a lab model by id, or what is none of these."""


@attrs.frozen
class Fact:
    """One piece of a document: ``raw`` is upstream's JSON (ASCII, keys sorted, numbers as written), None where the piece is gone."""

    part: Part
    key: str
    raw: str | None
    _decode: Callable[[], Model | Provider | LabModel] | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def record(self) -> Model | Provider | LabModel | None:
        """The same as a record, decoded each time it is asked for by who keeps columns; None where the piece is gone or no record."""
        return None if self._decode is None else self._decode()


@attrs.frozen
class Version:
    """One piece of a document and when it stood there: from revision ``since`` up to and without revision ``until``, by number.

    ``until`` is None while it stands.
    """

    part: Part
    key: str
    raw: str
    since: int
    until: int | None = None
