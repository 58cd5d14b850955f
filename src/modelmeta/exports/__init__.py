"""The catalog as files that other programs read, and what changed as an Arrow table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .changes import changes_table
    from .files import export
    from .formats import Format

__all__ = ["Format", "changes_table", "export"]

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    from .._lazy import lazy_names

    __getattr__, __dir__ = lazy_names(__name__, {"Format": "formats", "changes_table": "changes", "export": "files"})
