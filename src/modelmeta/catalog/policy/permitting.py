"""A catalog of only what a policy allows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..._forks import unlocked_in_child
from ...records.refs import ModelRef
from ..catalog import Catalog
from ..naming.links import Identity, Links
from .judging import Judge, lab_at
from .policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...records.model import Model

__all__ = ["judge_of", "permitted"]


def permitted(catalog: Catalog, policy: Policy, *, earlier: Catalog | None = None) -> Catalog:
    """Return the catalog of only those models of *catalog* that *policy* allows, or *catalog* itself where the policy says nothing.

    All reads follow: a provider or a lab's model of which nothing is left is not there, nor is what could not be read. What is left says what
    it says in *catalog*: the models are the same objects, and the same ones are offers of one model.

    Args:
        catalog: the facts, of everything.
        policy: what is allowed.
        earlier: what was permitted before; what answered questions there is built before anybody asks.
    """
    if policy.says_nothing:
        return catalog
    return _Permitted(Judge(catalog, policy), earlier)


def judge_of(catalog: Catalog) -> Judge:
    """Return who judged what is in *catalog*, and knows the catalog of everything; one that allows everything where nobody did."""
    return catalog.judge if isinstance(catalog, _Permitted) else Judge(catalog, Policy())


@unlocked_in_child
class _Permitted(Catalog):
    """Some rows of a whole catalog."""

    def __init__(self, judge: Judge, earlier: Catalog | None) -> None:
        self.judge = judge
        whole, rows = judge.catalog, judge.rows
        labs = {lab.id for row in rows if (lab := lab_at(whole, row))} if whole.labs else set[str]()
        super().__init__(whole.content.only(rows, labs, _Models(whole)), earlier=earlier)

    @cached_property
    def links(self) -> Links:
        """Which rows sell the same model, as all rows have it."""
        return _PickedLinks(self.judge.catalog.links, self.judge.rows)


class _Models(Mapping[ModelRef, "Model"]):
    """The models of a catalog by reference, each decoded when it is asked for."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def __getitem__(self, ref: ModelRef) -> Model:
        return self._catalog.at(self._catalog.rows[str(ref)])

    def __iter__(self) -> Iterator[ModelRef]:
        return map(ModelRef.parse, self._catalog.rows)

    def __len__(self) -> int:
        return len(self._catalog)


class _PickedLinks(Links):
    """The identities of some rows, as they are among all."""

    def __init__(self, whole: Links, rows: Sequence[int]) -> None:
        self._whole = whole
        self._rows = rows
        self.identities = [whole.identities[row] for row in rows]
        self.sellers = {}
        for row, identity in enumerate(self.identities):
            self.sellers.setdefault(identity.group, []).append(row)

    def infer(self, row: int) -> Identity | None:
        """Return what the rules say of *row* among all rows."""
        return self._whole.infer(self._rows[row])
