"""What the commands print that find, explain and choose models."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from modelmeta import Usage

TEXT = {"input": ["text"], "output": ["text"]}
DOCUMENT = {
    "models": {
        "lab/large": {
            "id": "lab/large",
            "name": "Large",
            "benchmarks": [
                {"name": "Quiz", "score": 71.5, "metric": "accuracy", "variant": "high"},
                {"name": "Quiz", "score": 66, "metric": "accuracy", "variant": "low"},
                {"name": "Mixed", "score": 5, "harness": "own"},
            ],
        },
        "lab/small": {
            "id": "lab/small",
            "name": "Small",
            "benchmarks": [
                {"name": "Quiz", "score": 40, "metric": "accuracy"},
                {"name": "Mixed", "score": 7},
                {"name": "Mixed", "score": "pending"},
            ],
        },
    },
    "providers": {
        "lab": {
            "id": "lab",
            "name": "Lab",
            "models": {
                "large": {
                    "name": "Large",
                    "tool_call": True,
                    "modalities": TEXT,
                    "cost": {"input": 2, "output": 8},
                    "limit": {"context": 900},
                },
                "small": {"name": "Small", "modalities": TEXT, "cost": {"input": 1, "output": 2}},
            },
        },
        "shop": {
            "id": "shop",
            "name": "Shop",
            "models": {
                "small:free": {"name": "Small", "canonical_model_id": "lab/small", "tool_call": False, "cost": {"input": 0, "output": 0}}
            },
        },
    },
}


@pytest.fixture
def ask(run, tmp_path):
    """Call the command line over ``DOCUMENT``."""
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(DOCUMENT))
    return lambda *args, **options: run("--catalog", str(path), *args, **options)


def first_words(printed: str) -> list[str]:
    """Return the first word of each row of the table that begins what was printed."""
    return [line.split()[0] for line in printed.partition("\n\n")[0].splitlines()[1:]]


def test_search_names_what_search_finds(run, catalog):
    assert first_words(run("search", "sonet 4.5")) == [str(hit.model.ref) for hit in catalog.search("sonet 4.5")]
    assert len(catalog.search("sonet 4.5")) == 20


def test_search_keeps_to_criteria_and_its_page(run, catalog):
    expected = catalog.search("gpt mini", limit=5, provider={"openai", "azure"})
    printed = run("search", "gpt mini", "-p", "openai", "-p", "azure", "--offset", "2", "-n", "3")
    assert first_words(printed) == [str(hit.model.ref) for hit in expected[2:]]
    assert first_words(run("search", "gpt", "--offset", "30")) == [str(hit.model.ref) for hit in catalog.search("gpt", limit=50)[30:]]


def test_search_finds_only_what_has_the_capabilities(ask):
    assert first_words(ask("search", "lab", "-c", "tool_call")) == ["lab/large"]
    assert first_words(ask("search", "small", "-c", "tool_call", "-p", "shop")) == []
    assert first_words(ask("search", "small", "-c", "tool_call", "--unknown", "only")) == ["lab/small"]


def test_search_as_json_has_the_models(run):
    (hit,) = json.loads(run("search", "openai gpt-5.5", "--json", "-n", "1"))
    assert (hit["model"]["provider_id"], hit["model"]["id"]) == ("openai", "gpt-5.5")
    assert hit.keys() == {"model", "score", "matched"}


def test_offerings_are_those_of_offerings(run, catalog):
    offers = catalog.offerings("anthropic/claude-opus-4-5")
    assert len(offers) > 10
    assert run("offerings", "anthropic/claude-opus-4-5") == f"{offers}\n"


def test_offerings_price_a_workload(run, catalog):
    offers = catalog.offerings("openai/gpt-5.5", usage=Usage(1_000, 10))
    assert run("offerings", "openai/gpt-5.5", "--input-tokens", "1000", "--output-tokens", "10") == f"{offers}\n"
    shown = json.loads(run("offerings", "openai/gpt-5.5", "--output-tokens", "10", "--json"), parse_float=Decimal)
    assert [offer["quote"]["total"] for offer in shown] == [
        offer.quote.total for offer in catalog.offerings("openai/gpt-5.5", usage=Usage(0, 10))
    ]


def test_explain_prints_the_funnel(ask):
    printed = ask("explain", "-c", "tool_call", "--max-input-cost", "1", "--near", "2")
    assert printed.splitlines()[0] == "0 of 3 models match"
    assert "tool_call         1       1       1        1" in printed
    assert "lab/large: input_cost 2 above 1" in printed


def test_explain_as_json_is_counts_and_misses(ask):
    shown = json.loads(ask("explain", "-c", "tool_call", "-p", "lab", "-p", "shop", "--near", "1", "--json"))
    assert shown == {
        "total": 3,
        "matched": 1,
        "steps": [
            {"name": "tool_call", "asked": True, "passed": 1, "failed": 1, "unknown": 1, "left": 1},
            {"name": "provider", "asked": ["lab", "shop"], "passed": 3, "failed": 0, "unknown": 0, "left": 1},
        ],
        "near_misses": [
            {
                "model": "lab/small",
                "lacks": [{"name": "tool_call", "asked": True, "found": None, "unknown": True, "text": "tool_call unknown"}],
            }
        ],
    }


def test_select_prints_the_model_and_its_quote(run, catalog):
    usage = Usage(300_000, 2_000)
    asked = ["-c", "tool_call", "-p", "openai", "-p", "anthropic", "--input-tokens", "300000", "--output-tokens", "2000"]
    model = catalog.select("tool_call", provider={"openai", "anthropic"}, usage=usage)
    ranking, quote = run("select", *asked).split("\n\n", 1)
    assert first_words(ranking) == ["1"]
    assert str(model.ref) in ranking
    assert quote == f"{catalog.price(model.ref, usage).sheet().body}\n"
    shown = json.loads(run("select", *asked, "--json"), parse_float=Decimal)
    assert (shown["model"]["id"], shown["quote"]["total"], shown["value"]) == (model.id, *[catalog.price(model.ref, usage).total] * 2)


def test_select_with_a_limit_prints_the_ranking(run, catalog):
    ranked = catalog.rank("vision", provider="openai", prefer="newest", limit=4)
    asked = ["-c", "vision", "-p", "openai", "--prefer", "newest", "--limit", "4"]
    assert [line.split()[:2] for line in run("select", *asked).splitlines()[1:]] == [
        [str(place), str(entry.model.ref)] for place, entry in enumerate(ranked, 1)
    ]
    shown = json.loads(run("select", *asked, "--json"))
    assert [(entry["model"]["id"], entry["value"], entry["quote"]) for entry in shown] == [
        (entry.model.id, str(entry.value), None) for entry in ranked
    ]


def test_select_without_a_workload_by_something_else_than_price_has_no_quote(ask):
    assert ask("select", "--prefer", "benchmark:Quiz").splitlines()[1].split() == ["1", "lab/large", "71.5", "priced"]


def test_select_explains_why_nothing_matches_with_exit_code_1(ask):
    printed = ask("select", "-c", "tool_call", "--min-context", "1000", exit_code=1)
    assert printed.splitlines()[0] == "0 of 3 models match"
    assert "lab/large: context 900 of 1,000" in printed
    assert json.loads(ask("select", "-c", "tool_call", "--min-context", "1000", "--json", exit_code=1))["matched"] == 0


def test_leaderboard_prints_the_results_highest_first(ask):
    assert [line.split() for line in ask("leaderboard", "Quiz").splitlines()] == [
        ["rank", "model", "score", "variant", "models"],
        ["1", "lab/large", "71.5", "high", "1"],
        ["2", "lab/large", "66", "low", "1"],
        ["3", "lab/small", "40", "2"],
    ]


def test_leaderboard_keeps_to_criteria_and_to_what_results_state(ask):
    shown = json.loads(ask("leaderboard", "Quiz", "-c", "tool_call", "--variant", "low", "--json"))
    assert [(place["rank"], place["lab_model"], place["score"], place["models"]) for place in shown["ranked"]] == [
        (1, "lab/large", 66, ["lab/large"])
    ]
    assert shown["benchmark"] == "Quiz (metric accuracy, no harness, no version, variant low)"


def test_leaderboard_asks_which_results_compare(ask):
    assert "do not compare" in ask("leaderboard", "Mixed", exit_code=2)
    shown = json.loads(ask("leaderboard", "Mixed", "--harness", "", "--json"))
    assert [(place["lab_model"], place["score"]) for place in shown["ranked"]] == [("lab/small", 7)]
    assert [(place["lab_model"], place["result"]["score"]) for place in shown["not_ranked"]] == [("lab/small", "pending")]


def test_check_lists_what_does_not_fit_with_exit_code_1(run):
    asked = ["-c", "streaming", "--input", "audio", "--output", "text", "--effort", "xhigh", "--budget", "2000", "--input-tokens", "300000"]
    printed = run("check", "anthropic/claude-opus-4-5", *asked, exit_code=1)
    assert [line.split()[:2] for line in printed.splitlines()] == [
        ["fits", "fact"],
        ["?", "streaming"],
        ["no", "modalities.input"],
        ["no", "reasoning_options"],
        ["no", "limit.context"],
    ]
    assert "at most 200,000 fit" in printed


def test_check_says_that_a_request_fits(run):
    printed = run("check", "claude-opus-4.5@anthropic", "-c", "tool_call", "--max-output", "64000")
    assert printed == "The request fits anthropic/claude-opus-4-5.\n"
    assert json.loads(run("check", "anthropic/claude-opus-4-5", "--json")) == []


def test_check_lets_a_request_do_without_reasoning(run):
    assert run("check", "openai/gpt-4o", "--effort", "none", "--budget", "0") == "The request fits openai/gpt-4o.\n"


def test_check_compares_the_budget_with_the_output(run):
    printed = run("check", "anthropic/claude-opus-4-5", "--budget", "50000", "--max-output", "2000", exit_code=1)
    assert "allows 50,000 tokens of reasoning in 2,000 of output; 1,024 to 1,999 fit" in printed


def test_what_is_only_unknown_is_told_and_no_failure(run):
    assert "nobody says" in run("check", "openai/gpt-5.5", "-c", "streaming")
    (misfit,) = json.loads(run("check", "openai/gpt-5.5", "-c", "streaming", "--json"))
    assert misfit == {
        "path": "streaming",
        "reason": "needs streaming; nobody says whether the model has it",
        "raw": None,
        "kind": "capability",
        "asked": "streaming",
        "fits": None,
        "known": False,
    }


def test_a_terminal_gets_tables(run, terminal):
    assert "\x1b[1mcriterion" in run("explain", "-c", "tool_call", "-p", "openai")
    assert "\x1b[1mfact" in run("check", "openai/gpt-5.5", "--input", "audio", exit_code=1)
    assert "openai/gpt-5.5" in run("select", "--family", "gpt", "-p", "openai", "--min-context", "1000000", "-n", "5")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search", "gpt", "-p", "opnai"], "did you mean openai"),
        (["search", "gpt", "-c", "visoin"], "unknown capability 'visoin'"),
        (["search", "gpt", "-n", "0"], "limit must be"),
        (["search", "gpt", "--offset", "-1"], "offset must be"),
        (["offerings", "openai/gpt5.5x"], "did you mean openai/gpt-5.5"),
        (["explain", "--near", "-1"], "near must be"),
        (["explain", "-p", "opnai"], "did you mean openai"),
        (["select", "--prefer", "best"], "prefer must be one of cheapest"),
        (["select", "-p", "opnai"], "did you mean openai"),
        (["select", "-n", "-1"], "limit must be a whole number"),
        (["leaderboard", "Quiz"], "there is no result of Quiz"),
        (["check", "openai/gpt5.5x"], "did you mean openai/gpt-5.5"),
        (["check", "openai/gpt-5.5", "--input", "vidoe"], "input cannot be 'vidoe'; the words known are audio, image, pdf, text, video"),
        (["check", "openai/gpt-5.5", "--max-output", "0"], "max_output must be a whole number of 1 or more, not 0"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_ends_with_exit_code_2_and_what_would_be_right(run, arguments, message):
    assert message in run(*arguments, exit_code=2)
