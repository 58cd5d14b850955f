"""Paths, tests, modules, nox sessions and commands that our texts name exist."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import click
import pytest

from modelmeta.cli.main import cli

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "modelmeta"
TEXTS = [path for pattern in ("*.md", "docs/**/*.md", "examples/*.md", ".github/**/*.md") for path in sorted(ROOT.glob(pattern))]
FOR_CONTRIBUTORS = {"AGENTS.md", "CONTRIBUTING.md"}
SESSIONS = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(), re.MULTILINE))
IGNORED = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
FOLDERS = ({path.name for folder in (ROOT, PACKAGE) for path in folder.iterdir() if path.is_dir()} | {"modelmeta"}) - IGNORED
QUOTED = {name for path in PACKAGE.rglob("*.py") for name in re.findall(r'"(modelmeta\.[\w.]+)"', path.read_text())}
"""Names of loggers, spans and entry points: they exist because the code says them."""

texts = pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))


def spans(line: str) -> list[str]:
    return re.findall(r"(?<!`)`([^`]+)`(?!`)", line)


def shell(text: str) -> list[str]:
    """Return what a reader may type into a shell: code that is not Python, indented lines and quoted words."""
    fenced = [code for language, code in re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL) if language != "python"]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"\n\n((?: {4}[^`\n]+\n)+)", prose)
    quoted = [span for line in prose.splitlines() for span in spans(line)]
    return [line.strip() for line in [*"\n".join([*fenced, *indented]).splitlines(), *quoted]]


def looks_like_a_path(span: str, name: str) -> bool:
    if re.fullmatch(r"\.?[\w-]+(?:/[\w.<>*-]+)+/?|[\w-]+/", span):
        return name in FOR_CONTRIBUTORS or span.partition("/")[0] in FOLDERS
    return name in FOR_CONTRIBUTORS and re.fullmatch(r"\w+\.(?:py|md|toml)", span) is not None


def exists(named: str, beside: list[Path]) -> bool:
    """Return whether *named* is there; of a path with a gap to fill in, the folder that would hold it."""
    whole = named.partition("<")[0].rpartition("/")[0] if "<" in named else named
    return any((folder / whole).exists() for folder in [ROOT, ROOT / "src", PACKAGE, *beside])


def resolves(name: str) -> bool:
    module, rest = name.split("."), []
    while True:
        try:
            found = importlib.import_module(".".join(module))
        except ModuleNotFoundError:
            rest.insert(0, module.pop())
            continue
        for part in rest:
            found = getattr(found, part, None)
        return found is not None


def command_named(words: list[str], group: click.Group = cli) -> click.Command:
    """Return the command that *words* run; options of the group may stand before its name."""
    name = next((word for word in words if word in group.commands), None)
    assert name or words[0].startswith("-"), f"{words[0]} is no command"
    command = group.commands[name] if name else group
    rest = words[words.index(name) + 1 :] if name else []
    return command_named(rest, command) if rest and isinstance(command, click.Group) else command


@texts
def test_paths_that_a_text_names_exist(path):
    missing = []
    for line in path.read_text().splitlines():
        named = [span for span in spans(line) if looks_like_a_path(span, path.name)]
        rooms = [PACKAGE / span for span in named if span.endswith("/")]
        rooms += [room / span for room in rooms for span in named if span.endswith("/")]
        missing += [span for span in named if not exists(span, rooms)]
    assert missing == []


@texts
def test_modules_and_names_that_a_text_names_exist(path):
    named = {span for line in path.read_text().splitlines() for span in spans(line) if re.fullmatch(r"modelmeta(?:\.\w+)+", span)}
    assert {name for name in named - QUOTED if not resolves(name) and not (ROOT / "deploy" / name).exists()} == set()


@texts
def test_tests_that_a_text_names_exist(path):
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", path.read_text())
    assert [name for file, name in named if not re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text(), re.MULTILINE)] == []


@texts
def test_nox_sessions_that_a_text_names_exist(path):
    lines = re.findall(r"nox -s ((?:(?!-)[\w.-]+ ?)+)", path.read_text())
    assert {session.partition("-3")[0] for words in lines for session in words.split()} - SESSIONS == set()


@texts
def test_commands_and_options_that_a_text_names_exist(path):
    for line in shell(path.read_text()):
        for run in re.findall(r"(?:^|[$|&-] |-m |=\S+ )modelmeta ([a-z-][^|&;]*)", line):
            words = [word for word in shlex.split(run, comments=True) if not word.strip("[].").isupper()]
            options = {
                name for each in (cli, command_named(words)) for option in each.params for name in option.opts + option.secondary_opts
            }
            assert {word.partition("=")[0] for word in words if word.startswith("-")} - options - {"--help"} == set()
