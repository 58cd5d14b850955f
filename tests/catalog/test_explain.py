"""Why models do or do not match, against asking every model every question."""

from __future__ import annotations

import decimal
import json
import pickle
import re
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import NoMatchError, Query, QueryError, Usage, bundled_catalog, load_catalog
from modelmeta.catalog.price import quote
from modelmeta.testing.queries import capabilities, criteria, matches

CATALOG = bundled_catalog()
SMALL = load_catalog(json.loads(Path(__file__).with_name("small.json").read_text(encoding="utf-8")))
EMPTY = load_catalog({"models": {}, "providers": {}})
SELECTED = {"exclude": {True}, "include": {True, None}, "only": {None}}
NOT_MISSED = {"exclude": {True}, "include": {True, None}, "only": {True, None}}
ALIASES = {"function_calling": "tool_call", "tool_use": "tool_call", "json_mode": "structured_output", "image_generation": "image_output"}


def questions(names, asked):
    """Return the questions of a query, each with its name, as what ``matches`` takes."""
    single = [("audio_input or audio_output" if name == "audio" else ALIASES.get(name, name), {"capabilities": [name]}) for name in names]
    for criterion, value in asked.items():
        words = {value} if isinstance(value, str) else value
        match criterion:
            case "without":
                parts = [part for word in words for part in (["audio_input", "audio_output"] if word == "audio" else [word])]
                single += [(f"without {ALIASES.get(part, part)}", {"criteria": {"without": part}}) for part in parts]
            case "input" | "output":
                single += [(f"{criterion} {word}", {"criteria": {criterion: word}}) for word in words]
            case "open_weights":
                single.append((criterion if value else f"without {criterion}", {"criteria": {criterion: value}}))
            case "exclude_deprecated":
                single += [(criterion, {"criteria": {criterion: True}})] * value
            case "min_benchmark":
                single += [(f"{criterion} {name}", {"criteria": {criterion: {name: least}}}) for name, least in value.items()]
            case "max_cost":
                single.append((criterion, {"criteria": {criterion: value, "usage": asked["usage"]}}))
            case "usage":
                pass
            case _:
                single.append((criterion, {"criteria": {criterion: value}}))
    return single


PATHS = {
    "min_context": "limit.context",
    "min_input": "limit.input",
    "min_output": "limit.output",
    "max_input_cost": "cost.input",
    "max_output_cost": "cost.output",
}


def numbers(catalog, model, name, asked):
    """Return the number *model* has for a criterion and the one asked for, or nothing where the criterion is about no number."""
    if name == "max_cost":
        return quote(model, asked["usage"]).total, asked[name]
    if name.startswith("min_benchmark "):
        quiz = name.removeprefix("min_benchmark ")
        [lab] = [lab for lab in catalog.lab_models if lab.id == (model.canonical_model_id or str(model.ref))]
        return max(result.score for result in lab.benchmarks if (result.name, type(result.score)) == (quiz, Decimal)), asked[
            "min_benchmark"
        ][quiz]
    return (attrgetter(PATHS[name])(model), asked[name]) if name in PATHS else ()


def nearness(catalog, model, name, asked):
    """Return how near the number of *model* comes to the one asked for."""
    found, wanted = (Fraction(str(number)) for number in numbers(catalog, model, name, asked) or (0, 0))
    return min(found / wanted, wanted / found) if found > 0 and wanted > 0 else Fraction(0)


def check(catalog, names, asked, unknown, near):
    """Compare an explanation, to the last place of its near misses, with a scan that shares nothing with it."""
    explanation = catalog.explain(*names, unknown=unknown, near=near, **asked)

    models, labs = sorted(catalog, key=lambda model: model.ref), catalog.lab_models
    single = questions(names, asked)
    verdicts = {name: [matches(model, **{"criteria": {}, **one}, lab_models=labs) for model in models] for name, one in single}
    assert Counter(name for name, _ in single) == Counter(step.name for step in explanation.steps)
    left = set(range(len(models)))
    for step in explanation.steps:
        counts = Counter(verdicts[step.name])
        assert (counts[True], counts[False], counts[None]) == (step.passed, step.failed, step.unknown)
        left &= {row for row, verdict in enumerate(verdicts[step.name]) if verdict in NOT_MISSED[unknown]}
        assert len(left) == step.left
    matched = [matches(model, asked, capabilities=names, lab_models=labs) in SELECTED[unknown] for model in models]
    assert (len(models), matched.count(True)) == (explanation.total, explanation.matched)

    ordered = []
    for row, model in enumerate(models):
        missed = [(step.name, verdicts[step.name][row]) for step in explanation.steps]
        missed = sorted(((name, one is None) for name, one in missed if one not in NOT_MISSED[unknown]), key=lambda miss: miss[1])
        if missed:
            known = [name for name, unsaid in missed if not unsaid]
            ordered.append((len(missed), len(known), -sum(nearness(catalog, model, name, asked) for name in known), row, missed))
    assert [(models[row].ref, missed) for *_, row, missed in sorted(ordered)[:near]] == [
        (miss.model.ref, [(lack.name, lack.unknown) for lack in miss.lacks]) for miss in explanation.near_misses
    ]
    for miss in explanation.near_misses:
        for lack in miss.lacks:
            assert lack.unknown == str(lack).endswith(" unknown")
            if not lack.unknown and (known := numbers(catalog, miss.model, lack.name, asked)):
                assert known[0] == lack.found


UNKNOWNS = st.sampled_from([*SELECTED])


@settings(max_examples=12)
@given(capabilities(), criteria(CATALOG), UNKNOWNS, st.integers(0, 30))
def test_counts_and_near_misses_are_those_of_a_linear_scan(names, asked, unknown, near):
    check(CATALOG, names, asked, unknown, near)


BENCHMARKS = st.fixed_dictionaries(
    {},
    optional={
        "min_benchmark": st.dictionaries(st.sampled_from(["Quiz", "Sketch", "Tune", "Gone"]), st.integers(-5, 100), min_size=1),
        "where": st.sampled_from(
            [lambda model: model.reasoning, lambda model: model.id > "e", lambda model: model.cost and model.cost.input]
        ),
    },
)


@settings(max_examples=150)
@given(capabilities(), st.tuples(criteria(SMALL), BENCHMARKS).map(lambda two: {**two[0], **two[1]}), UNKNOWNS, st.integers(0, 7))
def test_every_criterion_of_a_small_catalog_is_explained_as_a_scan_would(names, asked, unknown, near):
    check(SMALL, names, asked, unknown, near)


@pytest.mark.parametrize("unknown", [*SELECTED])
def test_without_criteria_there_are_no_steps_and_no_misses(unknown):
    explanation = SMALL.explain(unknown=unknown)

    assert ((), ()) == (explanation.steps, explanation.near_misses)
    assert (len(SMALL), len(SMALL.filter(unknown=unknown))) == (explanation.total, explanation.matched)


FULL = {"limit": {"context": 131_072, "output": 8_000}, "cost": {"input": 5, "output": 0.5}, "tool_call": True, "release_date": "2024-05"}


@pytest.mark.parametrize(
    ("facts", "names", "asked", "text"),
    [
        (FULL, ("structured_output",), {"min_context": 200_000}, "context 131,072 of 200,000; structured_output unknown"),
        ({"tool_call": False}, ("function_calling",), {}, "no tool_call"),
        ({}, ("json_mode",), {}, "structured_output unknown"),
        ({"modalities": {"input": ["text", "image"], "output": ["text"]}}, (), {"without": "vision"}, "has vision"),
        ({}, (), {"without": "vision"}, "vision unknown"),
        ({"modalities": {"input": ["text"], "output": ["text"]}}, ("audio",), {}, "no audio_input or audio_output"),
        ({}, ("audio",), {}, "audio_input or audio_output unknown"),
        ({"modalities": {"input": ["audio"], "output": ["text"]}}, (), {"without": "audio"}, "has audio_input"),
        ({"modalities": {"input": ["text"], "output": ["text"]}}, (), {"input": {"text", "pdf"}}, "no input pdf"),
        ({}, (), {"output": "text"}, "output text unknown"),
        ({"open_weights": True}, (), {"open_weights": False}, "has open_weights"),
        ({"open_weights": False}, (), {"open_weights": True}, "no open_weights"),
        ({"status": "deprecated"}, (), {"exclude_deprecated": True}, "deprecated"),
        ({"status": "beta"}, (), {"status": {"alpha", "available"}}, "status beta not alpha or available"),
        ({}, (), {"status": "beta"}, "status available not beta"),
        ({}, (), {"type": {"embedding", "image"}}, "type chat not embedding or image"),
        ({"type": "image"}, (), {"type": "chat"}, "type image not chat"),
        ({}, (), {"provider": {"c", "a"}}, "provider b not a or c"),
        ({"family": "llama"}, (), {"family": "qwen"}, "family llama not qwen"),
        ({}, (), {"family": "qwen"}, "family unknown"),
        ({"canonical_model_id": "lab/m"}, (), {"canonical": "lab/n"}, "canonical lab/m not lab/n"),
        ({}, (), {"price_state": {"free", "priced"}}, "price_state unpriced not free or priced"),
        (FULL, (), {"max_input_cost": 1}, "input_cost 5 above 1"),
        (FULL, (), {"max_output_cost": "0.25"}, "output_cost 0.5 above 0.25"),
        ({"cost": {"output": 1}}, (), {"max_input_cost": 1}, "input_cost unknown"),
        (FULL, (), {"usage": Usage(10**6, 10**6), "max_cost": "5.25"}, "cost 5.5 above 5.25"),
        ({}, (), {"usage": Usage(), "max_cost": 0}, "cost unknown"),
        (FULL, (), {"min_output": 8_001}, "output 8,000 of 8,001"),
        (FULL, (), {"min_input": 5}, "input unknown"),
        (FULL, (), {"released_after": "2025"}, "released 2024-05 not after 2025"),
        (FULL, (), {"released_before": "2024-02-29"}, "released 2024-05 not before 2024-02-29"),
        (FULL, (), {"released_after": "2024-05-06"}, "released_after unknown"),
        ({"release_date": "2024-02-31"}, (), {"released_after": "2020"}, "released_after unknown"),
        ({"knowledge": "2023"}, (), {"knowledge_after": "2024-01"}, "knowledge 2023 not after 2024-01"),
        ({}, (), {"min_benchmark": {"Quiz": 40}}, "benchmark Quiz unknown"),
        ({"canonical_model_id": "lab/quick"}, (), {"min_benchmark": {"Quiz": "40.50"}}, "benchmark Quiz 39.5 of 40.5"),
        ({}, (), {"where": lambda model: model.id == "n"}, "where says no"),
        ({}, (), {"where": lambda model: model.tool_call}, "where unknown"),
    ],
)
def test_what_is_lacking_reads_well(facts, names, asked, text):
    quick = {"id": "lab/quick", "name": "Quick", "benchmarks": [{"name": "Quiz", "score": 39.5}, {"name": "Quiz", "score": "A+"}]}
    models = {"m": {"id": "m", "name": "M", **facts}}
    catalog = load_catalog({"models": {"lab/quick": quick}, "providers": {"b": {"id": "b", "name": "B", "models": models}}})

    [miss] = catalog.explain(*names, **asked).near_misses

    assert text == "; ".join(map(str, miss.lacks))
    assert f"b/m: {text}" == str(miss)


@pytest.mark.parametrize(
    ("facts", "names", "found"),
    [({"tool_call": False}, ("tool_call",), False), ({}, ("tool_call",), None), ({"interleaved": False}, ("interleaved",), False)],
)
def test_what_is_found_is_told_from_what_nobody_said(document, facts, names, found):
    [miss] = document({"m": {"id": "m", **facts}}).explain(*names).near_misses

    assert (found, found is None) == (miss.lacks[0].found, miss.lacks[0].unknown)


def contexts(document, **sizes):
    return document({key: {"id": key, **({"limit": {"context": size}} if size else {}), "family": "f"} for key, size in sizes.items()})


def near(explanation):
    return [miss.model.id for miss in explanation.near_misses]


def test_of_equal_misses_the_unknown_come_first_then_the_nearest_then_by_reference(document):
    catalog = contexts(document, a=10, b=None, c=90, d=90, e=None, f=100)

    assert ["b", "e", "c", "d", "a"] == near(catalog.explain(min_context=95))
    assert ["c", "d", "a"] == near(catalog.explain(min_context=95, unknown="include"))
    assert ["b", "e"] == near(catalog.explain(min_context=95, near=2))
    assert [] == near(catalog.explain(min_context=95, near=0))
    assert ["b", "e", "c", "d", "a"] == near(catalog.explain(min_context=95, near=50))


def test_a_model_that_only_matches_when_the_unknown_passes_is_no_miss_of_unknown_only(document):
    explanation = contexts(document, a=10, b=None, f=100).explain(min_context=95, unknown="only")

    assert (["a"], 1, 2) == (near(explanation), explanation.matched, explanation.steps[0].left)


@pytest.mark.parametrize("wrong", [-1, 1.0, "5", None, True])
def test_near_is_a_whole_number(wrong):
    with pytest.raises(QueryError, match="near must be a whole number of 0 or more, not") as caught:
        SMALL.explain(near=wrong)

    assert ("near", wrong) == (caught.value.criterion, caught.value.value)


def test_sort_limit_and_offset_change_nothing():
    plain = SMALL.explain("tool_call", min_context=9_000)
    cut = SMALL.explain("tool_call", min_context=9_000, sort="-limit.context", limit=1, offset=2)

    assert (plain.total, plain.matched, plain.steps, plain.near_misses) == (cut.total, cut.matched, cut.steps, cut.near_misses)


def test_a_query_and_keywords_are_asked_together():
    assert SMALL.explain("tool_call", min_context=5) == SMALL.explain(Query("tool_call"), min_context=5)
    assert hash(SMALL.explain("tool_call")) == hash(SMALL.explain(Query("tool_call")))


def test_an_empty_catalog_is_explained():
    explanation = EMPTY.explain("vision", provider="acme", where=lambda model: model.id, min_context=5)

    assert (0, 0, ()) == (explanation.total, explanation.matched, explanation.near_misses)
    assert {(0, 0, 0, 0)} == {(step.passed, step.failed, step.unknown, step.left) for step in explanation.steps}
    assert "0 of 0 models match" == str(explanation).splitlines()[0]


@pytest.mark.parametrize("context", [decimal.Context(prec=1), decimal.Context(prec=1, traps=[decimal.Inexact, decimal.FloatOperation])])
def test_the_callers_decimal_context_changes_nothing(document, context):
    catalog = document({key: {"id": key, "cost": {"input": rate}} for key, rate in {"a": 3.03, "b": 3.02, "c": 3.01}.items()})

    with decimal.localcontext(context):
        assert ["c", "b", "a"] == near(catalog.explain(max_input_cost="1.7"))


def test_a_negative_score_is_not_near():
    labs = {key: {"id": key, "name": key, "benchmarks": [{"name": "Elo", "score": score}]} for key, score in {"b/a": -50, "b/b": 0}.items()}
    sold = {"b": {"id": "b", "name": "B", "models": {key: {"id": key, "name": key} for key in "ab"}}}

    explanation = load_catalog({"models": labs, "providers": sold}).explain(min_benchmark={"Elo": 10})

    assert ["a", "b"] == near(explanation)
    assert ["benchmark Elo -50 of 10", "benchmark Elo 0 of 10"] == [str(miss.lacks[0]) for miss in explanation.near_misses]
    assert [0, 0] == [miss.lacks[0].nearness for miss in explanation.near_misses]


def test_a_usage_that_nothing_is_asked_about_changes_nothing(document):
    catalog = contexts(document, a=10, b=None)
    assert catalog.explain(min_context=5) == catalog.explain(min_context=5, usage=Usage(1_000))


def test_a_question_that_fails_at_models_ruled_out_before_is_unknown_of_them(document):
    catalog = contexts(document, a=10, b=None)
    asked = {"where": lambda model: model.limit.context > 20, "min_context": 5}

    with pytest.raises(TypeError):
        catalog.explain(unknown="include", **asked)
    explanation = document({"a": {"id": "a", "type": "image"}, "b": {"id": "b", "limit": {"context": 9}}}).explain(type="chat", **asked)

    assert (0, 1, 1) == (explanation.steps[2].passed, explanation.steps[2].failed, explanation.steps[2].unknown)
    assert ["b: where says no", "a: type image not chat; context unknown; where unknown"] == [
        str(miss).removeprefix("acme/") for miss in explanation.near_misses
    ]


def test_an_explanation_prints_as_a_table(document):
    catalog = document({"a\x1b[31m": {"id": "a\x1b[31m", "tool_call": True}, "<b>": {"id": "<b>", "limit": {"context": 1_000}}})

    explanation = catalog.explain("tool_call", min_context=2_000, provider={"acme", "other"}, open_weights=False)

    assert [
        "0 of 2 models match",
        "",
        "criterion               passed  failed  unknown  left",
        "tool_call               1       0       1        1",
        "without open_weights    0       0       2        0",
        "provider acme or other  2       0       0        0",
        "min_context 2,000       0       1       1        0",
        "",
        "Nearest misses:",
        r"  acme/a\x1b[31m: open_weights unknown; context unknown",
        "  acme/<b>: context 1,000 of 2,000; tool_call unknown; open_weights unknown",
    ] == str(explanation).splitlines()
    assert "acme/&lt;b&gt;" in explanation._repr_html_()
    assert re.fullmatch(r"<Explanation of Query\('tool_call', .*\): 0 of 2 models match>", repr(explanation))
    assert "Nearest" not in str(catalog.explain("tool_call", near=0))


def test_when_select_finds_nothing_its_error_says_why(document):
    catalog = document({"a": {"id": "a", "cost": {"input": 5}}, "b": {"id": "b", "cost": {"input": 1}, "status": "deprecated"}})

    with pytest.raises(NoMatchError) as caught:
        catalog.select(max_input_cost=Decimal(2), limit=3)

    error = caught.value
    assert catalog.explain(max_input_cost=2, exclude_deprecated=True) == error.explanation
    assert f"no model meets {error.explanation.query!r}\n{error.explanation}" == str(error)
    assert "acme/a: input_cost 5 above 2" in str(error)
    assert "acme/b: deprecated" in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(error), error.explanation) == (str(again), again.explanation)


@pytest.mark.parametrize("asked", [{}, {"prefer": "newest"}, {"provider": "acme"}, {"usage": Usage(5), "max_cost": 1}])
def test_of_an_empty_catalog_nothing_is_selected(asked):
    with pytest.raises(NoMatchError, match="0 of 0 models match"):
        EMPTY.select(**asked)
