"""The commands about calling models."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from modelmeta import Registry
from modelmeta.testing import FakeProvider

KEY = "sk-hush-1234"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch, catalog):
    """Unset the variables of all providers but OpenAI."""
    for provider in catalog.providers():
        for name in provider.env:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def test_who_can_be_called_is_told_by_the_variables_that_are_set(run, catalog, monkeypatch):
    monkeypatch.setenv("AZURE_API_KEY", KEY)
    printed = run("available")
    assert printed == f"{catalog.available().sheet().body}\n"
    assert KEY not in printed
    told = json.loads(run("available", "--json"))
    assert (told["providers"], told["unsure"], told["missing"]["anthropic"]) == (["openai"], ["azure"], ["ANTHROPIC_API_KEY"])
    assert told["models"] == [str(ref) for ref in catalog.models("openai").refs]


def test_where_nobody_can_be_called_the_exit_code_is_1(run, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    assert run("available", exit_code=1) == "provider  available  not set\n"


def test_how_a_model_is_called_is_shown_by_mode(run, catalog):
    assert run("runtime", "openai/gpt-5.5") == f"{catalog.runtime('openai/gpt-5.5').sheet().body}\n"
    told = json.loads(run("runtime", "anthropic/claude-opus-4-8", "--mode", "fast", "--json"))
    assert (told["body"], told["mode"], told["base_url"]) == ({"speed": "fast"}, "fast", None)
    assert "has no mode 'slow'; it has fast" in run("runtime", "anthropic/claude-opus-4-8", "--mode", "slow", exit_code=2)


def test_a_provider_is_asked_with_the_key_of_its_variable(run, tmp_path):
    with FakeProvider(["gpt-5.5", "gpt-next"], key=KEY) as server:
        (tmp_path / "here.toml").write_text(f'[providers.openai]\napi = "{server.base_url}"\n')
        asked = ("discover", "openai", "--overlay", str(tmp_path / "here.toml"))
        told, printed = json.loads(run(*asked, "--json")), run(*asked)
    assert (told["known"], told["unknown"], told["problems"]) == (["openai/gpt-5.5"], ["openai/gpt-next"], [])
    assert (told["provider_id"], told["protocol"], len(told["unlisted"])) == ("openai", "openai", 52)
    assert printed.splitlines()[2].split() == ["unknown", "1", "gpt-next"]
    assert KEY not in printed


def test_an_address_is_asked_in_the_protocol_that_is_named(run):
    with FakeProvider(["llama-4"], "ollama") as server:
        assert json.loads(run("discover", server.base_url, "--protocol", "ollama", "--json"))["unknown"][0].endswith("/llama-4")
        assert "openai" in run("discover", server.base_url, "--protocol", "olama", exit_code=2)


def test_a_key_that_is_not_right_ends_with_what_was_answered_and_shows_none(run, tmp_path):
    with FakeProvider(["gpt-5.5"], key="another") as server:
        (tmp_path / "here.toml").write_text(f'[providers.openai]\napi = "{server.base_url}"\n')
        printed = run("discover", "openai", "--overlay", str(tmp_path / "here.toml"), exit_code=2)
    assert "answered 401" in printed
    assert KEY not in printed


def test_no_option_takes_a_key(run):
    assert "No such option" in run("discover", "openai", "--api-key", "x", exit_code=2)


def test_what_is_configured_of_a_provider_is_kept_in_the_store_and_shown_in_numbers(run, store):
    assert run("providers", "set", "acme", "--weight", "1.5", "--store", store).split()[3:] == ["acme", "1.5", "yes"]
    told = json.loads(run("providers", "set", "acme", "--disable", "--store", store, "--json"))
    assert told == {"provider_id": "acme", "weight": 1.5, "enabled": False}
    with Registry(store=store) as registry:
        [config] = registry.provider_configs()
    assert (str(config.weight), config.enabled) == ("1.5", False)
    header, row = run("providers", "--store", store).splitlines()
    assert header.split() == ["provider_id", "total", "available", "enabled", "weight", "synced_at"]
    assert row.split()[:5] == ["acme", "1", "yes", "no", "1.5"]
    [numbers] = json.loads(run("providers", "--store", store, "--json"))
    assert (numbers["provider_id"], numbers["available"]) == ("acme", True)
    assert datetime.fromisoformat(numbers["synced_at"]).tzinfo is not None


def test_configured_is_also_what_a_source_says_now(run, store, tmp_path):
    (tmp_path / "now.json").write_text('{"acme": {"name": "Acme", "models": {"a": {"name": "A"}, "b": {"name": "B"}}}}')
    run("providers", "set", "acme", "--weight", "3", "--store", store)
    [numbers] = json.loads(run("providers", "--store", store, "--source", str(tmp_path / "now.json"), "--json"))
    assert (numbers["total"], numbers["weight"]) == (2, 3)


def test_a_weight_that_is_none_and_a_provider_that_is_not_there_are_refused(run, store):
    assert "weight must be a number of 0 or more" in run("providers", "set", "acme", "--weight", "-1", "--store", store, exit_code=2)
    assert "did you mean acme?" in run("providers", "set", "acne", "--disable", "--store", store, exit_code=2)
    assert "this command is about a store" in run("providers", "set", "openai", "--disable", exit_code=2)


def test_what_the_data_do_not_say_of_a_provider_is_a_question_mark(run, monkeypatch):
    monkeypatch.setenv("AZURE_API_KEY", KEY)
    [row] = [line.split() for line in run("providers").splitlines() if line.startswith("azure ")]
    assert row[2] == "?"
