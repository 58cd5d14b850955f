"""What a person sees on a terminal."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import pytest

from modelmeta import Usage, __main__
from modelmeta.cli.given import Given
from modelmeta.registry.head import Head
from modelmeta.stores.sql.migrate import migrations


def test_a_terminal_gets_a_screenful_and_is_told_so(run, terminal, catalog):
    printed = run("list")
    lines = printed.splitlines()
    assert [f"30 of {len(catalog):,} models", "--limit shows more."] == lines[-2:]
    assert [str(model.ref) for model in catalog.models()[:30]] == [line.split()[0] for line in lines if line.startswith("  302ai/")]


def test_a_limit_is_kept_on_a_terminal(run, terminal):
    printed = run("list", "-p", "openai", "-n", "2")
    assert "openai/gpt-3.5-turbo" in printed
    assert "--limit" not in printed


def test_the_best_of_a_row_stands_out(run, terminal):
    printed = run("compare", "openai/gpt-5.5", "anthropic/claude-opus-4-5")
    assert "\x1b[1;32m25" in printed
    assert "\x1b[1;32m30" not in printed


def test_markup_in_the_data_is_printed_as_it_stands(run, terminal, tmp_path):
    path = tmp_path / "api.json"
    path.write_text('{"lab": {"name": "Lab", "models": {"m": {"name": "[bold]loud[/bold]"}}}}')
    assert "[bold]loud[/bold]" in run("--catalog", str(path), "show", "lab/m")


HOSTILE = {
    "lab": {
        "name": "Lab",
        "models": {
            key: {"name": "N\x1b[31m\x9b2J\u202e\x07", "family": "f\x1b]0;t\x07", "status": "s\x1b", "cost": {"input": cost, "output": 1}}
            for key, cost in (("m\x1b[2J", 1), ("n\x1b[2J", 2))
        },
    }
}
STEERING = set(map(chr, [*range(9), *range(11, 32), *range(127, 160), 0x202E]))


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["show", "lab/m\x1b[2J"],
        ["compare", "lab/m\x1b[2J", "lab/n\x1b[2J"],
        ["price", "lab/m\x1b[2J", "--input", "5"],
        ["show", "lab/m[2J"],
        ["diff"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("place", ["terminal", "pipe"])
def test_nothing_in_the_data_steers_the_terminal(run, request, tmp_path, monkeypatch, place, arguments):
    path, empty = tmp_path / "api.json", tmp_path / "empty.json"
    path.write_text(json.dumps(HOSTILE))
    empty.write_text('{"lab": {"name": "Lab", "models": {}}}')
    if place == "terminal":
        request.getfixturevalue("terminal")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.delenv("FORCE_COLOR")
    arguments = [*arguments, str(empty)] if arguments == ["diff"] else arguments
    printed = run("--catalog", str(path), *arguments, exit_code=2 if "lab/m[2J" in arguments else 0)
    assert r"\x1b" in printed or (place, arguments[0]) == ("pipe", "price")
    assert set(printed) & STEERING == set()


def test_a_price_in_a_pipe_is_the_quote_without_its_title(run, catalog):
    quote = catalog.price("openai/gpt-5.5", Usage(300_000, 2_000))
    assert str(quote) == f"openai/gpt-5.5\n\n{run('price', 'openai/gpt-5.5', '--input', '300000', '--output', '2000')}".rstrip("\n")


def test_the_doctor_knows_how_old_the_facts_are(run):
    printed = run("doctor")
    assert ["catalog", "date", "2026-09-30"] in [line.split() for line in printed.splitlines()]
    assert "models               8,337" in printed
    assert '"catalog sound":true' in run("doctor", "--json")


def test_the_doctor_finds_damage(run, tmp_path, catalog, monkeypatch):
    damaged = bytearray(bytes(catalog.content))
    damaged[damaged.index(b'"GPT-5.5"') + 1] = ord("X")
    path = tmp_path / "damaged.snapshot"
    path.write_bytes(damaged)
    assert "changed or damaged" in run("--catalog", str(path), "doctor", exit_code=2)
    read = Head(type(catalog)(type(catalog.content)(bytes(damaged))))
    monkeypatch.setattr(Given, "head", lambda _: read)
    assert "changed or damaged" in json.loads(run("doctor", "--json", exit_code=1))["catalog sound"]


def test_the_doctor_does_not_invent_an_age(run, tmp_path):
    path = tmp_path / "undated.json"
    path.write_text('{"lab": {"name": "Lab", "models": {"m": {"name": "M"}}}}')
    findings = json.loads(run("--catalog", str(path), "doctor", "--json"))
    assert (findings["catalog date"], findings["catalog age in days"], findings["catalog stale"]) == (None, None, None)


def test_the_doctor_says_how_to_install_what_is_missing(run, monkeypatch):
    monkeypatch.setattr("modelmeta.cli.doctor.requires", lambda _: ['surely-not-installed>=1; extra == "cli"', "attrs>=1"])
    assert json.loads(run("doctor", "--json"))["extra cli"] == 'pip install "modelmeta[cli]"'


def test_the_doctor_looks_at_the_store(run, store):
    revision = json.loads(run("history", "--store", store, "--json"))[-1]["id"]
    findings = json.loads(run("doctor", "--store", store, "--json"))
    assert (findings["store"], findings["store revision"], findings["store schema"]) == (store, revision, len(migrations("sqlite")))
    assert (findings["catalog revision"], findings["models"], findings["catalog sound"]) == (revision, 1, True)
    assert (findings["catalog stale"], findings["catalog age in days"]) == (False, 0)


def test_the_doctor_looks_at_a_store_that_holds_nothing(run):
    findings = json.loads(run("--store", "memory://", "doctor", "--json"))
    assert (findings["store"], findings["store revision"]) == ("memory://", None)
    assert "store schema" not in findings
    assert findings["catalog revision"].startswith("0-")


def test_the_doctor_says_nothing_of_a_store_where_there_is_none(run):
    assert [name for name in json.loads(run("doctor", "--json")) if name.startswith("store")] == []


def test_without_the_extra_the_command_line_says_what_to_install(uninstalled):
    uninstalled("click", again="modelmeta.cli")
    with pytest.raises(SystemExit, match=r'pip install "modelmeta\[cli\]"'):
        __main__.main()


def test_another_missing_module_is_not_blamed_on_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "modelmeta.cli.main", None)
    with pytest.raises(ModuleNotFoundError):
        __main__.main()


def test_the_version_is_told(run):
    assert run("--version") == f"modelmeta, version {version('modelmeta')}\n"
