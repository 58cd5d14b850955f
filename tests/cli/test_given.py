"""Which catalog and which store a command is about, and that no address shows its password."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from modelmeta.cli.given import Given
from modelmeta.cli.main import cli
from modelmeta.testing import FakeModelsDev

WORD = "pa55 w@rd"
ADDRESSES = [f"redis://me:{WORD}@127.0.0.1:1/0", "postgresql://127.0.0.1:1/x?user=me&password=pa55w@rd", f"mongodb://me:{WORD}@127.0.0.1:1"]


@pytest.fixture
def others(tmp_path):
    """A document that is no store's."""
    path = tmp_path / "others.json"
    path.write_text(json.dumps({"emca": {"name": "Emca", "models": {"m": {"name": "M"}}}}))
    return str(path)


def first(run, *args: str) -> str:
    """Return the first model that ``list`` names."""
    return json.loads(run(*args, "-n", "1", "--json"))[0]["provider_id"]


def test_the_store_stands_before_the_command_or_behind_it_or_in_the_environment(run, store, monkeypatch):
    assert first(run, "list") == "302ai"
    assert first(run, "--store", store, "list") == "acme"
    assert first(run, "list", "--store", store) == "acme"
    assert len(json.loads(run("--store", store, "history", "--json"))) == 3
    monkeypatch.setenv("MODELMETA_STORE", store)
    assert first(run, "list") == "acme"
    assert len(json.loads(run("history", "--json"))) == 3


def test_what_stands_nearer_to_the_command_counts(run, store, monkeypatch, tmp_path):
    missing = f"sqlite:///{tmp_path}/missing/x.db"
    monkeypatch.setenv("MODELMETA_STORE", missing)
    assert first(run, "--store", store, "list") == "acme"
    assert first(run, "--store", missing, "list", "--store", store) == "acme"
    run("--store", store, "list", "--store", missing, exit_code=2)


def test_an_empty_variable_is_no_store_but_an_empty_option_is_a_mistake(run, monkeypatch):
    monkeypatch.setenv("MODELMETA_STORE", "")
    assert first(run, "list") == "302ai"
    for arguments in (("--store", "", "list"), ("list", "--store", "")):
        assert "a store is named by an address like sqlite:///models.db" in run(*arguments, exit_code=2)


def test_a_catalog_that_is_named_is_read_and_not_the_store(run, store, others, monkeypatch):
    monkeypatch.setenv("MODELMETA_STORE", store)
    assert first(run, "--catalog", others, "list") == "emca"


def test_a_store_that_holds_nothing_yet_reads_what_is_bundled(run, tmp_path):
    assert first(run, "list", "--store", f"sqlite:///{tmp_path}/new.db") == "302ai"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["search", "rocket"], "acme/rocket"),
        (["show", "acme/rocket"], "limit.context  1,000"),
        (["price", "acme/rocket", "--input", "1000000"], "2.5"),
        (["offerings", "acme/rocket"], "acme/rocket"),
        (["select"], "acme/rocket"),
        (["explain"], "1 of 1 models"),
        (["check", "acme/rocket"], "The request fits acme/rocket."),
        (["compare", "acme/rocket", "rocket"], "two different references"),
        (["leaderboard", "race"], "there is no result of race"),
        (["export"], '{"acme":{'),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_question_is_asked_of_the_store(run, store, arguments, part):
    code = 2 if arguments[0] in {"compare", "leaderboard"} else 0
    assert part in run(*arguments, "--store", store, exit_code=code)
    assert part in run("--store", store, *arguments, exit_code=code)


def test_a_document_is_compared_with_the_store(run, store, others):
    assert run("diff", others, "--store", store).splitlines()[-1] == "1 added, 1 removed, 0 changed, 0 prices moved"


def test_every_command_takes_a_store():
    commands = [command for given in cli.commands.values() for command in getattr(given, "commands", {"": given}).values()]
    without = [command.name for command in commands if not any("--store" in parameter.opts for parameter in command.params)]
    assert without == ["completion"]


def test_an_unknown_scheme_is_told_those_known_and_what_to_install(run):
    for arguments in (["list"], ["refresh"], ["history"], ["doctor"], ["import", "sqlite:///x.db"]):
        printed = run(*arguments, "--store", "cassette://shelf", exit_code=2)
        assert "there is no store for cassette://; known are memory://, sqlite://, postgresql://" in printed
        assert 'pip install "modelmeta[postgres]" or "modelmeta[redis]"' in printed


@pytest.mark.parametrize(
    ("url", "package", "extra"), [("redis://127.0.0.1:1/0", "redis", "redis"), ("postgresql://x", "psycopg", "postgres")]
)
def test_a_missing_extra_is_named(url, package, extra):
    """In a process of its own, which cannot find the package."""
    hidden = f"import sys; sys.modules['{package}'] = None; from modelmeta.__main__ import main; main()"
    result = subprocess.run([sys.executable, "-c", hidden, "history", "--store", url], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert f'pip install "modelmeta[{extra}]"' in result.stderr


@pytest.mark.parametrize("url", ADDRESSES, ids=lambda url: url.partition("/")[0])
@pytest.mark.parametrize(
    "arguments",
    [
        ["{}"],
        ["list", "{}"],
        ["list", "--store", "{}"],
        ["--store", "{}", "list"],
        ["show", "{}"],
        ["compare", "{}", "{}"],
        ["list", "--price-state", "{}"],
        ["list", "--limit", "{}"],
        ["list", "-p", "{}"],
        ["list", "{}", "{}"],
        ["diff", "{}"],
        ["--catalog", "{}", "list"],
        ["list", "--source", "{}"],
        ["list", "--overlay", "{}"],
        ["list", "--policy", "{}"],
        ["list", "--policy", "nothing.toml", "--profile", "{}"],
        ["watch", "--store", "{}"],
        ["providers", "set", "openai", "--store", "{}"],
        ["runtime", "{}"],
        ["disagreements", "--with", "{}"],
        ["completion", "{}"],
        ["refresh", "{}"],
        ["refresh", "--store", "{}"],
        ["refresh", "--store", "memory://", "--source", "{}"],
        ["refresh", "--store", "memory://", "--provider", "{}", "--source", "nothing.json"],
        ["history", "{}", "--store", "memory://"],
        ["history", "--since", "{}", "--store", "memory://"],
        ["history", "--kind", "{}", "--store", "memory://"],
        ["history", "--store", "{}"],
        ["prune", "--keep", "1", "--store", "{}"],
        ["prune", "--keep", "{}", "--store", "memory://"],
        ["migrate", "--dry-run", "--store", "{}"],
        ["import", "{}", "--store", "{}"],
        ["import", "{}", "{}"],
        ["import", "{}", "--store", "memory://"],
        ["export", "{}", "--store", "memory://"],
        ["export", "{}", "{}"],
        ["export", "{}"],
        ["export", "--format", "{}"],
        ["doctor", "--store", "{}"],
        ["doctor", "--stroe={}"],
        ["--stroe={}", "doctor"],
    ],
    ids=" ".join,
)
def test_a_password_is_shown_nowhere(run, url, arguments):
    printed = run(*(argument.format(url) for argument in arguments), exit_code=2)
    assert not any(part in printed for part in ("pa55", "w@rd"))


def test_a_password_does_not_hide_what_is_wrong(run):
    printed = run("import", *[f"redis://me:{WORD}@127.0.0.1:1/0"] * 2, exit_code=2)
    assert printed.splitlines()[-1] == "Error: Got unexpected extra argument (redis://***@127.0.0.1:1/0)"
    assert printed.startswith("Usage: modelmeta import ")


def test_what_is_given_does_not_show_its_store():
    assert WORD not in repr(Given(None, ADDRESSES[0]))


def test_as_a_program_a_refresh_that_fails_says_so_once(store):
    """A log that nobody set up says it once more."""
    with FakeModelsDev({}) as upstream:
        url = upstream.url
    command = [sys.executable, "-m", "modelmeta", "refresh", "--store", store, "--source", url]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={"MODELMETA_MAX_RETRIES": "0"})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {url}/catalog.json?type=all could not be reached")
    assert len(result.stderr.splitlines()) == 1
