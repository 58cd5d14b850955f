"""Which rows of a catalog the patterns of a policy mean."""

from __future__ import annotations

import re
from collections import defaultdict
from fnmatch import translate
from functools import cached_property
from typing import TYPE_CHECKING

from ..._forks import unlocked_in_child
from ...errors import AmbiguousModelError, ModelNotFoundError
from ..naming.spelling import date_at_end, fold, tail, trim

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ..catalog import Catalog

__all__ = ["NameBook"]

_WILDCARD = re.compile(r"[*?\[]")


@unlocked_in_child
class NameBook:
    """The names of every row, folded: its reference, its id and its canonical id, these two also without prefixes, and all without a date at the end.

    An alias is another way to write the reference it stands for.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._meanings: dict[str, frozenset[int]] = {}

    def meant(self, pattern: str) -> frozenset[int]:
        """Return the rows that *pattern* means, none where it means nothing."""
        rows = self._meanings.get(pattern)
        if rows is None:
            rows = self._meanings[pattern] = self._fitting(pattern) if _WILDCARD.search(pattern) else self._called(pattern)
        return rows

    @cached_property
    def names(self) -> Collection[str]:
        """Everything that a pattern is compared with."""
        return self._rows.keys()

    def _fitting(self, pattern: str) -> frozenset[int]:
        literal = fold(pattern)
        fits: Callable[[str], object] = re.compile(translate(literal)).match
        return frozenset(row for name, rows in self._rows.items() if name == literal or fits(name) for row in rows)

    def _called(self, name: str) -> frozenset[int]:
        if (rows := self._rows.get(fold(name))) is not None:
            return frozenset(rows)
        try:
            refs: tuple[str, ...] = (str(self._catalog.names.resolve(name, suggest=False).model.ref),)
        except ModelNotFoundError:
            refs = ()
        except AmbiguousModelError as error:
            refs = error.candidates
        return frozenset(row for ref in refs for row in self._rows[fold(ref)])

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        catalog, rows = self._catalog, defaultdict(list)
        for row, ref in enumerate(catalog.content.refs):
            for name in {*self._names(ref, catalog.links.identities[row].canonical)}:
                rows[name].append(row)
        aliases = {fold(name): rows[fold(ref)] for name, ref in catalog.content.aliases.items() if ref in catalog.rows}
        return {**aliases, **rows, **{name: rows[name] + aliases[name] for name in rows.keys() & aliases.keys()}}

    @staticmethod
    def _names(ref: str, canonical: str | None) -> Iterator[str]:
        model_id = ref.partition("/")[2]
        names = [fold(ref), fold(model_id), trim(model_id).core]
        for name in names if canonical is None else [*names, fold(canonical), fold(tail(canonical))]:
            yield name
            yield date_at_end(name)[0]
