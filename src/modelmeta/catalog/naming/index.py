"""The ids of a catalog by how they can be written."""

from __future__ import annotations

from enum import IntEnum
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from .spelling import date_at_end, fold, trim

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from ..catalog import Catalog

__all__ = ["NameIndex", "Tightness"]

_DAYS_AROUND_RELEASE = 45


class Tightness(IntEnum):
    """How closely a name matches an id; the least is the tightest."""

    ID = 0
    """Letter by letter."""
    FOLDED = 1
    """But for capitals and separators."""
    CANONICAL = 2
    """It is the canonical id of what the row sells."""
    TAIL = 3
    """But for the prefix before the last ``/``, which only one of the two has."""
    DATED = 4
    """But for Bedrock's affixes, or a date at the end, which only one of the two has."""


class _Spelling(NamedTuple):
    folded: str
    prefix: str
    tail: str
    region: str
    vendor: str
    version: str
    base: str
    date: date | None


def _spelling(model_id: str) -> _Spelling:
    folded = fold(model_id)
    prefix, slash, tail = folded.rpartition("/")
    region, vendor, core, version = trim(model_id)
    return _Spelling(folded, prefix or slash, tail, region, vendor, version, *date_at_end(core))


def _rows_by(keys: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the rows of each key. Tuples of numbers, unlike lists, are nothing that the garbage collector walks."""
    ordered = sorted(range(len(keys)), key=keys.__getitem__)
    return {key: tuple(rows) for key, rows in groupby(ordered, key=keys.__getitem__)}


class NameIndex:
    """Finds the rows whose id is another way of writing a given one. Building it decodes no model."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        refs = [ref.partition("/") for ref in catalog.content.refs]
        self._providers = [provider_id for provider_id, _, _ in refs]
        spellings = {model_id: _spelling(model_id) for model_id in {model_id for _, _, model_id in refs}}
        self._spellings = [spellings[model_id] for _, _, model_id in refs]
        self._ids = _rows_by([model_id for _, _, model_id in refs])
        self._folded = _rows_by([spelling.folded for spelling in self._spellings])
        self._tails = _rows_by([spelling.tail for spelling in self._spellings])
        self._bases = _rows_by([spelling.base for spelling in self._spellings])

    def provider(self, row: int) -> str:
        """Return the id of the provider of *row*."""
        return self._providers[row]

    def knows(self, model_id: str) -> bool:
        """Return whether anybody's id is *model_id*, but for capitals and separators."""
        return fold(model_id) in self._folded

    def stages(self, model_id: str, provider_id: str | None = None) -> Iterator[tuple[Tightness, Sequence[int]]]:
        """Yield the rows whose id *model_id* can mean, at one provider or at any, tightest first."""
        yield Tightness.ID, self._at(provider_id, self._ids.get(model_id, ()))
        yield Tightness.FOLDED, self._at(provider_id, self._folded.get(fold(model_id), ()))
        spelling = _spelling(model_id)
        if provider_id is None and "/" in model_id:
            yield Tightness.CANONICAL, self._catalog.links.sellers.get((model_id,), [])
        yield Tightness.TAIL, [row for row in self._at(provider_id, self._tails.get(spelling.tail, ())) if self._prefixed(row, spelling)]
        yield Tightness.DATED, self._dated(spelling, provider_id)

    def tightest(self, model_id: str, provider_id: str) -> tuple[Tightness, Sequence[int]]:
        """Return the rows of one provider whose id *model_id* means most closely; none where nothing does."""
        return next((stage for stage in self.stages(model_id, provider_id) if stage[1]), (Tightness.DATED, []))

    def _at(self, provider_id: str | None, rows: Sequence[int]) -> Sequence[int]:
        return rows if provider_id is None else [row for row in rows if self._providers[row] == provider_id]

    def _prefixed(self, row: int, asked: _Spelling) -> bool:
        """Return whether the prefix asked for, if any, is that of *row*, or names its provider or its lab where it has none."""
        prefix = self._spellings[row].prefix
        if not asked.prefix or prefix:
            return not asked.prefix or prefix == asked.prefix
        canonical = self._catalog.links.identities[row].canonical or ""
        return asked.prefix in {fold(self._providers[row]), fold(canonical.partition("/")[0])}

    def _dated(self, asked: _Spelling, provider_id: str | None) -> list[int]:
        """Return the rows that differ from *asked* by affixes or a date that only one of the two has, those with the fewest differences."""
        near: dict[int, tuple[bool, bool]] = {}
        for row in self._at(provider_id, self._bases.get(asked.base, ())):
            own = self._spellings[row]
            same_region, same_date = own.region == asked.region, own.date == asked.date
            if (
                (same_region or not (own.region and asked.region))
                and (own.version == asked.version or not (own.version and asked.version))
                and (own.vendor == asked.vendor or (provider_id is not None and not (own.vendor and asked.vendor)))
                and (same_date or asked.date is None or self._dates(row, asked.date))
                and self._prefixed(row, asked)
            ):
                near[row] = (same_date, same_region)
        nearest = max(near.values(), default=None)
        return [row for row, likeness in near.items() if likeness == nearest]

    def _dates(self, row: int, day: date) -> bool:
        """Return whether *row*, written without a date, is the model of *day*.

        It is when rows written with that date sell the same model and no other; or, where there are none, when it was released about then.
        Beside a row of the same provider that has another date it never is.
        """
        alike = self._bases[self._spellings[row].base]
        if any(self._spellings[sibling].date for sibling in self._at(self._providers[row], alike)):
            return False
        identities = self._catalog.links.identities
        if dated := {identities[other].group for other in alike if self._spellings[other].date == day}:
            return dated == {identities[row].group}
        released = self._catalog.column("release_date")[row]
        return bool(released and released.span) and all(abs((day - known).days) <= _DAYS_AROUND_RELEASE for known in released.span)
