"""Rankings against pricing and sorting every model by hand."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import NoMatchError, Query, QueryError, Usage, bundled_catalog, load_catalog
from modelmeta.catalog import ranking as ranking_module
from modelmeta.catalog.leaderboard import Standard
from modelmeta.catalog.price import quote
from modelmeta.errors import MixedBenchmarkError, UnknownBenchmarkError
from modelmeta.testing.queries import capabilities, criteria, matches, usages

CATALOG = bundled_catalog()
ROWS = {
    ref: json.loads(CATALOG.content.line(row), parse_float=Fraction, parse_int=Fraction) for row, ref in enumerate(CATALOG.content.refs)
}
THOUSAND = Usage(input_tokens=1_000, output_tokens=1_000)
PARTS = {"cache_read": "input", "cache_write": "input", "input_audio": "input", "reasoning": "output", "output_audio": "output"}


def bill(row, usage):
    """Return what *usage* costs by the facts of *row*, in USD, as a Fraction; None where a rate is missing."""
    rates = row.get("cost", {})
    if not {"input", "output"} & rates.keys():
        return None
    tiers = [(tier["tier"]["size"], tier) for tier in rates.get("tiers", ())]
    if not tiers and "context_over_200k" in rates:
        tiers = [(200_000, rates["context_over_200k"])]
    above = [(size, tier) for size, tier in tiers if usage.input_tokens > size]
    if above:
        rates = max(above, key=lambda tier: tier[0])[1]
    tokens = {part: getattr(usage, f"{part}_tokens") for part in ("input", "output", *PARTS)}
    for part, whole in PARTS.items():
        tokens[whole] -= tokens[part]
    amounts = [count and (rate := rates.get(part, rates.get(PARTS.get(part)))) and count * rate for part, count in tokens.items()]
    return None if None in amounts else sum(amounts, Fraction(0)) / 10**6


def in_order(models, value, *, best=min):
    """Return the references of *models* by *value*, the *best* first, of equals those no subscription pays for, then by reference."""
    known = [model for model in models if value(model) is not None]
    ordered = sorted(known, key=lambda model: (model.price_state == "plan", model.ref))
    ordered.sort(key=value, reverse=best is max)
    return [str(model.ref) for model in (*ordered, *sorted(set(models) - set(known), key=lambda model: model.ref))]


def refs(ranking):
    return [str(ranked.model.ref) for ranked in ranking]


def meeting(catalog, names, asked):
    """Return the models a ranking is about, by asking each of them."""
    needs = {name: value for name, value in asked.items() if name != "usage" or "max_cost" in asked}
    if not asked.keys() & {"status", "exclude_deprecated"}:
        needs["exclude_deprecated"] = True
    return [model for model in catalog if matches(model, needs, capabilities=names)]


def possible(model):
    return model.release_date if model.release_date and model.release_date.is_possible else None


@settings(max_examples=10)
@given(capabilities(), criteria(CATALOG), st.none() | usages(0, 200_000, 200_001))
def test_the_cheapest_come_first_as_they_do_when_every_model_is_billed(names, asked, usage):
    asked = {**({"usage": usage} if usage else {}), **asked}
    workload = asked.get("usage", THOUSAND)
    models = meeting(CATALOG, names, asked)
    bills = {model.ref: bill(ROWS[str(model.ref)], workload) for model in models}

    ranking = CATALOG.rank(*names, **asked)

    expected = in_order(models, lambda model: bills[model.ref])
    assert expected == refs(ranking)
    assert [bills[ranked.model.ref] for ranked in ranking] == [ranked.value for ranked in ranking]
    assert all((ranked.quote.total, ranked.quote.usage) == (ranked.value, workload) for ranked in ranking)
    assert (workload, list(bills.values()).count(None)) == (ranking.usage, ranking.unknown)
    if expected:
        assert expected[0] == str(CATALOG.select(*names, **asked).ref)
    else:
        with pytest.raises(NoMatchError):
            CATALOG.select(*names, **asked)


ORDERS = {
    "largest_context": (lambda model: model.limit.context, max),
    "newest": (possible, max),
    "cheapest": (lambda model: quote(model, THOUSAND).total, min),
}


@pytest.mark.parametrize("prefer", ORDERS)
@pytest.mark.parametrize("asked", [{}, {"status": "deprecated"}, {"exclude_deprecated": False}, {"unknown": "only", "min_input": 1}])
def test_every_model_of_the_real_catalog_is_in_its_place(prefer, asked):
    value, best = ORDERS[prefer]
    asked = {"exclude_deprecated": True, **asked} if "status" not in asked else asked
    expected = in_order(list(CATALOG.filter(**asked)), value, best=best)

    ranking = CATALOG.rank(prefer=prefer, **asked)

    assert expected == refs(ranking)
    assert len(expected) == len(ranking) > 50
    assert expected[0] == str(CATALOG.select(prefer=prefer, **asked).ref)


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "cost": st.fixed_dictionaries({}, optional={"input": st.integers(0, 2), "output": st.integers(0, 2)}),
        "limit": st.fixed_dictionaries({"context": st.integers(0, 3)}),
        "release_date": st.sampled_from(["2024", "2025", "2025-01", "2025-02-31", "soon"]),
        "status": st.sampled_from(["beta", "deprecated"]),
    },
)
SOLD = st.dictionaries(st.text("abc-/.", min_size=1, max_size=3), FACTS, max_size=8)


def market(**sold):
    providers = {
        name.replace("_", "-"): {key: {"id": key, "name": key, **facts} for key, facts in models.items()} for name, models in sold.items()
    }
    return load_catalog(
        {"models": {}, "providers": {name: {"id": name, "name": name, "models": models} for name, models in providers.items()}}
    )


@settings(max_examples=200)
@given(SOLD, SOLD, SOLD, st.sampled_from([*ORDERS, "key"]), st.none() | st.integers(0, 9), st.integers(0, 9))
def test_any_market_is_ranked_and_the_selected_is_the_first(shop, a_coding_plan, zoo, prefer, limit, offset):
    catalog = market(shop=shop, a_coding_plan=a_coding_plan, zoo=zoo)
    value, best = ORDERS.get(prefer, (lambda model: model.limit.context and -model.limit.context, min))
    models = [model for model in catalog if model.status != "deprecated"]
    expected = in_order(models, value, best=best)
    page = {"offset": offset, **({} if limit is None else {"limit": limit})}

    for asked, part in (({}, expected), (page, expected[offset:][:limit])):
        ranking = catalog.rank(prefer=value if prefer == "key" else prefer, **asked)
        assert part == refs(ranking)
        assert len(part) == len(ranking)
        assert sum(value(catalog.get(ref)) is None for ref in part) == ranking.unknown
        if part:
            assert ranking[0].model is ranking.best is catalog.select(prefer=value if prefer == "key" else prefer, **asked)
        else:
            assert ranking.best is None


FREE, DEAR = {"cost": {"input": 0, "output": 0}}, {"cost": {"input": 1, "output": 1}}


def test_what_a_subscription_pays_for_comes_after_what_is_free():
    catalog = market(a_coding_plan={"x": FREE}, shop={"y": FREE, "z": DEAR, "a": {}})

    assert ["shop/y", "a-coding-plan/x", "shop/z", "shop/a"] == refs(catalog.rank())
    assert "shop/y" == str(catalog.select().ref)
    assert ["free", "plan", "priced", "unpriced"] == [ranked.quote.state for ranked in catalog.rank()]
    assert "a-coding-plan/x" == str(catalog.select(provider="a-coding-plan").ref)


def test_deprecated_models_are_left_out_unless_asked_for():
    catalog = market(shop={"dead": {**FREE, "status": "deprecated"}, "live": DEAR})

    assert ["shop/live"] == refs(catalog.rank())
    assert ["shop/dead"] == refs(catalog.rank(status="deprecated"))
    assert ["shop/dead", "shop/live"] == refs(catalog.rank(exclude_deprecated=False))
    assert "shop/dead" == str(catalog.select(Query(status={"deprecated", "available"})).ref)


def test_dates_that_cannot_be_are_unknown_and_last():
    dates = {"a": "2025-02-31", "b": "soon", "c": None, "d": "2025-02", "e": "2025-02-28", "f": "2025"}
    catalog = market(shop={key: {"release_date": date} if date else {} for key, date in dates.items()})

    ranking = catalog.rank(prefer="newest")

    assert ["e", "d", "f", "a", "b", "c"] == [ranked.model.id for ranked in ranking]
    assert ["2025-02-28", "2025-02", "2025", None, None, None] == [ranked.value and str(ranked.value) for ranked in ranking]
    assert ("date", 3, None) == (ranking.by, ranking.unknown, ranking.usage)
    assert {None} == {ranked.quote for ranked in ranking}


@pytest.fixture(scope="module")
def quizzes():
    results = {
        "lab/a": [("Quiz", 7.5, {}), ("Quiz", 5, {}), ("Odd", 1, {})],
        "lab/b": [("Quiz", "pending", {}), ("Odd", 2, {"metric": "points"})],
        "lab/c": [("Quiz", 9, {})],
        "lab/d": [("Quiz", 7.5, {})],
    }
    labs = {
        key: {"id": key, "name": key, "benchmarks": [{"name": name, "score": score, **facts} for name, score, facts in found]}
        for key, found in results.items()
    }
    sold = {key: {"id": key, "name": key, "canonical_model_id": f"lab/{key[0]}", **DEAR} for key in ("b", "d", "a2", "a1", "c", "none")}
    return load_catalog({"models": labs, "providers": {"acme": {"id": "acme", "name": "Acme", "models": sold}}})


@pytest.mark.parametrize("prefer", ["benchmark:Quiz", Standard("Quiz"), Standard("Quiz", metric=None)])
def test_the_highest_scores_come_first(quizzes, prefer):
    ranking = quizzes.rank(prefer=prefer)

    assert [("c", 9), ("a1", Decimal("7.5")), ("a2", Decimal("7.5")), ("d", Decimal("7.5")), ("b", None), ("none", None)] == [
        (ranked.model.id, ranked.value) for ranked in ranking
    ]
    assert ("Quiz (no metric, no harness, no version)", 2) == (ranking.by, ranking.unknown)
    assert "c" == quizzes.select(prefer=prefer).id
    assert ["b"] == [ranked.model.id for ranked in quizzes.rank(prefer=Standard("Odd", metric="points"), limit=1)]


@pytest.mark.parametrize(
    ("prefer", "error"),
    [("benchmark:Odd", MixedBenchmarkError), ("benchmark:Quizz", UnknownBenchmarkError), ("benchmark:", UnknownBenchmarkError)],
)
def test_benchmarks_that_do_not_compare_or_exist_are_refused(quizzes, prefer, error):
    with pytest.raises(error) as caught:
        quizzes.select(prefer=prefer)

    assert "prefer" == caught.value.criterion


@pytest.mark.parametrize("prefer", ["", "Cheapest", "price", "context", None, 5, ["cheapest"], {"cheapest"}, ("cheapest",)])
def test_what_is_no_preference_is_refused_with_those_there_are(prefer):
    for ask in (CATALOG.rank, CATALOG.select):
        with pytest.raises(
            QueryError, match=r"^prefer must be one of cheapest, largest_context, newest, benchmark:<name>, a Standard or"
        ) as caught:
            ask(prefer=prefer)
        assert ("prefer", prefer) == (caught.value.criterion, caught.value.value)


@pytest.mark.parametrize(
    ("asked", "criterion"),
    [
        ({"sort": "id"}, "sort"),
        ({"limit": -1}, "limit"),
        ({"max_cost": 1}, "max_cost"),
        ({"usage": 5}, "usage"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(asked, criterion):
    for ask in (CATALOG.rank, CATALOG.select):
        with pytest.raises(QueryError) as caught:
            ask(**asked)
        assert criterion == caught.value.criterion


def test_a_usage_prices_with_and_without_a_limit_to_what_it_may_cost():
    reader, writer = {"cost": {"input": 1, "output": 9}}, {"cost": {"input": 9, "output": 1}}
    catalog, reading = market(shop={"reader": reader, "writer": writer, "mute": {}}), Usage(1_000_000, 1)

    assert ["reader", "writer", "mute"] == [ranked.model.id for ranked in catalog.rank(usage=reading)]
    assert ["writer", "reader", "mute"] == [ranked.model.id for ranked in catalog.rank(usage=Usage(1, 1_000_000))]
    assert ["reader"] == [ranked.model.id for ranked in catalog.rank(usage=reading, max_cost=2)]
    assert ["reader"] == [ranked.model.id for ranked in catalog.rank(Query(usage=reading, max_cost=2))]
    assert (THOUSAND, reading) == (catalog.rank().usage, catalog.rank(usage=reading, prefer="newest").usage)
    assert [Decimal("1.000009"), Decimal("9.000001"), None] == [
        ranked.quote.total for ranked in catalog.rank(usage=reading, prefer=lambda model: attrgetter("id")(model).replace("mute", "z"))
    ]


def test_a_users_key_is_asked_again_each_time_lowest_first_and_none_last():
    catalog, asked = market(shop={key: {} for key in "abcd"}), []
    values = {"a": None, "b": (2, "x"), "c": (1, "y"), "d": (1, "y")}

    def key(model):
        asked.append(model.id)
        return values[model.id]

    ranking = catalog.rank(prefer=key)

    assert [("c", (1, "y")), ("d", (1, "y")), ("b", (2, "x")), ("a", None)] == [(ranked.model.id, ranked.value) for ranked in ranking]
    assert ["a", "b", "c", "d"] == asked
    assert ("your key", 1, None) == (ranking.by, ranking.unknown, ranking.usage)
    values["a"] = (0,)
    assert "a" == catalog.select(prefer=key).id
    assert ["a", "c", "d", "b"] == [ranked.model.id for ranked in catalog.rank(prefer=key)]
    assert 12 == len(asked)
    with pytest.raises(QueryError):
        catalog.select(prefer=lambda model: model.id if model.id < "c" else 5)


def test_what_is_no_number_has_no_place_in_an_order():
    catalog = market(shop={key: {} for key in "abc"})
    keys = {"a": 2.0, "b": float("nan"), "c": 1.0}

    ranking = catalog.rank(prefer=lambda model: keys[model.id])

    assert ([("c", 1.0), ("a", 2.0), ("b", None)], 1) == ([(ranked.model.id, ranked.value) for ranked in ranking], ranking.unknown)
    assert "c" == ranking.best.id


@pytest.mark.parametrize("asked", [{}, {"provider": "openai"}, {"usage": Usage(5), "max_cost": 9}, {"prefer": "newest", "limit": 3}])
def test_a_question_asked_again_has_the_same_answer(asked):
    assert CATALOG.rank("tool_call", **asked) is CATALOG.rank("tool_call", **asked)
    assert CATALOG.rank(Query("tool_call"), **asked) is CATALOG.rank(Query("tool_call"), **asked)


@pytest.mark.parametrize(
    "asked", [{"provider": {"openai", "azure"}}, {"provider": ["openai", "azure"]}, {"type": ["chat"], "prefer": "newest"}]
)
def test_a_set_or_a_list_is_answered_the_same_without_being_remembered(asked):
    first, again = CATALOG.rank(**asked), CATALOG.rank(**asked)

    assert first is not again
    assert tuple(first) == tuple(again)
    assert first.query == again.query


def test_questions_that_differ_are_told_apart():
    catalog = market(shop={"a": {**FREE, "limit": {"context": 1}}, "b": {**DEAR, "limit": {"context": 2}}})

    assert ["shop/a", "shop/b"] == refs(catalog.rank(min_context=1))
    with pytest.raises(QueryError):
        catalog.rank(min_context=True)
    assert ["shop/b", "shop/a"] == refs(catalog.rank(min_context=1, prefer="largest_context"))
    assert ["shop/b"] == refs(catalog.rank(min_context=2))


def test_a_question_of_the_users_own_is_asked_again():
    catalog, wanted = market(shop={"a": FREE, "b": DEAR}), {"a"}

    def where(model):
        return model.id in wanted

    assert ["shop/a"] == refs(catalog.rank(where=where))
    wanted.add("b")
    assert ["shop/a", "shop/b"] == refs(catalog.rank(where=where)) == refs(catalog.rank(Query(where=where)))


def test_only_so_many_models_are_remembered(monkeypatch):
    monkeypatch.setattr(ranking_module, "_MODELS_KEPT", 6)
    catalog = market(shop={"a": FREE, "b": DEAR, "c": {}, "d": {}}, zoo=dict.fromkeys("efghij", FREE))
    shop = catalog.rank(provider="shop")

    assert shop is catalog.rank(provider="shop")
    assert refs(catalog.rank()) == refs(catalog.rank())
    assert catalog.rank(limit=1) is not catalog.rank(limit=1)
    catalog.rank(provider="nobody", prefer="newest")
    assert shop is catalog.rank(provider="shop")
    catalog.rank(provider="shop", prefer="newest")
    assert shop is not catalog.rank(provider="shop")


def test_a_ranking_is_a_sequence():
    ranking = market(shop={"a": {}, "b": DEAR, "c": FREE}).rank()
    everything = tuple(ranking)

    assert ["c", "b", "a"] == [ranked.model.id for ranked in everything]
    assert everything[::-1] == tuple(reversed(ranking)) == ranking[::-1]
    assert (everything[-1], everything[1:], ()) == (ranking[-1], ranking[1:], ranking[5:])
    assert everything[1] in ranking
    assert (3, 1, 1) == (len(ranking), ranking.index(everything[1]), ranking.count(everything[0]))
    with pytest.raises(IndexError):
        ranking[3]
    assert "<Ranking of 3 by price: shop/c, shop/b, shop/a>" == repr(ranking)
    assert "<Ranking of 0 by price>" == repr(market(shop={}).rank())


def test_a_ranking_shows_itself_and_what_is_unknown():
    catalog = market(shop={"<a>": {"limit": {"context": 1_000}}, "b": DEAR, "c": {**FREE, "limit": {"context": 2_000}}})

    assert [
        "   model     price (USD)  state",
        "1  shop/c    0            free",
        "2  shop/b    0.002        priced",
        "3  shop/<a>  ?            unpriced",
        "",
        "Last are 1 for which price is unknown.",
    ] == str(catalog.rank()).splitlines()
    assert [
        "   model     context (tokens)  USD    state",
        "1  shop/c    2,000             0      free",
        "2  shop/<a>  1,000             ?      unpriced",
        "3  shop/b    ?                 0.001  priced",
        "",
        "Last are 1 for which context is unknown.",
    ] == str(catalog.rank(prefer="largest_context", usage=Usage(1_000))).splitlines()
    assert ["   model     date  state", "1  shop/<a>  ?     unpriced"] == str(catalog.rank(prefer="newest", limit=1)).splitlines()[:2]
    assert "shop/&lt;a&gt;" in catalog.rank()._repr_html_()
    assert [] == list(catalog.rank(limit=2).sheet().notes)


def test_thirty_are_shown_or_as_many_as_one_likes():
    catalog = market(shop={f"m{number:04}": DEAR if number else {} for number in range(1_040)})
    ranking = catalog.rank()

    assert 30 == len(ranking.sheet().rows)
    assert ["30 of 1,040 models", "Last are 1 for which price is unknown."] == list(ranking.sheet().notes)
    assert 1_040 == len(ranking.sheet(most=None).rows)
    assert ["Last are 1 for which price is unknown."] == list(ranking.sheet(most=None).notes)
    assert (5, "5 of 1,040 models") == (len(ranking.sheet(most=5).rows), ranking.sheet(most=5).notes[0])


def test_a_page_past_the_end_is_not_taken_for_a_query_that_nothing_meets():
    catalog = market(shop={"a": DEAR})
    for page in ({"limit": 0}, {"offset": 1}):
        with pytest.raises(NoMatchError, match="limit and offset leave none of the 1 models that meet Query"):
            catalog.select(**page)


@pytest.mark.parametrize("key", [lambda model: {"a": 1}.get(model.id, "x"), lambda model: {model.id: 1}])
def test_values_of_yours_that_do_not_compare_are_refused_at_once(key):
    catalog = market(shop={"a": {}, "b": {}})
    with pytest.raises(QueryError, match="prefer gave values that do not compare") as caught:
        catalog.rank(prefer=key)
    assert "prefer" == caught.value.criterion


def test_a_ranking_cannot_be_changed_and_comes_back_from_a_pickle():
    catalog = market(shop={"a": DEAR, "b": FREE, "c": {}})
    for ranking in (catalog.rank(), catalog.rank(prefer="newest", limit=2, offset=1), catalog.rank(usage=Usage(5), max_cost=1)):
        again = pickle.loads(pickle.dumps(ranking))
        assert list(ranking) == list(again)
        assert (ranking.by, ranking.usage, ranking.query) == (again.by, again.usage, again.query)
        for name in ("by", "usage", "query"):
            with pytest.raises(AttributeError):
                setattr(ranking, name, None)


def test_a_query_that_says_deprecated_models_may_come_lets_them_come():
    catalog = market(shop={"old": {"status": "deprecated"}, "new": {}})
    assert 2 == len(catalog.rank(Query(exclude_deprecated=False))) == len(catalog.rank(exclude_deprecated=False))
    assert 1 == len(catalog.rank(Query())) == len(catalog.rank())
