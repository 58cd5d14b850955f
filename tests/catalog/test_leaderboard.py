"""Leaderboards against a scan of all published results."""

from __future__ import annotations

import copy
import gzip
import json
import pickle
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import ModelNotFoundError, ModelRef, Query, QueryError, load_catalog
from modelmeta.catalog.leaderboard import ANY, Standard
from modelmeta.errors import MixedBenchmarkError, UnknownBenchmarkError

STANDARD = ("metric", "harness", "version")


def board(results, models=None):
    """Return the catalog of lab models with *results* by id, sold by ``acme`` as *models*."""
    labs = {key: {"id": key, "name": key, "benchmarks": found} for key, found in results.items()}
    sold = {key: {"id": key, "name": key, **facts} for key, facts in (models or {}).items()}
    return load_catalog({"models": labs, "providers": {"acme": {"id": "acme", "name": "Acme", "models": sold}}})


def quiz(score, **facts):
    return {"name": "Quiz", "score": score, **facts}


def seen(leaderboard):
    return [(standing.rank, standing.lab_model.id, standing.score) for standing in leaderboard]


FACTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["Quiz", "Quiz ", "Quip"]), "score": st.sampled_from([1, 2, 2.5, 7, "7", "pending"])},
    optional={"metric": st.sampled_from("ab"), "harness": st.just("h"), "variant": st.sampled_from("xy"), "dataset": st.just("d")},
)
RESULTS = st.dictionaries(st.sampled_from(["lab/a", "lab/b", "lab/c", "bal/a"]), st.lists(FACTS, max_size=4))


@given(RESULTS, st.fixed_dictionaries({}, optional={name: st.sampled_from(["a", "h", "x", "d", None]) for name in (*STANDARD, "variant")}))
def test_a_leaderboard_holds_what_a_scan_finds_or_says_that_it_does_not_compare(results, narrowed):
    catalog = board(results)
    found = [
        (lab_id, result)
        for lab_id in sorted(results)
        for result in results[lab_id]
        if result["name"] == "Quiz" and all(result.get(name) == value for name, value in narrowed.items())
    ]
    numbers = [(lab_id, result) for lab_id, result in found if not isinstance(result["score"], str)]
    standards = Counter(tuple(result.get(name) for name in STANDARD) for _, result in numbers)
    asked = Standard("Quiz", **narrowed)
    if not found:
        with pytest.raises(UnknownBenchmarkError):
            catalog.leaderboard(asked)
    elif len(standards) > 1:
        with pytest.raises(MixedBenchmarkError) as caught:
            catalog.leaderboard(asked)
        named = [tuple(getattr(standard, name) for name in STANDARD) for standard in caught.value.standards]
        assert standards.keys() == set(named)
        assert [standards[standard] for standard in named] == sorted(standards.values(), reverse=True)
        for standard in caught.value.standards:
            assert standards[tuple(getattr(standard, name) for name in STANDARD)] == len(catalog.leaderboard(standard))
    else:
        shown = catalog.leaderboard(asked)
        expected = sorted(numbers, key=lambda entry: (-entry[1]["score"], entry[0], entry[1].get("variant") or ""))
        ranks = [1 + sum(result["score"] > other["score"] for _, result in numbers) for _, other in expected]
        assert list(zip(ranks, [lab_id for lab_id, _ in expected], [result["score"] for _, result in expected], strict=True)) == seen(shown)
        assert Counter((lab_id, result["score"]) for lab_id, result in found if isinstance(result["score"], str)) == Counter(
            (text.lab_model.id, text.result.score) for text in shown.texts
        )
        for standard in standards:
            assert standard == (shown.standard.metric, shown.standard.harness, shown.standard.version)


def test_every_result_of_the_real_catalog_is_on_exactly_one_leaderboard(labs, shared_data):
    raw = json.loads(gzip.decompress((shared_data / "models-2026-07-02.json.gz").read_bytes()))
    published = Counter(
        (result["name"], *(result.get(name) for name in STANDARD)) for model in raw.values() for result in model.get("benchmarks", ())
    )

    assert dict(published) == {key: len(labs.leaderboard(Standard(*key))) for key in published}


def test_mixed_results_are_refused_with_what_there_is_to_choose_from(labs):
    with pytest.raises(
        MixedBenchmarkError, match=r"21 \(metric resolve rate, no harness, no version\), 7 \(metric pass@1, harness Claude Code"
    ) as caught:
        labs.leaderboard("SWE-Bench Pro")

    assert "as in Standard('SWE-Bench Pro', metric='resolve rate', harness=None, version=None)" in str(caught.value)
    assert caught.value.standards[0] == Standard("SWE-Bench Pro", metric="resolve rate", harness=None, version=None)
    assert ("benchmark", "SWE-Bench Pro") == (caught.value.criterion, caught.value.value)


def test_equal_scores_share_a_rank_and_are_in_the_order_of_lab_ids_and_variants():
    catalog = board({"lab/b": [quiz(5, variant="high"), quiz(5), quiz(9)], "lab/a": [quiz(5.0, variant="max"), quiz(1)]})

    shown = catalog.leaderboard("Quiz")

    assert [(1, "lab/b", 9), (2, "lab/a", 5), (2, "lab/b", 5), (2, "lab/b", 5), (5, "lab/a", 1)] == seen(shown)
    assert [None, "max", None, "high", None] == [standing.result.variant for standing in shown]


def test_scores_closer_than_a_float_tells_are_told_apart():
    catalog = load_catalog(
        b'{"providers": {}, "models": {'
        b'"lab/a": {"id": "lab/a", "name": "A", "benchmarks": [{"name": "Quiz", "score": 0.1234567890123456789012345678901}]},'
        b'"lab/b": {"id": "lab/b", "name": "B", "benchmarks": [{"name": "Quiz", "score": 0.1234567890123456789012345678902}]}}}'
    )

    assert [(1, "lab/b"), (2, "lab/a")] == [(standing.rank, standing.lab_model.id) for standing in catalog.leaderboard("Quiz")]


def test_text_is_kept_apart_whatever_it_states():
    shown = board({"lab/a": [quiz(5, metric="points")], "lab/b": [quiz("pending"), quiz("A+", metric="grade")]}).leaderboard("Quiz")

    assert [(1, "lab/a", 5)] == seen(shown)
    assert [("lab/b", "pending"), ("lab/b", "A+")] == [(text.lab_model.id, text.result.score) for text in shown.texts]
    assert Standard("Quiz", metric="points", harness=None, version=None) == shown.standard


def test_of_nothing_but_text_there_is_nothing_to_rank():
    shown = board({"lab/a": [quiz("A", metric="grade"), quiz("B")]}).leaderboard("Quiz")

    assert ((), 2, Standard("Quiz")) == (shown.standings, len(shown.texts), shown.standard)


def test_dataset_and_variant_narrow_but_do_not_mix():
    catalog = board({"lab/a": [quiz(5, dataset="easy"), quiz(3, dataset="hard", variant="max"), quiz(2)]})

    assert [5, 3, 2] == [standing.score for standing in catalog.leaderboard("Quiz")]
    assert [3] == [standing.score for standing in catalog.leaderboard(Standard("Quiz", dataset="hard"))]
    assert [5, 2] == [standing.score for standing in catalog.leaderboard(Standard("Quiz", variant=None))]
    assert [2] == [standing.score for standing in catalog.leaderboard(Standard("Quiz", dataset=None))]


def test_a_standard_without_results_says_which_there_are():
    catalog = board({"lab/a": [quiz(5, harness="one"), quiz("soon")], "lab/b": [quiz(4, harness="one")]})

    with pytest.raises(UnknownBenchmarkError) as caught:
        catalog.leaderboard(Standard("Quiz", harness="two"))

    listing = "2 (no metric, harness one, no version), 1 (no metric, no harness, no version)"
    assert f"there is no result of Quiz (harness two); there are {listing}" == str(caught.value)


def test_names_match_exactly_and_near_ones_are_suggested():
    catalog = board({"lab/a": [{"name": "SWE-Bench Pro", "score": 1}, {"name": "τ3 Banking", "score": 2}]})

    with pytest.raises(UnknownBenchmarkError, match="no result of swe bench pro; did you mean SWE-Bench Pro") as caught:
        catalog.leaderboard("swe bench pro")

    assert ("SWE-Bench Pro",) == caught.value.suggestions
    with pytest.raises(UnknownBenchmarkError, match=r"no result of 天$"):
        catalog.leaderboard("天")


def test_a_catalog_without_results_says_where_they_are(catalog):
    with pytest.raises(UnknownBenchmarkError, match=r"no results at all; models.json and catalog.json do, which load_catalog reads"):
        catalog.leaderboard("Quiz")


@pytest.mark.parametrize("wrong", [None, 5, ["Quiz"]])
def test_what_is_no_name_is_refused(wrong):
    with pytest.raises(QueryError, match="benchmark must be the name of a benchmark or a Standard, not"):
        board({"lab/a": [quiz(1)]}).leaderboard(wrong)


SOLD = {
    "cheap": {"canonical_model_id": "lab/a", "cost": {"input": 1, "output": 1}},
    "dear": {"canonical_model_id": "lab/a", "cost": {"input": 9, "output": 9}},
    "free": {"canonical_model_id": "lab/b", "cost": {"input": 0, "output": 0}},
    "own": {},
    "odd": {"canonical_model_id": "lab/gone"},
}
RIVALS = {"lab/a": [quiz(5), quiz("soon")], "lab/b": [quiz(7), quiz("late")], "lab/c": [quiz(9)], "acme/own": [quiz(3)]}


def test_everyone_who_sells_a_lab_model_is_named():
    shown = board(RIVALS, SOLD).leaderboard("Quiz")

    assert {"lab/a": ("acme/cheap", "acme/dear"), "lab/b": ("acme/free",), "lab/c": (), "acme/own": ("acme/own",)} == {
        standing.lab_model.id: tuple(map(str, standing.models)) for standing in shown
    }


def test_criteria_leave_what_a_matching_model_sells_and_ranks_count_that():
    shown = board(RIVALS, SOLD).leaderboard("Quiz", max_input_cost=1)

    assert [(1, "lab/b", 7), (2, "lab/a", 5)] == seen(shown)
    assert ((ModelRef("acme", "free"),), (ModelRef("acme", "cheap"),)) == tuple(standing.models for standing in shown)
    assert ["soon", "late"] == [text.result.score for text in shown.texts]
    assert [] == list(board(RIVALS, SOLD).leaderboard("Quiz", max_input_cost=1, provider="nobody"))


def test_limit_and_offset_cut_the_standings_and_leave_ranks_and_unsold_models():
    catalog = board(RIVALS, SOLD)

    assert [(2, "lab/b", 7), (3, "lab/a", 5)] == seen(catalog.leaderboard("Quiz", offset=1, limit=2))
    assert [(4, "acme/own", 3)] == seen(catalog.leaderboard("Quiz", offset=3))
    assert [] == seen(catalog.leaderboard("Quiz", limit=0))


def test_a_query_before_the_criteria_counts_like_them():
    catalog = board({"lab/a": [quiz(1)], "lab/b": [quiz(2)], "lab/c": [quiz(3)]}, {"x": {"canonical_model_id": "lab/b", "tool_call": True}})
    assert seen(catalog.leaderboard("Quiz", limit=1, offset=1)) == seen(catalog.leaderboard("Quiz", Query(limit=1, offset=1)))
    assert (
        [(1, "lab/b", 2)]
        == seen(catalog.leaderboard("Quiz", Query("tool_call", limit=5)))
        == seen(catalog.leaderboard("Quiz", "tool_call"))
    )
    with pytest.raises(QueryError, match="sort cannot be asked here"):
        catalog.leaderboard("Quiz", Query(sort="name"))


@pytest.mark.parametrize("wrong", [{"name": None}, {"name": 5}, {"name": "Quiz", "metric": 5}, {"name": "Quiz", "variant": ["x"]}])
def test_a_standard_is_made_of_text(wrong):
    with pytest.raises(QueryError, match=f"the {[*wrong][-1]} of a Standard is text, not "):
        Standard(**wrong)


def test_what_a_document_calls_a_benchmark_does_not_reach_the_terminal_raw():
    catalog = board({"lab/a": [{"name": "Quiz\x1b[2J", "score": 1}]})
    assert "\x1b" not in repr(catalog.leaderboard("Quiz\x1b[2J"))


def test_whether_results_compare_does_not_depend_on_criteria():
    catalog = board({"lab/a": [quiz(5)], "lab/b": [quiz(7, metric="points")]}, SOLD)

    with pytest.raises(MixedBenchmarkError):
        catalog.leaderboard("Quiz", price_state="free")
    assert [(1, "lab/b", 7)] == seen(catalog.leaderboard(Standard("Quiz", metric="points"), price_state="free"))


@pytest.mark.parametrize(
    ("criteria", "criterion"), [({"sort": "cost.input"}, "sort"), ({"limit": -1}, "limit"), ({"max_price": 1}, "max_price")]
)
def test_wrong_criteria_are_refused_by_name(criteria, criterion):
    with pytest.raises(QueryError) as caught:
        board(RIVALS, SOLD).leaderboard("Quiz", **criteria)

    assert criterion == caught.value.criterion


def test_a_leaderboard_is_a_sequence_that_shows_itself():
    catalog = board({"lab/a": [quiz(5, variant="high")], "lab/b": [quiz(61.5), quiz("<b>\nA+")]}, SOLD)

    shown = catalog.leaderboard("Quiz")

    assert shown[0] == shown[:1][0]
    assert 2 == len(shown)
    assert "<Leaderboard of Quiz (no metric, no harness, no version): 2 ranked, 1 in text>" == repr(shown)
    assert [
        "Quiz (no metric, no harness, no version)",
        "",
        "rank  model  score  variant  models",
        "1     lab/b  61.5            1",
        "2     lab/a  5      high     2",
        "",
        "Not ranked: lab/b, <b> A+",
    ] == str(shown).splitlines()
    assert shown == pickle.loads(pickle.dumps(shown))
    assert hash(shown) == hash(catalog.leaderboard("Quiz"))


def test_an_empty_leaderboard_shows_itself_too():
    assert ["Quiz", "", "rank  model  score  models", "", "Not ranked: lab/a, A"] == str(
        board({"lab/a": [quiz("A")]}).leaderboard("Quiz")
    ).splitlines()


@pytest.mark.parametrize(
    ("standard", "text", "code"),
    [
        (Standard("Quiz"), "Quiz", "Standard('Quiz')"),
        (Standard("Quiz", harness=None), "Quiz (no harness)", "Standard('Quiz', harness=None)"),
        (Standard("Q", "pass@1", "Codex", "2.1"), "Q (metric pass@1, harness Codex, version 2.1)", "Standard('Q', metric='pass@1', harness='Codex', version='2.1')"),
        (Standard("Q", dataset="d", variant=None), "Q (dataset d, no variant)", "Standard('Q', dataset='d', variant=None)"),
    ],
)  # fmt: skip
def test_a_standard_reads_as_what_it_asks(standard, text, code):
    assert (text, code) == (str(standard), repr(standard))
    assert standard == eval(code, {"Standard": Standard})  # noqa: S307  # our own code


def test_any_is_one_and_says_so():
    assert "ANY" == repr(ANY)
    assert ANY is pickle.loads(pickle.dumps(ANY)) is copy.deepcopy(ANY)


@pytest.mark.parametrize(("name", "scores"), [("acme/cheap", [5, "soon"]), ("lab/c", [9]), ("acme/own", [3]), ("acme/odd", [])])
def test_benchmarks_are_those_of_the_lab_model_a_name_means(name, scores):
    assert scores == [result.score for result in board(RIVALS, SOLD).benchmarks(name)]


def test_benchmarks_are_found_by_other_spellings_of_a_reference():
    catalog = board(RIVALS, SOLD)

    assert catalog.benchmarks("acme/cheap") == catalog.benchmarks(ModelRef("acme", "cheap")) == catalog.benchmarks("acme:cheap")


def test_a_reference_means_the_model_that_is_sold_under_it_before_a_lab_model_of_that_id():
    catalog = board({"lab/a": [quiz(5)], "acme/x": [quiz(3)]}, {"x": {"canonical_model_id": "lab/a"}})

    assert [5] == [result.score for result in catalog.benchmarks("acme/x")]


def test_benchmarks_of_an_unknown_model_are_no_empty_answer():
    with pytest.raises(ModelNotFoundError):
        board(RIVALS, SOLD).benchmarks("acme/nobody")
