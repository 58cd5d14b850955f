"""What is wrong with a document, without losing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..errors import OverlayError, PolicyError

__all__ = ["Mistakes", "Problem", "json_path"]

_SHOWN = 50
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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


@attrs.define
class Mistakes:
    """The mistakes found so far in *what* somebody wrote: everything is found before anything is told, as an *error*."""

    what: str
    error: type[OverlayError | PolicyError]
    problems: list[Problem] = attrs.field(factory=list)

    def wrong(self, path: Iterable[str | int], reason: str, raw: Any) -> None:
        """Hear of a mistake."""
        self.problems.append(Problem(json_path(*path), reason, raw))

    def tell(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            OverlayError: there are mistakes; or a ``PolicyError``, whichever is the *error*.
        """
        if self.problems:
            raise self.error(_listed(self.what, self.problems), problems=self.problems)


def json_path(*keys: str | int) -> str:
    """Return *keys* as a JSON path, as problems name places."""
    return "$" + "".join(f".{key}" if isinstance(key, str) and _PLAIN_KEY.fullmatch(key) else f"[{key!r}]" for key in keys)


def _listed(what: str, problems: Sequence[Problem]) -> str:
    """Return the message that *what* has these *problems*, the first of them a line each."""
    lines = [f"\n  {problem}" for problem in problems[:_SHOWN]]
    lines += [f"\n  and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return f"{what} has {count}:{''.join(lines)}"
