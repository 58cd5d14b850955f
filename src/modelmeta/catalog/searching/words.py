"""Text as words that compare, however it is spaced, dashed, dotted or accented."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["glued_words", "is_date", "joined", "words"]

_LETTER = r"[^\W\d_]"
_DATE = re.compile(
    rf"""
      20\d\d[-_./\ ]?[01]\d[-_./\ ]?[0-3]\d(?!\d)        # a day: 20250929, 2024-08-06
    | [01]\d[-/](?:20\d\d|[0-3]\d)(?!\d|{_LETTER})       # a month and its year, 08-2024, or its day, 06-17
    """,
    re.VERBOSE,
)
_WORD = re.compile(
    rf"""
      {_LETTER}{{2,}}+ | {_LETTER}(?!\d)
    | {_DATE.pattern}
    | \d+x\d+(?:\.\d+)?[a-z]?(?!{_LETTER})               # experts: 8x7b
    | {_LETTER}?                                         # a letter of its own before a number: o3, k2.5, v3
      (?: \d{{1,2}}[-\ ]\d{{1,2}}(?!\.?\d|[^\W\d_v])      # a version without its dot: 4-5, 4-5v, but not 3-8b
        | \d+(?:[._p]\d+)*
      )
      (?:{_LETTER}(?!{_LETTER}))?                        # a letter of its own behind it: 4o, 70b
    | (?<=\w)\+(?!\w)                                    # Command R+
    """,
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"(?<=\d)[-_ p](?=\d)")
_ZEROS = re.compile(r"(?:\.0+)+(?!\.|\d)")


def words(text: str) -> list[str]:
    """Return the words of *text*, folded: runs of letters, and numbers with the single letter before or behind them.

    Versions are written with a dot and without zeros at their end, dates without separators.

    >>> words("Claude-Opus-4-5@20251101"), words("qwen2-5-72B"), words("Llama v3p0"), words("Command R+ 08-2024")
    (['claude', 'opus', '4.5', '20251101'], ['qwen', '2.5', '72b'], ['llama', 'v3'], ['command', 'r', 'plus', '082024'])
    """
    return [word if word.isalpha() else _plain(word) for word in _WORD.findall(_fold(text))]


def glued_words(text: str) -> list[tuple[str, bool]]:
    """Return the words of *text*, each with whether nothing stands between it and the one before.

    >>> glued_words("gpt4 mini")
    [('gpt', False), ('4', True), ('mini', False)]
    """
    found = list(_WORD.finditer(_fold(text)))
    ends = [-1, *(match.end() for match in found)]
    return [(word, match.start() == end) for word, match, end in zip(words(text), found, ends, strict=False)]


def joined(found: Iterable[str]) -> str:
    """Return words as one, the same for ``4.5`` and ``45``."""
    return "".join(found).replace(".", "")


def is_date(word: str) -> bool:
    """Return whether *word* looks like a day or a month: digits alone, four of them or more."""
    return word.isdigit() and len(word) >= 4  # noqa: PLR2004  # as in 2411, for November 2024


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    if word == "+":
        return "plus"
    if _DATE.fullmatch(word):
        return "".join(filter(str.isdigit, word))
    return _ZEROS.sub("", _SEPARATOR.sub(".", word))


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", text).casefold() if not unicodedata.combining(letter))
