"""``price`` against a bill written out in fractions from upstream's JSON text."""

from __future__ import annotations

import decimal
import json
import pickle
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import DecodeError, ModelNotFoundError, QuoteLine, UnknownModeError, Usage, UsageError, bundled_catalog, load_catalog
from modelmeta.testing.queries import usages

CATALOG = bundled_catalog()
ROWS = {
    ref: json.loads(CATALOG.content.line(row), parse_float=Fraction, parse_int=Fraction) for row, ref in enumerate(CATALOG.content.refs)
}
TIERED = [ref for ref, row in ROWS.items() if {"tiers", "context_over_200k"} & row.get("cost", {}).keys()]
MODES = [(ref, mode) for ref, row in ROWS.items() for mode in row.get("experimental", {}).get("modes", {})]
SIZES = sorted({int(tier["tier"]["size"]) for ref in TIERED for tier in ROWS[ref]["cost"].get("tiers", ())})
PARTS = {  # component: (tokens, own rate, rate of its whole)
    "cache_read": ("cache_read_tokens", "input"),
    "cache_write": ("cache_write_tokens", "input"),
    "input_audio": ("input_audio_tokens", "input"),
    "reasoning": ("reasoning_tokens", "output"),
    "output_audio": ("output_audio_tokens", "output"),
}


def table_of(row, usage, mode):
    """Return the rates in force, and the size of the tier they are of."""
    table = row.get("cost")
    if mode is not None:
        table = row["experimental"]["modes"][mode].get("cost", table)
    if table is None:
        return None, None
    tiers = [(tier["tier"]["size"], tier) for tier in table.get("tiers", ())]
    if not tiers and "context_over_200k" in table:
        tiers = [(200_000, table["context_over_200k"])]
    above = [(size, tier) for size, tier in tiers if usage.input_tokens > size]
    return max(above, key=lambda tier: tier[0])[::-1] if above else (table, None)


def bill(row, usage, mode=None):
    """Return the total in USD, the amount of each component and the tier's size; the total is None when a rate is missing."""
    rates, size = table_of(row, usage, mode)
    if rates is None:
        return None, {}, None
    wholes = {"input": usage.input_tokens, "output": usage.output_tokens}
    amounts = {}
    for component, (tokens, whole) in PARTS.items():
        count = getattr(usage, tokens)
        wholes[whole] -= count
        rate = rates.get(component, rates.get(whole))
        if count:
            amounts[component] = None if rate is None else Fraction(count) * rate / 10**6
    for whole, count in wholes.items():
        if count:
            amounts[whole] = None if rates.get(whole) is None else Fraction(count) * rates[whole] / 10**6
    return None if None in amounts.values() else sum(amounts.values(), Fraction(0)), amounts, size


def check(ref, usage, mode=None):
    quote = CATALOG.price(ref, usage, mode=mode)
    total, amounts, size = bill(ROWS[ref], usage, mode)
    assert total == quote.total
    assert amounts == {line.component: line.amount for line in quote.lines}
    assert size == (quote.tier and quote.tier.size)
    assert (usage, mode, ref) == (quote.usage, quote.mode, str(quote.ref))
    if total is None:
        assert quote.state == "unpriced"
        assert quote.reason
    else:
        assert total == sum(Fraction(line.tokens) * Fraction(line.rate) / 10**6 for line in quote.lines)
        assert total == sum(Fraction(line.amount) for line in quote.lines)


@pytest.mark.parametrize(
    "usage",
    [
        Usage(input_tokens=1_000_003, output_tokens=7),
        Usage(input_tokens=31_999, output_tokens=977, cache_read_tokens=30_000, reasoning_tokens=977),
        Usage(input_tokens=300_001, output_tokens=9_999, cache_write_tokens=300_001, output_audio_tokens=1),
        Usage(input_tokens=10, cache_read_tokens=1, cache_write_tokens=2, input_audio_tokens=3),
        Usage(),
    ],
)
def test_every_model_is_billed_by_the_rates_of_its_row(usage):
    for ref in ROWS:
        check(ref, usage)


def test_every_tier_begins_above_its_size():
    assert len(SIZES) > 5
    for ref in TIERED:
        for tier in CATALOG.get(ref).cost.tiers:
            for tokens in (tier.size - 1, tier.size, tier.size + 1):
                check(ref, Usage(input_tokens=tokens, output_tokens=1_000, cache_read_tokens=tokens // 3))
            assert tier == CATALOG.price(ref, Usage(input_tokens=tier.size + 1)).tier
            assert tier != CATALOG.price(ref, Usage(input_tokens=tier.size)).tier


def test_every_mode_is_billed_by_its_own_table():
    assert len(MODES) > 50
    for ref, mode in MODES:
        for tokens in (1_000, 200_000, 200_001, 272_001, 900_000):
            check(ref, Usage(input_tokens=tokens, output_tokens=3_001, cache_read_tokens=tokens // 2, reasoning_tokens=1_000), mode)


@settings(max_examples=300)
@given(st.sampled_from(sorted(ROWS)), usages(*SIZES, *(size + 1 for size in SIZES)))
def test_any_usage_of_any_model_is_billed_exactly(ref, usage):
    check(ref, usage)


@settings(max_examples=300)
@given(st.sampled_from(TIERED), usages(*SIZES, *(size + 1 for size in SIZES)))
def test_any_usage_of_a_tiered_model_is_billed_exactly(ref, usage):
    check(ref, usage)


@settings(max_examples=100)
@given(st.sampled_from(MODES), usages(*SIZES, *(size + 1 for size in SIZES)))
def test_any_usage_in_a_mode_is_billed_exactly(ref_and_mode, usage):
    check(ref_and_mode[0], usage, ref_and_mode[1])


def test_the_state_of_a_quote_is_that_of_the_model():
    for model in CATALOG:
        assert model.price_state == CATALOG.price(model.ref, Usage()).state


def test_the_documented_example_is_billed_by_hand():
    """272,000 is the size of its tier: 0.3 M x 10 USD + 0.002 M x 45 USD."""
    quote = CATALOG.price("openai/gpt-5.5", Usage(input_tokens=300_000, output_tokens=2_000))

    assert (
        QuoteLine("input", 300_000, Decimal(10), Decimal(3)),
        QuoteLine("output", 2_000, Decimal(45), Decimal("0.09")),
    ) == quote.lines
    assert Decimal("3.09") == quote.total
    assert quote.tier.size == 272_000
    assert "300,000 tokens is above 272,000" in quote.reason


@pytest.mark.parametrize(
    "context",
    [decimal.Context(prec=3), decimal.Context(prec=1, traps=[decimal.Inexact, decimal.Rounded, decimal.FloatOperation])],
    ids=["three digits", "one digit, trapped"],
)
def test_the_callers_decimal_context_changes_nothing(context):
    usage = Usage(input_tokens=999_999_999_999_999_999, output_tokens=123_456_789_012_345_678, cache_read_tokens=1)
    refs = [*TIERED[::20], *list(ROWS)[::40]]
    expected = [CATALOG.price(ref, usage) for ref in refs]

    with decimal.localcontext(context):
        assert expected == [CATALOG.price(ref, usage) for ref in refs]
        found = bundled_catalog().filter(usage=Usage(1_234_567), max_cost="1.234567", sort="cost.output")
    assert found == CATALOG.filter(usage=Usage(1_234_567), max_cost="1.234567", sort="cost.output")
    for ref in refs:
        check(ref, usage)


def test_a_quote_pickles():
    quote = CATALOG.price("openai/gpt-5.5", Usage(300_000, 5))

    assert quote == pickle.loads(pickle.dumps(quote))
    assert hash(quote) == hash(pickle.loads(pickle.dumps(quote)))


FACTS = {
    "tiered": {
        "cost": {
            "input": 1,
            "output": 2,
            "cache_read": 0.5,
            "reasoning": 3,
            "tiers": [
                {"input": 30, "output": 40, "tier": {"type": "context", "size": 2_000}},
                {"input": 10, "output": 20, "cache_read": 5, "tier": {"type": "context", "size": 1_000}},
            ],
            "context_over_200k": {"input": 900, "output": 900},
        }
    },
    "legacy": {"cost": {"input": 1, "output": 2, "context_over_200k": {"input": 2, "output": 4}}},
    "moded": {
        "cost": {"input": 1, "output": 2, "cache_read": 0.5},
        "experimental": {"modes": {"fast": {"cost": {"input": 6, "output": 12}}, "slow": {"provider": {"body": {"speed": "slow"}}}}},
    },
    "input-only": {"cost": {"input": 0.25}},
    "output-only": {"cost": {"output": 4}},
    "half-free": {"cost": {"input": 0}},
    "cache-only": {"cost": {"cache_read": 1}},
    "empty": {"cost": {}},
    "none": {},
    "free": {"cost": {"input": 0, "output": 0}},
    "free-but-cache": {"cost": {"input": 0, "output": 0, "cache_write": 1}},
    "free-at-first": {"cost": {"input": 0, "output": 0, "tiers": [{"input": 1, "output": 1, "tier": {"type": "context", "size": 10}}]}},
}


@pytest.fixture
def acme(document):
    return document({key: {"id": key, **facts} for key, facts in FACTS.items()})


@pytest.mark.parametrize(
    ("key", "usage", "mode", "total"),
    [
        ("tiered", Usage(1_000, 1_000), None, "0.003"),
        ("tiered", Usage(1_001, 1_000), None, "0.03001"),
        ("tiered", Usage(2_000), None, "0.02"),
        ("tiered", Usage(2_001), None, "0.06003"),
        ("tiered", Usage(300_000), None, "9"),
        ("tiered", Usage(1_000, cache_read_tokens=1_000), None, "0.0005"),
        ("tiered", Usage(2_000, cache_read_tokens=1_000), None, "0.015"),
        ("tiered", Usage(2_001, cache_read_tokens=2_001), None, "0.06003"),
        ("tiered", Usage(0, 100, reasoning_tokens=40), None, "0.00024"),
        ("tiered", Usage(1_001, 100, reasoning_tokens=40), None, "0.01201"),
        ("legacy", Usage(200_000), None, "0.2"),
        ("legacy", Usage(200_001), None, "0.400002"),
        ("moded", Usage(1_000, 1_000), None, "0.003"),
        ("moded", Usage(1_000, 1_000), "fast", "0.018"),
        ("moded", Usage(1_000, cache_read_tokens=1_000), "fast", "0.006"),
        ("moded", Usage(1_000, cache_read_tokens=1_000), "slow", "0.0005"),
        ("input-only", Usage(4), None, "0.000001"),
        ("input-only", Usage(4, input_audio_tokens=4), None, "0.000001"),
        ("output-only", Usage(0, 1), None, "0.000004"),
        ("free-but-cache", Usage(5, 5, cache_write_tokens=3), None, "0.000003"),
        ("free-at-first", Usage(10, 10), None, "0"),
        ("free-at-first", Usage(11, 10), None, "0.000021"),
    ],
)
def test_the_rules_by_hand(acme, key, usage, mode, total):
    quote = acme.price(f"acme/{key}", usage, mode=mode)

    assert Decimal(total) == quote.total == sum(line.amount for line in quote.lines)
    assert quote.state == ("free" if total == "0" else "priced")


@pytest.mark.parametrize("key", ["none", "empty", "cache-only"])
def test_without_published_prices_a_model_is_unpriced_and_says_so(acme, key):
    quote = acme.price(f"acme/{key}", Usage(1, 1))

    assert (quote.total, quote.state, quote.lines) == (None, "unpriced", ())
    assert f"acme/{key} has no published price" == quote.reason


@pytest.mark.parametrize(
    ("key", "usage", "component"),
    [
        ("input-only", Usage(1, 1), "output"),
        ("input-only", Usage(1, 1, reasoning_tokens=1), "reasoning"),
        ("output-only", Usage(2, 1, cache_read_tokens=2), "cache_read"),
        ("output-only", Usage(2, 1, input_audio_tokens=2), "input_audio"),
        ("half-free", Usage(1, 1, output_audio_tokens=1), "output_audio"),
    ],
)
def test_a_rate_missing_for_tokens_that_are_used_makes_a_quote_unpriced(acme, key, usage, component):
    quote = acme.price(f"acme/{key}", usage)

    assert (quote.total, quote.state) == (None, "unpriced")
    assert f"acme/{key}" == str(quote.ref)
    assert f"acme/{key} publishes no rate for {component} tokens" == quote.reason
    assert [line.amount for line in quote.lines if line.component == component] == [None]


def test_a_rate_missing_for_tokens_that_are_not_used_is_not_missed(acme):
    assert Decimal(1) == acme.price("acme/input-only", Usage(4_000_000)).total


def test_half_a_price_of_zero_is_not_free(acme):
    """Free is 0 for input and 0 for output; nobody said what output costs here."""
    assert "priced" == acme.get("acme/half-free").price_state == acme.price("acme/half-free", Usage(5)).state


def test_a_mode_says_whether_it_has_prices_of_its_own(acme):
    assert "slow has no prices of its own" in acme.price("acme/moded", Usage(1), mode="slow").reason
    assert acme.price("acme/moded", Usage(1), mode="fast").reason is None
    assert acme.price("acme/moded", Usage(1), mode="fast").mode == "fast"


@pytest.mark.parametrize("mode", ["warp", "", "Fast", 5, ("fast",), ["fast"]])
def test_a_mode_that_does_not_exist_is_refused_with_those_that_do(acme, mode):
    with pytest.raises(UnknownModeError, match=r"acme/moded has no mode .*; it has fast, slow") as caught:
        acme.price("acme/moded", Usage(1), mode=mode)
    assert (caught.value.mode, caught.value.modes) == (str(mode), ("fast", "slow"))
    assert repr(mode) in str(caught.value)
    with pytest.raises(UnknownModeError, match=r"acme/free has no mode .*; it has none"):
        acme.price("acme/free", Usage(1), mode=mode)


def test_a_mode_of_a_model_without_prices_is_still_the_one_that_was_asked_for(document):
    quote = document({"m": {"experimental": {"modes": {"fast": {"cost": {"cache_read": 1}}}}}}).price("acme/m", Usage(1), mode="fast")

    assert (quote.state, quote.mode, quote.reason) == ("unpriced", "fast", "acme/m has no published price")


def test_the_reason_names_the_tier_and_a_mode_without_prices(document):
    cost = {"input": 1, "output": 2, "tiers": [{"input": 3, "tier": {"type": "context", "size": 2_000}}]}
    catalog = document({"m": {"cost": cost, "experimental": {"modes": {"fast": {"provider": {"body": {"a": 1}}}}}}})
    tier = "input of 2,001 tokens is above 2,000: the whole request is billed at that tier"

    assert tier == catalog.price("acme/m", Usage(2_001)).reason
    assert f"mode fast has no prices of its own; {tier}" == catalog.price("acme/m", Usage(2_001), mode="fast").reason
    assert catalog.price("acme/m", Usage(2_000)).reason is None


def test_a_quote_that_lacks_a_rate_says_the_tier_and_the_mode_all_the_same(document):
    cost = {"input": 1, "tiers": [{"input": 3, "tier": {"type": "context", "size": 2_000}}]}
    catalog = document({"m": {"cost": {"input": 1, "output": 1}, "experimental": {"modes": {"fast": {"cost": cost}}}}})

    quote = catalog.price("acme/m", Usage(2_001, 1), mode="fast")

    assert (None, Usage(2_001, 1), "fast", 2_000) == (quote.total, quote.usage, quote.mode, quote.tier.size)


def test_a_plan_is_neither_free_nor_priced(document):
    facts = {"id": "m", "cost": {"input": 0, "output": 0}}
    plan = document({"m": facts}, provider="acme-coding-plan").price("acme-coding-plan/m", Usage(1_000, 10))
    free = document({"m": facts}).price("acme/m", Usage(1_000, 10))

    assert (Decimal(0), "plan") == (plan.total, plan.state)
    assert "subscription" in plan.reason
    assert (Decimal(0), "free", None) == (free.total, free.state, free.reason)
    assert 2 == len(plan.lines) == len(free.lines)


def test_a_plan_that_publishes_prices_is_priced(document):
    plan = document({"m": {"id": "m", "cost": {"input": 1, "output": 1}}}, provider="acme-coding-plan")

    assert plan.price("acme-coding-plan/m", Usage(1)).state == "priced"


def test_using_nothing_costs_nothing_where_prices_are_known(acme):
    assert (Decimal(0), "priced", ()) == (
        acme.price("acme/tiered", Usage()).total,
        acme.price("acme/tiered", Usage()).state,
        acme.price("acme/tiered", Usage()).lines,
    )
    assert acme.price("acme/none", Usage()).total is None


def priced_at(rate):
    return load_catalog(f'{{"acme": {{"id": "acme", "models": {{"m": {{"cost": {{"input": {rate}, "output": 1}}}}}}}}}}'.encode())


@pytest.mark.parametrize("rate", ["0.049999999999999996", "1e-7", "1E+3", "0.10", "123456789012345678901234567890.123", "1e300", "1e-300"])
def test_a_rate_is_billed_as_it_is_written(rate):
    assert (7 * Fraction(rate) + 3) / 10**6 == priced_at(rate).price("acme/m", Usage(7, 3)).total


def test_a_rate_beyond_exact_arithmetic_is_refused_when_read_or_billed_exactly():
    try:
        quote = priced_at("1e-3000").price("acme/m", Usage(7, 3))
    except DecodeError:
        return
    assert (7 * Fraction("1e-3000") + 3) / 10**6 == quote.total


def test_a_count_of_all_tokens_ever_is_billed_to_the_last_digit(acme):
    assert Decimal("1999999999999.999998") == acme.price("acme/output-only", Usage(0, 499_999_999_999_999_999)).total + Decimal("0.000002")
    assert Decimal(10**18 * 30) / 10**6 == acme.price("acme/tiered", Usage(10**18)).total


@pytest.mark.parametrize("usage", [None, 5, "1000", {"input_tokens": 5}, (1, 2), Usage])
def test_only_a_usage_has_a_price(catalog, usage):
    with pytest.raises(UsageError, match="usage must be a Usage, as in") as caught:
        catalog.price("openai/gpt-5.5", usage)

    assert repr(usage) in str(caught.value)
    assert caught.value.field == "usage"


def test_a_model_that_does_not_exist_has_no_price(catalog):
    with pytest.raises(ModelNotFoundError, match=r"openai/gpt-5\.5"):
        catalog.price("openai/gpt5.5", Usage(1))
