"""What every foreign document becomes: a layer of facts about our models, and an account of what it could not say."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import attrs

from ...errors import DecodeError
from ...records.frozen import FrozenDict, freeze
from ...records.problem import Problem, json_path
from ..layer import Layer
from ..structure import Unreadable, show
from .values import an_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ..shape import Json

__all__ = ["Claim", "ForeignLayer", "Gathering", "Places", "Reader", "objects_of", "refusal", "said"]

Value = TypeVar("Value")

_NOTHING: Mapping[str, Any] = FrozenDict()


class Places(Protocol):
    """Knows where a foreign row belongs among our models."""

    def providers(self, name: str) -> tuple[str, ...]:
        """Return our ids of the provider somebody calls *name*, the usual one first; none where we do not know it."""
        ...

    def find(self, provider_id: str, model_id: str) -> tuple[int, tuple[str, ...]]:
        """Return our references that *model_id* at our *provider_id* can mean, and how loosely they match: 0 is letter by letter."""
        ...

    def ids(self, provider_id: str) -> Iterable[str]:
        """Return the ids of all models of *provider_id*."""
        ...


@attrs.frozen(kw_only=True, repr=False)
class ForeignLayer(Layer):
    """A :class:`Layer` made of somebody else's document, with an account of all its rows.

    ``models`` are the rows about models we know, in upstream's shape. Nothing else is lost: ``matched`` says which row of theirs speaks of
    each of our references, ``new`` are the rows about models we do not know, by the reference they would have, ``unplaced`` says of every
    other row why it has no place, ``problems`` what could not be read, and ``ignored`` in how many rows a field stands that we have no name for.
    ``claims`` are capabilities by reference which upstream's shape cannot say one at a time (whether images go in, without a list of what
    does); they are only compared.
    """

    claims: FrozenDict[str, FrozenDict[str, bool]] = attrs.field(factory=FrozenDict, converter=freeze)
    matched: FrozenDict[str, str] = attrs.field(factory=FrozenDict, converter=freeze)
    new: FrozenDict[str, Any] = attrs.field(factory=FrozenDict, converter=freeze)
    unplaced: FrozenDict[str, str] = attrs.field(factory=FrozenDict, converter=freeze)
    ignored: FrozenDict[str, int] = attrs.field(factory=FrozenDict, converter=freeze)
    problems: tuple[Problem, ...] = ()
    day: date | None = None
    """The day on which the prices are in force, where the document has prices of several days."""

    def __repr__(self) -> str:
        counts = {"matched": self.matched, "new": self.new, "unplaced": self.unplaced, "problems": self.problems}
        return f"<ForeignLayer {self.name!r}: {', '.join(f'{len(what):,} {name}' for name, what in counts.items())}>"

    def with_new(self) -> ForeignLayer:
        """Return the layer that also brings the models we do not know, and their providers."""
        providers: dict[str, Mapping[str, Any]] = {ref.partition("/")[0]: {} for ref in self.new}
        return attrs.evolve(self, models={**self.models, **self.new}, providers={**providers, **self.providers}, new={})


class Claim(NamedTuple):
    """What one row says of one of our models."""

    looseness: int
    key: str
    row: Json
    claims: Mapping[str, bool]


@attrs.define
class Gathering:
    """The rows of one document on their way into a layer. Of several rows about one model the one that names it most closely counts."""

    places: Places
    said: dict[str, Claim] = attrs.field(factory=dict)
    new: dict[str, Json] = attrs.field(factory=dict)
    unplaced: dict[str, str] = attrs.field(factory=dict)
    problems: list[Problem] = attrs.field(factory=list)
    ignored: Counter[str] = attrs.field(factory=Counter)

    def set_aside(self, keys: Iterable[str | int], raw: Any, reason: str, kind: str = "quarantined") -> None:
        """Record that what stands at *keys* cannot be read, or reads oddly."""
        self.problems.append(Problem(json_path(*keys), reason, raw, kind))

    def add(self, key: str, provider: str, model_id: str, row: Json, claims: Mapping[str, bool] = _NOTHING) -> None:
        """Put *row*, known as *key*, where *model_id* at the provider they call *provider* belongs."""
        own = self.places.providers(provider)
        found = [(provider_id, *self.places.find(provider_id, model_id)) for provider_id in own]
        clear = [(2 * looseness + (provider_id != provider), refs[0]) for provider_id, looseness, refs in found if len(refs) == 1]
        for looseness, ref in clear:
            self.claim(ref, Claim(looseness, key, row, claims))
        if several := [] if clear else [ref for *_, refs in found for ref in refs]:
            self.unplaced[key] = f"can mean {', '.join(several)}"
        elif not clear:
            self.add_new((own or (provider,))[0], model_id, key, row)

    def add_new(self, provider_id: str, model_id: str, key: str, row: Json) -> None:
        """Keep *row*, known as *key*, as that of a model we do not know."""
        ref = f"{provider_id}/{model_id}"
        if "/" in provider_id or not model_id:
            self.unplaced[key] = f"no reference can be made of the provider {show(provider_id)} and the id {show(model_id)}"
        elif ref in self.new:
            self.unplaced[key] = f"another row says what {ref} is"
        else:
            self.new[ref] = row

    def claim(self, ref: str, said: Claim) -> None:
        """Let *said* speak of our *ref*, unless another row does that names it as closely."""
        known = self.said.get(ref)
        best, other = (said, known) if known is None or said.looseness < known.looseness else (known, said)
        self.said[ref] = best
        if other is not None:
            self.unplaced[other.key] = f"{best.key} says what {ref} is"

    def layer(self, name: str, *, wins: bool, day: date | None = None) -> ForeignLayer:
        """Return the layer of everything gathered."""
        said = dict(sorted(self.said.items()))
        speaking = {one.key for one in said.values()}
        return ForeignLayer(
            name=name,
            models={ref: one.row for ref, one in said.items() if one.row},
            wins=wins,
            claims={ref: {**one.claims} for ref, one in said.items() if one.claims},
            matched={ref: one.key for ref, one in said.items()},
            new=dict(sorted(self.new.items())),
            unplaced={key: reason for key, reason in sorted(self.unplaced.items()) if key not in speaking},
            ignored=dict(sorted(self.ignored.items())),
            problems=tuple(self.problems),
            day=day,
        )


@attrs.define
class Reader:
    """One object of a document: what is taken from it is checked, what is left counts as ignored."""

    gathering: Gathering
    keys: tuple[str | int, ...]
    raw: Json
    taken: set[str] = attrs.field(factory=set)

    def take(self, field: str, read: Callable[[Any], Value]) -> Value | None:
        """Return what *read* makes of *field*; None where it is not said, or cannot be read and is set aside."""
        self.taken.add(field)
        value = self.raw.get(field)
        if value is None:
            return None
        try:
            return read(value)
        except Unreadable as error:
            self.gathering.set_aside((*self.keys, field, *error.path), value, error.reason)
            return None

    def inner(self, field: str) -> Reader:
        """Return the reader of the object at *field*, an empty one where there is none."""
        return Reader(self.gathering, (*self.keys, field), self.take(field, an_object) or {})

    def finish(self, prefix: str = "") -> None:
        """Count the fields that nobody took, unless they are null."""
        self.gathering.ignored.update(prefix + field for field, value in self.raw.items() if field not in self.taken and value is not None)


def objects_of(gathering: Gathering, keys: tuple[str | int, ...], items: Iterable[tuple[str | int, Any]]) -> Iterator[Reader]:
    """Yield a reader of every object in *items*; what is none is set aside."""
    for key, raw in items:
        if isinstance(raw, dict):
            yield Reader(gathering, (*keys, key), raw)
        else:
            gathering.set_aside((*keys, key), raw, f"must be an object, not {show(raw)}")


def refusal(what: str, source: str | None) -> DecodeError:
    """Return the error that says that a document is not *what*."""
    message = f"{source or 'the document'} is not {what}"
    return DecodeError(message, source=source)


def said(facts: Json) -> Json:
    """Return *facts* without what is unknown, and without objects that are empty then."""
    known = {name: said(value) if isinstance(value, dict) else value for name, value in facts.items()}
    return {name: value for name, value in known.items() if value is not None and value != {}}
