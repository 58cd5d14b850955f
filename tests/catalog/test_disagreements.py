"""Where others contradict a catalog: by hand on small rows, and on what the installed packages say."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import ForeignLayer, QueryError, disagreements, genai_prices_layer, litellm_layer, load_catalog
from modelmeta.codec.layer import Layer

OURS = {
    "reasoning": True,
    "tool_call": False,
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "limit": {"context": 200000, "output": 8000},
    "cost": {
        "input": 3,
        "output": 15,
        "cache_read": 0.3,
        "tiers": [{"input": 6, "output": 22.5, "tier": {"type": "context", "size": 200000}}],
    },
}


@pytest.fixture
def compared(document):
    """Return the function that says what contradicts the model ``acme/m`` in a row of another source."""

    def found(row, ours=OURS, **asked):
        catalog = document({"m": ours})
        return [(one.field, one.ours, one.theirs, one.ratio) for one in disagreements(catalog, said(row), **asked)]

    return found


def said(row, **facts):
    return Layer(name="other", models={"acme/m": row, "acme/unknown": row}, **facts)


def test_the_same_facts_are_no_disagreement(document):
    row = {**OURS, "cost": {**OURS["cost"], "cache_read": Decimal("0.30")}}
    result = disagreements(document({"m": OURS}), said(row))
    assert () == result
    found = result.agreement["other"]
    assert (1, 16, 16) == (found.models, found.facts, found.equal)


def test_what_only_one_of_both_says_is_no_disagreement(compared):
    assert [] == compared({"cost": {"cache_write": 9}, "limit": {}, "open_weights": True, "modalities": {"input": []}})
    assert [] == compared(OURS, ours={})
    assert [] == compared({"cost": {"input": 3, "tiers": []}})


def test_worst_comes_first_and_what_is_no_number_last(compared):
    row = {"cost": {"input": 30, "output": 0, "cache_read": Decimal("0.1")}, "limit": {"context": 100000}, "tool_call": True}
    assert [
        ("cost.output", 15, 0, Decimal("Infinity")),
        ("cost.input", 3, 30, 10),
        ("cost.cache_read", Decimal("0.3"), Decimal("0.1"), 3),
        ("limit.context", 200_000, 100_000, 2),
        ("tool_call", False, True, None),
    ] == compared(row)


def test_a_tolerance_forgives_small_differences_of_numbers(compared):
    row = {"cost": {"input": Decimal("3.03"), "output": Decimal("15.1500001")}, "reasoning": False}
    assert ["cost.output", "reasoning"] == [field for field, *_ in compared(row)]
    assert ["cost.input", "cost.output", "reasoning"] == sorted(field for field, *_ in compared(row, tolerance=0))
    assert ["reasoning"] == [field for field, *_ in compared(row, tolerance=Decimal("0.5"))]


@pytest.mark.parametrize("tolerance", [-0.1, "1%", True, float("nan"), float("inf"), None])
def test_a_tolerance_that_is_none_is_refused(compared, tolerance):
    with pytest.raises(QueryError, match=r"tolerance is a share of the smaller number, such as 0\.01"):
        compared({}, tolerance=tolerance)


def test_tiers_are_compared_at_their_sizes(compared):
    tier = {"input": 12, "output": Decimal("22.5"), "tier": {"type": "context", "size": 200000}}
    assert [("cost.tiers.200000.input", 6, 12, 2)] == compared({"cost": {"tiers": [tier]}})
    other = {**tier, "tier": {"type": "context", "size": 128000}}
    assert [("cost.tiers", (200_000,), (128_000,), None)] == compared({"cost": {"tiers": [other]}})


def test_their_input_limit_is_compared_with_our_context_where_we_have_none(compared):
    assert [("limit.context", 200_000, 100_000, 2)] == compared({"limit": {"input": 100000}})
    assert [] == compared({"limit": {"input": 100000, "context": 200000}})
    both = {"limit": {"context": 400000, "input": 272000}}
    assert [] == compared({"limit": {"input": 272000}}, ours=both)
    assert [("limit.input", 272_000, 136_000, 2)] == compared({"limit": {"input": 136000}}, ours=both)


def test_modalities_are_compared_word_by_word(compared):
    row = {"modalities": {"input": ["text", "pdf"], "output": ["text", "audio"]}}
    assert {"image_input": False, "pdf_input": True, "audio_output": True} == {field: theirs for field, _, theirs, _ in compared(row)}


def test_claims_are_compared_and_vision_is_image_input(document):
    layer = ForeignLayer(name="other", models={"acme/m": {}}, claims={"acme/m": {"vision": False, "audio_input": False, "pdf_input": True}})
    found = disagreements(document({"m": OURS}), layer)
    assert {("image_input", True, False), ("pdf_input", False, True)} == {(one.field, one.ours, one.theirs) for one in found}


def test_the_prices_of_a_subscription_are_not_compared(document):
    free = {"m": {"cost": {"input": 0, "output": 0}}}
    plan = document(free, provider="acme-coding-plan")
    assert plan["acme-coding-plan/m"].subscription
    layer = Layer(name="other", models={"acme-coding-plan/m": {"cost": {"input": 3}}, "acme/m": {"cost": {"input": 3}}})
    assert () == disagreements(plan, layer)
    assert [Decimal("Infinity")] == [one.ratio for one in disagreements(document(free), layer)]


def test_it_shows_as_a_table_that_says_how_much_was_compared(document):
    result = disagreements(document({"m": OURS}), said({"cost": {"input": 30, "output": 30}}))
    assert "acme/m  cost.input   3     30      other   10" in str(result)
    assert "other: 1 models, 2 facts compared, 0 equal" in str(result)
    assert "1 of 2 disagreements" in str(result.sheet(most=1))
    assert str(result[:1]).count("acme/m") == 1
    assert (result[0], result.agreement) == (result[:1][0], result[:1].agreement)


@given(ours=st.decimals("0.0001", 10_000, places=4), theirs=st.decimals("0.0001", 10_000, places=4))
def test_a_ratio_says_how_many_times_the_smaller_the_larger_is(ours, theirs):
    result = disagreements(
        load_catalog({"acme": {"models": {"m": {"cost": {"input": ours}}}}}), said({"cost": {"input": theirs}}), tolerance=0
    )
    if ours == theirs:
        assert () == result
    else:
        exact = Fraction(max(ours, theirs)) / Fraction(min(ours, theirs))
        assert abs(Fraction(result[0].ratio) / exact - 1) <= Fraction(1, 10**5)


@pytest.fixture(scope="module")
def layers(catalog):
    return litellm_layer(catalog=catalog), genai_prices_layer(catalog=catalog)


def test_the_installed_packages_mostly_agree_with_the_bundled_catalog(catalog, layers):
    result = disagreements(catalog, *layers)
    assert ["litellm", "genai-prices"] == [*result.agreement]
    for found in result.agreement.values():
        assert found.models > 1000
        assert Fraction(4, 5) < Fraction(found.equal, found.facts) < 1


def test_every_disagreement_is_what_both_say(catalog, layers):
    rows = {layer.name: layer.models for layer in layers}
    result = disagreements(catalog, *layers)
    ratios = [one.ratio for one in result if one.ratio is not None]
    assert sorted(ratios, reverse=True) == ratios
    for one in result:
        match one.field.split("."):
            case ["cost", rate] if rate != "tiers":
                assert (one.ours, one.theirs) == (getattr(catalog[one.ref].cost, rate), rows[one.source][str(one.ref)]["cost"][rate])
            case ["limit", name]:
                stated = rows[one.source][str(one.ref)]["limit"]
                assert (one.ours, one.theirs) == (getattr(catalog[one.ref].limit, name), stated.get(name, stated.get("input")))
            case [name]:
                assert (one.ours, one.theirs) == (catalog[one.ref].supports(name), not one.ours)
