"""Which rows of a catalog sell the same model, and how we know.

Upstream says it for about two thirds of the rows (``canonical_model_id``). A row it says nothing of is linked by the first of these rules
that finds exactly one answer; each was measured by hiding the link of every linked row in turn (see docs/explanation/identity.md):

``registry``
    the id, or provider/id, is itself a canonical id
``id``
    the same id is linked elsewhere, always to the same model
``tail``
    likewise, without the prefixes before the last ``/`` and whatever the capitals
``spelling``
    likewise, whatever the separators
``name``
    the same display name, with the same numbers in the id, is linked elsewhere, always to the same model
``variant``
    likewise by spelling, without Bedrock's affixes and the words at the end that mark a variant

No rule but the first links a moving alias (``-latest``), or a model to one whose linked rows are all of other families. Rows that no rule
links still belong together when their ids have the same tail with a number in it, and they have the same family.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from .spelling import VARIANT_WORDS, fold, tail, trim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog import Catalog

__all__ = ["Evidence", "Identity", "Links"]

Evidence: TypeAlias = Literal["canonical_model_id", "registry", "id", "tail", "spelling", "name", "variant"]
"""How we know which model a row sells: upstream says so, or the rule of that name does."""


class Identity(NamedTuple):
    """Which model a row sells: ``canonical`` is its canonical id, None where the rows of ``group`` only share one between themselves."""

    group: tuple[str, ...]
    canonical: str | None
    evidence: Evidence


class _Row(NamedTuple):
    """What the rules look at: ``keys`` is what has to be the same for two rows to be linked, by rule."""

    ref: str
    id: str
    family: str | None
    keys: tuple[str, ...]


class Links:
    """The identity of every row, and the rows of every identity. Building it reads columns and decodes no model."""

    def __init__(self, catalog: Catalog) -> None:
        names, families, canonicals = (catalog.column(name) for name in ("name", "family", "canonical_model_id"))
        refs = catalog.content.refs
        spelled = {model_id: _spellings(model_id) for model_id in {ref.partition("/")[2] for ref in refs}}
        self._refs, self._family_of = refs, families
        self._keys: list[tuple[str, ...]] = []
        for row, ref in enumerate(refs):
            model_id = ref.partition("/")[2]
            tail_of_it, spelling, plain, numbers = spelled[model_id]
            named = f"{(names[row] or '').strip().casefold()} {numbers}"
            self._keys.append((model_id, tail_of_it, spelling, named, plain))
        self._published: list[str | None] = [canonicals[row] for row in range(len(refs))]
        self._counts = Counter(canonical for canonical in self._published if canonical)
        self._labs = catalog.labs.keys()
        self._families: dict[str, dict[str, int]] = defaultdict(dict)
        self._votes: list[dict[str, dict[str, int]]] = [defaultdict(dict) for _ in _RULES]
        for row, canonical in enumerate(self._published):
            if canonical:
                if families[row]:
                    _count(self._families[canonical], families[row])
                for votes, key in zip(self._votes, self._keys[row], strict=True):
                    _count(votes[key], canonical)
        once: dict[Identity, Identity] = {}
        self.identities: list[Identity] = []
        """The identity of each row. Equal ones are the same object: the garbage collector walks all there are."""
        for row, published in enumerate(self._published):
            identity = Identity((published,), published, "canonical_model_id") if published else self.infer(row) or self._alone(row)
            self.identities.append(once.setdefault(identity, identity))
        self.sellers: dict[tuple[str, ...], list[int]] = defaultdict(list)
        """The rows of each identity's group, ascending."""
        for row, identity in enumerate(self.identities):
            self.sellers[identity.group].append(row)
        self.sellers.default_factory = None

    def infer(self, row: int) -> Identity | None:
        """Return what the rules say of *row*, leaving out what upstream says of it; None where no rule says anything."""
        facts, own = self._row(row), self._published[row]
        for rule, canonical in self._answers(facts, own):
            if rule == "registry" or self._plausible(facts, canonical, own):
                return Identity((canonical,), canonical, rule)
        return None

    def _answers(self, row: _Row, own: str | None) -> Iterator[tuple[Evidence, str]]:
        for canonical in (row.id, row.ref):
            if canonical in self._labs or self._counts[canonical] > (canonical == own):
                yield "registry", canonical
        for rule, votes, key in zip(_RULES, self._votes, row.keys, strict=True):
            others = [canonical for canonical, count in votes.get(key, {}).items() if count > (canonical == own)]
            if len(others) == 1:
                yield rule, others[0]

    def _plausible(self, row: _Row, canonical: str, own: str | None) -> bool:
        families = self._families.get(canonical, {})
        return "latest" not in row.id and (not row.family or not families or families.get(row.family, 0) > (canonical == own))

    def _row(self, row: int) -> _Row:
        ref = self._refs[row]
        return _Row(ref, ref.partition("/")[2], self._family_of[row], self._keys[row])

    def _alone(self, row: int) -> Identity:
        facts = self._row(row)
        key = facts.keys[2]
        shared = ("", key, facts.family or "") if re.search(r"\d", key) and "latest" not in key else ("", str(row))
        return Identity(shared, None, "tail")


def _count(counts: dict[str, int], what: str) -> None:
    """Count *what*. No Counter: a plain dict of text and numbers is nothing that the garbage collector walks."""
    counts[what] = counts.get(what, 0) + 1


def _spellings(model_id: str) -> tuple[str, str, str, str]:
    """Return the tail of *model_id*, folded, without what marks a variant, and the numbers in it."""
    end = tail(model_id)
    trimmed = trim(model_id)
    parts = trimmed.core.split("-") + [f"v{trimmed.version}"] * (trimmed.version not in {"", "1"})
    while len(parts) > 1 and parts[-1] in VARIANT_WORDS - {"latest"}:
        parts.pop()
    return end.casefold(), fold(end), "-".join(parts), " ".join(sorted(re.findall(r"\d+", end)))


_RULES: tuple[Evidence, ...] = ("id", "tail", "spelling", "name", "variant")
"""The rules that look for linked rows with the same key, in the order of ``_Row.keys``."""
