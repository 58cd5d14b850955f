"""Where to go when a model does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ...display.sheet import SHOWN, Sheet, part_of
from ...display.text import as_text
from ...display.tuples import ShownTuple
from ...records.model import Model
from ...records.refs import ModelRef
from ..naming.spelling import date_at_end, fold
from ..price import Quote
from ..query import Query
from .room import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...records.usage import Usage
    from ..catalog import Catalog

__all__ = ["Fallback", "FallbackChain", "Likeness", "fallback_chain"]

Likeness: TypeAlias = Literal["model", "version", "family", "capabilities"]
"""What a fallback has in common with the model it stands in for, nearest first."""


@attrs.frozen(kw_only=True)
class Fallback:
    """A model to go to: ``likeness`` is what it has in common with the one that failed, ``reasons`` say so in words, and what is not known.

    ``quote`` is what the usage asked about costs there.
    """

    model: Model
    likeness: Likeness
    reasons: tuple[str, ...]
    quote: Quote | None = None


class FallbackChain(ShownTuple[Fallback]):
    """Fallbacks in the order in which to try them: a tuple that shows itself as a table."""

    __slots__ = ()

    @property
    def models(self) -> tuple[Model, ...]:
        """The models alone."""
        return tuple(fallback.model for fallback in self)

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """The references of the models."""
        return tuple(fallback.model.ref for fallback in self)

    def sheet(self, *, most: int | None = SHOWN) -> Sheet:
        """Return the first 30, the first *most* or all of them; a note says how many there are."""
        shown = self[:most]
        quoted = any(fallback.quote for fallback in self)
        rows = [
            [
                str(fallback.model.ref),
                *([as_text(fallback.quote.total)] if fallback.quote else []),
                "same " + fallback.likeness,
                "; ".join(fallback.reasons),
            ]
            for fallback in shown
        ]
        header = ["model", *(["USD"] if quoted else []), "likeness", "reasons"]
        return Sheet(header=header, rows=rows, notes=part_of(len(shown), len(self), "fallbacks"))


def fallback_chain(
    catalog: Catalog,
    ref: str | ModelRef,
    *,
    same_capabilities: bool = True,
    different_provider: bool = True,
    usage: Usage | None = None,
    limit: int | None = None,
) -> FallbackChain:
    """Return where to go when the model called *ref* does not answer; see ``Catalog.fallback_chain``."""
    model = catalog.get(ref)
    page = Query() if limit is None else Query(limit=limit)
    asked = _Asked(catalog, model, usage, same_capabilities=same_capabilities, different_provider=different_provider)
    found: dict[ModelRef, Fallback] = {}
    for fallback in asked.fallbacks():
        if len(found) == page.limit:
            break
        found.setdefault(fallback.model.ref, fallback)
    return FallbackChain(found.values())


@attrs.frozen
class _Asked:
    """What a chain is asked for."""

    catalog: Catalog
    model: Model
    usage: Usage | None
    same_capabilities: bool = attrs.field(kw_only=True)
    different_provider: bool = attrs.field(kw_only=True)

    def fallbacks(self) -> Iterator[Fallback]:
        """Yield the fallbacks, nearest first; those that have two things in common twice."""
        yield from self._offers("model", self.model.ref, "sells the same model")
        for ref, canonical in self._versions():
            yield from self._offers("version", ref, f"sells {canonical}, the same model by another date")
        if self.model.family is not None:
            yield from self._others("family", f"is of the family {self.model.family}", family=self.model.family)
        if self.same_capabilities:
            yield from self._others("capabilities", "has the same capabilities, context and output, or more")

    def _versions(self) -> Iterator[tuple[ModelRef, str]]:
        """Yield one offer of each model that is the same but for the date at the end of its canonical id, and that id, in their order."""
        links, refs = self.catalog.links, self.catalog.content.refs
        own = links.identities[self.catalog.rows[str(self.model.ref)]].canonical
        if own is None:
            return
        for _, rows in sorted(links.sellers.items()):
            canonical = links.identities[rows[0]].canonical
            if canonical is not None and canonical != own and _undated(canonical) == _undated(own):
                yield ModelRef.parse(refs[rows[0]]), canonical

    def _offers(self, likeness: Likeness, ref: ModelRef, what: str) -> Iterator[Fallback]:
        for offering in self.catalog.offerings(ref, usage=self.usage):
            model = offering.model
            answers = {name: model.supports(name) for name in self._needs}
            room = None if self.usage is None else fits(model, self.usage)
            if not self._elsewhere(model) or model.status == "deprecated" or room is False:
                continue
            if self.same_capabilities and False in answers.values():
                continue
            reasons = [f"{what}, by {offering.evidence}"]
            reasons += [f"is {', '.join(offering.variants)}"] if offering.variants else []
            lacking = [name for name, answer in answers.items() if answer is False]
            unsaid = [name for name, answer in answers.items() if answer is None]
            reasons += [f"has no {', '.join(lacking)}"] if lacking else []
            reasons += [f"nobody says whether it has {', '.join(unsaid)}"] if unsaid else []
            reasons += ["nobody says whether the usage fits"] if self.usage is not None and room is None else []
            yield Fallback(model=model, likeness=likeness, reasons=tuple(reasons), quote=offering.quote)

    def _others(self, likeness: Likeness, reason: str, **criteria: Any) -> Iterator[Fallback]:
        if self.same_capabilities:
            limits = {"min_context": self.model.limit.context, "min_output": self.model.limit.output}
            criteria.update({name: least for name, least in limits.items() if least is not None})
        needs = self._needs if self.same_capabilities else ()
        asked: dict[str, Any] = {} if self.usage is None else {"usage": self.usage}
        for ranked in self.catalog.rank(*needs, type=self.model.type or "chat", **criteria, **asked):
            if self._elsewhere(ranked.model) and (self.usage is None or fits(ranked.model, self.usage)):
                yield Fallback(model=ranked.model, likeness=likeness, reasons=(reason,), quote=ranked.quote if asked else None)

    @property
    def _needs(self) -> tuple[str, ...]:
        """What the model is known to have, but for its weights, which no request needs."""
        return tuple(sorted(self.model.capabilities - {"open_weights"}))

    def _elsewhere(self, other: Model) -> bool:
        return other.ref != self.model.ref and not (self.different_provider and other.provider_id == self.model.provider_id)


def _undated(canonical: str) -> str:
    return date_at_end(fold(canonical))[0]
