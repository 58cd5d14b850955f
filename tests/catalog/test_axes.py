"""What models are ordered by, against the models' own facts."""

from __future__ import annotations

from operator import attrgetter

import pytest

from modelmeta import QueryError, Usage, load_catalog
from modelmeta.catalog.axes import AXES, axis
from modelmeta.catalog.leaderboard import Standard
from modelmeta.errors import MixedBenchmarkError, UnknownBenchmarkError

TOKENS, RATE = "tokens", "USD per million tokens"
LIMITS = {"context": "limit.context", "output": "limit.output", "limit.context": "limit.context", "limit.output": "limit.output"}
DATES = {"date": "release_date", "release_date": "release_date", "knowledge": "knowledge", "last_updated": "last_updated"}


def values(catalog, what, usage=None):
    return axis(catalog, what, usage, criterion="x").values(range(len(catalog)))


@pytest.mark.parametrize(("what", "path"), {**LIMITS, "limit.input": "limit.input"}.items())
def test_more_tokens_are_better(catalog, what, path):
    assert [attrgetter(path)(model) for model in catalog] == values(catalog, what)
    found = axis(catalog, what, criterion="x")
    assert (TOKENS, "up") == (found.unit, found.better)


@pytest.mark.parametrize(("what", "path"), DATES.items())
def test_a_later_date_is_better(catalog, what, path):
    assert [attrgetter(path)(model) for model in catalog] == values(catalog, what)
    found = axis(catalog, what, criterion="x")
    assert (None, "up") == (found.unit, found.better)


@pytest.mark.parametrize("rate", ["input", "output"])
def test_a_lower_rate_is_better(catalog, rate):
    expected = [getattr(model.cost, rate) if model.cost else None for model in catalog]

    found = axis(catalog, f"cost.{rate}", criterion="x")

    assert expected == found.values(range(len(catalog)))
    assert (RATE, "down") == (found.unit, found.better)


@pytest.mark.parametrize("usage", [None, Usage(input_tokens=300_000, output_tokens=2_000)])
def test_a_lower_price_of_the_workload_is_better(catalog, usage):
    expected = [catalog.price(model.ref, usage or Usage(input_tokens=1_000, output_tokens=1_000)).total for model in catalog]

    found = axis(catalog, "price", usage, criterion="x")

    assert expected == [None if value is None else found.read(value) for value in found.values(range(len(catalog)))]
    assert ("USD", "down") == (found.unit, found.better)


def test_values_come_in_the_order_of_the_rows_asked_for(catalog):
    rows = [7, 3, 3, 5_000]

    for name in AXES:
        everything = values(catalog, name)
        assert [everything[row] for row in rows] == axis(catalog, name, criterion="x").values(rows)
        assert [] == axis(catalog, name, criterion="x").values([])


def test_dates_the_calendar_does_not_have_are_unknown(document):
    dates = {"a": "2025-02-31", "b": "2025-02", "c": "soon", "d": "2025-02-28"}
    catalog = document({key: {"id": key, "name": key, "release_date": date} for key, date in dates.items()})

    assert [None, "2025-02", None, "2025-02-28"] == [date and str(date) for date in values(catalog, "date")]


def test_an_axis_has_one_name_however_it_is_asked_for(catalog):
    names = {name: axis(catalog, name, criterion="x").name for name in AXES}

    assert {"limit.context": "context", "limit.output": "output", "release_date": "date"} == {
        name: own for name, own in names.items() if name != own
    }


@pytest.fixture(scope="module")
def quizzes():
    """A catalog in which one lab model has several results, one has text only, and one has another metric in another quiz."""
    results = {
        "lab/a": [("Quiz", 5, "high"), ("Quiz", 7.5, "max"), ("Quiz", "99", None), ("Quiz", 1, None)],
        "lab/b": [("Quiz", "pending", None), ("Odd", 1, None)],
        "lab/c": [("Quiz", -3, None)],
    }
    labs = {
        key: {"id": key, "name": key, "benchmarks": [{"name": name, "score": score, "variant": variant} for name, score, variant in found]}
        for key, found in results.items()
    }
    labs["lab/c"]["benchmarks"].append({"name": "Odd", "score": 2, "metric": "points"})
    canonical = {"a1": "lab/a", "a2": "lab/a", "b": "lab/b", "c": "lab/c", "d": None, "e": "lab/gone"}
    models = {key: {"id": key, "name": key, **({"canonical_model_id": lab} if lab else {})} for key, lab in canonical.items()}
    for lab in labs.values():
        for result in lab["benchmarks"]:
            if result.get("variant") is None:
                result.pop("variant", None)
    return load_catalog({"models": labs, "providers": {"acme": {"id": "acme", "name": "Acme", "models": models}}})


@pytest.mark.parametrize("what", ["benchmark:Quiz", Standard("Quiz"), Standard("Quiz", harness=None)])
def test_a_benchmark_is_the_best_number_of_the_lab_model_that_is_sold(quizzes, what):
    found = axis(quizzes, what, criterion="x")

    assert [7.5, 7.5, None, -3, None, None] == found.values(range(6))
    assert ("Quiz (no metric, no harness, no version)", None, "up") == (found.name, found.unit, found.better)


def test_a_standard_narrows_a_benchmark(quizzes):
    assert [5, 5, None, None, None, None] == values(quizzes, Standard("Quiz", variant="high"))
    assert [None, None, None, 2, None, None] == values(quizzes, Standard("Odd", metric="points"))


@pytest.mark.parametrize("criterion", ["x", "prefer"])
def test_errors_name_the_criterion(quizzes, criterion):
    for what, error in {
        "benchmark:Odd": MixedBenchmarkError,
        "benchmark:Quizz": UnknownBenchmarkError,
        "benchmark:": UnknownBenchmarkError,
    }.items():
        with pytest.raises(error) as caught:
            axis(quizzes, what, criterion=criterion)
        assert criterion == caught.value.criterion


@pytest.mark.parametrize("what", ["", "price ", "name", "cost.tiers", "Quiz", None, 5, ("price",)])
def test_what_is_no_axis_is_refused_with_those_there_are(catalog, what):
    with pytest.raises(
        QueryError, match=r"^prefer must be one of price, context, output, date, .*benchmark:<name> or a Standard, not "
    ) as caught:
        axis(catalog, what, criterion="prefer")

    assert ("prefer", what) == (caught.value.criterion, caught.value.value)
