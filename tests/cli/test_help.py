"""What the command line says of itself."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import click
import pytest

from modelmeta.cli.main import cli

HEAVY = {"anyio", "fastapi", "genai_prices", "httpx", "importlib.metadata", "litellm", "mcp", "psycopg", "pyarrow", "redis", "uvicorn"}


def every(command=cli, *names):
    """Yield every command with its words, groups too."""
    for name, inner in getattr(command, "commands", {}).items():
        yield " ".join((*names, name)), inner
        yield from every(inner, *names, name)


COMMANDS = dict(every())
ENDING = re.compile(r"Exit codes: 0(; 1 [^;]+)?; 2 when something is wrong, and why\.\n\nExample: modelmeta (.+)")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_in_one_sentence_what_it_does_then_what_it_prints_and_its_exit_codes(name):
    first, *rest = COMMANDS[name].help.split("\n\n")
    assert re.fullmatch(r"[A-Z][^\n]+\.", first)
    assert rest
    assert ENDING.fullmatch(COMMANDS[name].epilog)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_its_help(name):
    options = [parameter for parameter in COMMANDS[name].params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not (option.help or "").endswith(".")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_a_line_that_the_command_takes(name):
    words = shlex.split(ENDING.fullmatch(COMMANDS[name].epilog)[2])
    command, context = cli, click.Context(cli)
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        _, command, words = command.resolve_command(context, words)
    assert COMMANDS[name] in {command, cli.commands[name.partition(" ")[0]]}
    words = words[: words.index(">")] if ">" in words else words
    assert command.make_context(name, words, parent=click.Context(cli))


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_a_hundred_columns(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    result = subprocess.run([sys.executable, "-m", "modelmeta", *name.split(), "--help"], capture_output=True, text=True, check=True)
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_every_command_stands_under_one_heading_with_its_whole_sentence(run):
    printed = run("--help")
    listed = re.findall(r"^  (\w+) {2,}[A-Z]", printed, re.MULTILINE)
    assert sorted(listed) == sorted(cli.commands)
    for command in cli.commands.values():
        assert re.sub(r"\s+", " ", command.help.split("\n\n")[0]) in re.sub(r"\s+", " ", printed)
    assert [line.rstrip(":") for line in re.findall(r"^[A-Z][\w ]+:$", printed, re.MULTILINE)][1:] == [
        *("Find", "Choose", "Price", "Call", "Trust", "Keep", "Serve", "This program")
    ]


def test_the_variables_of_the_options_are_named(run):
    printed = re.sub(r"\s+", " ", run("--help"))
    for name in ("STORE", "OVERLAYS", "POLICY", "PROFILE"):
        assert f"[env var: MODELMETA_{name}]" in printed


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["show", "openai/gpt-5.5"], ["list", "-n", "1"], ["watch", "--help"], ["discover", "--help"], ["--version"]],
    ids=" ".join,
)
def test_what_needs_nothing_heavy_loads_nothing_heavy(arguments):
    code = f"""
import sys
before = {{*sys.modules}}
from modelmeta.cli.main import cli
try:
    cli({arguments!r}, prog_name="modelmeta")
finally:
    print(*{{*sys.modules}} - before)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    allowed = {"importlib.metadata"} if arguments == ["--version"] else set()
    assert set(result.stdout.splitlines()[-1].split()) & HEAVY <= allowed
