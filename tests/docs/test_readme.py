"""The README claims nothing that a command does not show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelmeta.cli.main import cli

README = (Path(__file__).parent.parent.parent / "README.md").read_text()
CLAIMS = [command for line in README.splitlines() if line.startswith("| ") for command in re.findall(r"`modelmeta ([^`]+)`", line)]


def test_there_are_claims():
    assert len(CLAIMS) > 5


@pytest.mark.parametrize("command", CLAIMS)
def test_a_command_of_the_table_shows_what_it_says(command):
    result = CliRunner().invoke(cli, shlex.split(command), prog_name="modelmeta")
    assert 0 == result.exit_code, result.output
    assert len(result.output.splitlines()) > 2
