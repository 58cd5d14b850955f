"""Sources, overlays and policies that options name: what is read then, and that nothing of it is kept."""

from __future__ import annotations

import json
import os

import pytest

from modelmeta import Registry, Usage
from modelmeta.cli.main import cli
from modelmeta.testing import FakeModelsDev

OVERLAY = """
name = "ours"
[models."acme/rocket"]
cost = { input = 1 }
written_against = { cost = { input = 2 } }
[models."vllm/own"]
name = "Own"
tool_call = true
[providers.vllm]
name = "Our GPUs"
"""
POLICY = """
[open]
[closed]
deny = [{provider = "acme"}]
"""
CHEAPER = {"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket", "cost": {"input": 0.5, "output": 8}}}}}


@pytest.fixture
def overlay(tmp_path):
    (tmp_path / "own.toml").write_text(OVERLAY)
    return str(tmp_path / "own.toml")


@pytest.fixture
def policy(tmp_path):
    (tmp_path / "rules.toml").write_text(POLICY)
    return str(tmp_path / "rules.toml")


@pytest.fixture
def document(tmp_path):
    (tmp_path / "now.json").write_text(json.dumps(CHEAPER))
    return str(tmp_path / "now.json")


def refs(run, *args):
    return [f"{row['provider_id']}/{row['id']}" for row in json.loads(run("list", *args, "--json"))]


def price(run, *args):
    return json.loads(run("show", "acme/rocket", *args, "--json"))["cost"]["input"]


def test_an_overlay_is_read_besides_before_the_command_or_behind_it_or_in_the_environment(run, store, overlay, monkeypatch):
    assert refs(run, "--store", store) == ["acme/rocket"]
    assert refs(run, "--store", store, "--overlay", overlay) == ["acme/rocket", "vllm/own"]
    assert price(run, "--store", store, "--overlay", overlay) == 1
    assert "Own" in run("--overlay", overlay, "show", "vllm/own")
    monkeypatch.setenv("MODELMETA_OVERLAYS", overlay)
    assert price(run, "--store", store) == 1


def test_several_overlays_stand_in_one_variable_and_the_last_counts_most(run, store, overlay, monkeypatch, tmp_path):
    (tmp_path / "more.toml").write_text('name = "more"\n[models."acme/rocket"]\ncost = { input = 7 }\n')
    monkeypatch.setenv("MODELMETA_OVERLAYS", os.pathsep.join([overlay, str(tmp_path / "more.toml")]))
    assert price(run, "--store", store) == 7
    assert "vllm/own" in refs(run, "--store", store)


def test_a_file_that_is_named_is_read_with_overlays_and_a_policy(run, document, overlay, policy):
    arguments = ("--catalog", document, "--overlay", overlay)
    assert json.loads(run(*arguments, "show", "acme/rocket", "--json"))["cost"]["input"] == 1
    rows = json.loads(run(*arguments, "--policy", policy, "--profile", "closed", "list", "--json"))
    assert [row["provider_id"] for row in rows] == ["vllm"]


def test_a_policy_leaves_what_it_allows(run, store, policy, monkeypatch):
    assert refs(run, "--store", store, "--policy", policy, "--profile", "open") == ["acme/rocket"]
    assert refs(run, "--store", store, "--policy", policy, "--profile", "closed") == []
    assert run("--store", store, "--policy", policy, "export", "--profile", "closed", "--format", "jsonl") == ""
    monkeypatch.setenv("MODELMETA_POLICY", policy)
    monkeypatch.setenv("MODELMETA_PROFILE", "closed")
    assert refs(run, "--store", store) == []
    assert refs(run, "--store", store, "--profile", "open") == ["acme/rocket"]


@pytest.mark.parametrize("arguments", [["--profile", "prod", "list"], ["show", "openai/gpt-5.5", "--profile", "prod"]], ids=" ".join)
def test_a_profile_without_a_policy_says_what_to_do(run, arguments):
    assert "say which file with --policy, or in MODELMETA_POLICY" in run(*arguments, exit_code=2)


def test_mistakes_are_told_at_once(run, tmp_path, policy):
    (tmp_path / "wrong.toml").write_text('[models."openai/gpt-5.5"]\ncost = { inptu = 4 }\n')
    assert "inptu" in run("list", "--overlay", str(tmp_path / "wrong.toml"), exit_code=2)
    assert "has no profile 'clsoed'; did you mean closed?" in run("list", "--policy", policy, "--profile", "clsoed", exit_code=2)
    for option in ("--overlay", "--policy"):
        assert "missing.toml" in run("list", option, str(tmp_path / "missing.toml"), exit_code=2)
        run("list", option, "", exit_code=2)


def test_what_a_source_says_now_is_read_over_the_store_and_not_kept(run, store, document):
    assert price(run, "--store", store) == 2.5
    assert price(run, "--store", store, "--source", document) == 0.5
    assert run("--source", document, "price", "acme/rocket", "--input", "1000000", "--store", store).split()[-1] == "0.5"
    assert price(run, "--store", store) == 2.5
    assert len(json.loads(run("history", "--store", store, "--json"))) == 3


def test_a_source_that_knows_nothing_new_is_asked_with_what_the_store_has_of_it(run, tmp_path):
    store = f"sqlite:///{tmp_path}/catalog.db"
    with FakeModelsDev(CHEAPER) as upstream, Registry(store=store, source=upstream.url) as registry:
        registry.refresh(accept=True)
        assert price(run, "--store", store, "--source", upstream.url) == 0.5
        assert upstream.requests[-1].headers["if-none-match"]


def test_over_a_store_that_holds_nothing_yet_a_source_is_read_alone(run, document, tmp_path):
    store = f"sqlite:///{tmp_path}/new.db"
    assert refs(run, "--store", store, "--source", document) == ["acme/rocket"]
    assert run("history", "--store", store, "--json") == "[]\n"


def test_sources_are_tried_in_order(run, document, tmp_path):
    assert refs(run, "--source", str(tmp_path / "missing.json"), "--source", document) == ["acme/rocket"]
    assert "missing.json" in run("list", "--source", str(tmp_path / "missing.json"), exit_code=2)


def test_overlays_and_policies_lie_over_what_a_source_says(run, document, overlay, policy):
    assert refs(run, "--source", document, "--overlay", overlay, "--policy", policy, "--profile", "closed") == ["vllm/own"]


def test_the_ledger_asks_what_if_at_the_prices_of_overlays(run, store, overlay):
    with Registry(store=store) as registry:
        registry.ledger.record("acme/rocket", Usage(1_000_000))
    asked = ("ledger", "--what-if", "acme/rocket", "--store", store, "--json")
    [plain], [laid] = (json.loads(run(*asked, *options)) for options in ([], ["--overlay", overlay]))
    assert (plain["did"], plain["difference"], laid["did"], laid["difference"]) == (2.5, 0, 2.5, -1.5)


ABOUT_A_STORE = {"history", "prune", "migrate", "import", "refresh", "ledger", "webhooks", "completion"}


def test_every_command_about_models_takes_all_of_them():
    for name, command in cli.commands.items():
        given = {
            option.removeprefix("--") for parameter in command.params for option in parameter.opts if parameter.name.startswith("given_")
        }
        if name not in ABOUT_A_STORE:
            assert given == {"store", "source", "overlay", "policy", "profile"}, name
