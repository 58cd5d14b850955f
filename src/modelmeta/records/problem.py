"""What is wrong with a document, without losing it."""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["Problem"]


@attrs.frozen
class Problem:
    """Something in a document that could not be read, or reads oddly.

    ``path`` leads to the value at fault (a JSONPath, ``$.openai.models['gpt-5.5'].limit.context``), ``reason`` says what is wrong with it.
    ``kind`` is ``quarantined`` when the row, or the provider's field, was set aside: ``raw`` is then all of that. It is ``odd`` when the
    value was kept, and ``raw`` is that value. :class:`Misfit`, the problem of a request with a model, has kinds of its own.
    """

    path: str
    reason: str
    raw: Any = attrs.field(hash=False)
    kind: str = "quarantined"

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"
