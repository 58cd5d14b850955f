"""Documents that are wrong at heart."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings

from modelmeta import load_catalog
from modelmeta.testing import documents, repriced, shrunk

ROW = {
    "limit": {"input": 100, "output": 10},
    "cost": {
        "input": 2,
        "output": 0.5,
        "tiers": [{"input": 4, "tier": {"type": "context", "size": 200_000}}],
        "context_over_200k": {"cache_read": 1},
        "unit": 7,
        "reasoning": True,
    },
    "experimental": {"modes": {"fast": {"cost": {"output": 3}, "provider": {"body": {"input": 1}}}}},
}
DEAR = {
    "limit": {"input": 100, "output": 10},
    "cost": {
        "input": 20,
        "output": 5.0,
        "tiers": [{"input": 40, "tier": {"type": "context", "size": 200_000}}],
        "context_over_200k": {"cache_read": 10},
        "unit": 7,
        "reasoning": True,
    },
    "experimental": {"modes": {"fast": {"cost": {"output": 30}, "provider": {"body": {"input": 1}}}}},
}
API = {"cost": {"name": "Cost", "models": {"cost": ROW, "plain": {"name": "Plain"}}}, "b": {"models": {"odd": 5}}, "c": {"models": {}}}


@pytest.mark.parametrize("wrap", [lambda api: api, lambda api: {"models": {"cost/cost": ROW}, "providers": api}], ids=["api", "catalog"])
def test_repriced_multiplies_every_rate_and_nothing_else(wrap):
    dear = {**API, "cost": {"name": "Cost", "models": {"cost": DEAR, "plain": {"name": "Plain"}}}}
    assert repr(repriced(wrap(API), 10)) == repr(wrap(dear))


@pytest.mark.parametrize("wrap", [lambda api: api, lambda api: {"models": {"cost/cost": ROW}, "providers": api}], ids=["api", "catalog"])
def test_shrunk_keeps_the_first_providers(wrap):
    assert repr(shrunk(wrap(API), 2)) == repr(wrap({"cost": API["cost"], "b": API["b"]}))
    assert shrunk(wrap(API)) == wrap(API)


@settings(max_examples=30)
@given(documents())
def test_the_document_given_stays_as_it_was(document):
    before = copy.deepcopy(document)
    repriced(document)
    shrunk(document, 1)
    assert repr(document) == repr(before)


@settings(max_examples=30)
@given(documents())
def test_what_is_repriced_costs_a_thousand_times_as_much(document):
    before, after = load_catalog(document), load_catalog(repriced(document))
    rates = [(model.cost.input, after[model.ref].cost.input) for model in before if model.cost and model.cost.input]
    assert all(float(new) == pytest.approx(1000 * float(old)) for old, new in rates)
    assert [model.limit for model in before] == [model.limit for model in after]
