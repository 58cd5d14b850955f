"""Who sells a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ..display.sheet import SHOWN, Sheet, part_of
from ..display.text import as_text
from ..display.tuples import ShownTuple
from ..errors import AmbiguousModelError
from ..records.model import Model
from .naming.links import Evidence
from .naming.spelling import VARIANT_WORDS, fold, runs, tail
from .price import Quote, quote

if TYPE_CHECKING:
    from decimal import Decimal

    from ..records.refs import ModelRef
    from ..records.usage import Usage
    from ..records.vocabulary import PriceState
    from .catalog import Catalog

__all__ = ["Offering", "Offerings", "Offers"]


@attrs.frozen(kw_only=True)
class Offering:
    """One provider's offer of a model.

    ``canonical`` is the id of the model it sells, None where upstream links none of the offers and only their ids say that they belong
    together; ``evidence`` is how we know (see :data:`Evidence`). ``variants`` are what sets the offer apart: words of its id that the canonical
    id does not have (``free``, ``fp8``, ``thinking``, a region), and ``moving`` where the id is an alias that upstream moves on (``-latest``, or no
    date where the canonical id has one). ``quote`` is what the usage asked about costs there.
    """

    model: Model
    canonical: str | None
    evidence: Evidence
    variants: tuple[str, ...] = ()
    quote: Quote | None = None

    @property
    def price_state(self) -> PriceState:
        """``priced``, ``free``, ``plan`` or ``unpriced``; with a quote, for its usage."""
        return self.quote.state if self.quote else self.model.price_state


class Offerings(ShownTuple[Offering]):
    """Every offer of one model, cheapest first: a tuple that shows itself as a table.

    Offers without a published price come last; of those that publish 0, subscription plans come after free ones.
    """

    __slots__ = ()

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all of the offers as a table; a note says how many there are."""
        shown = self[:most]
        quoted = any(offering.quote for offering in self)
        header = ["model", "USD/M in", "USD/M out", *(["USD"] if quoted else []), "price", "variant", "evidence"]
        rows = [
            [
                str(offering.model.ref),
                as_text(offering.model.cost and offering.model.cost.input),
                as_text(offering.model.cost and offering.model.cost.output),
                *([as_text(offering.quote.total)] if offering.quote else []),
                offering.price_state,
                ", ".join(offering.variants),
                offering.evidence,
            ]
            for offering in shown
        ]
        return Sheet(header=header, rows=rows, notes=part_of(len(shown), len(self), "offers"))


class Offers:
    """Answers who sells a model, over one catalog. What was asked without a usage is remembered."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[tuple[str, ...], Offerings] = {}

    def of(self, name: str, usage: Usage | None) -> Offerings:
        """Return the offers of the model called *name*; see ``Reading.offerings``."""
        group = self._group(name)
        known = self._known.get(group)
        if known is None:
            known = self._known[group] = self._offerings(group)
        if usage is None:
            return known
        return Offerings(sorted((attrs.evolve(offering, quote=quote(offering.model, usage)) for offering in known), key=_cheapest))

    def _group(self, name: str) -> tuple[str, ...]:
        catalog = self._catalog
        identities = catalog.links.identities
        if (row := catalog.rows.get(name)) is not None:
            return identities[row].group
        try:
            return identities[catalog.rows[str(catalog.names.resolve(name).model.ref)]].group
        except AmbiguousModelError as error:
            groups = {identities[catalog.rows[ref]].group for ref in error.candidates}
            if len(groups) > 1:
                raise
            return groups.pop()

    def _offerings(self, group: tuple[str, ...]) -> Offerings:
        links = self._catalog.links
        offers = []
        for row in links.sellers[group]:
            model, (_, canonical, evidence) = self._catalog.at(row), links.identities[row]
            offers.append(Offering(model=model, canonical=canonical, evidence=evidence, variants=_variants(model.id, canonical)))
        return Offerings(sorted(offers, key=_cheapest))


def _cheapest(offering: Offering) -> tuple[bool, tuple[Decimal, ...], bool, ModelRef]:
    state, cost = offering.price_state, offering.model.cost
    rates = (offering.quote.total,) if offering.quote else (cost.input, cost.output) if cost else ()
    prices = tuple(rate for rate in rates if rate is not None)
    return state == "unpriced", prices, state == "plan", offering.model.ref


def _variants(model_id: str, canonical: str | None) -> tuple[str, ...]:
    own = tail(canonical or "")
    found = [word for word in dict.fromkeys(runs(model_id)) if word in VARIANT_WORDS - {"latest"} and word not in runs(own)]
    undated = re.sub(r"-(?:20)?\d{2}-?\d{2}(?:-?\d{2})?$", "", fold(own))
    moving = "latest" in runs(model_id) or (undated != fold(own) and fold(tail(model_id)) == undated)
    return (*found, *(["moving"] if moving else []))
