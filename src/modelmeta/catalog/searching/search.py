"""Which models a text describes, best first."""

from __future__ import annotations

from collections import Counter
from heapq import nlargest, nsmallest
from itertools import chain
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import attrs

from ...display.sheet import Sheet
from ...display.shown import Shown
from ...display.text import as_text
from ...errors import QueryError
from ..query import refuse
from .fields import Field, Surplus
from .precedence import Precedence
from .vocabulary import FILLERS, Vocabulary
from .words import is_date, joined, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...records.model import Model
    from ..catalog import Catalog
    from ..model_list import ModelList
    from .vocabulary import Reading

__all__ = ["Hit", "Hits", "Search"]

_LONGEST = 500
_COMPLETE = 0.52
"""Where scores begin of models that have every word."""

_PASSING = FILLERS | {"exp", "experimental", "preview"}
_BRAND = 5
"""From how many models on the first word of a family is a brand."""

_ELSEWHERE = {False: 10, True: 2}
"""What it costs, in tenths of a word too many, to be sold neither by the lab nor by who was asked for: more where no number says which model."""


@attrs.frozen
class Hit:
    """A model that a text describes.

    ``score`` says how well, from 0 to 1: 1.0 only where the text is the model's reference, its id or, at the lab that makes it, its name; above
    0.5 where the model has every word of the text that any model has. ``matched`` are the fields that have a word of it, in the order ``id``,
    ``name``, ``family``, ``provider``, ``canonical_model_id``.
    """

    model: Model
    score: float
    matched: tuple[str, ...]


class Hits(list[Hit], Shown):
    """What a search found, best first: a list that shows itself as a table."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> Hit: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any]) -> Hits: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Hit | Hits:
        return Hits(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

    def sheet(self) -> Sheet:
        """Return the models found as a table."""
        rows = [
            [
                str(hit.model.ref),
                hit.model.name,
                as_text(hit.model.limit.context),
                as_text(hit.model.cost and hit.model.cost.input),
                as_text(hit.model.cost and hit.model.cost.output),
                ", ".join(hit.matched),
            ]
            for hit in self
        ]
        return Sheet(header=["model", "name", "context", "USD/M in", "USD/M out", "matched"], rows=rows)


class Search:
    """Answers searches of one catalog. Immutable, so any number of threads may ask at once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        refs = catalog.content.refs
        sellers = [ref.partition("/")[0] for ref in refs]
        ids = [ref.partition("/")[2] for ref in refs]
        columns = (catalog.column(name) for name in ("name", "family", "canonical_model_id"))
        names, families, canonical = ([column[row] or "" for row in range(len(refs))] for column in columns)
        titles = {seller: provider.name for seller, provider in catalog.sellers.items()}
        whole = {seller: {joined(words(seller)), joined(words(title))} for seller, title in titles.items()}
        self._tail = Field([model_id.rpartition("/")[2] for model_id in ids])
        self._prefix = Field([model_id.rpartition("/")[0] for model_id in ids])
        self._name = Field(names)
        self._family = Field(families)
        self._seller = Field([f"{seller} / {titles[seller]}" for seller in sellers])
        self._whole = Field([" ".join(filter(str.isalpha, whole[seller])) for seller in sellers])
        self._lab = Field([model_id.partition("/")[0] for model_id in canonical])
        self._fields = {
            "id": (self._tail, self._prefix),
            "name": (self._name,),
            "family": (self._family,),
            "provider": (self._seller, self._whole),
            "canonical_model_id": (self._lab,),
        }
        self._of_sellers = (self._seller.rows.keys() - self._tail.rows.keys()) | self._whole.rows.keys()
        brands = Counter(chain.from_iterable(words(family)[:1] for family in families))
        self._brands = {brand for brand, rows in brands.items() if rows >= _BRAND}
        self._surplus = Surplus((self._tail, self._name), free=_PASSING | self._of_sellers | self._lab.rows.keys(), brands=self._brands)
        self._precedence = Precedence(catalog, sellers, ids)
        uses: Counter[str] = Counter()
        for field in chain.from_iterable(self._fields.values()):
            uses |= Counter({word: len(rows) for word, rows in field.rows.items()})
        self._vocabulary = Vocabulary(uses)

    def __call__(self, text: str, *, limit: int, offset: int = 0, within: ModelList | None = None) -> Hits:
        """Return the models *text* describes, best first, *limit* of them after the first *offset*, of those in *within* where that is given.

        Only the first 500 characters and 16 words of *text* count.

        Raises:
            QueryError: *text* is no text, *limit* no whole number of 1 or more, or *offset* none of 0 or more.
        """
        if not isinstance(text, str):
            message = f"a search is for text like 'sonnet 4.5', not {text!r}"
            raise QueryError(message, criterion="text", value=text)
        for name, value, least in (("limit", limit, 1), ("offset", offset, 0)):
            if type(value) is not int or value < least:
                raise refuse(name, value, f"a whole number of {least} or more")
        most = offset + limit
        text = text[:_LONGEST].strip().lower()
        asked = self._vocabulary.read(text)
        allowed = None if within is None else set(within.rows)
        found = [grades for readings in asked if (grades := self._grades(readings, allowed))]
        if not found:
            return Hits()
        query = self._query(text, asked)
        shortest: dict[int, float] = min(found, key=len)
        complete = dict.fromkeys(shortest, 0.0)
        for grades in found:
            complete = {row: total + grades[row] for row, total in complete.items() if row in grades}
        ranked = self._ranked(query, complete, _COMPLETE, most)
        if len(ranked) < most:
            ranked += self._ranked(query, _partial(found, complete, query.named, most - len(ranked)), 0.0, most - len(ranked))
        return Hits(Hit(self._catalog.at(row), -score, self._matched(row, query.known)) for _, score, _, _, row in ranked[offset:])

    def _query(self, text: str, asked: list[list[Reading]]) -> _Query:
        spelled = words(text)
        known = {word for readings in asked for _, together in readings for word in together}
        of_sellers = [field.rows[word] for word in known & self._of_sellers for field in (self._seller, self._whole) if word in field.rows]
        return _Query(
            text=text,
            joined=joined(spelled),
            count=len(asked),
            known=known,
            named=frozenset(chain.from_iterable(of_sellers)),
            numbered=not all(map(str.isalpha, spelled)),
            versioned=any(word[-1].isdigit() and not is_date(word) for word in spelled),
            branded=any(not self._brands.isdisjoint(max(readings)[1]) for readings in asked if readings),
        )

    def _grades(self, readings: Iterable[Reading], allowed: set[int] | None) -> dict[int, float]:
        """Return how well each row has a word of the query, for rows that have it at all."""
        graded = [(grade * worth, rows) for grade, together in readings for worth, rows in self._found(together)]
        best: dict[int, float] = {}
        for grade, rows in sorted(graded, key=lambda pair: pair[0]):
            best.update(dict.fromkeys(rows, grade))
        return best if allowed is None else {row: grade for row, grade in best.items() if row in allowed}

    def _found(self, together: tuple[str, ...]) -> Iterator[tuple[float, Iterable[int]]]:
        """Yield the rows that have all words of *together*, with what it is worth where they have them.

        A word that names a provider, and what the provider sells does not, is worth most with that provider: "groq llama" is no Llama at
        an aggregator that routes to Groq.
        """
        word, *others = together
        if others:
            yield 1.0, set.intersection(*(set(chain.from_iterable(rows for _, rows in self._found((word,)))) for word in together))
            return
        of_seller = word in self._of_sellers
        for worth, worth_of_seller, field in (
            (0.95, 0.75, self._tail),
            (0.95, 0.75, self._name),
            (0.9, 0.75, self._prefix),
            (0.9, 0.75, self._lab),
            (0.75, 0.75, self._family),
            (0.5, 0.92, self._seller),
            (1.0, 1.0, self._whole),
        ):
            if word in field.rows:
                yield worth_of_seller if of_seller else worth, field.rows[word]

    def _ranked(self, query: _Query, totals: dict[int, float], base: float, most: int) -> list[tuple[int, float, int, int, int]]:
        """Return the best *most* rows of *totals*, each behind what it is ordered by: level and score, both negative, surplus and precedence."""
        extras = self._surplus.beyond(totals, query.known, branded=query.branded)
        own, place, scale = self._precedence.own, self._precedence.place, (1 - _COMPLETE) / query.count
        elsewhere = _ELSEWHERE[query.numbered]
        ranked = []
        for (row, total), surplus in zip(totals.items(), extras, strict=True):
            extra = surplus if own[row] or row in query.named else surplus + elsewhere
            level = 0 if surplus else self._level(row, query)
            if query.versioned and not surplus:
                extra += self._surplus.other_versions(row, query.known)
            worth = 1 - 0.3 * extra / (extra + 30) if base else 1.0
            score = 1.0 if level else round(0.99 * (base + total * scale * worth), 4)
            ranked.append((-level, -score, extra, place[row], row))
        return nsmallest(most, ranked)

    def _level(self, row: int, query: _Query) -> int:
        """Return 3 where the text is the reference of *row*, 2 where it is its id, 1 where it spells one of them or the name otherwise, at the lab."""
        ref = self._catalog.content.refs[row].lower()
        seller, _, model_id = ref.partition("/")
        if query.text in (ref, model_id):
            return 3 if query.text == ref else 2
        if not self._precedence.own[row]:
            return 0
        tail, prefix = joined(self._tail[row]), joined(self._prefix[row])
        return int(query.joined in (tail, prefix + tail, joined(words(seller)) + prefix + tail, joined(self._name[row])))

    def _matched(self, row: int, known: set[str]) -> tuple[str, ...]:
        return tuple(name for name, fields in self._fields.items() if any(not known.isdisjoint(field[row]) for field in fields))


@attrs.frozen(kw_only=True)
class _Query:
    """What is asked: the ``text``, its words ``joined``, their ``count``, the ``known`` words they stand for, and what they say.

    ``named`` are the rows of the providers among them. ``numbered`` is whether there is a number, ``versioned`` whether it may be a version,
    ``branded`` whether there is a brand.
    """

    text: str
    joined: str
    count: int
    known: set[str]
    named: frozenset[int]
    numbered: bool
    versioned: bool
    branded: bool


def _partial(found: list[dict[int, float]], complete: Iterable[int], named: frozenset[int], most: int) -> dict[int, float]:
    """Return the *most* rows with the highest grades in all that are not *complete*, and those with grades as high.

    The model asked for from another provider is nearer than another model from the one asked for, one of the *named* rows.
    """
    totals: dict[int, float] = {}
    for grades in found:
        for row, grade in grades.items():
            totals[row] = totals.get(row, 0.0) + grade
    for row in named & totals.keys():
        totals[row] -= 0.1
    for row in complete:
        del totals[row]
    least = min(nlargest(most, totals.values()), default=0.0)
    return {row: total for row, total in totals.items() if total > least - 1e-9}
