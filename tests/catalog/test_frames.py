"""Models as rows of data frames."""

from __future__ import annotations

from functools import reduce

import pandas as pd
import polars as pl
import pytest

from modelmeta import MissingExtraError

TEXT = [
    "provider_id",
    "id",
    "name",
    "family",
    "type",
    "status",
    "price_state",
    "knowledge",
    "release_date",
    "last_updated",
    "canonical_model_id",
]
FLAGS = ["attachment", "reasoning", "tool_call", "structured_output", "temperature", "interleaved", "open_weights"]
WORDS = ["modalities.input", "modalities.output"]
COUNTS = ["limit.context", "limit.input", "limit.output"]
RATES = [f"cost.{name}" for name in ["input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio"]]
COLUMNS = [*TEXT[:7], *FLAGS, *WORDS, *TEXT[7:10], *COUNTS, *RATES, TEXT[10]]
FORMS = pytest.mark.parametrize("form", ["to_pandas", "to_polars"])


def expected(models):
    """Return the rows as the nested dicts say them."""
    for facts in models.to_dicts():
        row = {name: reduce(lambda value, key: value and value[key], name.split("."), facts) for name in COLUMNS}
        yield {
            **row,
            **{name: None if row[name] is None else float(row[name]) for name in RATES},
            **{name: row[name] or None for name in WORDS},
            "interleaved": None if row["interleaved"] is None else row["interleaved"] is not False,
        }


def rows(frame):
    """Return the rows of either kind of frame, unknowns as None."""
    if isinstance(frame, pl.DataFrame):
        return frame.to_dicts()
    known = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{name: list(value) if isinstance(value, tuple) else value for name, value in row.items()} for row in known]


@FORMS
def test_a_frame_says_what_the_dicts_say_in_the_same_order(catalog, form):
    models = catalog.models()

    assert list(expected(models)) == rows(getattr(models, form)())


@FORMS
def test_a_frame_of_small_facts_says_what_the_dicts_say(small, form):
    models = small.models()[::-1]

    assert list(expected(models)) == rows(getattr(models, form)())


@FORMS
@pytest.mark.parametrize("empty", [True, False], ids=["empty", "full"])
def test_the_columns_are_always_the_same(small, form, empty):
    models = small.models()[:0] if empty else small.models()
    frame = getattr(models, form)()

    assert COLUMNS == list(frame.columns)
    assert len(models) == len(frame)


@pytest.mark.parametrize("cut", [slice(0), slice(None), slice(0, 1)], ids=["empty", "full", "bare"])
def test_unknown_has_a_place_in_every_type(small, cut):
    models = small.models()[cut]
    kinds = (
        dict.fromkeys(TEXT, "string") | dict.fromkeys(FLAGS, "boolean") | dict.fromkeys(COUNTS, "Int64") | dict.fromkeys(RATES, "Float64")
    )
    schema = (
        dict.fromkeys(TEXT, pl.String)
        | dict.fromkeys(FLAGS, pl.Boolean)
        | dict.fromkeys(COUNTS, pl.Int64)
        | dict.fromkeys(RATES, pl.Float64)
        | dict.fromkeys(WORDS, pl.List(pl.String))
    )

    assert kinds | dict.fromkeys(WORDS, "object") == {name: str(kind) for name, kind in models.to_pandas().dtypes.items()}
    assert schema == dict(models.to_polars().schema)


@FORMS
def test_unknown_is_neither_no_nor_nothing(document, form):
    frame = getattr(document({"a": {"name": "A"}, "b": {"name": "B", "tool_call": False, "cost": {"input": 0}}}).models(), form)()
    unknown, known = rows(frame)

    assert {"provider_id", "id", "name", "price_state"} == {name for name, value in unknown.items() if value is not None}
    assert known["tool_call"] is False
    assert (0.0, None) == (known["cost.input"], known["cost.output"])


def test_pandas_counts_and_plots_without_unknowns(small):
    frame = small.models().to_pandas()

    assert frame["limit.context"].isna().sum() == sum(model.limit.context is None for model in small)
    assert frame["cost.input"].mean() == pytest.approx(
        pd.Series([float(model.cost.input) for model in small if model.cost and model.cost.input is not None]).mean()
    )


@FORMS
def test_odd_facts_break_no_frame(document, form):
    odd = {"name": "half \ud800 a character", "limit": {"context": 2**63, "output": 2**63 - 1}, "modalities": {"input": ["\udfff"]}}
    [row] = rows(getattr(document({"m": odd}).models(), form)())

    assert ("half ? a character", ["?"], None, 2**63 - 1) == (
        row["name"],
        row["modalities.input"],
        row["limit.context"],
        row["limit.output"],
    )


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_without_the_extra_a_frame_says_what_to_install(small, uninstalled, package):
    models = small.models()
    uninstalled(package, again="modelmeta.catalog.frames")

    with pytest.raises(MissingExtraError, match=rf'{package}: pip install "modelmeta\[notebook\]"') as caught:
        getattr(models, f"to_{package}")()
    assert caught.value.extra == "notebook"
