"""The command that lets coding agents ask, where it cannot start, and what it reads; ``tests/mcp`` has it answer."""

from __future__ import annotations

import json

import pytest

from modelmeta.cli.given import Given
from modelmeta.cli.mcp import _reading


@pytest.mark.parametrize("place", ["store", "file"])
def test_it_reads_overlays_and_a_policy(store, tmp_path, place):
    (tmp_path / "own.toml").write_text('[models."acme/own"]\nname = "Own"\n')
    (tmp_path / "rules.toml").write_text('deny = ["acme/rocket"]\n')
    (tmp_path / "api.json").write_text(json.dumps({"acme": {"name": "Acme", "models": {"rocket": {"name": "Rocket"}}}}))
    laid = {"overlay": (str(tmp_path / "own.toml"),), "policy": str(tmp_path / "rules.toml")}
    given = Given(None, store, **laid) if place == "store" else Given(str(tmp_path / "api.json"), **laid)
    with _reading(given) as reading:
        assert [str(ref) for ref in reading.models().refs] == ["acme/own"]


def test_without_the_extra_it_says_what_to_install(run, uninstalled):
    uninstalled("mcp", again="modelmeta.mcp")
    assert 'an MCP server needs mcp: pip install "modelmeta[mcp]"' in run("mcp", exit_code=2)
