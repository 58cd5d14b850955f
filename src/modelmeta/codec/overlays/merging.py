"""Rows laid over rows, field by field.

A row is a tree of a few objects, ``OBJECTS``; what stands in them, and whatever else a row holds, is one fact and replaced whole. That the
objects are known beforehand is what makes laying associative: nothing is an object here and a fact there.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import DecodeError
from ...records.frozen import FrozenDict, FrozenList
from ..json_text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..shape import Json

__all__ = ["OBJECTS", "Objects", "Path", "Wrong", "atom_of", "facts", "filled", "frozen_row", "laid", "said"]

Objects: TypeAlias = Mapping[str, Any]
Path: TypeAlias = tuple[str | int, ...]
Wrong: TypeAlias = "Callable[[Path, str, Any], None]"
"""Hears of a mistake: where, what is wrong, and what stands there."""

_COST: Objects = {"cost": {}, "provider": {}}
OBJECTS: Objects = {**_COST, "limit": {}, "modalities": {}, "experimental": {"modes": {"*": _COST}}}
"""The objects of a row, and those within them; ``*`` is any key."""

_TIERS = frozenset({"tiers", "context_over_200k"})
"""Two ways to say one fact: who says either replaces both."""
_UNSAID: Mapping[str, Any] = {"limit": 0, "modalities": []}
"""What upstream writes, by the object it stands in, where nobody knows."""


def frozen_row(raw: Mapping[Any, Any], path: Path, wrong: Wrong, objects: Objects = OBJECTS, where: str = "") -> FrozenDict[str, Any]:
    """Return what *raw* says of a row, frozen, without what says nothing: null, objects of nothing else, and what upstream writes for it.

    A float means what it prints as. *where* is the name of the object that *raw* is. *wrong* hears what is no JSON, and what is none of the
    *objects* where one must be.
    """
    row = {}
    for key, value in raw.items():
        here = (*path, str(key))
        if not _is_text(key):
            wrong(here, "a field's name must be text", value)
        elif (within := _within(objects, key)) is None:
            row[key] = _json(value, here, wrong)
        elif isinstance(value, Mapping):
            row[key] = frozen_row(value, here, wrong, within, key) or None
        elif value is not None:
            wrong(here, f"must be an object, not {value!r:.80}", value)
    return FrozenDict({key: value for key, value in row.items() if not _is_unsaid(value, where)})


def _json(value: Any, path: Path, wrong: Wrong) -> Any:
    if isinstance(value, Mapping):
        for key in value.keys() - {*filter(_is_text, value)}:
            wrong((*path, str(key)), "a field's name must be text", key)
        return FrozenDict({key: _json(item, (*path, str(key)), wrong) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return FrozenList([_json(item, (*path, number), wrong) for number, item in enumerate(value)])
    if isinstance(value, float):
        value = Decimal(str(value))
    if isinstance(value, (int, Decimal)):
        try:
            to_text(value)
        except DecodeError:
            wrong(path, "a number beyond anything a catalog could mean", value)
    elif value is not None and not isinstance(value, str):
        wrong(path, f"is nothing that JSON could say: {value!r:.80}", value)
    return value


def laid(under: Json, over: Mapping[str, Any], objects: Objects = OBJECTS) -> Json:
    """Return the row *under* with everything that *over* says in place of its own. Associative and idempotent."""
    row = {key: value for key, value in under.items() if key not in _TIERS or _TIERS.isdisjoint(over)}
    for key, value in over.items():
        within = _within(objects, key)
        row[key] = value if within is None else laid(_object(under.get(key)), value, within)
    return row


def filled(under: Json, more: Mapping[str, Any], objects: Objects = OBJECTS, where: str = "") -> Json:
    """Return the row *under* with what *more* says where it says nothing; *where* is the name of the object they are. Associative as well."""
    row = dict(under)
    tiered = any(under.get(key) is not None for key in _TIERS)
    for key, value in more.items():
        known, within = under.get(key), _within(objects, key)
        if within is not None and (known is None or isinstance(known, dict)):
            row[key] = filled(_object(known), value, within, key)
        elif within is None and _is_unsaid(known, where) and not (tiered and key in _TIERS):
            row[key] = value
    return row


def facts(row: Mapping[str, Any], objects: Objects = OBJECTS) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every fact that *row* says, with the keys that lead there."""
    for key, value in row.items():
        within = _within(objects, key)
        if within is None:
            yield (key,), value
        else:
            yield from (((key, *keys), fact) for keys, fact in facts(value, within))


def atom_of(path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys of the fact that *path* leads into; None where it ends at an object of several."""
    objects: Objects = OBJECTS
    for number, key in enumerate(path, 1):
        within = _within(objects, key)
        if within is None:
            return path[:number]
        objects = within
    return None


def said(row: Mapping[str, Any], atom: tuple[str, ...]) -> Any:
    """Return what *row* says of a fact, None where it says nothing."""
    value: Any = row
    for key in atom[:-1]:
        value = _object(value.get(key))
    known = [value.get(key) for key in ([atom[-1], *sorted(_TIERS - {atom[-1]})] if atom[-1] in _TIERS else [atom[-1]])]
    where = atom[-2] if len(atom) > 1 else ""
    return next((fact for fact in known if not _is_unsaid(fact, where)), None)


def _is_text(key: object) -> bool:
    return isinstance(key, str)


def _is_unsaid(value: Any, where: str) -> bool:
    return value is None or (where in _UNSAID and value == _UNSAID[where] and not isinstance(value, bool))


def _within(objects: Objects, key: str) -> Objects | None:
    within: Objects | None = objects.get(key, objects.get("*"))
    return within


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}
