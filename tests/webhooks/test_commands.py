"""Webhooks on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from modelmeta.cli.main import cli

URL = "https://example.com/hook"


@pytest.fixture
def run(registry, tmp_path):
    """Call ``modelmeta webhooks``; return what it printed, having checked its exit code."""

    def call(*args, exit_code=0, **environment):
        result = CliRunner(env=environment).invoke(
            cli, ["--store", f"sqlite:///{tmp_path}/catalog.db", "webhooks", *args], prog_name="modelmeta"
        )
        assert exit_code == result.exit_code, result.output
        return result.output

    return call


@pytest.fixture
def made(run):
    return json.loads(run("add", URL, "--kind", "price", "-p", "acme", "--model", "other/kite", "--min-price-change", "5", "--json"))


def test_a_webhook_is_added_and_its_secret_told_once(run, hooks):
    said = run("add", URL)
    (hook,) = hooks.all()

    assert f"{hook.id} is told of changes. Its secret, which is not shown again: {hook.secret}\n" == said
    assert hook.secret not in run("list") + run("list", "--json")


def test_a_webhook_is_wanted_as_it_was_given(run, made, hooks):
    hook = hooks.get(made["id"])

    assert {**hook.to_dict(), "secret": hook.secret} == {**made, "kinds": ("price",), "providers": ("acme",), "models": ("other/kite",)}
    assert [hook.id, URL, "price", "other/kite", "acme"] == run("list").splitlines()[1].split()[:5]


def test_a_secret_is_read_from_the_environment(run, hooks):
    secret = hooks.add(URL).secret
    run("add", URL, MODELMETA_WEBHOOK_SECRET=secret)
    assert [secret] * 2 == [hook.secret for hook in hooks.all()]


def test_a_webhook_is_paused_resumed_and_removed(run, made, hooks):
    assert "is paused" in run("pause", made["id"])
    assert hooks.get(made["id"]).paused
    assert "is told again" in run("resume", made["id"])
    assert not hooks.get(made["id"]).paused
    assert "is removed" in run("remove", made["id"])
    assert () == hooks.all()


def test_a_test_says_whether_it_was_taken(run, receiver):
    hook = json.loads(run("add", receiver.url, "--allow-private", "--json"))["id"]
    receiver.answers = [(204,), (500,), (500,)]

    assert "taken: the answer was 204\n" == run("test", hook, "--allow-private")
    assert "not taken: the answer was 500\n" == run("test", hook, "--allow-private", exit_code=1)
    assert {"status": 500, "error": "the answer was 500"} == json.loads(run("test", hook, "--allow-private", "--json", exit_code=1))
    assert "not taken: the address is not public, or not for messages\n" == run("test", hook, exit_code=1)


def test_deliveries_are_listed_and_replayed(run, hooks, receiver, change):
    hook = hooks.add(receiver.url)
    revision = change(rocket=3)
    hooks.deliver()

    assert [revision, "delivered", "1", "204"] == run("deliveries", hook.id).splitlines()[1].split()[:4]
    assert [hooks.deliveries(hook.id)[0].to_dict()] == json.loads(run("deliveries", hook.id, "--state", "delivered", "--json"))
    assert f"{revision} is to be delivered to {hook.id} once more.\n" == run("replay", hook.id, revision)
    assert ["pending"] == [delivery.state for delivery in hooks.deliveries(hook.id)]


@pytest.mark.parametrize("command", [["remove"], ["pause"], ["resume"], ["test"], ["deliveries"], ["replay", "1-0"]])
def test_what_is_not_there_is_an_error(run, command):
    name, *more = command
    assert "Error: there is no webhook 'nobody'" in run(name, "nobody", *more, exit_code=2)


def test_a_private_address_is_refused(run):
    assert "Error: a webhook may not be called at 10.0.0.1" in run("add", "https://10.0.0.1/", exit_code=2)
