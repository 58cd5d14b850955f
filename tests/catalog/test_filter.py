"""``filter`` against a scan of every model, on the real catalog."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import Catalog, Query, Usage, bundled_catalog, load_catalog
from modelmeta.catalog import filtering
from modelmeta.catalog.query import SORT_KEYS
from modelmeta.testing.queries import capabilities, criteria, matches

CATALOG = bundled_catalog()
SMALL = load_catalog(Path(__file__).with_name("small.json"))
EMPTY = load_catalog({"acme": {"id": "acme", "name": "Acme", "models": {}}})
POLICIES = ("exclude", "include", "only")


def refs(models):
    return [str(ref) for ref in models.refs]


@settings(max_examples=50)
@given(capabilities(), criteria(CATALOG))
def test_filter_selects_what_a_scan_selects_whatever_becomes_of_the_unknown(names, asked):
    verdicts = [(str(model.ref), matches(model, asked, capabilities=names)) for model in CATALOG]
    certain = [ref for ref, verdict in verdicts if verdict]
    possible = [ref for ref, verdict in verdicts if verdict is not False]

    assert certain == refs(CATALOG.filter(*names, **asked))
    assert possible == refs(CATALOG.filter(*names, unknown="include", **asked))
    assert sorted(set(possible) - set(certain)) == sorted(refs(CATALOG.filter(*names, unknown="only", **asked)))


@settings(max_examples=200)
@given(capabilities(), criteria(SMALL), st.sampled_from(POLICIES), st.sampled_from(["Quiz", "Tune", "Sketch", None]), st.integers(0, 99))
def test_a_small_catalog_full_of_unknowns_is_filtered_as_a_scan_filters_it(scan, names, asked, unknown, benchmark, least):
    asked |= {"unknown": unknown, **({"min_benchmark": {benchmark: least}} if benchmark else {})}

    assert scan(SMALL, *names, **asked) == refs(SMALL.filter(*names, **asked))


@given(criteria(EMPTY))
def test_criteria_are_valid_for_a_catalog_of_nothing(asked):
    assert list(EMPTY.filter(**asked)) == []


@settings(max_examples=30)
@given(
    criteria(CATALOG),
    st.lists(st.builds(str.__add__, st.sampled_from(["", "-"]), st.sampled_from(SORT_KEYS)), min_size=1, max_size=3),
    st.fixed_dictionaries({"unknown": st.sampled_from(POLICIES)}, optional={"limit": st.integers(0, 200), "offset": st.integers(0, 9_000)}),
)
def test_filter_sorts_and_cuts_as_a_scan_does(scan, asked, sort, rest):
    assert scan(CATALOG, **asked, **rest, sort=sort) == refs(CATALOG.filter(**asked, **rest, sort=sort))


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("key", SORT_KEYS)
def test_every_sort_key_puts_unknowns_last_and_settles_ties_by_reference(scan, key, sign):
    asked = {"provider": {"openai", "openrouter", "nano-gpt", "vercel"}, "sort": sign + key}

    assert scan(CATALOG, **asked) == refs(CATALOG.filter(**asked))


@pytest.mark.parametrize("key", ["cost.input", "limit.output", "knowledge"])
def test_unknowns_come_last_in_both_directions(key):
    def unknown(model):
        first, _, rest = key.partition(".")
        record = getattr(model, first)
        return record is None or (rest != "" and getattr(record, rest) is None)

    for sign in ("", "-"):
        places = [unknown(model) for model in CATALOG.filter(sort=sign + key)]
        assert sorted(places) == places
        assert any(places)
        assert not all(places)


def test_an_earlier_sort_key_outranks_a_later_one():
    found = CATALOG.filter(min_context=0, max_input_cost=1_000, sort=("-limit.context", "cost.input"))

    assert sorted(found, key=lambda model: (-model.limit.context, model.cost.input, model.ref)) == list(found)


def test_without_a_sort_key_models_are_ordered_by_reference():
    assert sorted(CATALOG.filter("vision").refs) == list(CATALOG.filter("vision").refs)


def test_limit_and_offset_cut_the_sorted_result():
    ordered = CATALOG.filter("tool_call", sort="-release_date")

    assert list(ordered[:5]) == list(CATALOG.filter("tool_call", sort="-release_date", limit=5))
    assert list(ordered[5:]) == list(CATALOG.filter("tool_call", sort="-release_date", offset=5))
    assert list(ordered[5:8]) == list(CATALOG.filter("tool_call", sort="-release_date", offset=5, limit=3))
    assert list(CATALOG.filter("tool_call", limit=0)) == []
    assert list(CATALOG.filter("tool_call", offset=10_000)) == []


def test_only_is_what_include_adds_to_exclude():
    exclude, include, only = (CATALOG.filter("structured_output", min_input=1, unknown=policy) for policy in POLICIES)

    assert sorted(include.refs) == sorted([*exclude.refs, *only.refs])
    assert set(exclude.refs).isdisjoint(only.refs)
    assert only


def test_asking_nothing_selects_everything_and_leaves_nothing_unknown():
    assert len(CATALOG) == len(CATALOG.filter()) == len(CATALOG.filter(unknown="include"))
    assert len(CATALOG.filter(unknown="only")) == 0


def test_asking_again_gives_the_same_answer():
    asked = {"min_context": 200_000, "provider": "openai", "sort": "-cost.output"}

    assert CATALOG.filter("vision", **asked) == CATALOG.filter("vision", **asked)
    assert CATALOG.filter(Query("vision", **asked)) == CATALOG.filter("vision", **asked)


def test_sets_and_lists_are_asked_like_any_other_value():
    expected = refs(CATALOG.filter(provider=("openai", "anthropic"), sort=("name",)))

    assert expected == refs(CATALOG.filter(provider={"anthropic", "openai"}, sort=["name"]))
    assert expected == refs(CATALOG.filter(provider=["openai", "anthropic"], sort=["name"]))
    assert expected == refs(CATALOG.filter(provider=frozenset({"openai", "anthropic"}), sort="name"))


def test_equal_values_of_different_types_are_not_taken_for_each_other():
    assert CATALOG.filter(limit=1)
    with pytest.raises(ValueError, match="limit must be a whole number"):
        CATALOG.filter(limit=True)


def test_a_query_adds_to_what_is_asked_beside_it():
    query = Query("vision", min_context=500_000)

    assert refs(CATALOG.filter("vision", "tool_call", min_context=1_000_000)) == refs(
        CATALOG.filter(query, "tool_call", min_context=1_000_000)
    )
    assert refs(CATALOG.filter("vision", min_context=500_000)) == refs(CATALOG.filter(query))


@settings(max_examples=20)
@given(capabilities(), criteria(CATALOG))
def test_a_query_asks_what_its_criteria_ask(names, asked):
    assert refs(CATALOG.filter(*names, **asked)) == refs(CATALOG.filter(Query(*names, **asked)))


def test_your_own_question_is_asked_last_and_only_of_what_is_left():
    seen = []
    CATALOG.filter(provider="openai", where=seen.append)

    assert list(CATALOG.models("openai")) == seen


def test_your_own_question_is_not_asked_where_what_else_was_asked_is_unknown_unless_that_may_pass(document):
    catalog = document({"a": {"limit": {"context": 5}}, "b": {}})

    assert ["acme/a"] == refs(catalog.filter(min_context=1, where=lambda model: model.limit.context > 1))
    with pytest.raises(TypeError):
        catalog.filter(min_context=1, unknown="include", where=lambda model: model.limit.context > 1)


def test_your_own_question_is_asked_anew_each_time():
    answers = iter([False] * len(CATALOG) + [True] * len(CATALOG))

    def question(_model):
        return next(answers)

    assert len(CATALOG.filter(where=question)) == 0
    assert len(CATALOG) == len(CATALOG.filter(where=question))


def test_your_own_question_may_be_an_object_that_has_no_hash():
    class Cheap:
        __hash__ = None

        def __call__(self, model):
            return model.provider_id == "openai"

    assert refs(CATALOG.models("openai")) == refs(CATALOG.filter(where=Cheap()))


def test_an_error_in_your_own_question_comes_through_and_is_forgotten():
    broken = [True]

    def question(_model):
        if broken:
            message = "not today"
            raise ArithmeticError(message)
        return True

    with pytest.raises(ArithmeticError, match="not today"):
        CATALOG.filter("vision", where=question)
    broken.clear()
    assert refs(CATALOG.filter("vision")) == refs(CATALOG.filter("vision", where=question))


def test_a_date_no_calendar_has_is_unknown(document, scan):
    made = document({"odd": {"release_date": "2025-02-31", "knowledge": "soon"}, "even": {"release_date": "2025-03", "knowledge": "2024"}})

    for asked in ({"released_after": "2025-02"}, {"released_before": "2025-04"}, {"knowledge_after": "2023-12-31"}):
        assert ["acme/even"] == refs(made.filter(**asked)) == scan(made, **asked)
        assert ["acme/odd"] == refs(made.filter(**asked, unknown="only")) == scan(made, **asked, unknown="only")


def test_an_empty_catalog_answers_with_nothing():
    assert list(EMPTY) == []
    assert list(EMPTY.filter("vision", min_context=1, where=lambda _: True, sort=("name", "-cost.input"), limit=3)) == []


@settings(max_examples=15)
@given(st.decimals(0, 90, places=1), st.sampled_from(POLICIES), st.booleans())
def test_min_benchmark_selects_what_a_scan_selects(labs, scan, least, unknown, two):
    names = sorted({result.name for lab in labs.lab_models for result in lab.benchmarks})
    asked = {"min_benchmark": dict.fromkeys(names[:: len(names) // 2][: 1 + two], least), "unknown": unknown}

    assert scan(labs, **asked) == refs(labs.filter(**asked))


def test_min_benchmark_is_met_by_models_of_the_real_catalog(labs):
    found = labs.filter(min_benchmark={"SWE-Bench Pro": 40})

    assert found
    for model in found:
        lab = next(lab for lab in labs.lab_models if lab.id in {model.canonical_model_id, str(model.ref)})
        assert any(result.name == "SWE-Bench Pro" and result.score >= 40 for result in lab.benchmarks)


def test_a_catalog_without_lab_facts_knows_no_benchmark():
    assert len(CATALOG.filter(min_benchmark={"SWE-Bench Pro": 40})) == 0
    assert len(CATALOG) == len(CATALOG.filter(min_benchmark={"SWE-Bench Pro": 40}, unknown="only"))


FULL, PLAN, EMBED, OLD, DRAW, BARE = "acme/full", "acme-plan/full", "acme/embed", "acme/old", "paint/draw", "acme/bare"
EVERY = {FULL, PLAN, EMBED, OLD, DRAW, BARE}


@pytest.mark.parametrize(
    ("names", "asked", "certain", "unknown"),
    [
        ("tool_call", {}, {FULL, PLAN}, {BARE}),
        ("function_calling", {}, {FULL, PLAN}, {BARE}),
        ("tool_use", {}, {FULL, PLAN}, {BARE}),
        ("attachment", {}, {FULL, PLAN}, {BARE}),
        ("reasoning", {}, {FULL, PLAN}, {BARE}),
        ("structured_output", {}, {FULL}, {BARE, EMBED, PLAN, DRAW}),
        ("json_mode", {}, {FULL}, {BARE, EMBED, PLAN, DRAW}),
        ("temperature", {}, {FULL, OLD}, {BARE, EMBED, DRAW}),
        ("interleaved", {}, {FULL, OLD}, {BARE, EMBED, PLAN, DRAW}),
        ("open_weights", {}, {EMBED, DRAW}, {BARE}),
        ("streaming", {}, {DRAW}, EVERY - {DRAW}),
        ("code_generation", {}, set(), EVERY),
        ("vision", {}, {FULL, PLAN}, {BARE}),
        ("image_input", {}, {FULL, PLAN}, {BARE}),
        ("audio_input", {}, {FULL}, {BARE}),
        ("pdf_input", {}, {FULL}, {BARE}),
        ("video_input", {}, set(), {BARE}),
        ("image_output", {}, {DRAW}, {BARE}),
        ("image_generation", {}, {DRAW}, {BARE}),
        ("audio_output", {}, {DRAW}, {BARE}),
        ("video_output", {}, set(), {BARE}),
        ("audio", {}, {FULL, DRAW}, {BARE}),
        ("audio vision", {}, {FULL}, {BARE}),
        ("", {"without": "tool_call"}, {EMBED, OLD, DRAW}, {BARE}),
        ("", {"without": "audio"}, {EMBED, OLD, PLAN}, {BARE}),
        ("", {"without": ["tool_call", "image_output"]}, {EMBED, OLD}, {BARE}),
        ("", {"provider": "acme"}, {BARE, EMBED, FULL, OLD}, set()),
        ("", {"provider": {"acme-plan", "paint", "nobody"}}, {PLAN, DRAW}, set()),
        ("", {"family": "acme"}, {FULL, OLD, PLAN}, {BARE, DRAW}),
        ("", {"type": "chat"}, {BARE, FULL, OLD, PLAN}, set()),
        ("", {"type": ["image", "embedding"]}, {EMBED, DRAW}, set()),
        ("", {"input": "image"}, {FULL, PLAN}, {BARE}),
        ("", {"input": {"text", "pdf"}}, {FULL}, {BARE}),
        ("", {"output": "audio"}, {DRAW}, {BARE}),
        ("", {"output": ("text",)}, {EMBED, FULL, OLD, PLAN}, {BARE}),
        ("", {"min_context": 200_000}, {FULL, PLAN}, {BARE}),
        ("", {"min_context": 200_001}, set(), {BARE}),
        ("", {"min_context": 8_192.0}, {EMBED, FULL, PLAN}, {BARE}),
        ("", {"min_input": 150_000}, {FULL}, EVERY - {FULL}),
        ("", {"min_input": 150_001}, set(), EVERY - {FULL}),
        ("", {"min_output": 8_000}, {FULL, PLAN}, {BARE, EMBED, DRAW}),
        ("", {"max_input_cost": "0.1"}, {EMBED, OLD, PLAN}, {BARE, DRAW}),
        ("", {"max_input_cost": 0.1}, {EMBED, OLD, PLAN}, {BARE, DRAW}),
        ("", {"max_output_cost": 15}, {FULL, OLD, PLAN}, {BARE, DRAW, EMBED}),
        ("", {"max_output_cost": 14.99}, {OLD, PLAN}, {BARE, DRAW, EMBED}),
        ("", {"usage": Usage(200_000, 1_000), "max_cost": "0.615"}, {FULL, OLD, PLAN}, {BARE, DRAW, EMBED}),
        ("", {"usage": Usage(200_000, 1_000), "max_cost": "0.6149"}, {OLD, PLAN}, {BARE, DRAW, EMBED}),
        ("", {"usage": Usage(200_001, 1_000), "max_cost": "1.222506"}, {FULL, OLD, PLAN}, {BARE, DRAW, EMBED}),
        ("", {"usage": Usage(200_001, 1_000), "max_cost": "1.222505"}, {OLD, PLAN}, {BARE, DRAW, EMBED}),
        ("", {"usage": Usage(1_000_000), "max_cost": 0.1}, {EMBED, OLD, PLAN}, {BARE, DRAW}),
        ("", {"price_state": "free"}, {OLD}, set()),
        ("", {"price_state": {"plan", "unpriced"}}, {PLAN, DRAW, BARE}, set()),
        ("", {"price_state": "priced"}, {FULL, EMBED}, set()),
        ("", {"open_weights": True}, {EMBED, DRAW}, {BARE}),
        ("", {"open_weights": False}, {FULL, OLD, PLAN}, {BARE}),
        ("", {"status": "available"}, {BARE, EMBED, FULL, DRAW}, set()),
        ("", {"status": {"beta", "deprecated"}}, {OLD, PLAN}, set()),
        ("", {"exclude_deprecated": True}, EVERY - {OLD}, set()),
        ("", {"exclude_deprecated": False}, EVERY, set()),
        ("", {"released_after": "2024-02"}, {FULL, PLAN, DRAW}, {BARE}),
        ("", {"released_after": "2025-06-14"}, {FULL, PLAN}, {BARE, DRAW}),
        ("", {"released_after": date(2025, 6, 30)}, {PLAN}, {BARE}),
        ("", {"released_before": "2024-02"}, {OLD}, {BARE}),
        ("", {"released_before": "2025-06-15"}, {EMBED, OLD}, {BARE, DRAW}),
        ("", {"released_before": "2023-07"}, set(), {BARE, OLD}),
        ("", {"released_before": "2025"}, {EMBED, OLD}, {BARE}),
        ("", {"knowledge_after": "2022"}, {FULL}, {BARE, EMBED, PLAN, DRAW}),
        ("", {"canonical": "lab/full"}, {FULL, PLAN}, EVERY - {FULL, PLAN}),
        ("", {"min_benchmark": {"Quiz": 60}}, {FULL, PLAN}, EVERY - {FULL, PLAN}),
        ("", {"min_benchmark": {"Quiz": 61.6}}, set(), EVERY - {FULL, PLAN}),
        ("", {"min_benchmark": {"Tune": "3.5"}}, {DRAW}, EVERY - {DRAW}),
        ("", {"min_benchmark": {"Sketch": 0}}, set(), EVERY),
        ("", {"where": lambda model: {"full": True, "bare": None}.get(model.id, False)}, {FULL, PLAN}, {BARE}),
        ("vision", {"max_input_cost": 1, "where": lambda _: None}, set(), {PLAN, BARE}),
        ("vision", {"min_context": 1_000, "exclude_deprecated": True, "provider": "acme"}, {FULL}, {BARE}),
    ],
)
def test_each_criterion_selects_what_is_known_to_meet_it(small, scan, names, asked, certain, unknown):
    expected = {"exclude": certain, "include": certain | unknown, "only": unknown}

    assert expected == {policy: set(refs(small.filter(*names.split(), **asked, unknown=policy))) for policy in POLICIES}
    assert expected == {policy: set(scan(small, *names.split(), **asked, unknown=policy)) for policy in POLICIES}


def test_a_result_too_large_to_keep_is_given_all_the_same(monkeypatch, small):
    monkeypatch.setattr(filtering, "_ROWS_KEPT", 1)
    everything = Catalog(small.content).filter()
    assert len(small) == len(everything)
