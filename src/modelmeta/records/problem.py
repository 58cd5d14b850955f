"""What is wrong with a document, without losing it."""

from __future__ import annotations

from typing import Any, Literal

import attrs

__all__ = ["Problem"]


@attrs.frozen
class Problem:
    """Something in a document that could not be read, or reads oddly.

    ``path`` is where (a JSONPath, ``$.openai.models['gpt-5.5'].limit.context``), ``reason`` what is wrong, ``raw`` the value found there.
    ``kind`` is ``quarantined`` when the whole row was set aside, ``odd`` when it was kept.
    """

    path: str
    reason: str
    raw: Any = attrs.field(hash=False)
    kind: Literal["quarantined", "odd"] = "quarantined"

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"
