from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import DecodeError, Usage, dump_catalog, load_catalog

RATES = ("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio")
DIGITS = st.text("0123456789", min_size=1, max_size=30)
WHOLE = st.just("0") | DIGITS.map(lambda digits: digits.lstrip("0")).filter(bool)
FRACTION = st.just("") | DIGITS.map(".{}".format)
EXPONENT = st.just("") | st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 20).map(str))
NUMBERS = st.builds("{}{}{}".format, WHOLE, FRACTION, EXPONENT)
"""Every way JSON has of writing a number of 0 or more."""


def catalogs(text: str):
    """Return the catalog of the document *text*, read at first and read again from its snapshot."""
    first = load_catalog(text.encode())
    return first, load_catalog(bytes(first.content))


def with_cost(cost: str) -> str:
    return f'{{"p": {{"models": {{"m": {{"cost": {cost}}}}}}}}}'


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "written",
    ["0.049999999999999996", "1.10", "0", "5", "5.0", "1e-7", "10E0", "0.1234567890123456789", "1234567890123456789.1234567890123456789"],
)
def test_a_price_is_exactly_the_decimal_that_is_written(rate: str, written: str):
    for catalog in catalogs(with_cost(f'{{"{rate}": {written}}}')):
        assert Decimal(written) == getattr(catalog.get("p/m").cost, rate)


@given(NUMBERS)
def test_any_number_is_read_exactly_as_a_price_of_the_base_a_tier_or_a_mode(written: str):
    cost = f'{{"input": {written}, "tiers": [{{"output": {written}, "tier": {{"size": 5}}}}]}}'
    mode = f'{{"modes": {{"fast": {{"cost": {{"reasoning": {written}}}}}}}}}'
    for catalog in catalogs(f'{{"p": {{"models": {{"m": {{"cost": {cost}, "experimental": {mode}}}}}}}}}'):
        read = catalog.get("p/m").cost
        assert (Decimal(written),) * 3 == (read.input, read.tiers[0].output, read.modes["fast"].reasoning)


@given(NUMBERS)
def test_any_number_dumps_as_json_reads_it(written: str):
    text = with_cost(f'{{"input": {written}, "x": [{written}, -{written}]}}')
    for catalog in catalogs(text):
        assert json.dumps(json.loads(text)) == json.dumps(dump_catalog(catalog))


@given(NUMBERS)
def test_any_number_among_the_extras_is_exact(written: str):
    for catalog in catalogs(f'{{"p": {{"models": {{"m": {{"x": {written}}}}}}}}}'):
        extra = catalog.get("p/m").extra["x"]
        assert Decimal(written) == extra
        assert isinstance(extra, Decimal if re.search("[.eE]", written) else int)


@given(st.floats(0, allow_infinity=False, allow_subnormal=False) | st.decimals(0, 10**15, places=9) | st.integers(0, 10**30))
def test_in_a_parsed_document_a_number_means_what_it_prints_as(price):
    catalog = load_catalog({"p": {"models": {"m": {"cost": {"input": price}}}}})
    assert Decimal(str(price)) == catalog.get("p/m").cost.input


def test_prices_of_a_real_document_are_exactly_its_text(real):
    document = json.loads(real.data, parse_float=Decimal, parse_int=Decimal)
    expected = {
        f"{provider_id}/{model_id}": [row["cost"].get(rate) for rate in RATES]
        for provider_id, provider in document.get("providers", document).items()
        for model_id, row in provider.get("models", {}).items()
        if "cost" in row
    }
    catalog = load_catalog(bytes(load_catalog(real.data).content))
    assert expected == {str(model.ref): [getattr(model.cost, rate) for rate in RATES] for model in catalog if model.cost}


@pytest.mark.parametrize("written", ["1e-300", "1e-400", "1e-5000", "1e-100000", "1e300", "0e-100000"])
def test_a_price_that_is_read_can_be_billed(written: str):
    """A number too odd to bill may be refused instead."""
    try:
        catalog = load_catalog(with_cost(f'{{"input": {written}, "output": 1}}').encode())
    except DecodeError:
        return
    assert Decimal(written).scaleb(-6) == catalog.price("p/m", Usage(input_tokens=1)).total
    assert catalog.price("p/m", Usage(input_tokens=10**18, output_tokens=10**18)).total >= 10**12


@given(st.integers(1, 10**20))
def test_a_limit_may_be_written_as_a_decimal_when_it_is_whole(tokens: int):
    for catalog in catalogs(f'{{"p": {{"models": {{"m": {{"limit": {{"context": {tokens}.0, "output": {tokens}}}}}}}}}}}'):
        limit = catalog.get("p/m").limit
        assert (tokens, tokens) == (limit.context, limit.output)
        assert int is type(limit.context)
