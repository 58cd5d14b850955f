"""Models side by side."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import InvalidRefError, ModelNotFoundError, ModelRef, QueryError, Usage, UsageError, bundled_catalog
from modelmeta.testing.queries import usages

CATALOG = bundled_catalog()
ORDER = [
    ("name", None),
    ("provider", None),
    ("family", None),
    ("type", None),
    ("status", None),
    ("release_date", None),
    ("knowledge", None),
    ("limit.context", "tokens"),
    ("limit.input", "tokens"),
    ("limit.output", "tokens"),
    ("modalities.input", None),
    ("modalities.output", None),
    ("reasoning", None),
    ("tool_call", None),
    ("structured_output", None),
    ("temperature", None),
    ("attachment", None),
    ("interleaved", None),
    ("reasoning_options", None),
    ("open_weights", None),
    ("price_state", None),
    ("cost.input", "USD per million tokens"),
    ("cost.output", "USD per million tokens"),
    ("cost.cache_read", "USD per million tokens"),
    ("cost.cache_write", "USD per million tokens"),
    ("cost.reasoning", "USD per million tokens"),
    ("cost.input_audio", "USD per million tokens"),
    ("cost.output_audio", "USD per million tokens"),
    ("cost.tiers", "USD per million tokens"),
    ("modes", None),
    ("total", "USD"),
]
UP = {"limit.context", "limit.input", "limit.output"}
DOWN = {field for field, unit in ORDER if unit and unit.startswith("USD")} - {"cost.tiers"}

FACTS = {
    "a": {
        "name": "A | B\nC",
        "type": "embedding",
        "release_date": "2025-06",
        "limit": {"context": 1_000, "output": 10},
        "modalities": {"input": ["text", "image"], "output": ["text"]},
        "tool_call": True,
        "interleaved": {"field": "thoughts"},
        "cost": {"input": 2, "output": 4, "cache_read": 0.2, "tiers": [{"input": 3, "output": 5, "tier": {"size": 900}}]},
        "reasoning_options": [{"type": "effort", "values": ["low"]}, {"type": "toggle"}],
        "experimental": {"modes": {"fast": {"cost": {"input": 9, "output": 9}}}},
    },
    "b": {
        "name": "B",
        "release_date": "2025-06",
        "limit": {"context": 2_000, "output": 10},
        "tool_call": True,
        "cost": {"input": 1, "output": 4},
        "status": "beta",
    },
    "c": {"name": "C", "limit": {"context": 2_000}, "tool_call": False, "cost": {"input": 1, "output": 8}},
    "d": {"name": "D"},
}


@pytest.fixture
def acme(document):
    return document({key: {"id": key, **facts} for key, facts in FACTS.items()})


def row(comparison, field):
    return next(row for row in comparison.rows if row.field == field)


def fact(model, field):
    """Return what the record says under the name of a row."""
    match field:
        case "provider":
            return model.provider_id
        case "status":
            return model.status or "available"
        case "interleaved":
            return None if model.interleaved is None else bool(model.interleaved)
        case _:
            return reduce(lambda value, name: value and getattr(value, name), field.split("."), model)


def test_models_stand_in_the_order_asked_for_and_each_once(acme):
    comparison = acme.compare("acme/b", ModelRef("acme", "a"), "acme/b", "acme/a", "acme/c")

    assert [str(model.ref) for model in comparison.models] == ["acme/b", "acme/a", "acme/c"]
    assert row(comparison, "name").values == ("B", "A | B\nC", "C")
    assert all(acme.get(model.ref) is model for model in comparison.models)


def test_rows_stand_in_a_sensible_order_with_units(acme):
    comparison = acme.compare("acme/a", "acme/b", usage=Usage(1))

    fields = [(row.field, row.unit) for row in comparison.rows]
    assert [pair for pair in ORDER if pair in fields] == fields


def test_facts_nobody_states_have_no_row(acme):
    fields = {row.field for row in acme.compare("acme/c", "acme/d").rows}

    assert {"name", "provider", "status", "price_state", "limit.context", "tool_call", "cost.input", "cost.output"} == fields - {"type"}


def test_the_best_limit_is_the_highest_and_ties_share(acme):
    assert row(acme.compare("acme/a", "acme/b", "acme/c", "acme/d"), "limit.context").best == (1, 2)


def test_the_best_price_is_the_lowest_and_ties_share(acme):
    comparison = acme.compare("acme/a", "acme/b", "acme/c", "acme/d")

    assert row(comparison, "cost.input").best == (1, 2)
    assert row(comparison, "cost.output").best == (0, 1)


def test_nothing_is_best_unless_two_known_values_differ(acme):
    assert row(acme.compare("acme/b", "acme/c"), "cost.input").best == ()
    assert row(acme.compare("acme/a", "acme/b"), "limit.output").best == ()
    assert row(acme.compare("acme/a", "acme/d"), "cost.input").best == ()
    assert row(acme.compare("acme/a", "acme/b"), "cost.cache_read").best == ()


def test_nothing_is_best_in_a_fact_without_a_good_direction(acme):
    for field in ("name", "type", "status", "release_date", "tool_call", "modalities.input", "price_state", "cost.tiers", "modes"):
        assert row(acme.compare("acme/a", "acme/b", "acme/c"), field).best == ()


def test_a_plan_is_never_the_best_price_but_may_be_the_best_limit(small):
    comparison = small.compare("acme-plan/full", "acme/full", "acme/old", usage=Usage(1_000))

    assert (2,) == row(comparison, "cost.input").best == row(comparison, "total").best
    assert row(comparison, "limit.context").best == (0, 1)
    assert row(small.compare("acme-plan/full", "acme/full"), "cost.input").best == ()


def test_an_unknown_differs_from_any_value_and_equals_another_unknown(acme):
    comparison = acme.compare("acme/b", "acme/c", "acme/d")

    assert row(comparison, "release_date").differs
    assert row(comparison, "tool_call").values == (True, False, None)
    assert not row(acme.compare("acme/a", "acme/b"), "release_date").differs
    assert row(acme.compare("acme/a", "acme/d"), "release_date").differs
    assert not row(comparison, "provider").differs


def test_differences_are_the_rows_that_differ(acme):
    comparison = acme.compare("acme/a", "acme/b")

    assert tuple(row for row in comparison.rows if len(set(row.values)) > 1) == comparison.differences()
    assert {"provider", "release_date", "limit.output", "tool_call", "price_state", "cost.output"} == {
        row.field for row in comparison.rows if not row.differs
    }


def test_a_model_without_a_type_is_compared_as_chat(acme):
    assert row(acme.compare("acme/a", "acme/b"), "type").values == ("embedding", "chat")


def test_modes_tiers_and_reasoning_are_said_in_words(acme):
    comparison = acme.compare("acme/a", "acme/b")

    assert row(comparison, "modes").values == (("fast",), None)
    assert row(comparison, "cost.tiers").values == (("above 900: 3 in, 5 out",), None)
    assert row(comparison, "reasoning_options").values == (("effort", "toggle"), None)


def test_a_reference_nothing_is_known_of_is_listed(acme):
    comparison = acme.compare("acme/a", "acme/nope", "acme/b", "nobody/a", "acme/nope")

    assert comparison.missing == ("acme/nope", "nobody/a")
    assert [str(model.ref) for model in comparison.models] == ["acme/a", "acme/b"]
    assert str(comparison).endswith("\n\nNot in the catalog: acme/nope, nobody/a")
    assert comparison.to_markdown().endswith("\n\nNot in the catalog: acme/nope, nobody/a")


def test_one_known_model_is_compared_with_nothing_but_what_is_missing(acme):
    comparison = acme.compare("acme/a", "acme/nope")

    assert sorted({len(row.values) for row in comparison.rows}) == [1]
    assert comparison.differences() == ()
    assert tuple(place for row in comparison.rows for place in row.best) == ()


@pytest.mark.parametrize("refs", [(), ("acme/a",), ("acme/a", "acme/a"), ("acme/a", ModelRef("acme", "a")), ("acme/nope",)])
def test_fewer_than_two_different_references_are_refused(acme, refs):
    with pytest.raises(QueryError, match=r"a comparison needs two different references or more, not (none|acme/a|acme/nope)$") as caught:
        acme.compare(*refs)
    assert caught.value.criterion == "refs"


def test_a_comparison_of_nothing_but_unknown_models_is_refused(acme):
    with pytest.raises(ModelNotFoundError, match="acme/nope"):
        acme.compare("acme/nope", "acme/neither")


@pytest.mark.parametrize("ref", [None, 5, "", ["acme/a", "acme/b"], b"acme/a"])
def test_only_references_are_compared(acme, ref):
    with pytest.raises(InvalidRefError, match=r"a model reference is text like 'openai/gpt-5\.5', not"):
        acme.compare("acme/a", ref)


def test_a_workload_adds_a_row_of_totals(acme):
    comparison = acme.compare("acme/a", "acme/b", "acme/c", "acme/d", usage=Usage(1_000, 100))

    assert (comparison.rows[-1].field, comparison.rows[-1].unit) == ("total", "USD")
    assert (Decimal("0.0035"), Decimal("0.0014"), Decimal("0.0018"), None) == comparison.rows[-1].values
    assert comparison.rows[-1].best == (1,)


def test_a_workload_must_be_a_usage(acme):
    with pytest.raises(UsageError, match="usage must be a Usage"):
        acme.compare("acme/a", "acme/b", usage=1_000)


def test_dicts_name_each_value_by_its_reference(acme):
    dicts = acme.compare("acme/a", "acme/b", "acme/c").to_dicts()

    assert next(line for line in dicts if line["field"] == "limit.context") == {
        "field": "limit.context",
        "unit": "tokens",
        "differs": True,
        "values": {"acme/a": 1_000, "acme/b": 2_000, "acme/c": 2_000},
        "best": ["acme/b", "acme/c"],
    }
    assert [row.field for row in acme.compare("acme/a", "acme/b", "acme/c").rows] == [line["field"] for line in dicts]


def test_markdown_is_a_table_of_one_line_per_row(acme):
    comparison = acme.compare("acme/a", "acme/b")
    lines = comparison.to_markdown().splitlines()

    assert len(comparison.rows) + 2 == len(lines)
    assert lines[0] == "|  | acme/a | acme/b |"
    assert lines[1] == "| --- | --- | --- |"
    assert lines[2] == "| name | A \\| B C | B |"
    assert "| limit.context (tokens) | 1,000 | **2,000** |" in lines
    assert "| cost.cache_read (USD per million tokens) | 0.2 | ? |" in lines
    assert "| tool_call | yes | yes |" in lines
    assert "| modalities.input | text, image | ? |" in lines
    for line in lines:
        assert line.replace("\\|", "").count("|") == 4


@pytest.mark.parametrize("name", ["one\ntwo", "one\r\ntwo", "one\rtwo", "one\n\ntwo"])
def test_a_line_break_in_a_value_breaks_no_table(document, name):
    comparison = document({"a": {"id": "a", "name": name}, "b": {"id": "b"}}).compare("acme/a", "acme/b")

    assert len(comparison.rows) + 2 == len(comparison.to_markdown().splitlines())
    assert len(comparison.rows) + 1 == len(str(comparison).splitlines())


def test_a_comparison_prints_as_an_aligned_table(acme):
    lines = str(acme.compare("acme/b", "acme/c", usage=Usage(1_000, 100))).splitlines()

    assert lines[0].split() == ["acme/b", "acme/c"]
    for line in lines:
        assert {"  "} == {line[lines[0].index(ref) - 2 :][:2] for ref in ("acme/b", "acme/c")}
    assert "total (USD)" in lines[-1]
    assert "0.0014 *" in lines[-1]
    assert "0.0018" in lines[-1]
    assert all(line == line.rstrip() for line in lines)


def test_a_comparison_says_how_many_facts_differ(acme):
    comparison = acme.compare("acme/b", "acme/c")

    assert f"<Comparison of acme/b, acme/c: {len(comparison.differences())} of {len(comparison.rows)} facts differ>" == repr(comparison)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(CATALOG.content.refs), min_size=2, max_size=5, unique=True), usages(200_001))
def test_a_comparison_of_real_models_says_what_their_records_say(refs, usage):
    comparison = CATALOG.compare(*refs, usage=usage)
    models = [CATALOG[ref] for ref in refs]

    assert models == list(comparison.models)
    fields = [(row.field, row.unit) for row in comparison.rows]
    assert [pair for pair in ORDER if pair in fields] == fields
    for line in comparison.rows:
        if line.field == "total":
            expected = [CATALOG.price(ref, usage).total for ref in refs]
        elif line.field in {"type", "reasoning_options", "cost.tiers", "modes"}:
            continue
        else:
            expected = (
                [fact(model, line.field) or None for model in models]
                if "modal" in line.field
                else [fact(model, line.field) for model in models]
            )
        assert tuple(expected) == line.values
        assert line.differs == (len(set(expected)) > 1)
        known = {
            place: value
            for place, value in enumerate(expected)
            if value is not None and (line.field in UP or models[place].price_state != "plan")
        }
        top = {line.field in UP: max, line.field in DOWN: min}.get(True)
        best = top(known.values()) if top and len(set(known.values())) > 1 else None
        assert line.best == (() if best is None else tuple(place for place, value in known.items() if value == best))


def test_a_model_named_in_two_ways_is_compared_once(document):
    catalog = document({"a-1": {"name": "A"}, "b": {"name": "B"}})

    comparison = catalog.compare("acme/a-1", "acme:A_1", "b@acme", "acme/c")

    assert ["acme/a-1", "acme/b"] == [str(model.ref) for model in comparison.models]
    assert ("acme/c",) == comparison.missing
    with pytest.raises(QueryError, match="not acme/a-1"):
        catalog.compare("acme/a-1", "acme:a-1")
