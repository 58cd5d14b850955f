"""What is held back, at its exact boundaries and against other arithmetic."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import load_catalog
from modelmeta.registry.guards import objection

EMPTY = {"acme": {"id": "acme", "models": {}}}


def catalog(prices, kind=None):
    """Return a catalog of ``{provider: {model: price}}``; a price is of input, or a pair of input and output."""
    document = {}
    for provider, models in prices.items():
        rows = document.setdefault(provider, {"id": provider, "models": {}})["models"]
        for model, price in models.items():
            pair = price if isinstance(price, tuple) else (price, None)
            rows[model] = {
                "id": model,
                "cost": {name: rate for name, rate in zip(("input", "output"), pair, strict=True) if rate is not None},
            }
    return load_catalog({"models": {}, "providers": document} if kind or not prices else document)


def even(providers, models, price=2):
    """Return the prices of so many *providers* with so many *models* each."""
    return {f"p{number}": {f"m{model}": price for model in range(models)} for number in range(providers)}


def verdict(old, new, *, max_shrink=0.5, age=None, bundled=False, foreign=False):
    old, new = (side if hasattr(side, "content") else catalog(side) for side in (old, new))
    return objection(old, new, old.diff(new), max_shrink=max_shrink, age=age, bundled=bundled, foreign=foreign)


def without(prices, count):
    """Return *prices* without the last *count* models of each provider."""
    return {provider: dict(list(models.items())[: len(models) - count]) for provider, models in prices.items()}


def moved(prices, count, price):
    """Return *prices* with that of the first *count* models of the first provider changed."""
    provider, models = next(iter(prices.items()))
    return {**prices, provider: {model: price if at < count else was for at, (model, was) in enumerate(models.items())}}


def test_what_did_not_change_is_sound():
    assert verdict(even(4, 3), even(4, 3)) is None


def test_half_of_the_models_may_go_and_no_more():
    assert verdict(even(4, 10), without(even(4, 10), 5)) is None
    assert verdict(even(4, 10), {**without(even(4, 10), 5), "p0": even(1, 4)["p0"]}) == "21 of 40 models are gone, more than 50%"


def test_models_that_came_do_not_make_up_for_those_that_went():
    renamed = {provider: {f"new-{model}": price for model, price in models.items()} for provider, models in even(4, 10).items()}
    assert verdict(even(4, 10), renamed) == "40 of 40 models are gone, more than 50%"


@pytest.mark.parametrize(("max_shrink", "gone", "held"), [(0, 0, False), (0, 1, True), (0.2, 8, False), (0.2, 12, True), (0.25, 8, False)])
def test_max_shrink_says_how_many_models_may_go(max_shrink, gone, held):
    fewer = without(even(4, 10), gone // 4) if gone % 4 == 0 else {**even(4, 10), "p0": without(even(4, 10), gone)["p0"]}
    reason = f"{gone} of 40 models are gone, more than {max_shrink:.0%}" if held else None
    assert verdict(even(4, 10), fewer, max_shrink=max_shrink) == reason


def test_a_quarter_of_the_providers_may_go_and_no_more():
    fewer = {provider: models for provider, models in even(8, 4).items() if provider not in {"p0", "p1"}}
    assert verdict(even(8, 4), fewer) is None
    del fewer["p2"]
    assert verdict(even(8, 4), fewer) == "3 of 8 providers are gone, more than 25%"


def test_a_provider_that_sells_nothing_any_more_is_gone_and_one_that_never_did_is_not():
    old = {**even(4, 4), "idle": {}}
    assert verdict(old, {**even(4, 4), "p0": {}}) is None
    assert verdict(old, {**even(4, 4), "p0": {}, "p1": {}}) == "2 of 4 providers are gone, more than 25%"
    assert verdict(old, even(4, 4)) is None


def test_providers_that_came_do_not_make_up_for_those_that_went():
    renamed = {f"new-{provider}" if provider in {"p0", "p1", "p2"} else provider: models for provider, models in even(8, 4).items()}
    assert verdict(even(8, 4), renamed) == "3 of 8 providers are gone, more than 25%"


def test_what_stands_before_a_slash_in_the_id_of_a_model_is_no_provider():
    old = {**even(3, 4), "router": {f"{lab}/m": 2 for lab in "abcd"}}
    assert verdict(old, {**old, "router": {"d/m": 2}}) is None


def test_over_the_wheel_half_of_the_providers_may_go():
    fewer = {provider: models for provider, models in even(8, 4).items() if provider > "p3"}
    assert verdict(even(8, 4), fewer, bundled=True) is None
    assert verdict(even(8, 4), fewer) == "4 of 8 providers are gone, more than 25%"
    del fewer["p4"]
    assert verdict({**even(8, 4), "p9": even(1, 40)["p0"]}, {**fewer, "p9": even(1, 40)["p0"]}, bundled=True) == (
        "5 of 9 providers are gone, more than 50%"
    )


def test_a_max_shrink_of_1_lets_anything_go_but_everything():
    one_left = {"p0": {"m0": 2}}
    assert verdict(even(8, 4), one_left, max_shrink=1) is None
    assert verdict(even(8, 4), EMPTY, max_shrink=1) == "the document is empty: it lists no model"


@pytest.mark.parametrize("new", [EMPTY, {"models": {}, "providers": {}}, {"models": {}, "providers": EMPTY}])
def test_a_document_without_models_is_empty(new):
    for options in ({}, {"max_shrink": 1}, {"bundled": True, "foreign": True}, {"age": timedelta(days=400)}):
        assert verdict(even(2, 2), load_catalog(new), **options) == "the document is empty: it lists no model"


def test_a_document_of_labs_is_of_another_kind_unless_the_old_one_is_too():
    row = {
        "id": "acme/m",
        "name": "M",
        "modalities": {"input": ["text"], "output": ["text"]},
        "limit": {"context": 1},
        "open_weights": True,
    }
    labs = load_catalog({"acme/m": row})
    assert labs.content.kind == "models.json"
    assert verdict(even(2, 2), labs, max_shrink=1) == "the document is of another kind: it lists the models of labs, and no provider"
    assert verdict(labs, labs) == "the document is empty: it lists no model"
    assert verdict(labs, even(2, 2)) is None


def test_an_api_document_in_place_of_a_catalog_is_of_no_other_kind():
    assert verdict(catalog(even(4, 4), "catalog.json"), catalog(even(4, 4))) is None
    assert verdict(catalog(even(4, 4)), catalog(even(4, 4), "catalog.json")) is None


def test_a_twentieth_of_the_prices_may_move_by_a_hundred_and_no_more():
    assert verdict(even(1, 40), moved(even(1, 40), 2, 200)) is None
    assert verdict(even(1, 40), moved(even(1, 40), 3, 200)) == "the prices of 3 of 40 models moved by 100x or more, more than 5%"


@pytest.mark.parametrize(
    ("before", "after", "far"),
    [
        (2, 200, True),
        (2, 199.99, False),
        (2, 0.02, True),
        (2, 0.0201, False),
        (2, 0, True),
        (0, 2_000, False),
        (0, 0, False),
        (2, None, False),
        (None, 2_000, False),
        ((2, 3), (2, 300), True),
        ((2, 3), (2, 299), False),
        ((2, 3), (200, None), True),
        ((2, 3), (None, None), False),
        ((0, 3), (5_000, 3), False),
        (0.1, 10, True),
        (0.3, 30, True),
        (0.07, 0.0007, True),
    ],
)
def test_a_price_moved_far_by_exactly_a_hundred_or_to_nothing(before, after, far):
    old, new = even(1, 10, before), even(1, 10, after)
    reason = "the prices of 10 of 10 models moved by 100x or more, more than 5%"
    assert verdict(old, new) == (reason if far else None)


def test_other_rates_than_input_and_output_may_move_as_they_like():
    old, new = ({"p": {"id": "p", "models": {"m": {"cost": {"input": 1, "cache_read": rate, "reasoning": rate}}}}} for rate in (1, 1_000))
    assert verdict(load_catalog(old), load_catalog(new)) is None


def test_models_without_a_price_are_not_counted_among_the_priced():
    old = {**even(1, 40, 0), "paid": {f"m{model}": 2 for model in range(20)}}
    new = {**old, "paid": {**old["paid"], "m0": 200, "m1": 200}}
    assert verdict(old, new) == "the prices of 2 of 20 models moved by 100x or more, more than 5%"


def test_of_old_facts_only_how_many_there_are_is_judged():
    renamed = {f"new-{provider}": models for provider, models in even(8, 4).items()}
    for age, held in ((None, True), (timedelta(days=90), True), (timedelta(days=90, seconds=1), False)):
        assert (verdict(even(8, 4), renamed, age=age) is not None) is held
    aged = timedelta(days=91)
    assert verdict(even(8, 4), without(renamed, 2), age=aged) is None
    assert verdict(even(8, 4), without(renamed, 3), age=aged) == "24 of 32 models are gone, more than 50%"
    six, five = ({f"q{number}": even(1, 5)["p0"] for number in range(count)} for count in (6, 5))
    assert verdict(even(8, 4), six, age=aged) is None
    assert verdict(even(8, 4), five, age=aged) == "3 of 8 providers are gone, more than 25%"
    assert verdict(even(8, 4), moved(even(8, 4), 4, 200), age=aged) == "the prices of 4 of 32 models moved by 100x or more, more than 5%"


def test_a_catalog_of_ones_own_over_the_wheel_is_compared_with_nothing():
    own = {"house": {f"m{model}": 2 for model in range(3)}}
    assert verdict(even(8, 4), own, bundled=True, foreign=True) is None
    assert verdict(even(8, 4), own, bundled=True) == "32 of 32 models are gone, more than 50%"
    assert verdict(even(8, 4), own, foreign=True) == "32 of 32 models are gone, more than 50%"


def test_a_catalog_is_ones_own_if_more_than_half_of_it_is_new():
    part = {"p0": even(1, 4)["p0"]}
    half, most = ({**part, "house": {f"m{model}": 2 for model in range(count)}} for count in (4, 5))
    assert verdict(even(8, 4), half, bundled=True, foreign=True) == "28 of 32 models are gone, more than 50%"
    assert verdict(even(8, 4), most, bundled=True, foreign=True) is None


PRICES = st.none() | st.sampled_from([0, 1, 2, 99, 100, 101, 0.5, 0.01, 0.0099, 200])
CATALOGS = st.dictionaries(
    st.sampled_from([f"p{number}" for number in range(6)]),
    st.dictionaries(st.sampled_from("abcdef"), st.tuples(PRICES, PRICES), max_size=6),
    min_size=1,
    max_size=6,
)


def repriced(prices):
    """Return a strategy of the same models at other prices."""
    return st.fixed_dictionaries(
        {
            p: st.fixed_dictionaries({m: st.just(pair) | st.tuples(PRICES, PRICES) for m, pair in models.items()})
            for p, models in prices.items()
        }
    )


def fewer(prices):
    """Return a strategy of the same without some providers."""
    gone = st.sets(st.sampled_from(sorted(prices)), max_size=2)
    return gone.map(lambda gone: {p: models for p, models in prices.items() if p not in gone})


PAIRS = CATALOGS.flatmap(lambda old: st.tuples(st.just(old), CATALOGS | repriced(old) | fewer(old)))


def expected(old, new, max_shrink, *, aged, bundled, foreign):
    """Return the first words of what should be said, worked out on plain dicts with fractions."""
    was, now = ({(p, m): pair for p, models in side.items() for m, pair in models.items()} for side in (old, new))
    if not now:
        return "the document is empty"
    if bundled and foreign and Fraction(len(now.keys() - was.keys()), len(now)) > Fraction(1, 2):
        return None
    gone = len(was) - len(now) if aged else len(was.keys() - now.keys())
    if gone > Fraction(str(max_shrink)) * len(was):
        return f"{gone} of {len(was)} models are gone"
    sellers, sold = {p for p, _ in was}, {p for p, _ in now}
    lost = len(sellers) - len(sold) if aged else len(sellers - sold)
    if max_shrink < 1 and lost > Fraction(2 if bundled else 1, 4) * len(sellers):
        return f"{lost} of {len(sellers)} providers are gone"
    both = [ref for ref in was if ref in now and any(was[ref])]
    far = [ref for ref in both if any(map(is_far, was[ref], now[ref]))]
    return f"the prices of {len(far)} of {len(both)} models moved" if Fraction(len(far), max(1, len(both))) > Fraction(5, 100) else None


def is_far(before, after):
    if not before or after is None:
        return False
    ratio = Fraction(str(after)) / Fraction(str(before))
    return ratio >= 100 or ratio <= Fraction(1, 100)


@given(PAIRS, st.sampled_from([0, 0.25, 0.5, 0.75, 1]), st.booleans(), st.booleans(), st.booleans())
def test_the_verdict_is_that_of_plain_arithmetic(pair, max_shrink, aged, bundled, foreign):
    old, new = pair
    age = timedelta(days=91 if aged else 1)
    found = verdict(old, new, max_shrink=max_shrink, age=age, bundled=bundled, foreign=foreign)
    reason = expected(old, new, max_shrink, aged=aged, bundled=bundled, foreign=foreign)
    assert found is None if reason is None else found.startswith(reason)


@given(CATALOGS, st.sampled_from([0, 0.5, 1]))
def test_a_catalog_has_nothing_against_itself(prices, max_shrink):
    found = verdict(prices, prices, max_shrink=max_shrink)
    assert found == (None if any(prices.values()) else "the document is empty: it lists no model")


def test_prices_are_compared_exactly():
    old = catalog({"p": {"m": 0.1}})
    assert old["p/m"].cost.input == Decimal("0.1")
    assert verdict(old, {"p": {"m": 10}}) is not None
