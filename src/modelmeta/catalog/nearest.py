"""What someone may have meant who wrote something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..display.text import printable
from .naming.spelling import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Sequence
    from difflib import SequenceMatcher

__all__ = ["did_you_mean", "meant", "nearest"]

_FEW = 50
_PROMISING = 40
_SIMILAR = 0.5


def nearest(text: str, names: Iterable[str], *, first: Container[str] = (), most: int = 5) -> list[str]:
    """Return up to *most* of *names* that look like *text*, best first; none when nothing does.

    Names that share the most three-letter runs with *text* are compared letter by letter; a name is as near as its nearest part, so a
    bare model id finds the references that end in it. Of equally near names those in *first* come first.
    """
    import difflib  # noqa: PLC0415  # only a miss needs it

    wanted = fold(text if "/" in text else "/".join(reversed(text.split("@"))))
    runs = _runs(wanted)
    shared = sorted(((len(runs & _runs(fold(name))), -len(name), name) for name in names), reverse=True)
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)

    def similarity(name: str) -> float:
        return max(_ratio(matcher, part) for part in {fold(name), fold(name.partition("/")[2]), fold(name.rpartition("/")[2])} if part)

    scored = sorted(((-similarity(name), name not in first, len(name), name) for count, _, name in shared[:_PROMISING] if count))
    return [name for score, *_, name in scored[:most] if -score >= _SIMILAR]


def did_you_mean(suggestions: Sequence[str]) -> str:
    """Return the end of a message about a wrong name."""
    return f"; did you mean {printable(', '.join(suggestions))}?" if suggestions else ""


def meant(name: object, names: Collection[str]) -> str:
    """Return the end of a message about a *name* that is none of *names*: the nearest of them, or else all of them if they are few."""
    near = nearest(name, names, most=1) if isinstance(name, str) else []
    return did_you_mean(near) or (f"; known are {', '.join(sorted(names))}" if 0 < len(names) <= _FEW else "")


def _ratio(matcher: SequenceMatcher[str], part: str) -> float:
    matcher.set_seq1(part)
    return matcher.ratio()


def _runs(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}
