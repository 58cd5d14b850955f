"""Models as rows of a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import MissingExtraError
from ..records.columns import fact_at
from ..records.cost import RATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    import polars as pl

    from .model_list import ModelList

__all__ = ["KINDS", "READ", "pandas_frame", "polars_frame"]

KINDS = {
    **dict.fromkeys(("provider_id", "id", "name", "family", "type", "status", "price_state"), "text"),
    **dict.fromkeys(("attachment", "reasoning", "tool_call", "structured_output", "temperature", "interleaved", "open_weights"), "flag"),
    **dict.fromkeys(("modalities.input", "modalities.output"), "words"),
    **dict.fromkeys(("knowledge", "release_date", "last_updated"), "text"),
    **dict.fromkeys(("limit.context", "limit.input", "limit.output"), "count"),
    **dict.fromkeys((f"cost.{rate}" for rate in RATES), "rate"),
    "canonical_model_id": "text",
}
"""The columns, in their order, and what each holds."""


def pandas_frame(models: ModelList) -> pd.DataFrame:
    """Return a pandas frame of *models*; see ``ModelList.to_pandas``."""
    try:
        import pandas as pd  # noqa: PLC0415  # comes with the extra
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    types = {"text": "string", "flag": "boolean", "count": "Int64", "rate": "Float64", "words": "object"}
    return pd.DataFrame({name: pd.Series(values, dtype=types[kind]) for name, kind, values in _columns(models)})


def polars_frame(models: ModelList) -> pl.DataFrame:
    """Return a polars frame of *models*; see ``ModelList.to_polars``."""
    try:
        import polars as pl  # noqa: PLC0415  # comes with the extra
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    types = {"text": pl.String(), "flag": pl.Boolean(), "count": pl.Int64(), "rate": pl.Float64(), "words": pl.List(pl.String)}
    return pl.DataFrame([pl.Series(name, values, types[kind]) for name, kind, values in _columns(models)])


def _missing(error: ModuleNotFoundError) -> MissingExtraError:
    message = f'this frame needs {error.name}: pip install "modelmeta[notebook]"'
    return MissingExtraError(message, extra="notebook")


def _columns(models: ModelList) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield the name, kind and values of each column."""
    for name, kind in KINDS.items():
        read = READ[kind]
        facts = (fact_at(model, name) for model in models)
        yield name, kind, [None if fact is None or fact == () else read(fact) for fact in facts]


def _text(value: object) -> str:
    """Return *value* as text that UTF-8 can write: JSON may hold half a character, which frames refuse."""
    return str(value).encode(errors="replace").decode()


def _count(value: int) -> int | None:
    """Return *value*, or None where it does not fit into a frame's 64 bits."""
    return value if value < 1 << 63 else None


READ: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "flag": bool,
    "count": _count,
    "rate": float,
    "words": lambda words: tuple(map(_text, words)),
}
"""How a fact of each kind is read into a cell."""
