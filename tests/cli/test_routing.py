"""The commands that routers have a use for."""

from __future__ import annotations

import json

import pytest

from modelmeta import Query, Usage
from modelmeta.catalog.routing.tasks import TASKS

USAGE = ["--input-tokens", "50000", "--output-tokens", "2000"]
MIDDLE = Usage(50_000, 2_000)


def test_models_are_recommended_as_in_python(run, catalog):
    found = catalog.recommend("vision", provider={"anthropic", "openai"}, weights={"price": 2, "date": 1}, usage=MIDDLE, limit=3)
    asked = ["recommend", "vision", "-p", "anthropic", "-p", "openai", "--weight", "price=2", "--weight", "date=1", "-n", "3", *USAGE]
    assert run(*asked) == f"{found.sheet().body}\n"
    told = json.loads(run(*asked, "--json"))
    assert [f"{one['model']['provider_id']}/{one['model']['id']}" for one in told] == [str(one.model.ref) for one in found]
    assert [factor["name"] for factor in told[0]["factors"]] == ["price", "date"]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_keeps_its_weights_and_takes_capabilities_besides(run, catalog, task):
    expected, query = catalog.recommend(task, limit=1), TASKS[task].query
    assert run("recommend", task, "-n", "1", exit_code=0 if expected else 1) == f"{expected.sheet().body}\n"
    narrower = catalog.recommend(Query(*query.capabilities, "open_weights", **query.given()), weights=TASKS[task].weights)
    told = json.loads(run("recommend", task, "-c", "open_weights", "--json", exit_code=0 if narrower else 1))
    assert [one["model"]["id"] for one in told] == [one.model.id for one in narrower]


def test_where_no_model_is_left_the_exit_code_is_1(run):
    assert "0 of 0 models" in run("recommend", "vision", "-p", "openai", "--min-context", "999999999", exit_code=1)
    assert run("recommend", "vision", "-p", "openai", "--min-context", "999999999", "--json", exit_code=1) == "[]\n"


def test_what_is_no_weight_and_no_task_is_refused(run):
    assert "'price' is no FACT=NUMBER, such as price=2" in run("recommend", "vision", "--weight", "price", exit_code=2)
    assert "a weight must be a number" in run("recommend", "vision", "--weight", "price=much", exit_code=2)
    assert "'long-context'" in run("recommend", "visoin", exit_code=2)
    assert "did you mean openai" in run("recommend", "vision", "-p", "opnai", exit_code=2)


def test_the_tasks_of_the_help_are_all_there_are(run):
    words = run("recommend", "--help").replace("\n", " ").replace(",", " ").split()
    assert set(TASKS) <= set(words)


def test_fallbacks_come_in_the_order_of_python(run, catalog):
    for options, asked in (
        ([], {}),
        (["--any-provider", "--any-capabilities", *USAGE], {"different_provider": False, "same_capabilities": False, "usage": MIDDLE}),
    ):
        chain = catalog.fallback_chain("openai/gpt-5.5", limit=40, **asked)
        assert run("fallback", "openai/gpt-5.5", "-n", "40", *options) == f"{chain.sheet(most=None).body}\n"
        told = json.loads(run("fallback", "openai/gpt-5.5", "-n", "40", *options, "--json"))
        assert [f"{one['model']['provider_id']}/{one['model']['id']}" for one in told] == list(map(str, chain.refs))


def test_where_there_is_no_fallback_the_exit_code_is_1(run, store):
    run("fallback", "acme/rocket", "--store", store, exit_code=1)


def test_a_terminal_gets_a_screenful_of_fallbacks(run, terminal):
    assert "30 of " in run("fallback", "openai/gpt-5.5")


def test_room_is_what_python_says(run, catalog):
    usage = Usage(270_000, 2_000)
    asked = ["room", "openai/gpt-5.5", "--input-tokens", "270000", "--output-tokens", "2000"]
    left = catalog.headroom("openai/gpt-5.5", usage)
    told = json.loads(run(*asked, "--json"))
    assert (told["fits"], told["context"], told["input"], told["output"]) == (True, left.context, left.input, left.output)
    assert (told["max_output"], told["cliff"]["tokens_left"]) == (catalog.max_output_for("openai/gpt-5.5", 270_000), 2_000)
    assert run(*asked).splitlines()[-1] == str(catalog.cliff("openai/gpt-5.5", usage))


def test_room_that_is_not_there_or_not_known(run, store):
    assert "no" in run("room", "acme/rocket", "--input-tokens", "2000", "--store", store, exit_code=1).split()
    told = json.loads(run("room", "acme/rocket", "--store", store, "--json"))
    assert told == {"ref": "acme/rocket", "fits": True, "context": 1000, "input": 1000, "output": None, "max_output": None, "cliff": None}


def test_lint_lists_every_finding(run, catalog):
    findings = catalog.lint()
    assert run("lint") == f"{findings.sheet(most=None).body}\n"
    assert [one["why"] for one in json.loads(run("lint", "--json"))] == [finding.why for finding in findings]


def test_lint_reads_what_is_laid_over(run, store, tmp_path):
    (tmp_path / "own.toml").write_text('[models."acme/rocket"]\nlimit = { output = 5000 }\n')
    assert run("lint", "--store", store).splitlines()[1:] == []
    assert "output of 5,000 tokens" in run("lint", "--store", store, "--overlay", str(tmp_path / "own.toml"))
