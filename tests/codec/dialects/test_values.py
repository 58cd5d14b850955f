"""Prices and limits of foreign documents: exactly what is written, or refused."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import litellm_layer, load_catalog, openrouter_layer
from modelmeta.codec.dialects.values import a_rate, per_million, tokens
from modelmeta.codec.structure import Unreadable

CATALOG = load_catalog({"openai": {"models": {"m": {}}}, "openrouter": {"models": {"m": {}}}})


@st.composite
def prices(draw) -> str:
    """Numbers as JSON can write prices: plain or with an exponent, with zeros at the end, with more digits than a context has."""
    digits = draw(st.integers(0, 10 ** draw(st.integers(1, 40))))
    places = draw(st.integers(0, 30))
    text = f"{Decimal(digits).scaleb(-places, decimal.Context(prec=99)):f}"
    return text + draw(st.sampled_from(["", "e-6", "E-12", "e0", "e+2"]))


@given(price=prices())
def test_a_price_per_token_becomes_the_price_of_a_million_exactly(price):
    with decimal.localcontext(decimal.Context(prec=3)):
        try:
            million = per_million(price)
        except Unreadable:
            assert Fraction(price) * 10**6 >= 10**20
            return
    assert Fraction(price) * 10**6 == Fraction(million)
    assert isinstance(million, int) == (Fraction(million).denominator == 1)


@given(price=prices().filter(lambda text: 0 < Fraction(text) < 10**9))
def test_a_price_comes_through_a_document_exactly(price):
    cost_map = f'{{"m": {{"litellm_provider": "openai", "input_cost_per_token": {price}}}}}'.encode()
    listed = f'{{"data": [{{"id": "m", "pricing": {{"prompt": "{price}"}}}}]}}'.encode()
    for layer, ref in ((litellm_layer(cost_map, catalog=CATALOG), "openai/m"), (openrouter_layer(listed, catalog=CATALOG), "openrouter/m")):
        assert Fraction(price) * 10**6 == Fraction(layer.models[ref]["cost"]["input"])


@given(price=st.floats(min_value=0, max_value=1))
def test_a_float_means_what_it_prints_as(price):
    layer = litellm_layer({"m": {"litellm_provider": "openai", "input_cost_per_token": price}}, catalog=CATALOG)
    assert Fraction(str(price)) * 10**6 == Fraction(layer.models["openai/m"]["cost"]["input"])


@pytest.mark.parametrize("value", ["", "free", "NaN", "Infinity", "1_000", "٣", "0x1", "1e999", "-0.1", -1, True, [], {}, "[1]", "true"])
def test_what_is_no_price_is_refused(value):
    with pytest.raises(Unreadable):
        per_million(value)


def test_a_rate_is_read_in_the_unit_it_is_written_in():
    assert (Decimal("2.5"), 30, 0) == (a_rate(Decimal("2.50")), a_rate("30.0"), a_rate(0))


def test_a_limit_of_zero_is_unknown():
    assert (None, 4096, 200000) == (tokens(0), tokens("4096"), tokens(Decimal("2.0e5")))


@pytest.mark.parametrize("value", [-1, "many", Decimal("0.5"), True, 10**30, Decimal("1e300"), None])
def test_what_is_no_number_of_tokens_is_refused(value):
    with pytest.raises(Unreadable):
        tokens(value)
