"""The strategies that the other tests of this room draw from promise what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from modelmeta.testing.strategies import documents, json_texts, json_values, rows

QUICKLY = settings(max_examples=20_000, database=None, phases=[Phase.generate])
SHAPES = {
    "field names of June 2025": lambda row: "open" in row and "input_modalities" in row,
    "status flags of October 2025": lambda row: row.get("deprecated") is True,
    "experimental as a flag": lambda row: row.get("experimental") is True,
    "experimental modes": lambda row: "cost" in next(iter(at(row, "experimental", "modes").values()), {}),
    "interleaved as a flag": lambda row: row.get("interleaved") is True,
    "interleaved by field": lambda row: "field" in at(row, "interleaved"),
    "interleaved by name": lambda row: "name" in at(row, "interleaved"),
    "no cost": lambda row: "limit" in row and "cost" not in row,
    "tiers": lambda row: len(at(row, "cost").get("tiers", ())) > 1,
    "context over 200k without tiers": lambda row: "context_over_200k" in at(row, "cost") and "tiers" not in row["cost"],
    "a tier of another type": lambda row: any(tier["tier"].get("type") == "time" for tier in at(row, "cost").get("tiers", ())),
    "null among the values of reasoning": lambda row: any(None in option.get("values", ()) for option in row.get("reasoning_options", ())),
    "a limit of 0": lambda row: at(row, "limit").get("context") == 0,
    "an impossible date": lambda row: row.get("release_date") == "2025-02-31",
    "an unknown word": lambda row: row.get("status", "beta") not in {"alpha", "beta", "deprecated"},
    "an unknown field": lambda row: any(key.startswith("x_") for key in row),
    "an unknown field deeper down": lambda row: any(key.startswith("x_") for key in at(row, "limit")),
    "an override of the shape alone": lambda row: at(row, "provider").keys() == {"shape"},
}


def at(row: Any, *keys: str) -> dict[str, Any]:
    """Return the object at *keys* of *row*, or an empty one where there is none."""
    for key in keys:
        row = row.get(key) if isinstance(row, dict) else None
    return row if isinstance(row, dict) else {}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_every_historical_shape_is_among_the_rows(shape):
    assert shape(find(rows(), shape, settings=QUICKLY))


@given(st.data(), json_values())
def test_a_text_means_its_value_however_it_is_spelled(data, value):
    read = json.loads(data.draw(json_texts(st.just(value))))
    assert json.dumps(read, sort_keys=True) == json.dumps(value, sort_keys=True)


@given(documents())
def test_a_sound_document_has_providers_with_models(document):
    assert document
    assert all(provider_id and "/" not in provider_id and all(provider["models"]) for provider_id, provider in document.items())


@pytest.mark.parametrize("flaw", [lambda value: not isinstance(value, dict), lambda value: not isinstance(at(value).get("models"), dict)])
def test_a_flawed_document_has_providers_that_are_none(flaw):
    find(documents(flawed=True), lambda document: any(map(flaw, document.values())), settings=QUICKLY)
