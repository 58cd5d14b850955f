"""Criteria as a value, and what becomes of bad ones."""

from __future__ import annotations

import math
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import pytest

from modelmeta import Capability, PartialDate, Query, QueryError, UnknownCapabilityError, Usage
from modelmeta.catalog.query import SORT_KEYS, Criteria
from modelmeta.records.vocabulary import PriceState

NAN = float("nan")
NO_WORDS = [None, 5, True, "", [], set(), (), ["a", ""], ["a", None], [1], b"openai", object()]
NO_COUNTS = [None, "1", "", True, False, -1, 1.5, NAN, math.inf, [1], {1}, object()]
NO_NUMBERS = [None, "cheap", "", "nan", "Infinity", True, NAN, math.inf, -math.inf, Decimal("NaN"), Decimal("sNaN"), [1], 1j, b"1"]
NO_PRICES = [*NO_NUMBERS, -1, -0.01, "-1", Decimal(-1)]
NO_FLAGS = [None, 0, 1, "", "yes", "true", [], {True}]
NO_DAYS = [
    None,
    "",
    "yesterday",
    "2025-02-31",
    "2025-13",
    "25-01-01",
    "2025/01/01",
    "2025-1-1",
    True,
    5,
    2026,
    NAN,
    [],
    PartialDate("2025-02-31"),
]
NO_USAGE = [None, 5, "", {"input_tokens": 1}, [Usage()]]
NO_BENCHMARKS = [None, {}, 5, "Quiz", ["Quiz"], [("Quiz", 1)], {"": 1}, {5: 1}, *({"Quiz": score} for score in NO_NUMBERS)]
NO_SORT = [None, 5, True, "", "price", "cost", "-", "--cost.input", "modalities.input", [], (), [1], ["name", "nope"], {None}]

BAD = {
    "unknown": ([None, "", "maybe", True, 1, ["exclude"], {"only"}], "one of exclude, include, only"),
    **dict.fromkeys(("provider", "family", "canonical", "type", "status", "input", "output"), (NO_WORDS, "a word or a set of words")),
    **dict.fromkeys(("min_context", "min_input", "min_output", "limit", "offset"), (NO_COUNTS, "a whole number of 0 or more")),
    **dict.fromkeys(("max_input_cost", "max_output_cost", "max_cost"), (NO_PRICES, "a (number|price of 0 or more)")),
    "usage": (NO_USAGE, "a Usage"),
    "price_state": ([*NO_WORDS, "cheap", {"free", "cheap"}], "(among priced, free, plan, unpriced|a word or a set of words)"),
    **dict.fromkeys(("open_weights", "exclude_deprecated"), (NO_FLAGS, "True or False")),
    **dict.fromkeys(("released_after", "released_before", "knowledge_after"), (NO_DAYS, "a date like '2026', '2026-01' or '2026-01-31'")),
    "available": (
        [None, 5, "", "OPENAI_API_KEY", [], ["A=b"], {1}, {1: "a"}],
        "True, False, an environment as a mapping, or a set of names of variables",
    ),
    "min_benchmark": (NO_BENCHMARKS, "a (mapping of benchmark names to scores|number)"),
    "where": ([None, 5, "", [], True], "a function of a model"),
    "sort": (NO_SORT, f"one or more of {', '.join(SORT_KEYS)}, with a '-' in front to sort down"),
}
CASES = [(name, value, right) for name, (values, right) in BAD.items() for value in values]


def test_every_criterion_is_tried_with_bad_values():
    assert set(Criteria.__annotations__) == {*BAD, "without"}


@pytest.mark.parametrize(("name", "value", "right"), CASES)
def test_a_bad_value_is_refused_by_name_with_what_would_be_right(catalog, name, value, right):
    other = {"usage": {"max_cost": 1}, "max_cost": {"usage": Usage()}}.get(name, {})
    for ask in (Query, catalog.filter, catalog.filter):
        with pytest.raises(QueryError, match=rf"^{name} must be {right}, not ") as caught:
            ask("vision", **{name: value}, **other)
        assert name == caught.value.criterion


@pytest.mark.parametrize(("name", "value", "_right"), CASES)
def test_the_error_carries_the_value_and_pickles(name, value, _right):
    other = {"usage": {"max_cost": 1}, "max_cost": {"usage": Usage()}}.get(name, {})
    with pytest.raises(QueryError) as caught:
        Query(**{name: value}, **other)

    if name == "available":  # of an environment nothing is shown
        assert type(value).__name__ == caught.value.value
        assert str(caught.value).endswith(f", not {type(value).__name__}")
    else:
        refused = value["Quiz"] if name == "min_benchmark" and isinstance(value, dict) and "Quiz" in value else value
        assert caught.value.value is refused
        assert str(caught.value).endswith(f", not {refused!r}")
    assert isinstance(caught.value, ValueError)
    if type(value) is not object:
        assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


@pytest.mark.parametrize(
    ("name", "word", "known"),
    [
        ("type", "chatty", ["chat", "embedding", "reranking", "transcription"]),
        ("status", "retired", ["alpha", "available", "beta", "deprecated"]),
        ("input", "smell", ["audio", "image", "pdf", "text", "video"]),
        ("output", "texts", ["audio", "image", "pdf", "text", "video"]),
    ],
)
def test_a_word_nobody_uses_is_refused_with_those_that_are_used(catalog, name, word, known):
    for value in (word, [known[0], word], {word, known[1]}):
        for _ in range(2):
            with pytest.raises(QueryError, match=rf"{name} cannot be '{word}'.*{', .*'.join(known)}".replace("'.*", ".*")) as caught:
                catalog.filter(**{name: value})
            assert name == caught.value.criterion
    assert catalog.filter(**{name: known[-2:]}, unknown="include") is not None


@pytest.mark.parametrize("name", ["type", "status", "input", "output"])
def test_a_word_only_this_catalog_uses_may_be_asked_for(document, name):
    facts = {"type": "oracle", "status": "sunset", "modalities": {"input": ["smell"], "output": ["taste"]}}
    word = {"type": "oracle", "status": "sunset", "input": "smell", "output": "taste"}[name]

    found = document({"new": {"id": "new", **facts}, "old": {"id": "old"}}).filter(**{name: word})

    assert [str(ref) for ref in found.refs] == ["acme/new"]


def test_a_criterion_that_does_not_exist_is_refused_with_those_that_do(catalog):
    for ask in (Query, catalog.filter):
        with pytest.raises(QueryError, match=r"no criterion 'max_price'; the criteria are .*max_input_cost, max_output_cost") as caught:
            ask(max_price=1)
        assert caught.value.criterion == "max_price"
        for name in Criteria.__annotations__:
            assert name in str(caught.value)


@pytest.mark.parametrize("name", ["teleportation", "", "Vision", None, 5, ["vision"], ("vision",)])
def test_a_capability_that_does_not_exist_is_refused_with_those_that_do(catalog, name):
    for ask in (Query, catalog.filter, catalog.filter):
        with pytest.raises(UnknownCapabilityError) as caught:
            ask("tool_call", name)
        assert caught.value.criterion == "capabilities"
        assert repr(name) in str(caught.value)
        for known in (*get_args(Capability), "function_calling", "tool_use", "json_mode", "image_generation", "audio"):
            assert known in str(caught.value)


@pytest.mark.parametrize("value", ["teleportation", "", ["vision", "teleportation"], [None]])
def test_a_capability_to_do_without_must_exist_too(value):
    with pytest.raises(UnknownCapabilityError) as caught:
        Query(without=value)

    assert caught.value.criterion == "without"


@pytest.mark.parametrize("value", [None, 5, True, object()])
def test_capabilities_to_do_without_are_one_or_several(value):
    with pytest.raises(QueryError, match="without must be a capability or several") as caught:
        Query(without=value)

    assert caught.value.criterion == "without"


@pytest.mark.parametrize(("given", "lacking", "value"), [("usage", "max_cost", Usage(1)), ("max_cost", "usage", 1)])
def test_a_workload_and_what_it_may_cost_are_asked_together(catalog, given, lacking, value):
    for ask in (Query, catalog.filter):
        with pytest.raises(QueryError, match=f"{given} needs {lacking}") as caught:
            ask(**{given: value})
        assert given == caught.value.criterion


def test_a_price_may_be_any_finite_number(catalog):
    assert catalog.filter(max_input_cost=10_000) == catalog.filter(max_input_cost=10**5_000)


def test_a_good_question_is_answered_after_a_bad_one(catalog):
    with pytest.raises(QueryError):
        catalog.filter("vision", provider="openai", min_context=-1)

    assert catalog.filter("vision", provider="openai", min_context=1)


def test_a_query_keeps_what_its_criteria_mean():
    query = Query(
        "vision",
        "vision",
        provider="openai",
        min_context=1e6,
        max_input_cost=0.1,
        released_after=date(2025, 1, 2),
        knowledge_after=datetime(2025, 1, 2, 23, 59, tzinfo=UTC),
        min_benchmark={"Quiz": "1.5"},
        sort="name",
    )

    assert query.capabilities == ("vision",)
    assert frozenset({"openai"}) == query.provider
    assert query.min_context == 1_000_000
    assert type(query.min_context) is int
    assert Decimal("0.1") == query.max_input_cost
    assert PartialDate("2025-01-02") == query.released_after == query.knowledge_after
    assert {"Quiz": Decimal("1.5")} == query.min_benchmark
    assert query.sort == ("name",)


def test_queries_that_ask_the_same_are_equal_hash_alike_and_pickle():
    one = Query("vision", provider="openai", max_input_cost=1, sort="name", min_benchmark={"Quiz": 1})
    same = Query("vision", provider={"openai"}, max_input_cost="1.0", sort=["name"], min_benchmark={"Quiz": Decimal(1)})

    assert one == same == pickle.loads(pickle.dumps(one))
    assert len({one, same, pickle.loads(pickle.dumps(same))}) == 1
    assert one != Query("vision")


def test_a_query_prints_as_the_call_that_makes_it():
    query = Query("tool_call", min_context=200_000, max_input_cost=1, provider="openai", open_weights=False, sort=("-cost.input", "name"))

    assert repr(query) == (
        "Query('tool_call', provider={'openai'}, min_context=200000, max_input_cost=Decimal('1'),"
        " open_weights=False, sort=('-cost.input', 'name'))"
    )
    assert query == eval(repr(query), {"Query": Query, "Decimal": Decimal})  # noqa: S307  # our own text
    assert repr(Query()) == "Query()"
    assert repr(Query(without="audio", provider={"b", "a"})) == "Query(without=('audio',), provider={'a', 'b'})"
    assert Query(price_state=get_args(PriceState)).price_state == {"priced", "free", "plan", "unpriced"}


def test_refining_adds_capabilities_and_replaces_criteria():
    query = Query("vision", provider="openai", usage=Usage(1), max_cost=1)

    assert Query("vision", "tool_call", provider="anthropic", usage=Usage(1), max_cost=2) == query.refine(
        "tool_call", provider="anthropic", max_cost=2
    )
    assert Query("vision", provider="openai", usage=Usage(1), max_cost=1) == query
    assert query == query.refine()
    assert Query(without="audio", provider={"b", "a"}) == Query(without="audio").refine(provider=["a", "b"])
    with pytest.raises(QueryError, match="min_context must be"):
        query.refine(min_context=-1)


def test_a_query_does_not_change():
    with pytest.raises(AttributeError):
        Query("vision").min_context = 5


def test_only_the_first_argument_may_be_a_query(catalog):
    for names in (["vision", Query("tool_call")], [Query("vision"), Query("tool_call")]):
        with pytest.raises(UnknownCapabilityError, match=r"unknown capability Query\('tool_call'\)"):
            catalog.filter(*names)


def test_every_sort_key_is_a_fact_in_the_catalog(catalog):
    assert {"id", "name", "provider_id", "cost.input", "cost.cache_read", "limit.context", "release_date", "price_state"} <= {*SORT_KEYS}
    for key in SORT_KEYS:
        assert len(catalog) == len(catalog.filter(sort=key))
