"""Recommendations, beside a count of who is not better, one model and one fact at a time."""

from __future__ import annotations

import pickle
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Query, QueryError, Standard, UnknownBenchmarkError, Usage, load_catalog
from modelmeta.catalog.axes import DEFAULT_USAGE
from modelmeta.catalog.price import quote
from modelmeta.catalog.routing.recommend import Recommendations, recommend
from modelmeta.catalog.routing.tasks import TASKS
from modelmeta.testing.queries import usages


def asked(catalog, task=None, weights=None, **criteria) -> Recommendations:
    return recommend(catalog, task, weights=weights, criteria=criteria)


def known(date):
    return None if date is None or not date.is_possible else date


FACTS = {
    "price": lambda model, usage: None if model.price_state == "plan" else quote(model, usage).total,
    "context": lambda model, _: model.limit.context,
    "output": lambda model, _: model.limit.output,
    "date": lambda model, _: known(model.release_date),
    "knowledge": lambda model, _: known(model.knowledge),
    "cost.input": lambda model, _: None if model.price_state == "plan" or model.cost is None else model.cost.input,
}


@given(data=st.data())
def test_a_score_is_the_share_of_the_others_that_are_not_better_by_weight(small_document, catalog, data):
    catalog = data.draw(st.sampled_from([load_catalog(small_document), catalog]))
    weights = data.draw(st.dictionaries(st.sampled_from(sorted(FACTS)), st.integers(1, 5), min_size=1, max_size=3))
    usage = data.draw(st.none() | usages(1_000))
    providers = data.draw(st.sets(st.sampled_from(["acme", "acme-plan", "paint", "groq", "zai-coding-plan", "cerebras"]), min_size=1))
    models = [model for model in catalog if model.provider_id in providers and model.status != "deprecated"]
    found = asked(catalog, weights=weights, provider=providers, **({} if usage is None else {"usage": usage}))
    facts = {model.ref: {name: FACTS[name](model, usage or DEFAULT_USAGE) for name in weights} for model in models}

    def share(ref, name) -> Fraction | None:
        value = facts[ref][name]
        others = [fact[name] for other, fact in facts.items() if other != ref and fact[name] is not None]
        if value is None:
            return None
        not_better = sum(other >= value if name in {"price", "cost.input"} else other <= value for other in others)
        return Fraction(not_better, len(others)) if others else Fraction(1)

    totals = {
        model.ref: sum((share(model.ref, name) or 0) * weight for name, weight in weights.items()) / Fraction(sum(weights.values()))
        for model in models
    }
    assert [model.ref for model in sorted(models, key=lambda model: (-totals[model.ref], model.ref))] == [one.model.ref for one in found]
    for one in found:
        assert abs(totals[one.model.ref] - Fraction(one.score)) <= Fraction(1, 20_000)
        for factor, (name, weight) in zip(one.factors, weights.items(), strict=True):
            assert (name, facts[one.model.ref][name], weight) == (factor.name, factor.value, factor.weight)
            exact = share(one.model.ref, name)
            assert factor.score is None if exact is None else abs(exact - Fraction(factor.score)) <= Fraction(1, 20_000)
        assert one.quote == (None if usage is None else quote(one.model, usage))
    assert len(models) == found.total


def test_what_a_plan_costs_is_unknown_and_counts_nothing(small):
    [plan] = [one for one in asked(small, weights={"price": 1, "context": 1}) if one.model.provider_id == "acme-plan"]
    assert ("plan", None, None) == (plan.model.price_state, plan.factors[0].value, plan.factors[0].score)
    assert plan.score <= Decimal("0.5")


def test_equal_models_are_in_the_order_of_their_references():
    same = load_catalog({key: {"models": {"m": {"limit": {"context": 5}}, "a": {"limit": {"context": 5}}}} for key in ("b", "a")})
    found = asked(same, weights={"context": 1})
    assert ["a/a", "a/m", "b/a", "b/m"] == [str(one.model.ref) for one in found]
    assert {Decimal(1)} == {one.score for one in found}


def test_one_model_alone_is_not_beaten():
    one = load_catalog({"a": {"models": {"m": {"limit": {"context": 5}}}}})
    [only] = asked(one)
    assert [("price", None), ("context", 1), ("output", None), ("date", None)] == [(factor.name, factor.score) for factor in only.factors]
    assert Decimal("0.25") == only.score
    assert () == asked(one, "vision")


def test_a_task_is_a_query_and_weights_of_its_own(catalog):
    for name, task in TASKS.items():
        found = asked(catalog, name, limit=3)
        assert len(catalog.filter(task.query, exclude_deprecated=True)) == found.total
        assert task.query.refine(exclude_deprecated=True) == found.query
        assert [*found.weights.values()] == [*task.weights.values()]
        again = asked(catalog, task.query, weights=task.weights, limit=3)
        assert [*again] == [*found]


def test_the_how_to_lists_every_task_with_what_it_asks_for(root):
    _, _, text = (root / "docs" / "howto" / "route.md").read_text().partition("| task | asks for | weights |\n|---|---|---|\n")
    listed = {name: (asks, said) for name, asks, said in re.findall(r"^\| `([\w-]+)` \| (.+) \| (.+) \|$", text, re.MULTILINE)}
    assert [*TASKS] == [*listed]
    weights = "price, context, output, date"
    for name, task in TASKS.items():
        asks, said = listed[name]
        asked = [*task.query.capabilities, *([] if task.query.type in (None, {"chat"}) else task.query.type)]
        assert asked == re.findall(r"`(\w+)`", asks)
        assert (task.query.type == {"chat"}) is asks.startswith("chat")
        assert ([f"{task.query.min_context:,}"] if task.query.min_context else []) == re.findall(r"[\d,]*,\d{3}", asks)
        weights = weights if said == "the same" else said
        assert sorted(fact if weight == 1 else f"{fact} {weight}" for fact, weight in task.weights.items()) == sorted(weights.split(", "))


def test_criteria_count_besides_the_task(catalog):
    found = asked(catalog, "vision", provider="google", min_context=1_000_000, limit=5)
    assert all(one.model.supports("vision") and one.model.provider_id == "google" for one in found)
    assert 5 == len(found)
    assert 2 == len(asked(catalog, Query("vision", provider="google"), limit=2))
    assert [*found[1:3]] == [*asked(catalog, "vision", provider="google", min_context=1_000_000, limit=2, offset=1)]


def test_deprecated_models_are_left_out_unless_asked_for(small):
    assert "deprecated" not in {one.model.status for one in asked(small)}
    assert len(small) == asked(small, exclude_deprecated=False).total


def test_a_benchmark_counts_as_a_fact_where_it_compares(small):
    found = asked(small, weights={Standard("Tune"): 1}, exclude_deprecated=False)
    [one] = [one for one in found if one.factors[0].value is not None]
    assert ("paint/draw", Decimal("3.5"), 1) == (str(one.model.ref), one.factors[0].value, one.score)
    with pytest.raises(UnknownBenchmarkError):
        asked(small, weights={"benchmark:Nothing": 1})


@pytest.mark.parametrize(
    "weights",
    [
        {},
        5,
        {"prize": 1},
        {"price": 0},
        {"price": -1},
        {"price": "much"},
        {"price": True},
        {"price": "1e7"},
        {"price": "nan"},
        {"context": 1, "limit.context": 1},
    ],
)
def test_weights_that_cannot_be_are_refused(small, weights):
    with pytest.raises(QueryError) as caught:
        asked(small, weights=weights)
    assert "weights" == caught.value.criterion


def test_a_task_that_is_none_is_told_with_the_nearest(small):
    with pytest.raises(QueryError, match=r"not 'visions'; did you mean vision\?"):
        asked(small, "visions")
    with pytest.raises(QueryError, match="task must be one of agents, "):
        asked(small, 5)
    with pytest.raises(QueryError, match="sort cannot be asked here"):
        asked(small, "chat", sort="id")


def test_weights_are_exact(small):
    found = asked(small, weights={"context": 0.1, "output": "0.2"})
    assert {"context": Decimal("0.1"), "output": Decimal("0.2")} == found.weights


def test_they_are_cut_and_shown_and_pickle(small):
    found = asked(small, "tool-use", usage=Usage(1_000_000))
    assert isinstance(found[:1], Recommendations)
    assert (found.query, found.total, found.weights) == (found[:1].query, found[:1].total, found[:1].weights)
    assert found[0] == found[:1][0]
    again = pickle.loads(pickle.dumps(found))
    assert (found, found.query, found.weights) == (again, again.query, again.weights)
    head, first, *_ = str(found).splitlines()
    assert ["model", "score", "price", "context", "output", "date"] == head.split()
    assert str(found[0].model.ref) == first.split()[0]
    assert str(found).endswith("weights: price 1, context 1, output 1, date 1")
    assert f"1 of {found.total} models" in found.sheet(most=1).notes[0]
