"""Fronts against comparing every model with every other."""

from __future__ import annotations

import pickle
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import Query, QueryError, Usage, bundled_catalog, load_catalog
from modelmeta.catalog.leaderboard import Standard
from modelmeta.errors import MixedBenchmarkError
from modelmeta.testing.queries import criteria

CATALOG = bundled_catalog()
GOOD = {"price": "down", "cost.input": "down", "cost.output": "down"}


def made(models, labs=None):
    sold = {key: {"id": key, "name": key, **facts} for key, facts in models.items()}
    return load_catalog({"models": labs or {}, "providers": {"acme": {"id": "acme", "name": "Acme", "models": sold}}})


def better(axis, mine, other):
    return mine < other if GOOD.get(axis) == "down" else mine > other


def unbeaten(known, x, y):
    """Return the ids of *known* (an x and a y by id) that no other beats, by comparing each with each."""

    def beats(one, other):
        no_worse = not better(x, other[0], one[0]) and not better(y, other[1], one[1])
        return no_worse and (better(x, one[0], other[0]) or better(y, one[1], other[1]))

    return {key for key, value in known.items() if not any(beats(other, value) for other in known.values())}


def in_order(front):
    """Return whether no point is better in x than the one before, nor worse in y, and equal points are in the order of references."""
    return all(
        one.model.ref < two.model.ref
        if (one.x, one.y) == (two.x, two.y)
        else better(front.x, one.x, two.x) and better(front.y, two.y, one.y)
        for one, two in pairwise(front)
    )


FEW = st.integers(0, 6)
SMALL_MODELS = st.dictionaries(
    st.text("abc-/.", min_size=1, max_size=3),
    st.tuples(st.none() | FEW, st.none() | st.integers(1, 6), st.none() | st.sampled_from(["2024", "2025", "2025-01", "2025-02-31"])),
    max_size=14,
)
AXES = {"cost.input": lambda m: m.cost and m.cost.input, "context": lambda m: m.limit.context, "date": lambda m: m.release_date}


@settings(max_examples=300)
@given(SMALL_MODELS, st.permutations(sorted(AXES)))
def test_a_front_holds_what_no_other_beats(models, axes):
    x, y, _ = axes
    facts = {
        key: {
            **({} if rate is None else {"cost": {"input": rate, "output": 1}}),
            **({} if context is None else {"limit": {"context": context, "output": 1}}),
            **({} if date is None else {"release_date": date}),
        }
        for key, (rate, context, date) in models.items()
    }
    catalog = made(facts)
    pairs = {str(model.ref): (AXES[x](model), AXES[y](model)) for model in catalog}
    pairs = {key: tuple(None if str(value) == "2025-02-31" else value for value in pair) for key, pair in pairs.items()}
    known = {key: pair for key, pair in pairs.items() if None not in pair}

    front = catalog.pareto(x=x, y=y)

    assert unbeaten(known, x, y) == {str(point.model.ref) for point in front}
    assert {str(point.model.ref): (point.x, point.y) for point in front}.items() <= known.items()
    assert in_order(front)
    assert (len(known), len(pairs) - len(known)) == (front.considered, front.unknown)


@settings(max_examples=8)
@given(criteria(CATALOG), st.permutations(["price", "context", "output", "date", "cost.output", "knowledge"]))
def test_the_front_of_the_real_catalog_holds_what_no_other_beats(asked, axes):
    x, y = axes[:2]
    usage = asked.get("usage", Usage(input_tokens=1_000, output_tokens=1_000))
    asked = {**({} if asked.keys() & {"status", "exclude_deprecated"} else {"exclude_deprecated": True}), **asked}
    facts = {
        "price": lambda model: CATALOG.price(model.ref, usage).total,
        "context": lambda model: model.limit.context,
        "output": lambda model: model.limit.output,
        "date": lambda model: model.release_date,
        "cost.output": lambda model: model.cost and model.cost.output,
        "knowledge": lambda model: model.knowledge,
    }
    pairs = {model.ref: (facts[x](model), facts[y](model)) for model in CATALOG.filter(**asked)}
    known = {ref: pair for ref, pair in pairs.items() if None not in pair}

    front = CATALOG.pareto(x=x, y=y, **asked)

    # Each distinct pair once: comparing every model with every other would take minutes.
    distinct = {pair: pair for pair in known.values()}
    kept = unbeaten(distinct, x, y)
    assert {ref for ref, pair in known.items() if pair in kept} == {point.model.ref for point in front}
    assert in_order(front)
    assert (len(known), len(pairs)) == (front.considered, front.considered + front.unknown)


def test_the_front_of_a_real_benchmark_and_a_price_holds_what_no_other_beats(labs):
    usage = Usage(input_tokens=3_000, output_tokens=1_000)
    known = {}
    for model in labs.filter("tool_call", exclude_deprecated=True):
        scores = [result.score for result in labs.benchmarks(model.ref) if result.name == "Aider Polyglot"]
        quote = labs.price(model.ref, usage)
        if scores and quote.total is not None:
            known[str(model.ref)] = (quote.total, max(scores))

    front = labs.pareto("tool_call", x="price", y="benchmark:Aider Polyglot", usage=usage)

    assert len(front) > 1
    assert unbeaten(known, "price", "benchmark") == {str(point.model.ref) for point in front}
    assert len(known) == front.considered


PRICED = {
    "a": {"limit": {"context": 10, "output": 5}, "cost": {"input": 1, "output": 1}},
    "b": {"limit": {"context": 20, "output": 5}, "cost": {"input": 2, "output": 1}},
    "c": {"limit": {"context": 20, "output": 5}, "cost": {"input": 2, "output": 1}, "tool_call": True},
    "d": {"limit": {"context": 20, "output": 5}, "cost": {"input": 3, "output": 1}, "tool_call": True},
    "e": {"limit": {"context": 0, "output": 5}, "cost": {"input": 0, "output": 0}},
    "f": {"limit": {"context": 99, "output": 5}},
    "z": {"limit": {"context": 99, "output": 5}, "cost": {"input": 0, "output": 0}, "status": "deprecated"},
}


def ids(front):
    return [point.model.id for point in front]


def test_equal_models_are_all_kept_and_the_unknown_are_counted():
    front = made(PRICED).pareto(x="price", y="context")

    assert ["a", "b", "c"] == ids(front)
    assert [(Decimal("0.002"), 10), (Decimal("0.003"), 20), (Decimal("0.003"), 20)] == [(point.x, point.y) for point in front]
    assert (4, 2) == (front.considered, front.unknown)


def test_which_axis_is_which_turns_the_order():
    assert ["b", "c", "a"] == ids(made(PRICED).pareto(x="context", y="price"))


def test_deprecated_models_are_on_it_when_asked_for():
    assert ["z"] == ids(made(PRICED).pareto(x="price", y="context", exclude_deprecated=False))


def test_a_query_and_capabilities_say_who_is_considered():
    assert ["c"] == ids(made(PRICED).pareto(Query("tool_call"), x="price", y="context"))
    assert [] == ids(made(PRICED).pareto("tool_call", x="price", y="context", provider="nobody"))


def test_the_usage_decides_what_is_cheap():
    models = {
        "reader": {"limit": {"context": 10, "output": 5}, "cost": {"input": 1, "output": 9}},
        "writer": {"limit": {"context": 10, "output": 5}, "cost": {"input": 9, "output": 1}},
    }

    assert ["reader"] == ids(made(models).pareto(x="price", y="context", usage=Usage(input_tokens=10, output_tokens=1)))
    assert ["writer"] == ids(made(models).pareto(x="price", y="context", usage=Usage(input_tokens=1, output_tokens=10)))
    assert ["reader", "writer"] == ids(made(models).pareto(x="price", y="context"))


def test_what_a_subscription_pays_for_costs_what_its_quote_says(small):
    states = {str(model.ref): model.price_state for model in small.models()}
    assert "plan" == states["acme-plan/full"]

    front = small.pareto(x="price", y="context", provider={"acme", "acme-plan"})

    assert "acme-plan/full" in {str(point.model.ref) for point in front}
    assert "acme-plan/full" not in {str(point.model.ref) for point in small.pareto(x="price", y="context", price_state="priced")}


def test_limit_and_offset_cut_the_front():
    front = made(PRICED).pareto(x="price", y="context", offset=1, limit=1)

    assert ["b"] == ids(front)
    assert 4 == front.considered


@pytest.mark.parametrize(("x", "y"), [("price", "price"), ("context", "limit.context"), ("release_date", "date")])
def test_two_names_of_one_axis_are_refused(x, y):
    with pytest.raises(QueryError, match="x and y are both") as caught:
        made(PRICED).pareto(x=x, y=y)

    assert ("y", y) == (caught.value.criterion, caught.value.value)


@pytest.mark.parametrize(("asked", "criterion"), [({"x": "colour"}, "x"), ({"y": "colour"}, "y"), ({"sort": "id"}, "sort")])
def test_what_cannot_be_asked_is_refused_by_name(asked, criterion):
    with pytest.raises(QueryError) as caught:
        made(PRICED).pareto(**{"x": "price", "y": "context", **asked})

    assert criterion == caught.value.criterion


QUIZ = {
    "acme/a": {
        "id": "acme/a",
        "name": "A",
        "benchmarks": [{"name": "Quiz", "score": 5}, {"name": "Quiz", "score": 61.5, "metric": "points"}],
    },
    "acme/b": {"id": "acme/b", "name": "B", "benchmarks": [{"name": "Quiz", "score": 4}]},
}


def test_results_that_do_not_compare_make_no_axis():
    catalog = made(PRICED, QUIZ)

    with pytest.raises(MixedBenchmarkError) as caught:
        catalog.pareto(x="price", y="benchmark:Quiz")
    assert "y" == caught.value.criterion
    assert ["a"] == ids(catalog.pareto(x="price", y=Standard("Quiz", metric=None)))
    assert ["a"] == ids(catalog.pareto(x=Standard("Quiz", metric="points"), y=Standard("Quiz", metric=None)))
    with pytest.raises(QueryError, match=r"x and y are both Quiz \(metric points"):
        catalog.pareto(x=Standard("Quiz", metric="points"), y=Standard("Quiz", metric="points", harness=None))


def test_a_front_is_a_sequence_that_shows_itself():
    catalog = made({**PRICED, "<b>": {"limit": {"context": 1_000_000, "output": 5}, "cost": {"input": 50, "output": 1}}})

    front = catalog.pareto(x="price", y="context")

    assert 4 == len(front)
    assert front[0] == front[:1][0]
    assert ("price", "context", "USD", "tokens") == (front.x, front.y, front.x_unit, front.y_unit)
    assert "<ParetoFront of price and context: 4 of 5 models>" == repr(front)
    assert [
        "model     price (USD)  context (tokens)",
        "acme/a    0.002        10",
        "acme/b    0.003        20",
        "acme/c    0.003        20",
        "acme/<b>  0.051        1,000,000",
        "",
        "Of 5 models. 2 more are left out: one of the two is unknown.",
    ] == str(front).splitlines()
    assert "acme/&lt;b&gt;" in front._repr_html_()
    assert front == pickle.loads(pickle.dumps(front))


def test_axes_without_a_unit_are_headed_by_their_name():
    front = made({}, {"acme/b": QUIZ["acme/b"]}).pareto(x="date", y="benchmark:Quiz")

    assert ["model", "date", "Quiz (no metric, no harness, no version)"] == list(front.sheet().header)
    assert (0, 0, 0) == (len(front), front.considered, front.unknown)
