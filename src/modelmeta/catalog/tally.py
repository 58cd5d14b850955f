"""Counting how often an answer was there already."""

from __future__ import annotations

import attrs

__all__ = ["Tally", "Tier"]


@attrs.define
class Tally:
    """How often an answer was there (a hit) and how often it was not (a miss)."""

    hits: int = 0
    misses: int = 0

    def count(self, *, hit: bool) -> None:
        """Count one answer."""
        if hit:
            self.hits += 1
        else:
            self.misses += 1


@attrs.frozen
class Tier:
    """One of the places an answer can come from, and how it does.

    ``memory``
        the queries, rankings and names asked of the current catalog: a hit was remembered, a miss worked out; ``size`` answers are kept
    ``store``
        looks at the store's newest revision: a hit was another than the one in memory; ``size`` is the number of the one read now
    ``source``
        questions to a source: a hit brought a document, a miss was "not modified"; ``size`` is how many sources there are
    """

    name: str
    hits: int
    misses: int
    size: int
