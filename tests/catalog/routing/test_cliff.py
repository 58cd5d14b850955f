"""The next price tier, beside a walk that adds one token after the other."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Cost, CostTier, Limit, Model, ModelRef, Usage, UsageError
from modelmeta.catalog.price import quote
from modelmeta.catalog.routing.cliff import cliff
from modelmeta.catalog.routing.room import fits

TIERS = st.lists(
    st.builds(CostTier, size=st.integers(0, 15), input=st.integers(0, 3), output=st.none() | st.integers(0, 3)),
    max_size=3,
    unique_by=lambda tier: tier.size,
)
COSTS = st.none() | st.builds(Cost, input=st.none() | st.integers(0, 3), output=st.integers(0, 3), tiers=TIERS)
LIMITS = st.builds(Limit, *[st.none() | st.integers(1, 20)] * 3)


ANY = Limit()


def model(cost, limit=ANY):
    return Model(ref=ModelRef("acme", "m"), name="M", cost=cost, limit=limit)


@given(COSTS, LIMITS, st.integers(0, 18), st.integers(0, 5))
def test_it_is_where_the_tier_changes_while_the_input_grows(cost, limit, into, out):
    sold, usage = model(cost, limit), Usage(into, out)
    sizes = [tier.size for tier in cost.tiers] if cost else []
    steps = [tokens for tokens in range(into, 25) if tokens in sizes and fits(sold, Usage(tokens + 1, out)) is not False]
    ahead = cliff(sold, usage)
    assert (steps[0] if steps else None) == (ahead and ahead.size)
    if ahead:
        assert into + ahead.tokens_left == ahead.size
        assert ahead.before == quote(sold, Usage(ahead.size, out))
        assert ahead.after == quote(sold, Usage(ahead.size + 1, out))
        known = ahead.before.total is not None and ahead.after.total is not None
        assert (ahead.after.total - ahead.before.total if known else None) == ahead.jump


COST = Cost(
    input=1, output=2, cache_read=0, tiers=(CostTier(size=100_000, input=2, output=4, cache_read=0), CostTier(size=300_000, input=4))
)


def test_the_text_says_how_near_it_is_and_what_it_costs():
    assert "1,000 more input tokens fit below the tier of 100,000; crossing it costs 0.102002 USD: 0.204002 instead of 0.102" == str(
        cliff(model(COST), Usage(99_000, 1_000))
    )
    assert "nobody says what crossing it costs" in str(cliff(model(COST), Usage(200_000, 1_000)))


def test_it_is_on_the_edge_that_nothing_is_left():
    assert 0 == cliff(model(COST), Usage(100_000)).tokens_left
    assert 300_000 == cliff(model(COST), Usage(100_001)).size
    assert cliff(model(COST), Usage(300_001)) is None


def test_what_grows_is_the_input_that_is_not_cached():
    ahead = cliff(model(COST), Usage(50_000, cache_read_tokens=50_000))
    assert (50_000, 50_001) == tuple(side.usage.input_tokens - side.usage.cache_read_tokens for side in (ahead.before, ahead.after))


def test_what_the_limits_do_not_let_in_is_not_ahead():
    assert cliff(model(COST, Limit(context=100_000)), Usage(1)) is None
    assert cliff(model(COST, Limit(input=100_000)), Usage(1)) is None
    assert cliff(model(COST, Limit(context=100_002)), Usage(1, 2)) is None
    assert cliff(model(COST, Limit(context=100_003)), Usage(1, 2)).size == 100_000


def test_a_model_without_tiers_has_none_ahead(catalog):
    assert cliff(model(None), Usage(1)) is None
    assert cliff(catalog.get("openai/gpt-5-nano"), Usage(1)) is None
    with pytest.raises(UsageError):
        cliff(model(None), 5)


def test_real_tiers_are_where_the_price_of_everything_jumps(catalog):
    found = 0
    for sold in catalog.filter(provider={"google", "openai", "openrouter"}):
        ahead = cliff(sold, Usage(1_000, 100))
        if ahead and ahead.jump is not None:
            found += 1
            next_token = quote(sold, attrs.evolve(ahead.before.usage, input_tokens=ahead.size - 1)).total
            assert ahead.jump > ahead.before.total - next_token
    assert found
