"""Which of several models that match equally well comes first."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from .words import is_date, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..catalog import Catalog

__all__ = ["Precedence"]


class Precedence:
    """The order of rows where nothing else decides.

    First what the lab that makes a model sells itself, then what is not deprecated, the newest, what has no date in its id, what upstream links
    to a lab's model, and references in order. Who makes a model is what upstream says, else the provider its id begins with at aggregators
    (``openai/gpt-5.5``), else whoever makes most of its family. When it was released is what most who sell it under that id say.
    """

    def __init__(self, catalog: Catalog, sellers: Sequence[str], ids: Sequence[str]) -> None:
        canonical, families, status, released = map(catalog.column, ("canonical_model_id", "family", "status", "release_date"))
        everywhere = range(len(ids))
        prefixes, _, tails = zip(*(model_id.rpartition("/") for model_id in ids), strict=True) if ids else ((), (), ())
        linked = [(canonical[row] or "").partition("/")[0] for row in everywhere]
        makers = [lab or (prefix if prefix in catalog.sellers else "") for lab, prefix in zip(linked, prefixes, strict=True)]
        self.own: list[bool] = _own(sellers, prefixes, makers, [families[row] or "" for row in everywhere], linked)
        """Whether each row is what a lab sells of its own."""
        dates: dict[str, Counter[int]] = defaultdict(Counter)
        for tail, code in zip(tails, released.codes, strict=True):
            dates[tail][code] += 1
        newest = {tail: max(counts, key=lambda code: (counts[code], code)) for tail, counts in dates.items()}
        dated = {tail: any(map(is_date, words(tail))) for tail in dates}
        order = sorted(
            everywhere,
            key=lambda row: (
                not self.own[row],
                status[row] == "deprecated",
                -newest[tails[row]],
                dated[tails[row]],
                not canonical[row],
                row,
            ),
        )
        self.place: array[int] = array("I", bytes(4 * len(ids)))
        """The place of each row in the order."""
        for place, row in enumerate(order):
            self.place[row] = place


def _own(
    sellers: Sequence[str], prefixes: Sequence[str], makers: Sequence[str], families: Sequence[str], linked: Iterable[str]
) -> list[bool]:
    """Return whether each row is what a lab sells of its own; *linked* are the labs that upstream links rows to."""
    made: dict[str, Counter[str]] = defaultdict(Counter)
    for family, maker in zip(families, makers, strict=True):
        if family and maker:
            made[family][maker] += 1
    of_family = {family: max(sorted(counts), key=counts.__getitem__) for family, counts in made.items()}
    labs = {*linked, *of_family.values()}

    def is_own(seller: str, prefix: str, maker: str, family: str) -> bool:
        if seller == family.partition("-")[0]:
            return True
        return seller in labs and prefix in {"", seller} and seller == (maker or of_family.get(family, seller))

    return list(map(is_own, sellers, prefixes, makers, families))
