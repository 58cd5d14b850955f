"""What is wrong with an overlay: everything is found before anything is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...errors import OverlayError
from ...records.problem import Problem, listed
from ..models_dev import json_path

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Mistakes", "meant"]


@attrs.define
class Mistakes:
    """The mistakes found so far in *what*."""

    what: str
    problems: list[Problem] = attrs.field(factory=list)

    def wrong(self, path: Iterable[str | int], reason: str, raw: Any) -> None:
        """Hear of a mistake."""
        self.problems.append(Problem(json_path(*path), reason, raw))

    def tell(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            OverlayError: there are mistakes.
        """
        if self.problems:
            raise OverlayError(listed(self.what, self.problems), problems=self.problems)


def meant(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return the end of a message about a *name* that is none of *names*: the nearest of them, or else *otherwise* or all of them."""
    from difflib import get_close_matches  # noqa: PLC0415  # only a mistake needs it

    known = sorted(names)
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else otherwise or f"known are {', '.join(known)}"
