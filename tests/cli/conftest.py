"""Running the command line as a program in a pipe, or on a terminal."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from modelmeta.cli import output
from modelmeta.cli.main import cli


@pytest.fixture
def run():
    """Call the command line; return what it printed, having checked its exit code."""

    def call(*args: str, exit_code: int = 0) -> str:
        result = CliRunner().invoke(cli, args, prog_name="modelmeta", terminal_width=200)
        assert result.exit_code == exit_code, result.output
        return result.output

    return call


@pytest.fixture
def terminal(monkeypatch):
    """Make the output a terminal 140 columns wide."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setattr(output, "stdout_is_terminal", lambda: True)
    monkeypatch.setattr("modelmeta.cli.main.stdout_is_terminal", lambda: True)
