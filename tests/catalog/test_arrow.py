"""The catalog through Arrow, read by pyarrow, polars, pandas and duckdb as they are installed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import reduce

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import MissingExtraError, Registry
from modelmeta.catalog.arrow import exact

TEXT = ["provider_id", "id", "name", "family", "type", "status", "price_state", "canonical_model_id"]
DATES = ["knowledge", "release_date", "last_updated"]
FLAGS = ["attachment", "reasoning", "tool_call", "structured_output", "temperature", "interleaved", "open_weights"]
DERIVED = [
    *("vision", "image_input", "audio_input", "video_input", "pdf_input", "image_output", "audio_output", "video_output"),
    *("streaming", "code_generation"),
]
WORDS = ["modalities.input", "modalities.output"]
COUNTS = ["limit.context", "limit.input", "limit.output"]
RATES = [f"cost.{name}" for name in ["input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio"]]


def expected(models):
    """Return the rows as the nested dicts, and for what is derived the models, say them."""
    for model, facts in zip(models, models.to_dicts(), strict=True):
        names = [*TEXT, *DATES, *FLAGS, *WORDS, *COUNTS, *RATES]
        row = {name: reduce(lambda value, key: value and value[key], name.split("."), facts) for name in names}
        yield {
            **row,
            **{name: row[name] or None for name in WORDS},
            "interleaved": None if row["interleaved"] is None else row["interleaved"] is not False,
            **{name: model.supports(name) for name in DERIVED},
            **{f"{name}.day": day(row[name]) for name in DATES},
        }


def day(text):
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def by_pyarrow(source):
    return pa.table(source).to_pylist()


def by_polars(source):
    return pl.DataFrame(source).to_dicts()


def by_pandas(source):
    return [{name: known(value) for name, value in row.items()} for row in pd.DataFrame.from_arrow(source).to_dict("records")]


def by_duckdb(source):
    found = duckdb.sql("SELECT * FROM source")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def known(value):
    """Return a cell of pandas, unknown as None."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return None if pd.isna(value) else value


@pytest.mark.parametrize("read", [by_pyarrow, by_polars, by_pandas, by_duckdb])
def test_who_reads_arrow_reads_what_the_records_say(catalog, read):
    assert list(expected(catalog.models())) == read(catalog)


@pytest.mark.parametrize("read", [by_pyarrow, by_pandas, by_duckdb])
def test_some_models_are_read_in_their_order(small, read):
    models = small.models()[::-1]

    assert list(expected(models)) == read(models)


def test_polars_takes_a_list_of_models_for_a_sequence_and_reads_its_table(small):
    models = small.models()

    assert list(expected(models)) == by_polars(models.to_arrow())


def test_a_registry_is_read_as_its_catalog(catalog):
    with Registry() as registry:
        assert pa.table(catalog).equals(pa.table(registry))


@pytest.mark.parametrize("cut", [slice(0), slice(None), slice(0, 1)], ids=["empty", "full", "bare"])
def test_the_columns_have_the_same_types_whatever_is_known(small, cut):
    kinds = (
        dict.fromkeys([*TEXT, *DATES], pa.string())
        | dict.fromkeys([*FLAGS, *DERIVED], pa.bool_())
        | dict.fromkeys(WORDS, pa.list_(pa.string()))
        | dict.fromkeys(COUNTS, pa.int64())
        | dict.fromkeys(RATES, pa.decimal128(38, 24))
        | dict.fromkeys([f"{name}.day" for name in DATES], pa.date32())
    )
    schema = small.models()[cut].to_arrow().schema

    assert kinds == dict(zip(schema.names, schema.types, strict=True))


def test_the_columns_begin_as_those_of_the_other_frames_do(small):
    columns = small.models().to_polars().columns

    assert columns == small.models().to_arrow().column_names[: len(columns)]


@pytest.mark.parametrize(
    ("text", "real"),
    [("2026-02-28", date(2026, 2, 28)), ("2026-02", None), ("2026", None), ("2026-02-30", None), ("soon", None)],
)
def test_a_date_is_one_where_it_is_a_day(document, text, real):
    [row] = by_pyarrow(document({"m": {"name": "M", "release_date": text}}))

    assert (text, real) == (row["release_date"], row["release_date.day"])


def test_what_a_column_cannot_hold_to_the_last_digit_is_null(document):
    odd = {
        "name": "half \ud800 a character",
        "limit": {"context": 2**63, "output": 2**63 - 1},
        "cost": {"input": 1e-25, "output": 1e-24, "cache_read": 10**14, "cache_write": 10**14 - 1},
    }
    [row] = by_pyarrow(document({"m": odd}))

    assert row["name"] == "half ? a character"
    assert (None, 2**63 - 1) == (row["limit.context"], row["limit.output"])
    assert (None, Decimal("1E-24")) == (row["cost.input"], row["cost.output"])
    assert (None, 10**14 - 1) == (row["cost.cache_read"], row["cost.cache_write"])


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_is_held_exactly_or_not_at_all(number):
    numerator, denominator = number.as_integer_ratio()
    units, rest = divmod(numerator * 10**24, denominator)
    held = exact(number)

    assert (held == number) if rest == 0 and abs(units) < 10**38 else (held is None)


def test_without_the_extra_arrow_says_what_to_install(small, uninstalled):
    models = small.models()
    uninstalled("pyarrow", again="modelmeta.catalog.arrow")

    with pytest.raises(MissingExtraError, match=r'pyarrow: pip install "modelmeta\[arrow\]"') as caught:
        models.to_arrow()
    assert caught.value.extra == "arrow"
