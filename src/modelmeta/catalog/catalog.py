"""The catalog: one immutable, indexed set of facts."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from .._forks import unlocked_in_child, watch_forks
from .reading import Reading

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from ..records.columns import Column
    from ..records.lab import LabModel
    from ..records.model import Model
    from ..records.provider import Provider
    from .content import Content
    from .filtering import Filter
    from .naming.links import Links
    from .naming.resolve import Names
    from .offerings import Offers
    from .price_book import PriceBook
    from .ranking import Rank
    from .searching.search import Search
    from .stats import Stats

__all__ = ["Catalog"]


@unlocked_in_child
class Catalog(Reading):
    """Every model, provider and price of one revision, in memory.

    Immutable: it may be shared between any number of threads and tasks, and a model asked for twice is the same object. Models are decoded
    when first touched, columns read when first asked about. Made by ``load_catalog``, ``bundled_catalog`` or a registry.

    Args:
        content: the facts.
        earlier: a catalog of which this is the next revision: models that did not change stay the same objects.
    """

    def __init__(self, content: Content, *, earlier: Catalog | None = None) -> None:
        self.content = content
        """The facts this catalog reads."""
        self.rows: dict[str, int] = {ref: row for row, ref in enumerate(content.refs)}
        """The row of each reference."""
        self.decoded: list[Model | None] = [None] * len(self.rows)
        """The models touched so far, by row."""
        self._decoding = Lock()
        self._columns: dict[str, Column] = {}
        if earlier is not None:
            self._inherit(earlier)
        watch_forks(self)

    def _inherit(self, earlier: Catalog) -> None:
        """Take over the models that *earlier* decoded and that did not change, and build what answered questions there."""
        for ref, old in earlier.rows.items():
            model, row = earlier.decoded[old], self.rows.get(ref)
            if model is not None and row is not None and earlier.content.line(old) == self.content.line(row):
                self.decoded[row] = model if model.subscription == self.sellers[model.provider_id].subscription else None
        for name in earlier.__dict__.keys() & _ENGINES:
            getattr(self, name)

    @property
    def catalog(self) -> Catalog:
        """This catalog."""
        return self

    def at(self, row: int) -> Model:
        """Return the model of *row*, the same object every time."""
        model = self.decoded[row]
        if model is None:
            with self._decoding:
                model = self.decoded[row] = self.decoded[row] or self.content.model(row)
        return model

    def column(self, name: str) -> Column:
        """Return one fact of every model, by row."""
        return self._columns.get(name) or self._columns.setdefault(name, self.content.column(name))

    def lab_of(self, model: Model) -> LabModel | None:
        """Return what the lab says of *model*: by its canonical id, or by its own reference where that is one."""
        return self.labs.get(model.canonical_model_id or "") or self.labs.get(str(model.ref))

    def best_score(self, model: Model, benchmark: str) -> Decimal | None:
        """Return the highest published result of *benchmark* for *model*; None where there is no result in numbers."""
        lab = self.lab_of(model)
        results = lab.benchmarks if lab else ()
        return max((result.score for result in results if result.name == benchmark and not isinstance(result.score, str)), default=None)

    @cached_property
    def sellers(self) -> Mapping[str, Provider]:
        """The providers by id."""
        return self.content.providers()

    @cached_property
    def labs(self) -> Mapping[str, LabModel]:
        """The lab models by id."""
        return self.content.lab_models()

    @cached_property
    def matching(self) -> Filter:
        """What answers ``filter``."""
        from .filtering import Filter  # noqa: PLC0415  # a catalog that only looks models up needs none of it

        return Filter(self)

    @cached_property
    def names(self) -> Names:
        """What answers ``resolve``."""
        from .naming.resolve import Names  # noqa: PLC0415  # as above

        return Names(self)

    @cached_property
    def links(self) -> Links:
        """Which rows sell the same model."""
        from .naming.links import Links  # noqa: PLC0415  # as above

        return Links(self)

    @cached_property
    def offers(self) -> Offers:
        """What answers ``offerings``."""
        from .offerings import Offers  # noqa: PLC0415  # as above

        return Offers(self)

    @cached_property
    def searching(self) -> Search:
        """What answers ``search``."""
        from .searching.search import Search  # noqa: PLC0415  # as above

        return Search(self)

    @cached_property
    def price_book(self) -> PriceBook:
        """What prices a workload at many models at once."""
        from .price_book import PriceBook  # noqa: PLC0415  # as above

        return PriceBook(self)

    @cached_property
    def ranking(self) -> Rank:
        """What answers ``rank`` and ``select``."""
        from .ranking import Rank  # noqa: PLC0415  # as above

        return Rank(self)

    @cached_property
    def counts(self) -> Stats:
        """What answers ``stats``, but for where answers came from."""
        from .stats import counted  # noqa: PLC0415  # as above

        return counted(self)

    def peek(self, row: int) -> Model:
        """Return the model of *row* without keeping it, for who reads many once."""
        return self.decoded[row] or self.content.model(row)

    def forked(self) -> None:
        """Go on in a child process. What another thread was at there may be half done, and is made anew."""
        self._decoding = Lock()
        engines = [vars(engine).values() for name, engine in vars(self).items() if name in _ENGINES and hasattr(engine, "__dict__")]
        if any(isinstance(part, type(self._decoding)) and part.locked() for parts in engines for part in parts):
            for name in _ENGINES:
                vars(self).pop(name, None)

    def __reduce__(self) -> tuple[type[Catalog], tuple[Content]]:
        return Catalog, (self.content,)

    def __repr__(self) -> str:
        content = self.content
        return (
            f"<Catalog: {len(self):,} models of {len(self.sellers)} providers, {content.kind} of {content.fetched_at or 'an unknown day'}>"
        )


_ENGINES = frozenset({"counts", "labs", "links", "matching", "names", "offers", "price_book", "ranking", "searching", "sellers"})
"""What a catalog builds when first asked; a later revision builds it before anybody asks."""
