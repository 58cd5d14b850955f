"""What model a name means: exact references, and the other ways in which people and programs write them."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeAlias

import attrs
from cachetools import LRUCache

from ..._forks import unlocked_in_child
from ...display.text import printable
from ...errors import AmbiguousModelError, ModelNotFoundError
from ...records.model import Model
from ...records.refs import ModelRef
from ..nearest import did_you_mean, nearest
from ..tally import Tally
from .index import NameIndex, Tightness
from .litellm import LITELLM_PROVIDERS, without_route
from .spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog import Catalog

__all__ = ["Match", "Names", "Resolution"]

Match: TypeAlias = Literal["exact", "alias", "normalized", "canonical"]
"""How a name was matched.

``exact``: provider and id, letter by letter. ``normalized``: but for capitals and separators. ``canonical``: it is the canonical id of the
model. ``alias``: another name of it, such as its id without a provider, without a prefix, or with or without its date, or one that an overlay gives it.
"""

_SHOWN = 6
_KEPT = 10_000
_LONGEST = 200
_ANYWHERE: dict[Tightness, Match] = {Tightness.FOLDED: "normalized", Tightness.CANONICAL: "canonical"}

_Found: TypeAlias = dict[int, tuple[Tightness, Match]]
"""Each row a name can mean, how closely it matches and in which way."""


@attrs.frozen
class Resolution:
    """What a name means: ``model``, how it was matched, and the references of all ``candidates`` it could mean, the lab's own first."""

    model: Model
    match: Match
    candidates: tuple[ModelRef, ...]


@unlocked_in_child
class Names:
    """Resolves names over one catalog.

    The index of spellings is built when the first name comes that is no exact reference; the latest 10,000 such names are remembered.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._own = {fold(provider_id): provider_id for provider_id in catalog.sellers}
        self._known: LRUCache[tuple[str, tuple[str, ...]], Resolution] = LRUCache(_KEPT)
        self._lock = Lock()
        self.tally: Tally = Tally()

    @property
    def size(self) -> int:
        """How many answers are remembered."""
        return len(self._known)

    @cached_property
    def _index(self) -> NameIndex:
        return NameIndex(self._catalog)

    def resolve(self, text: str, *, prefer: tuple[str, ...] = (), suggest: bool = True) -> Resolution:
        """Return what *text* means; see ``Reading.resolve``. Suggestions are most of what an error costs; *suggest* False saves them.

        Raises:
            ModelNotFoundError: nothing.
            AmbiguousModelError: several models that *prefer* does not settle.
        """
        last, at, provider_at_end = text.rpartition("@")
        readings = (text.partition("/"), text.partition(":"), (provider_at_end, at, last))
        for provider_id, _, model_id in readings:
            if (row := self._catalog.rows.get(f"{provider_id}/{model_id}")) is not None:
                return self._resolution(row, "exact", (row,))
        if (row := self._catalog.rows.get(self._catalog.content.aliases.get(text, ""))) is not None:
            return self._resolution(row, "alias", (row,))
        with self._lock:
            known = self._known.get((text, prefer))
            self.tally.count(hit=known is not None)
        if known is None:
            known = self._find(text, readings, prefer, suggest=suggest)
            with self._lock:
                self._known[text, prefer] = known
        return known

    def _find(self, text: str, readings: Iterable[tuple[str, str, str]], prefer: tuple[str, ...], *, suggest: bool) -> Resolution:
        found = self._at_a_provider(readings) or self._anywhere(text)
        if not found:
            canonical = {*self._catalog.column("canonical_model_id").values}
            suggestions = nearest(text, self._catalog.rows, first=canonical) if suggest and len(text) <= _LONGEST else []
            message = f"no model is called {_shortened(text)!r}{did_you_mean(suggestions)}"
            raise ModelNotFoundError(message, ref=text, suggestions=suggestions)
        return self._settled(text, found, prefer)

    def _ids(self, provider: str) -> tuple[str, ...]:
        """Return the ids of the provider someone calls *provider*: its own id, but for capitals and separators, or LiteLLM's name of it."""
        own = self._own.get(fold(provider))
        return (own,) if own else tuple(other for other in LITELLM_PROVIDERS.get(provider.casefold(), ()) if other in self._catalog.sellers)

    def _at_a_provider(self, readings: Iterable[tuple[str, str, str]]) -> _Found:
        """Return what *readings* mean at the provider they name, by the tightest match.

        After LiteLLM's name of a provider, an id that only resembles one there does not hide the same text as an id of somebody else.
        """
        for provider, separator, model_id in readings:
            own = fold(provider) in self._own
            for provider_id in self._ids(provider) if model_id else ():
                bare = without_route(model_id) if provider_id == "amazon-bedrock" else model_id
                tightness, rows = self._index.tightest(bare, provider_id)
                tight = tightness <= Tightness.FOLDED
                if rows and (own or tight or not self._index.knows(provider + separator + model_id)):
                    return dict.fromkeys(rows, (tightness, "normalized" if own and tight else "alias"))
        return {}

    def _anywhere(self, text: str) -> _Found:
        """Return what *text* means as an id without a provider, or as a canonical id; looser matches than a prefix only if there are no others."""
        found: _Found = {}
        loosest = Tightness.CANONICAL if fold(text.partition("/")[0]) in self._own else Tightness.DATED
        for tightness, rows in self._index.stages(text):
            if tightness <= loosest and not (tightness is Tightness.DATED and found):
                found = {**dict.fromkeys(rows, (tightness, _ANYWHERE.get(tightness, "alias"))), **found}
        return found

    def _settled(self, text: str, found: _Found, prefer: Iterable[str]) -> Resolution:
        """Return the one model of *found*, the one that a preferred provider sells, or the only one whose id *text* is letter by letter."""
        rows = self._lab_first(found) if len(found) > 1 else [*found]
        clear = found if len(found) == 1 else {}
        for how in (clear, *(self._of(provider, text, found) for provider in prefer)):
            least = min((tightness for tightness, _ in how.values()), default=None)
            tightest = [row for row in how if how[row][0] is least]
            if len(tightest) == 1:
                return self._resolution(tightest[0], how[tightest[0]][1], rows)
        verbatim = [row for row in rows if found[row][0] is Tightness.ID]
        if len(verbatim) == 1:
            return self._resolution(verbatim[0], found[verbatim[0]][1], rows)
        refs = [self._catalog.content.refs[row] for row in rows]
        shown = printable(", ".join(refs[:_SHOWN])) + (", …" if len(refs) > _SHOWN else "")
        provider = refs[0].partition("/")[0]
        message = (
            f"{text!r} can mean {len(refs)} models: {shown}; write provider/model, or which provider to prefer, as in prefer={provider!r}"
        )
        raise AmbiguousModelError(message, name=text, candidates=refs)

    def _resolution(self, row: int, match: Match, candidates: Iterable[int]) -> Resolution:
        refs = (ModelRef.parse(self._catalog.content.refs[candidate]) for candidate in dict.fromkeys((*candidates, row)))
        return Resolution(self._catalog.at(row), match, tuple(refs))

    def _of(self, provider: str, text: str, found: _Found) -> _Found:
        """Return what *provider* sells of *found*, else what *text* means there."""
        provider_ids = self._ids(provider)
        mine = {row: how for row, how in found.items() if self._index.provider(row) in provider_ids}
        return mine or self._at_a_provider([(provider, "/", text)])

    def _lab_first(self, found: _Found) -> list[int]:
        """Return the rows of *found*, those first that a lab sells of its own models, otherwise in the order of references."""
        identities = self._catalog.links.identities
        labs = {canonical.partition("/")[0] for row in found if (canonical := identities[row].canonical)}
        return sorted(found, key=lambda row: (self._index.provider(row) not in labs, row))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
