"""Which rows of a catalog a query selects, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import reduce
from itertools import compress
from operator import or_
from threading import Lock
from typing import TYPE_CHECKING, overload

from cachetools import LRUCache

from ..records.columns import COLUMNS, Column, fact_at
from .clauses import clauses
from .masks import PASS, UNKNOWN, Planes
from .model_list import ModelList
from .query import Criteria, Query, as_query
from .tally import Tally

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from typing import Any

    from .catalog import Catalog
    from .clauses import ColumnClause

__all__ = ["Filter"]

_ROWS_KEPT = 1_000_000
_MASKS_KEPT = 64
_SELECT = {
    "exclude": bytes.maketrans(bytes([UNKNOWN, PASS]), bytes([0, 1])),
    "include": bytes.maketrans(bytes([UNKNOWN, PASS]), bytes([1, 1])),
    "only": bytes.maketrans(bytes([UNKNOWN, PASS]), bytes([1, 0])),
}


class Selected(Sequence[int]):
    """The rows whose mark is 1, counted now and listed when one is asked for: a router may only want to know how many there are."""

    __slots__ = ("_every", "_marks", "_rows", "_size")

    def __init__(self, every: tuple[int, ...], marks: bytes) -> None:
        self._every = every
        self._marks = marks
        self._size = marks.count(1)
        self._rows: tuple[int, ...] | None = None

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows, ascending."""
        if self._rows is None:
            self._rows = tuple(compress(self._every, self._marks))
        return self._rows

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...
    def __getitem__(self, index: int | slice) -> int | tuple[int, ...]:
        return self.rows[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows)

    def __len__(self) -> int:
        return self._size


class Filter:
    """Answers queries over one catalog, and remembers the answers.

    Remembered are results of a million rows in all and the masks of the 64 latest column questions. The caches are locked; the work is not,
    so two threads may at worst do the same work twice.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._everything = tuple(range(len(catalog)))
        self._planes: dict[str, Planes] = {}
        self._masks: LRUCache[Hashable, int] = LRUCache(_MASKS_KEPT)
        self._results: LRUCache[Hashable, ModelList] = LRUCache(_ROWS_KEPT, getsizeof=lambda result: len(result) + 1)
        self._lock = Lock()
        self.tally: Tally = Tally()

    @property
    def size(self) -> int:
        """How many answers are remembered."""
        return len(self._results)

    def __call__(self, capabilities: tuple[Any, ...], criteria: Criteria) -> ModelList:
        """Return the models that have *capabilities* (names, or one query before them) and meet *criteria*."""
        key: Hashable = (capabilities, *criteria.items(), *map(type, criteria.values()))
        with suppress(KeyError, TypeError), self._lock:  # not asked before, or with a set or a list
            result = self._results[key]
            self.tally.hits += 1
            return result
        query = as_query(capabilities, criteria)
        if query.varies:  # it may answer differently next time
            return self._select(query)
        with self._lock:
            known = self._results.get(query)
            self.tally.count(hit=known is not None)
        result = self._select(query) if known is None else known
        if len(result) < _ROWS_KEPT:
            with suppress(TypeError), self._lock:
                self._results[query] = result
                self._results[key] = result
        return result

    def _select(self, query: Query) -> ModelList:
        rows = self.matching(query)
        for key in reversed(query.sort):
            rows = self._sorted(rows, key)
        if query.limit is not None or query.offset:
            rows = rows[query.offset :][: query.limit]
        return ModelList(self._catalog, rows)

    def matching(self, query: Query) -> Sequence[int]:
        """Return the rows that meet *query*, ascending, whatever its ``sort``, ``limit`` and ``offset``."""
        about_columns, about_models = clauses(query, self._catalog)
        if not about_columns and not about_models:
            return self._everything if query.unknown != "only" else ()
        mask = -1
        for choice in about_columns:
            mask &= self.mask(choice)
        size = len(self._everything)
        verdicts = mask.to_bytes(size, "little") if about_columns else bytes([PASS]) * size
        if not about_models:
            return Selected(self._everything, verdicts.translate(_SELECT[query.unknown]))
        judged = bytearray(verdicts)
        for clause in about_models:
            may_pass = judged.translate(_SELECT["exclude"]) if query.unknown == "exclude" else judged
            rows = tuple(compress(self._everything, may_pass))
            for row, verdict in zip(rows, clause.verdicts(self._catalog, rows), strict=True):
                judged[row] &= verdict
        return Selected(self._everything, bytes(judged.translate(_SELECT[query.unknown])))

    def mask(self, choice: Iterable[ColumnClause]) -> int:
        """Return the verdicts of all rows on *choice*, of which any one must hold."""
        return reduce(or_, map(self._mask, choice))

    def _mask(self, clause: ColumnClause) -> int:
        name = clause.column
        table = clause.table(self._catalog.column(name))
        with self._lock:
            mask = self._masks.get((name, table))
        if mask is None:
            planes = self._planes.get(name) or self._planes.setdefault(name, Planes(self._catalog.column(name)))
            mask = planes.mask(table)
            with self._lock:
                self._masks[name, table] = mask
        return mask

    def _sorted(self, rows: Sequence[int], key: str) -> Sequence[int]:
        """Return *rows* in the order of *key*, unknowns last, otherwise as they were."""
        path = key.removeprefix("-")
        if path in COLUMNS:
            column = self._catalog.column(path)
            codes = [column.codes[row] for row in rows]
        else:
            column = Column.of(fact_at(self._catalog.at(row), path) for row in rows)
            codes = list(column.codes)
        sign = -1 if key.startswith("-") else 1
        rank = [len(column.values) + 1, *(sign * code for code in range(1, len(column.values) + 1))]
        order = sorted(range(len(rows)), key=lambda place: rank[codes[place]])
        return tuple([rows[place] for place in order])
