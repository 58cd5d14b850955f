"""A catalog in numbers, against plain counting."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Distribution


def spread(values):
    """Return what a distribution of *values* says: those known, those not, and the values at the ends and the quarters, rounded down."""
    known = sorted(value for value in values if value is not None)
    unknown = len(values) - len(known)
    if not known:
        return Distribution(0, unknown)
    quarters = [known[int((len(known) - 1) * share)] for share in (0.25, 0.75)]
    return Distribution(len(known), unknown, min(known), quarters[0], statistics.median_low(known), quarters[1], max(known))


def check(catalog):
    stats, models = catalog.stats(), list(catalog)
    priced = [model for model in models if model.price_state == "priced"]
    assert len(models) == stats.models
    assert len(catalog.providers()) == stats.providers
    assert len(catalog.lab_models) == stats.lab_models
    assert len(catalog.problems) == stats.problems
    assert Counter(model.provider_id for model in models) == stats.by_provider
    assert Counter(model.type or "chat" for model in models) == stats.by_type
    assert Counter(model.status or "available" for model in models) == stats.by_status
    assert Counter(model.price_state for model in models) == stats.by_price_state
    assert spread([model.limit.context for model in models]) == stats.context
    assert spread([model.cost.input for model in priced]) == stats.input_cost
    assert spread([model.cost.output for model in priced]) == stats.output_cost


def test_the_bundled_catalog_is_counted(catalog):
    check(catalog)


def test_the_small_catalog_is_counted(small):
    check(small)
    assert small.stats().by_provider == {"acme": 4, "acme-plan": 1, "paint": 1}
    assert Distribution(1, 1, 15, 15, 15, 15, 15) == small.stats().output_cost


def test_a_real_catalog_with_lab_facts_is_counted(labs):
    check(labs)
    assert labs.stats().lab_models > 200


def test_an_empty_catalog_is_counted(document):
    check(document({}))


@given(st.lists(st.none() | st.integers(1, 50), max_size=12), st.data())
def test_any_catalog_is_counted(document, contexts, data):
    types = data.draw(st.lists(st.sampled_from([None, "chat", "image"]), min_size=len(contexts), max_size=len(contexts)))
    statuses = data.draw(st.lists(st.sampled_from([None, "available", "beta"]), min_size=len(contexts), max_size=len(contexts)))
    rows = enumerate(zip(contexts, types, statuses, strict=True))
    check(
        document(
            {
                str(number): {"limit": {"context": context}, "type": type_, "status": status, "cost": context and {"input": context / 8}}
                for number, (context, type_, status) in rows
            }
        )
    )


def test_models_typed_as_chat_and_models_without_a_type_are_counted_together(document):
    stats = document({"a": {"type": "chat"}, "b": {}, "c": {"type": "chat"}, "d": {"type": "image"}}).stats()

    assert stats.by_type == {"chat": 3, "image": 1}


@pytest.mark.parametrize("counts", ["by_provider", "by_type", "by_status", "by_price_state"])
def test_counts_stand_most_first_and_then_by_word(catalog, counts):
    pairs = list(getattr(catalog.stats(), counts).items())

    assert sorted(pairs, key=lambda pair: (-pair[1], pair[0])) == pairs


def test_numbers_about_a_catalog_do_not_change(catalog):
    stats = catalog.stats()

    assert stats == catalog.stats()
    with pytest.raises(AttributeError):
        stats.models = 0
    with pytest.raises(TypeError, match="cannot be changed"):
        stats.by_type["chat"] = 0
