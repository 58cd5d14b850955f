"""What a person sees of work that takes a while."""

from __future__ import annotations

import errno
import json
import os
import pty
import subprocess
import sys

import pytest

DOCUMENT = {"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket"}}}}


@pytest.fixture
def document(tmp_path):
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    return str(tmp_path / "api.json")


def on_a_terminal(*arguments: str) -> tuple[str, str]:
    """Return what a command says on its output, a pipe, and on its standard error, a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "modelmeta", *arguments], stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError as error:  # so Linux says that the terminal's other end is closed
            assert error.errno == errno.EIO  # noqa: PT017  # anything else is a failure
        os.close(ours)
        printed = process.stdout.read().decode()
    assert process.returncode == 0, said
    return printed, said.decode()


LONG = [
    (["list", "--source", "{document}"], "Asking the source …"),
    (["refresh", "--accept", "--store", "sqlite:///{folder}/new.db", "--source", "{document}"], "Refreshing …"),
    (["import", "sqlite:///{folder}/one.db", "--store", "sqlite:///{folder}/two.db"], "Copying …"),
    (["lint", "--catalog-is-small"], "Reading every model …"),
    (["export", "{folder}/out.jsonl"], "out.jsonl …"),
    (["disagreements", "--with", "openrouter={folder}/list.json"], "Comparing …"),
]


@pytest.mark.parametrize(("arguments", "told"), LONG, ids=lambda value: value[0] if isinstance(value, list) else "")
def test_a_terminal_is_told_what_takes_a_while_and_nothing_else_is(tmp_path, document, arguments, told):
    (tmp_path / "list.json").write_text('{"data": []}')
    filled = [argument.format(folder=tmp_path, document=document) for argument in arguments if argument != "--catalog-is-small"]
    if arguments[0] == "lint":
        filled = ["--catalog", document, *filled]
    printed, said = on_a_terminal(*filled)
    assert told in said
    assert told not in printed
    piped = subprocess.run(
        [sys.executable, "-m", "modelmeta", *filled], capture_output=True, text=True, check=True, env={**os.environ, "FORCE_COLOR": "1"}
    )
    assert piped.stderr == ""


def test_with_json_a_terminal_is_told_nothing(document):
    printed, said = on_a_terminal("list", "--source", document, "--json")
    assert json.loads(printed)[0]["id"] == "rocket"
    assert said == ""
