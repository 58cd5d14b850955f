"""What is wrong with a document, without losing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Problem", "listed"]

_SHOWN = 50


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


def listed(what: str, problems: Sequence[Problem]) -> str:
    """Return the message that *what* has these *problems*, the first of them a line each."""
    lines = [f"\n  {problem}" for problem in problems[:_SHOWN]]
    lines += [f"\n  and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return f"{what} has {count}:{''.join(lines)}"
