"""The catalog as tools of an MCP server (extra ``mcp``), so that coding agents can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server import create_server

__all__ = ["create_server"]

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    from .._lazy import lazy_names

    __getattr__, __dir__ = lazy_names(__name__, {"create_server": "server"})
