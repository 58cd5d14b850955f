"""Running the command line as a program in a pipe, or on a terminal."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from modelmeta import Registry
from modelmeta.cli import output
from modelmeta.cli.main import cli
from modelmeta.testing import FakeClock

ROCKET = {"name": "Rocket", "cost": {"input": 2, "output": 8}, "limit": {"context": 1000}}
DEARER = {**ROCKET, "cost": {"input": 2.5, "output": 8}}
DAYS = [{"rocket": ROCKET}, {"rocket": DEARER, "kite\x1b[2J": {"name": "Kite"}}, {"rocket": DEARER}, {}]


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


@pytest.fixture(scope="session")
def lived(tmp_path_factory):
    """A file with three days of a small catalog: a price moved, a model came and went, and a document that is held. It is not to be changed."""
    folder = tmp_path_factory.mktemp("lived")
    clock = FakeClock(datetime(2025, 11, 1, 12, tzinfo=UTC))
    with Registry(store=f"sqlite:///{folder}/catalog.db", source=folder / "api.json", clock=clock) as registry:
        for day, models in enumerate(DAYS):
            (folder / "api.json").write_text(json.dumps({"acme": {"name": "Acme", "models": models}}))
            registry.refresh(accept=day < 3)
            clock.advance(timedelta(days=1))
        registry.put_note("acme/rocket", "our default")
    return folder / "catalog.db"


@pytest.fixture
def store(lived, tmp_path):
    """The address of a copy of that file."""
    return f"sqlite:///{shutil.copy(lived, tmp_path / 'catalog.db')}"
