"""What the words of a query may stand for, among the words a catalog uses."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from .words import glued_words, is_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FILLERS", "Reading", "Vocabulary"]

Reading: TypeAlias = tuple[float, tuple[str, ...]]
"""How well, up to 1, a word of a query stands for known words, all of which a model must have."""

FILLERS = frozenset(
    {
        "a",
        "an",
        "api",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "latest",
        "llm",
        "model",
        "models",
        "new",
        "newest",
        "of",
        "on",
        "s",
        "the",
        "to",
        "using",
        "via",
        "with",
    }
)
"""What people write around the words they mean."""

_ALSO = {"aws": "bedrock", "chatgpt": "gpt", "gcp": "vertex", "vision": "vl", "vl": "vision"}
"""What has two names of which models bear only one."""

_NUMBER = re.compile(r"([^\W\d_]?)([\d.]+)([^\W\d_]?)")
_MOST_WORDS = 16
_MOST_LONGER = 50
_MOST_PIECES = 4
_MOST_LETTERS = 24
_COMMON = 5
"""How many models must have a word for it not to be taken for a misspelt one."""

_SHORT, _LONG = 5, 9
"""Below the one a word allows one edit; from the other on it may be pieces of two letters run together."""


class Vocabulary:
    """The words of a catalog, and how misspelt, shortened, joined and split ones are read as them. *uses* is how many models have each."""

    def __init__(self, uses: Mapping[str, int]) -> None:
        self._uses = uses
        self._sorted = sorted(uses)
        self._by_length: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self._by_digits: dict[str, list[tuple[str, re.Match[str]]]] = defaultdict(list)
        for word in self._sorted:
            if word.isalpha():
                self._by_length[len(word)].append((_letters(word), word))
            elif parts := _NUMBER.fullmatch(word):
                self._by_digits[parts[2].replace(".", "")].append((word, parts))
        self._dates = [word for word in self._sorted if is_date(word)]

    def read(self, text: str) -> list[list[Reading]]:
        """Return the readings of each word of *text*: of the first 16 different ones, and of words like "on" only where there are no others."""
        asked = list(dict.fromkeys(self._regrouped(glued_words(text))))
        asked = ([word for word in asked if word not in FILLERS] or asked)[:_MOST_WORDS]
        readings = [list(self._readings(word)) for word in asked]
        for place, together in enumerate(map("".join, pairwise(asked))):
            if together in self._uses:
                readings[place].append((0.97, (together,)))
                readings[place + 1].append((0.97, (together,)))
        return readings

    def _regrouped(self, found: list[tuple[str, bool]]) -> list[str]:
        """Return the words with a letter moved over to the number beside it where that makes known ones: ``4o mini`` of ``4 omini``."""
        asked = [word for word, _ in found]
        for place, (_, glued) in enumerate(found):
            before, word = asked[place - 1], asked[place]
            if not glued:
                continue
            if before.isalpha() and before not in self._uses and before[:-1] in self._uses and self._is_number(before[-1] + word):
                asked[place - 1 : place + 1] = before[:-1], before[-1] + word
            elif word.isalpha() and word not in self._uses and word[1:] in self._uses and self._is_number(before + word[0]):
                asked[place - 1 : place + 1] = before + word[0], word[1:]
        return asked

    def _is_number(self, word: str) -> bool:
        return word in self._uses or any(self._numbers(word))

    def _readings(self, word: str) -> Iterator[Reading]:
        uses = self._uses.get(word, 0)
        if uses:
            yield 1.0, (word,)
        if _ALSO.get(word) in self._uses:
            yield 0.95, (_ALSO[word],)
        if not word.isalpha():
            yield from self._numbers(word)
            return
        yield from self._longer(word)
        yield from self._shorter(word)
        if uses < _COMMON and len(word) <= _MOST_LETTERS:
            yield from self._pieces(word)
            yield from self._typos(word)

    def _numbers(self, word: str) -> Iterator[Reading]:
        if asked := _NUMBER.fullmatch(word):
            lead, number, trail = asked.groups()
            for known, parts in self._by_digits.get(number.replace(".", ""), ()):
                if known != word and (grade := _likeness(asked, parts)):
                    yield grade, (known,)
            if number[1:] == "0" and not trail and (whole := lead + number[0]) in self._uses:  # 20 is 2.0, which is written 2
                yield 0.9, (whole,)
        if is_date(word):
            yield from ((0.8, (date,)) for date in self._dates if date != word and (date.startswith(word) or date.endswith(word)))

    def _longer(self, word: str) -> Iterator[Reading]:
        """Yield the words that begin with *word*, if it has three letters or more."""
        first = bisect_left(self._sorted, word)
        for longer in self._sorted[first : first + _MOST_LONGER * (len(word) > 2)]:  # noqa: PLR2004  # two letters begin too many
            if longer != word and longer.startswith(word):
                yield 0.7 + 0.2 * len(word) / len(longer), (longer,)

    def _shorter(self, word: str) -> Iterator[Reading]:
        """Yield the words of five letters or more that *word* is a form of, as "embeddings" is of "embed"."""
        for end in range(max(_SHORT, len(word) - 5), len(word)):
            if word[:end] in self._uses:
                yield 0.75, (word[:end],)

    def _pieces(self, word: str) -> Iterator[Reading]:
        """Yield the fewest words that *word* is when they are run together."""
        least = 2 if len(word) >= _LONG else 3
        ways: list[list[tuple[str, ...]]] = [[()]]
        for end in range(1, len(word) + 1):
            starts = range(end == len(word), end - least + 1)
            cut = [(*way, word[start:end]) for start in starts if word[start:end] in self._uses for way in ways[start]]
            ways.append([way for way in cut if len(way) == min(map(len, cut))][:_MOST_PIECES])
        yield from ((1 - 0.05 * len(way), way) for way in ways[-1] if len(way) <= _MOST_PIECES)

    def _typos(self, word: str) -> Iterator[Reading]:
        """Yield the words that are an edit from *word*, or two where it is long; of three letters, those with two letters swapped."""
        letters, size = _letters(word), len(word)
        most = 1 if size <= _SHORT else 2
        for length in range(max(3, size - most), size + most + 1):
            for known_letters, known in self._by_length.get(length, ()):
                if (letters ^ known_letters).bit_count() > 2 * most or (edits := _edits(word, known, most)) > most:
                    continue
                if min(size, length) > 3 or letters == known_letters:  # noqa: PLR2004  # "gtp", but not "gpu"
                    yield 0.85 if edits == 1 else 0.65, (known,)


def _likeness(asked: re.Match[str], known: re.Match[str]) -> float:
    """Return how well one number stands for another of the same digits: ``45`` for ``4.5``, ``2.5`` for ``k2.5``, ``v4`` for ``4``, ``70`` for ``70b``."""
    grade = 1.0
    if asked[1] != known[1]:
        if asked[1] and (known[1] or asked[1] != "v"):
            return 0.0
        grade = 0.9
    if asked[3] != known[3]:
        if asked[3] or known[3] != "b":
            return 0.0
        grade *= 0.85
    if asked[2] == known[2]:
        return grade
    return 0.95 * grade if not asked[3] and ("." not in asked[2] or "." not in known[2]) else 0.0


def _letters(word: str) -> int:
    """Return the set of letters of *word* as bits: words an edit apart differ in two of them at most."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31)
    return bits


def _edits(one: str, other: str, most: int) -> int:
    """Return how many letters of *one* to change, add, leave out or swap with the next to make *other*; *most* + 1 where it takes more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        earlier, before, row = before, row, [place]
        for column, known in enumerate(other, 1):
            edits = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != known))
            if column > 1 and earlier and letter == other[column - 2] and one[place - 2] == known:
                edits = min(edits, earlier[column - 2] + 1)
            row.append(edits)
        if min(row) > most:
            return most + 1
    return row[-1]
