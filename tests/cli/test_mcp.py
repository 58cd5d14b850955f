"""The command that lets coding agents ask, where it cannot start; ``tests/mcp`` has it answer."""

from __future__ import annotations


def test_without_the_extra_it_says_what_to_install(run, uninstalled):
    uninstalled("mcp", again="modelmeta.mcp")
    assert 'an MCP server needs mcp: pip install "modelmeta[mcp]"' in run("mcp", exit_code=2)
