from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest
from genai_prices import calc_price
from genai_prices.data import providers

from modelmeta import InvalidRefError, MissingExtraError, ModelNotFoundError, Usage, genai_prices_layer, load_catalog
from modelmeta.integrations.genai_prices import Compared, compare, price, usage_of

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PARTS = {"cache_read": "input", "cache_write": "input", "input_audio": "input", "reasoning": "output", "output_audio": "output"}


def effective(rates):
    """What a table bills each kind of token at: a part without a rate at that of its whole."""
    get = rates.get if isinstance(rates, dict) else lambda name: getattr(rates, name)
    return tuple(
        get(name) if get(name) is not None else get(whole) for name, whole in [("input", "input"), ("output", "output"), *PARTS.items()]
    )


def same_table(ours, theirs) -> bool:
    tiers = {tier["tier"]["size"]: effective(tier) for tier in theirs.get("tiers", ())}
    return effective(ours) == effective(theirs) and {tier.size: effective(tier) for tier in ours.tiers} == tiers


def has_more_than_a_table(ref: str, layer) -> bool:
    """Whether they bill requests too, or by the hour."""
    provider_id, _, model_id = layer.matched[ref].partition("/")
    (model,) = (model for provider in providers if provider.id == provider_id for model in provider.models if model.id == model_id)
    prices = model.prices if isinstance(model.prices, list) else [model]
    hours = any("Time" in type(entry.constraint).__name__ for entry in prices if hasattr(entry, "constraint"))
    return hours or any(entry.prices.requests_kcount for entry in prices)


def random_usage(dice: Random) -> Usage:
    read, write, heard, other, reasoning, spoken, said = (dice.randrange(100_000) for _ in range(7))
    return Usage(read + write + heard + other, reasoning + spoken + said, read, write, reasoning, heard, spoken)


def test_where_the_tables_agree_the_totals_agree_exactly(catalog):
    layer = genai_prices_layer(catalog=catalog, day=NOON.date())
    alike = [
        ref
        for ref, row in layer.models.items()
        if row.get("cost")
        and catalog.get(ref).cost
        and same_table(catalog.get(ref).cost, row["cost"])
        and not has_more_than_a_table(ref, layer)
    ]
    dice = Random(3)
    for _ in range(3):
        usage = random_usage(dice)
        pairs = {str(pair.ref): pair for pair in compare(catalog, usage, at=NOON)}
        assert [] == [pairs[ref] for ref in alike if pairs[ref].ours != pairs[ref].theirs]
    assert len(alike) > 700


def test_every_model_that_both_know_is_compared(catalog):
    pairs = compare(catalog, Usage(1_000, 100), at=NOON)
    assert [*genai_prices_layer(catalog=catalog, day=NOON.date()).matched.items()] == [(str(pair.ref), pair.name) for pair in pairs]


@pytest.mark.parametrize(
    ("ours", "theirs", "ratio"), [("2", "3", Decimal("1.5")), ("3", "2", Decimal("1.5")), ("0", "2", None), (None, "2", None)]
)
def test_the_ratio_is_that_of_the_larger_price(ours, theirs, ratio):
    assert ratio == Compared(None, "acme/rocket", ours and Decimal(ours), theirs and Decimal(theirs)).ratio


def test_our_price_comes_first(catalog):
    usage = Usage(1_000, 100)
    assert catalog.price("openai/gpt-4o", usage) == price(catalog, "openai/gpt-4o", usage)


def test_theirs_stands_in_where_we_have_none_and_says_so():
    catalog = load_catalog({"openai": {"id": "openai", "name": "OpenAI", "models": {"gpt-4o": {"name": "GPT-4o"}}}})
    usage = Usage(1_000, 100)
    quote = price(catalog, "openai/gpt-4o", usage, at=NOON)
    expected = calc_price(usage_of(usage), "gpt-4o", provider_id="openai", genai_request_timestamp=NOON)
    assert (expected.total_price, "priced") == (quote.total, quote.state)
    assert "no price of ours: genai-prices bills it as openai/gpt-4o" == quote.reason


def test_a_model_that_only_they_know_has_their_price():
    catalog = load_catalog({"acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"name": "Rocket"}}}})
    assert price(catalog, "openai/gpt-4o", Usage(1_000)).total > 0


def test_what_neither_prices_is_unpriced_and_what_neither_knows_is_an_error():
    catalog = load_catalog({"acme": {"id": "acme", "name": "Acme", "models": {"rocket": {"name": "Rocket"}}}})
    assert catalog.price("acme/rocket", Usage(1)) == price(catalog, "acme/rocket", Usage(1))
    with pytest.raises(ModelNotFoundError):
        price(catalog, "acme/kite", Usage(1))
    with pytest.raises(InvalidRefError):
        price(catalog, "kite", Usage(1))


def test_without_genai_prices_the_error_names_the_extra(uninstalled):
    uninstalled("genai_prices", "modelmeta.integrations.genai_prices")
    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[genai-prices\]"') as caught:
        usage_of(Usage(1))
    assert "genai-prices" == caught.value.extra
