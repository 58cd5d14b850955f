"""Rows laid over rows: associative, idempotent, field by field."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Layer
from modelmeta.codec.overlays.merging import atom_of, facts, filled, laid, said
from modelmeta.testing.strategies import json_values, rows

WHOLE = st.just({"experimental": {"modes": {"fast": {"cost": {"input": 1}}}}}) | st.just(
    {"experimental": {"modes": {"slow": {"provider": {}}}}}
)


def said_by(row):
    """Return *row* as a layer says it: without what says nothing."""
    return dict(Layer("x", models={"a/b": row}).models["a/b"])


FLAGS = ("experimental",)
TIERS = {"tiers", "context_over_200k"}
LAYERS = st.builds(
    lambda row, more: said_by({**{key: value for key, value in row.items() if key not in FLAGS}, **more}),
    rows(),
    st.just({}) | WHOLE | st.dictionaries(st.sampled_from(["extra", "name", "latency"]), json_values(max_leaves=3), max_size=2),
)


@given(rows(), LAYERS, LAYERS)
def test_laying_is_associative(under, one, other):
    assert laid(laid(under, one), other) == laid(under, laid(one, other))


@given(rows(), LAYERS, LAYERS)
def test_filling_is_associative(under, one, other):
    assert filled(filled(under, one), other) == filled(under, filled(one, other))


@given(rows(), LAYERS)
def test_laying_and_filling_are_idempotent(under, layer):
    once, full = laid(under, layer), filled(under, layer)

    assert once == laid(once, layer)
    assert full == filled(full, layer)
    assert once == filled(once, layer)


@given(LAYERS, LAYERS)
def test_what_is_laid_over_is_said_afterwards_and_everything_else_as_before(under, layer):
    row = laid(under, layer)

    for keys, _ in [*facts(layer), *facts(under)]:
        stands = layer if any(keys == own or ({keys[-1], own[-1]} == TIERS and keys[:-1] == own[:-1]) for own, _ in facts(layer)) else under
        assert said(stands, keys) == said(row, keys)


@given(LAYERS, LAYERS)
def test_filling_changes_nothing_that_is_known(under, layer):
    row = filled(under, layer)

    assert [said(under, keys) for keys, _ in facts(under) if said(under, keys) is not None] == [
        said(row, keys) for keys, _ in facts(under) if said(under, keys) is not None
    ]


def test_one_field_of_an_object_replaces_only_itself():
    under = {"name": "M", "cost": {"input": 5, "output": 30}, "modalities": {"input": ["text"], "output": ["text"]}}

    assert laid(under, {"cost": {"input": 4}, "modalities": {"input": ["text", "image"]}}) == {
        "name": "M",
        "cost": {"input": 4, "output": 30},
        "modalities": {"input": ["text", "image"], "output": ["text"]},
    }


def test_both_forms_of_tiers_are_one_fact():
    old, new = {"cost": {"input": 1, "context_over_200k": {"input": 2}}}, {"cost": {"tiers": []}}

    assert laid(old, new) == {"cost": {"input": 1, "tiers": []}}
    assert laid(new, old) == old
    assert filled(old, {"cost": {"tiers": [1]}}) == old
    assert said(old, ("cost", "tiers")) == {"input": 2}


def test_a_limit_of_0_and_an_empty_list_of_modalities_are_unknown():
    under = {"limit": {"context": 0, "output": 5}, "modalities": {"input": []}, "cost": None}
    more = {"limit": {"context": 9, "output": 9}, "modalities": {"input": ["text"]}, "cost": {"input": 0}}

    assert filled(under, more) == {"limit": {"context": 9, "output": 5}, "modalities": {"input": ["text"]}, "cost": {"input": 0}}
    assert said(under, ("limit", "context")) is None
    assert said(more, ("cost", "input")) == 0
    assert filled({"cost": {"input": 0}}, {"cost": {"input": 3}}) == {"cost": {"input": 0}}


def test_a_flag_where_an_object_may_stand_is_replaced_but_not_filled():
    modes = {"experimental": {"modes": {"fast": {"cost": {"input": 1}}}}}

    assert laid({"experimental": True}, modes) == modes
    assert filled({"experimental": True}, modes) == {"experimental": True}


def test_a_path_leads_to_one_fact_or_into_one_or_to_several():
    assert atom_of(("cost", "input")) == ("cost", "input")
    assert atom_of(("cost", "tiers", "272000", "input")) == ("cost", "tiers")
    assert atom_of(("experimental", "modes", "fast", "cost", "output")) == ("experimental", "modes", "fast", "cost", "output")
    assert atom_of(("cost",)) is None
    assert [*facts({"cost": {"input": Decimal(1)}, "name": "M"})] == [(("cost", "input"), Decimal(1)), (("name",), "M")]
