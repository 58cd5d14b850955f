"""What a question about many models returns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import attrs

from ..display.sheet import SHOWN, Sheet, part_of
from ..display.shown import Shown
from ..display.text import as_text
from ..records.model import Model
from ..records.plain import to_dict
from ..records.refs import ModelRef
from .query import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]  # it brings no types

    from .catalog import Catalog

__all__ = ["ModelList", "Page"]

Item = TypeVar("Item")

_NAMED = 5


@attrs.frozen
class Page(Generic[Item]):
    """One page of a longer list: ``items`` of ``total``, page number ``page`` (from 1) of ``pages``, at most ``size`` on each."""

    items: tuple[Item, ...]
    total: int
    page: int
    size: int
    pages: int


class ModelList(Shown, Sequence[Model]):
    """Models in an order, as a sequence that decodes each one when it is touched. Immutable. Notebooks and rich show the first 30 as a table."""

    __slots__ = ("_catalog", "_rows")

    def __init__(self, catalog: Catalog, rows: Sequence[int]) -> None:
        self._catalog = catalog
        self._rows = rows

    @property
    def rows(self) -> Sequence[int]:
        """The places of the models in their catalog."""
        return self._rows

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """The references of the models, without decoding them."""
        refs = self._catalog.content.refs
        return tuple(ModelRef.parse(refs[row]) for row in self._rows)

    def first(self) -> Model | None:
        """Return the first model, or None when there is none."""
        return self[0] if self._rows else None

    def page(self, number: int = 1, size: int = 20) -> Page[Model]:
        """Return page *number*, counted from 1; pages past the last are empty.

        Raises:
            QueryError: *number* or *size* is not a whole number of 1 or more.
        """
        for name, value in (("number", number), ("size", size)):
            if type(value) is not int or value < 1:
                raise refuse(name, value, "a whole number of 1 or more")
        items = tuple(self[(number - 1) * size : number * size])
        return Page(items, len(self), number, size, -(-len(self) // size))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dict for each model, nested as upstream nests, with ``provider_id`` and ``price_state``; unknowns are None."""
        return [to_dict(model) for model in self]

    def to_pandas(self) -> pd.DataFrame:
        """Return a row for each model, always the same columns under dotted names; needs the extra ``notebook``.

        Unknown is NA, in columns of pandas' nullable types. Prices are floats, good for plotting; the exact decimals are in :meth:`to_dicts`.
        ``modalities.input`` and ``modalities.output`` hold tuples.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        from .frames import pandas_frame  # noqa: PLC0415  # only notebooks need it

        return pandas_frame(self)

    def to_polars(self) -> pl.DataFrame:
        """Return a row for each model, always the same columns under dotted names; needs the extra ``notebook``.

        Unknown is null. Prices are floats, good for plotting; the exact decimals are in :meth:`to_dicts`. ``modalities.input`` and
        ``modalities.output`` hold lists.

        Raises:
            MissingExtraError: polars is not installed.
        """
        from .frames import polars_frame  # noqa: PLC0415  # only notebooks need it

        return polars_frame(self)

    def to_arrow(self) -> pa.Table:
        """Return a row for each model, always the same columns under dotted names; needs the extra ``arrow``.

        Beside the columns of the other frames there is one for each capability, true, false or null, and ``release_date.day``,
        ``last_updated.day`` and ``knowledge.day``, which are real dates where upstream names a day. Unknown is null. Prices are exact, as
        ``decimal128(38, 24)``. What its column cannot hold to the last digit (a price with more than 24 decimals, a count of more than 63
        bits) is null, never rounded; :meth:`to_dicts` has it.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        from .arrow import models_table  # noqa: PLC0415  # only who reads Arrow needs it

        return models_table(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return :meth:`to_arrow` as an Arrow C stream, by which duckdb, pandas, polars, pyarrow and others read it."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first *most* models, or all, with what one chooses by; a note counts the rest."""
        shown = self[:most]
        return Sheet(
            header=["model", "context", "output", "USD/M in", "USD/M out", "price", "released", "status"],
            rows=[
                [
                    str(model.ref),
                    as_text(model.limit.context),
                    as_text(model.limit.output),
                    as_text(model.cost and model.cost.input),
                    as_text(model.cost and model.cost.output),
                    model.price_state,
                    as_text(model.release_date),
                    model.status or "available",
                ]
                for model in shown
            ],
            notes=part_of(len(shown), len(self), "models"),
        )

    @overload
    def __getitem__(self, index: int) -> Model: ...
    @overload
    def __getitem__(self, index: slice) -> ModelList: ...
    def __getitem__(self, index: int | slice) -> Model | ModelList:
        if isinstance(index, slice):
            return ModelList(self._catalog, self._rows[index])
        return self._catalog.at(self._rows[index])

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Model]:
        decoded, at = self._catalog.decoded, self._catalog.at
        return (decoded[row] or at(row) for row in self._rows)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ModelList)
            and len(self) == len(other)
            and all(mine == theirs for mine, theirs in zip(self, other, strict=True))
        )

    def __hash__(self) -> int:
        return hash(self.refs)

    def __repr__(self) -> str:
        more = ", …" if len(self) > _NAMED else ""
        return f"<ModelList of {len(self)}: {', '.join(map(as_text, self[:_NAMED].refs))}{more}>"
