"""Which words the facts of models have, and how much more than was asked."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from .words import is_date, words

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

__all__ = ["Field", "Surplus"]

_SLIGHT = frozenset({"apac", "au", "ca", "chat", "eu", "global", "hf", "instruct", "it", "jp", "us"})
_WORD = 10
_NOTHING = 100


class Field:
    """The words that one fact of every model has, and the rows that have each of them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        rows_of: dict[str, list[int]] = defaultdict(list)
        for row, text in enumerate(texts):
            rows_of[text].append(row)
        self._words = {text: tuple(words(text)) for text in rows_of}
        self.rows: dict[str, array[int]] = {}
        """The rows of each word."""
        for text, found in self._words.items():
            for word in set(found):
                self.rows.setdefault(word, array("I")).extend(rows_of[text])

    def __getitem__(self, row: int) -> tuple[str, ...]:
        """Return the words of *row*."""
        return self._words[self._texts[row]]

    def sums(self, weights: dict[str, int]) -> array[int]:
        """Return for each row the sum of the weights of its words, much where it has none."""
        of_text = {text: sum(map(weights.__getitem__, set(found))) if found else _NOTHING for text, found in self._words.items()}
        return array("I", map(of_text.__getitem__, self._texts))


class Surplus:
    """How much more ids or names say than was asked, in tenths of a word; of several *fields*, the one that says least more counts.

    A version, a size, the brand, or a word of *free* more is nothing: who asks for "opus" means Claude Opus 5.5. A date or "instruct" is
    little. A second brand beside one that was asked for makes another model (Hermes 3 Llama 3.1).
    """

    def __init__(self, fields: Sequence[Field], *, free: Container[str], brands: Container[str]) -> None:
        self._fields = fields
        self._free = free
        self._brands = brands
        known = {word for field in fields for word in field.rows}
        self._sums = {}
        for branded in (False, True):
            weights = {word: self._weight(word, branded=branded) for word in known}
            self._sums[branded] = [field.sums(weights) for field in fields]

    def beyond(self, rows: Iterable[int], known: set[str], *, branded: bool) -> list[int]:
        """Return how much more than the words *known* each row has; *branded* where a brand is among them."""
        (one, one_known), (other, other_known) = (
            (sums, self._known(field, known, branded=branded).get) for sums, field in zip(self._sums[branded], self._fields, strict=True)
        )
        return [min(one[row] - one_known(row, 0), other[row] - other_known(row, 0)) for row in rows]

    def other_versions(self, row: int, known: set[str]) -> int:
        """Return how many numbers *row* has that are not *known*, sizes aside."""
        return min(sum([word[-1].isdigit() and word not in known for word in field[row]]) for field in self._fields)

    def _known(self, field: Field, known: set[str], *, branded: bool) -> dict[int, int]:
        weights = {word: self._weight(word, branded=branded) for word in known if word in field.rows}
        tens = chain.from_iterable(field.rows[word] for word, weight in weights.items() if weight == _WORD)
        counted = {row: _WORD * count for row, count in Counter(tens).items()}
        for row in chain.from_iterable(field.rows[word] for word, weight in weights.items() if weight == 1):
            counted[row] = counted.get(row, 0) + 1
        return counted

    def _weight(self, word: str, *, branded: bool) -> int:
        if word in self._free:
            return 0
        if not word.isalpha():
            return int(is_date(word))
        if word in self._brands:
            return _WORD * branded
        return 1 if word in _SLIGHT else _WORD
