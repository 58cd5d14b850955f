"""What is wrong with a policy: everything is found before anything is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ...errors import PolicyError
from ...records.problem import Problem, listed
from ..nearest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Mistakes", "meant", "path_of"]

_FEW = 50


def path_of(*keys: str | int) -> str:
    """Return *keys* as problems name places."""
    return "$" + "".join(f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]" for key in keys)


def meant(name: object, names: Collection[str]) -> str:
    """Return the end of a message about a *name* that is none of *names*: the nearest of them, or else all of them if they are few."""
    near = nearest(name, names, most=1) if isinstance(name, str) else []
    return did_you_mean(near) or (f"; known are {', '.join(sorted(names))}" if 0 < len(names) <= _FEW else "")


@attrs.define
class Mistakes:
    """The mistakes found so far in *what*."""

    what: str
    problems: list[Problem] = attrs.field(factory=list)

    def wrong(self, keys: tuple[str | int, ...], reason: str, raw: Any) -> None:
        """Hear of a mistake."""
        self.problems.append(Problem(path_of(*keys), reason, raw))

    def tell(self) -> None:
        """Raise what was found, if anything was.

        Raises:
            PolicyError: there are mistakes.
        """
        if self.problems:
            raise PolicyError(listed(self.what, self.problems), problems=self.problems)
