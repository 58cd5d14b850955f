"""What each command prints, in a pipe and as JSON."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from decimal import Decimal

import pytest

from modelmeta import Usage, load_catalog
from modelmeta.catalog.query import Requirements
from modelmeta.cli.main import cli

DOCUMENT = {
    "lab": {
        "id": "lab",
        "name": "Lab",
        "models": {
            "m-1": {
                "name": "M 1",
                "limit": {"context": 1000},
                "cost": {"input": 2, "output": 8.5},
                "modalities": {"input": ["text"], "output": ["text"]},
            },
            "m-2": {"name": "M 2", "status": "beta"},
        },
    }
}


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "api.json"
    path.write_text(json.dumps(DOCUMENT))
    return path


def test_list_names_what_filter_finds(run, catalog):
    printed = run("list", "-c", "tool_call", "-c", "vision", "--min-context", "200000", "--max-input-cost", "1", "-s", "cost.input")
    expected = catalog.filter("tool_call", "vision", min_context=200_000, max_input_cost=1, sort="cost.input")
    assert [line.split()[0] for line in printed.splitlines()[1:]] == [str(ref) for ref in expected.refs]


@pytest.mark.parametrize(
    ("options", "criteria"),
    [
        (["-p", "openai", "-p", "anthropic"], {"provider": {"openai", "anthropic"}}),
        (["--family", "gpt"], {"family": "gpt"}),
        (["--type", "chat", "-p", "openai"], {"type": "chat", "provider": "openai"}),
        (["--status", "deprecated"], {"status": "deprecated"}),
        (["--input", "image", "--input", "audio"], {"input": {"image", "audio"}}),
        (["--output", "audio"], {"output": "audio"}),
        (["--without", "reasoning", "-p", "openai"], {"without": "reasoning", "provider": "openai"}),
        (["--min-input", "500000"], {"min_input": 500_000}),
        (["--min-output", "200000"], {"min_output": 200_000}),
        (["--max-output-cost", "0.05"], {"max_output_cost": "0.05"}),
        (["--price-state", "plan"], {"price_state": "plan"}),
        (["--open-weights", "-p", "mistral"], {"open_weights": True, "provider": "mistral"}),
        (["--closed-weights", "-p", "mistral"], {"open_weights": False, "provider": "mistral"}),
        (["--available", "-p", "openai", "-p", "anthropic"], {"available": True, "provider": {"openai", "anthropic"}}),
        (["--not-available", "-p", "openai", "-p", "anthropic"], {"available": False, "provider": {"openai", "anthropic"}}),
        (["--exclude-deprecated", "-p", "openai"], {"exclude_deprecated": True, "provider": "openai"}),
        (["--released-after", "2026-08"], {"released_after": "2026-08"}),
        (["--released-before", "2023"], {"released_before": "2023"}),
        (["--knowledge-after", "2026-01"], {"knowledge_after": "2026-01"}),
        (["--canonical", "openai/gpt-5.5"], {"canonical": "openai/gpt-5.5"}),
        (
            ["--unknown", "only", "-c", "structured_output", "-p", "mistral"],
            {"unknown": "only", "provider": "mistral", "capabilities": "structured_output"},
        ),
        (["--limit", "3", "--offset", "2", "-s", "-limit.context"], {"limit": 3, "offset": 2, "sort": "-limit.context"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_option_of_list_is_a_criterion(run, catalog, monkeypatch, options, criteria):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1234")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    wanted = [name for name in [criteria.pop("capabilities", None)] if name]
    expected = catalog.filter(*wanted, **criteria)
    assert len(expected) > 0
    assert [(row["provider_id"], row["id"]) for row in json.loads(run("list", *options, "--json"))] == [
        (ref.provider_id, ref.model_id) for ref in expected.refs
    ]


IN_PYTHON_ONLY = {"usage", "max_cost", "min_benchmark", "where"}
ASKED = {"capability", *Requirements.__annotations__} - IN_PYTHON_ONLY
OWN = {"search": {"text"}, "explain": {"near"}, "select": {"prefer", "input_tokens", "output_tokens"}}
OWN["leaderboard"] = {"benchmark", "metric", "harness", "version", "dataset", "variant"}


@pytest.mark.parametrize(
    ("command", "order"),
    [
        ("list", {"sort", "limit", "offset"}),
        ("search", {"limit", "offset"}),
        ("select", {"limit", "offset"}),
        ("leaderboard", {"limit", "offset"}),
        ("explain", set()),
    ],
)
def test_a_command_has_options_for_the_criteria_that_change_its_answer(command, order):
    names = {parameter.name for parameter in cli.commands[command].params if not parameter.name.startswith("given_")}
    assert names - OWN.get(command, set()) - {"as_json"} == ASKED | order


@pytest.mark.parametrize(
    ("command", "option"),
    [*[(command, "--sort") for command in ("search", "select", "leaderboard", "explain")], ("explain", "--limit"), ("explain", "--offset")],
)
def test_what_changes_nothing_is_no_option(run, command, option):
    printed = run(command, option, "1", exit_code=2)
    assert "No such option" in printed
    assert option in printed


def test_show_says_every_fact_with_its_path(run):
    printed = run("show", "openai/gpt-5.5")
    assert "cost.tiers.272000.input" in printed
    assert ["limit.context", "1,050,000"] in [line.split(maxsplit=1) for line in printed.splitlines()]


def test_show_as_json_nests_as_upstream_does(run):
    shown = json.loads(run("show", "openai/gpt-5.5", "--json"))
    assert (shown["provider_id"], shown["id"], shown["cost"]["input"], shown["cost"]["tiers"][0]["size"]) == (
        "openai",
        "gpt-5.5",
        5,
        272_000,
    )


def test_compare_prints_the_comparison(run, catalog):
    refs = ["openai/gpt-5.5", "anthropic/claude-opus-4-5"]
    assert run("compare", *refs) == f"{catalog.compare(*refs)}\n"
    assert json.loads(run("compare", *refs, "--json"))[0]["values"] == {
        "openai/gpt-5.5": "GPT-5.5",
        "anthropic/claude-opus-4-5": "Claude Opus 4.5 (latest)",
    }


def test_compare_prices_a_workload(run, catalog):
    refs = ["openai/gpt-5.5", "anthropic/claude-opus-4-5"]
    printed = run("compare", *refs, "--input-tokens", "1000", "--output-tokens", "10")
    assert printed == f"{catalog.compare(*refs, usage=Usage(1000, 10))}\n"


def test_price_adds_up(run, catalog):
    printed = run("price", "openai/gpt-5.5", "--input", "300000", "--output", "2000")
    assert "total (priced)" in printed
    assert "above 272,000" in printed
    shown = json.loads(
        run("price", "openai/gpt-5.5", "--input", "300000", "--cache-read", "5", "--mode", "fast", "--json"), parse_float=Decimal
    )
    quote = catalog.price("openai/gpt-5.5", Usage(300_000, cache_read_tokens=5), mode="fast")
    assert (shown["total"], shown["mode"]) == (quote.total, "fast")
    assert sum(line["amount"] for line in shown["lines"]) == quote.total


def test_price_has_nothing_to_add_to_a_plain_price(run):
    assert run("price", "openai/gpt-5.5", "--input", "10").splitlines()[-1].startswith("total (priced)")


def test_diff_compares_two_documents(run, tmp_path, document):
    changed = json.loads(json.dumps(DOCUMENT))
    changed["lab"]["models"]["m-1"]["cost"]["input"] = 1
    del changed["lab"]["models"]["m-2"]
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(changed))
    printed = run("diff", str(document), str(newer))
    assert printed.splitlines()[-1] == "0 added, 1 removed, 1 changed, 1 prices moved"
    assert json.loads(run("diff", str(document), str(newer), "--json")) == [
        {"kind": "removed", "ref": "lab/m-2", "path": None, "before": None, "after": None, "percent": None},
        {"kind": "price", "ref": "lab/m-1", "path": "cost.input", "before": 2, "after": 1, "percent": -50},
    ]


def test_diff_compares_with_the_catalog_in_use(run, document, catalog):
    assert run("diff", str(document)).splitlines()[-1] == f"{len(catalog):,} added, 2 removed, 0 changed, 0 prices moved"


@pytest.mark.parametrize("options", [[], ["--json"], ["--format", "json"]], ids=["default", "flag", "format"])
def test_export_gives_the_document_back(run, document, options):
    assert json.loads(run("--catalog", str(document), "export", *options)) == DOCUMENT


def test_export_writes_a_snapshot_that_loads(run, document, tmp_path):
    target = tmp_path / "out.snapshot"
    assert run("--catalog", str(document), "export", "--format", "snapshot", "-o", str(target)) == ""
    assert list(load_catalog(target)) == list(load_catalog(document))


def test_export_as_csv_has_a_row_for_each_model(run, document):
    rows = list(csv.DictReader(io.StringIO(run("--catalog", str(document), "export", "--format", "csv"))))
    assert [(row["provider_id"], row["id"], row["cost.output"], row["modalities.input"]) for row in rows] == [
        ("lab", "m-1", "8.5", "text"),
        ("lab", "m-2", "", ""),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "openai/gpt5.5"], "did you mean openai/gpt-5.5"),
        (["compare", "openai/gpt-5.5", "openai/gpt5.4"], "did you mean openai/gpt-5.4"),
        (["compare", "openai/gpt-5.5"], "two different references"),
        (["price", "openai/gpt5.5"], "did you mean openai/gpt-5.5"),
        (["list", "-p", "opnai"], "did you mean openai"),
        (["list", "-c", "visoin"], "unknown capability 'visoin'"),
        (["list", "-s", "price"], "sort must be one or more of"),
        (["list", "--max-input-cost", "cheap"], "max_input_cost must be a number, not 'cheap'"),
        (["diff", "nothing-here.json"], "there is no file 'nothing-here.json'"),
        (["--catalog", "nothing-here.json", "list"], "there is no file 'nothing-here.json'"),
        (["price", "openai/gpt-5.5", "--cache-read", "5"], "cache_read_tokens (5) is part of input_tokens (0)"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_ends_with_exit_code_2_and_what_would_be_right(run, arguments, message):
    assert message in run(*arguments, exit_code=2)


def test_help_names_every_command(run):
    printed = run("--help")
    assert all(name in printed for name in cli.commands)


def test_the_module_runs_as_a_program():
    result = subprocess.run(
        [sys.executable, "-m", "modelmeta", "show", "openai/gpt-5.5", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout)["name"] == "GPT-5.5"
