"""The commands about who says what."""

from __future__ import annotations

import json

import pytest

from modelmeta import genai_prices_layer, litellm_layer

OVERLAY = """
name = "ours"
[models."acme/rocket"]
cost = { input = 1, output = 8 }
written_against = { cost = { input = 2, output = 8 } }
"""
POLICY = """
[prod]
deny = [{provider = "acme", max_output_cost = 10}]
[strict]
allow = []
"""
LISTED = {"data": [{"id": "openai/gpt-5.5", "pricing": {"prompt": "0.00001", "completion": "0"}}]}


@pytest.fixture
def overlay(tmp_path):
    (tmp_path / "own.toml").write_text(OVERLAY)
    return str(tmp_path / "own.toml")


@pytest.fixture
def policy(tmp_path):
    (tmp_path / "rules.toml").write_text(POLICY)
    return str(tmp_path / "rules.toml")


def test_every_fact_has_its_origin(run, store, overlay):
    laid = ("--store", store, "--overlay", overlay)
    assert json.loads(run("origin", "openai/gpt-5.5", "cost.input", "--json"))["layer"] == "bundled"
    assert json.loads(run("origin", "acme/rocket", "cost.input", *laid, "--json")) == {
        "layer": "ours",
        "value": 1,
        "revision": None,
        "ref": "acme/rocket",
    }
    newest = json.loads(run("history", "--store", store, "--json"))[-1]["id"]
    assert run("origin", "acme/rocket", "limit.context", *laid).splitlines()[1].split() == ["upstream", "1,000", newest, "acme/rocket"]
    assert json.loads(run("origin", "acme/rocket", "family", *laid, "--json"))["layer"] is None


def test_a_field_that_is_none_or_several_is_refused(run):
    assert "there is no field 'cost.inptu'; did you mean" in run("origin", "openai/gpt-5.5", "cost.inptu", exit_code=2)
    assert "holds several facts" in run("origin", "openai/gpt-5.5", "cost", exit_code=2)


def test_where_upstream_moved_the_exit_code_is_1(run, store, overlay):
    drifted = run("drift", "--store", store, "--overlay", overlay, exit_code=1)
    assert drifted.splitlines()[1].split() == ["ours", "acme/rocket", "cost.input", "2", "2.5"]
    [moved] = json.loads(run("drift", "--store", store, "--overlay", overlay, "--json", exit_code=1))
    assert (moved["overlay"], moved["before"], moved["now"]) == ("ours", 2, 2.5)
    assert run("drift", "--store", store, "--json") == "[]\n"


@pytest.mark.parametrize(("name", "layer"), [("litellm", litellm_layer), ("genai-prices", genai_prices_layer)])
def test_what_is_installed_is_compared_as_in_python(run, catalog, name, layer):
    found = catalog_disagreements(catalog, layer(catalog=catalog))
    told = json.loads(run("disagreements", "--with", name, "--json"))
    assert [(one["ref"], one["field"]) for one in told["disagreements"]] == [(str(one.ref), one.field) for one in found]
    assert told["agreement"][name]["facts"] == found.agreement[name].facts
    assert run("disagreements", "--with", name) == f"{found.sheet(most=None).body}\n"


def catalog_disagreements(catalog, *layers, **asked):
    from modelmeta import disagreements  # noqa: PLC0415  # beside the command of that name

    return disagreements(catalog, *layers, **asked)


def test_a_list_of_openrouter_is_read_from_a_file(run, tmp_path):
    (tmp_path / "list.json").write_text(json.dumps(LISTED))
    told = json.loads(run("disagreements", "--with", f"openrouter={tmp_path}/list.json", "--json"))
    assert {one["ref"]: one["ratio"] for one in told["disagreements"] if one["field"] == "cost.output"} == {
        "openrouter/openai/gpt-5.5": "Infinity"
    }
    assert [one["ratio"] for one in told["disagreements"] if one["field"] == "cost.input"] == [2]
    assert len(
        json.loads(run("disagreements", "--with", f"openrouter={tmp_path}/list.json", "--tolerance", "2", "--json"))["disagreements"]
    ) < len(told["disagreements"])


@pytest.mark.parametrize("other", ["openrouter", "opnrouter=x.json", "", "="])
def test_another_source_is_refused_in_words(run, other):
    assert "is none of litellm[=FILE], genai-prices[=FILE] and openrouter=FILE" in run("disagreements", "--with", other, exit_code=2)


def test_a_policy_says_what_it_rules_and_why(run, store, policy):
    asked = ("policy", "acme/rocket", "--store", store, "--policy", policy, "--profile", "prod")
    told = json.loads(run(*asked, "--json", exit_code=1))
    assert (told["ref"], told["allowed"], told["place"]) == ("acme/rocket", False, "deny[0]")
    assert told["rule"] == "provider acme, max_output_cost 10"
    assert run(*asked, exit_code=1).splitlines()[1].split()[:2] == ["acme/rocket", "no"]
    assert "the list of what is allowed is empty" in run(*asked, "--profile", "strict", exit_code=1)


def test_without_a_policy_everything_is_allowed(run):
    assert json.loads(run("policy", "openai/gpt-5.5", "--json")) == {
        "ref": "openai/gpt-5.5",
        "allowed": True,
        "reason": "no rule denies it, and there is no list of what is allowed",
        "place": None,
        "rule": None,
    }
