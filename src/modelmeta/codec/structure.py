"""Rows nobody has checked yet, made records by cattrs, or refused with the path to what is wrong."""

from __future__ import annotations

import types
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import BaseValidationError, ClassValidationError, Converter, IterableValidationError, IterableValidationNote
from cattrs.gen import make_dict_structure_fn, override

from ..records.cost import CostTier
from ..records.dates import PartialDate
from ..records.frozen import FrozenDict, freeze
from ..records.lab import Benchmark, LabModel, Link
from ..records.model import Limit, Model
from ..records.provider import Provider
from ..records.refs import ModelRef
from .json_text import to_text
from .shape import Json, known, shape_facts, shape_model, shape_provider, split, upstream_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Unreadable", "show", "structure_lab_model", "structure_model", "structure_provider"]

Record = TypeVar("Record")

Path: TypeAlias = tuple[str | int, ...]

Hook = Any
"""A cattrs structure hook: ``(value, type) -> structured value``."""


class Unreadable(Exception):  # noqa: N818  # never leaves the codec: it becomes a Problem
    """A row that does not fit its record: ``path`` leads from the row to the value at fault, ``reason`` says what is wrong with it.

    ``others`` are the paths and reasons of what else is wrong.
    """

    def __init__(self, path: Path, reason: str, *others: tuple[Path, str]) -> None:
        super().__init__(path, reason, *others)
        self.path = path
        self.reason = reason
        self.others = others


def structure_model(ref: ModelRef, row: object, *, subscription: bool) -> Model:
    """Return the model that *row* describes.

    Raises:
        Unreadable: it does not.
    """
    facts = _object(row)
    try:
        return _structure(shape_model(ref, facts, subscription=subscription), Model)
    except Unreadable as error:
        others = [(upstream_path(facts, path), reason) for path, reason in error.others]
        raise Unreadable(upstream_path(facts, error.path), error.reason, *others) from None


def structure_provider(provider_id: str, head: Json) -> Provider:
    """Return the provider that *head*, everything but its models, describes.

    Raises:
        Unreadable: it does not.
    """
    return _structure(shape_provider(provider_id, head), Provider)


def structure_lab_model(lab_id: str, row: object) -> LabModel:
    """Return the lab model that *row* of models.json describes.

    Raises:
        Unreadable: it does not.
    """
    extra: Json = {}
    shaped = {"name": lab_id, **split(_object(row), _LAB_MODEL, "", extra), "id": lab_id}
    shape_facts(shaped, extra)
    for name, fields in _LAB_LISTS.items():
        if isinstance(shaped.get(name), list):
            shaped[name] = [
                split(item, fields, f"{name}.{number}.", extra) if isinstance(item, dict) else item
                for number, item in enumerate(shaped[name])
            ]
    return _structure({**shaped, "extra": extra}, LabModel)


_LAB_MODEL = known(LabModel, "extra")
_LAB_LISTS = {"benchmarks": known(Benchmark), "links": known(Link), "weights": known(Link)}


def _object(row: object) -> Json:
    if not isinstance(row, dict):
        raise Unreadable((), f"must be an object, not {show(row)}")
    return row


def _structure(shaped: Json, cls: type[Record]) -> Record:
    try:
        return _CONVERTER.structure(shaped, cls)
    except BaseValidationError as error:
        (path, reason), *others = _leaves(error)
        raise Unreadable(path, reason, *others) from None


def _leaves(error: Any) -> Iterator[tuple[Path, str]]:
    """Yield the path to each thing that is wrong, and what that is."""
    match error:
        case ClassValidationError():
            causes: list[tuple[Any, str | int]] = [(cause, field.name) for cause, field in error.group_exceptions()[0]]
        case IterableValidationError():
            causes = [(cause, item.index) for cause, item in error.group_exceptions()[0]]
        case _:
            yield (), _reason(error)
            return
    for cause, step in causes:
        yield from (((step, *path), reason) for path, reason in _leaves(cause))


def _reason(error: Exception) -> str:
    return f"must have {error}" if isinstance(error, KeyError) else str(error)


def show(value: object) -> str:
    """Return *value* as JSON, no longer than a line has room for."""
    text = to_text(value)
    return text if len(text) <= 80 else f"{text[:77]}…"  # noqa: PLR2004  # a line's worth


def _exactly(cls: type, what: str) -> Hook:
    def hook(value: Any, _type: object) -> Any:
        if type(value) is not cls:
            message = f"must be {what}, not {show(value)}"
            raise ValueError(message)
        return value

    return hook


_TEXT = _exactly(str, "text")


def _price(value: Any, _type: object) -> Decimal:
    if type(value) in {int, Decimal} and value >= 0:
        return Decimal(value)
    message = f"must be a price of 0 or more in USD per million tokens, not {show(value)}"
    raise ValueError(message)


def _score(value: Any, _type: object) -> Decimal | str:
    if isinstance(value, str):
        return value
    if type(value) in {int, Decimal}:
        return Decimal(value)
    message = f"must be a number or text, not {show(value)}"
    raise ValueError(message)


def _size(value: Any, _type: object) -> int:
    if type(value) is int and value >= 0:
        return value
    message = f"must be a whole number of tokens, not {show(value)}"
    raise ValueError(message)


def _tokens(value: Any, _type: object) -> int | None:
    return None if value is None else _size(value, _type)


def _word(value: Any, cls: Any) -> Any:
    return None if value is None and types.NoneType in _members(cls) else _TEXT(value, str)


def _tuple(converter: Converter) -> Callable[[Any], Hook]:
    """Return a factory for ``tuple[X, ...]``, which must be a JSON array."""

    def factory(cls: Any) -> Hook:
        item: Any = get_args(cls)[0]
        inner = converter.get_structure_hook(list[item])

        def hook(value: Any, _type: object) -> Any:
            if not isinstance(value, list):
                message = f"must be a list, not {show(value)}"
                raise ValueError(message)  # noqa: TRY004  # cattrs collects any exception; this one becomes a reason
            return tuple(inner(value, list))

        return hook

    return factory


def _mapping(converter: Converter) -> Callable[[Any], Hook]:
    """Return a factory for ``FrozenDict[str, X]``, which must be a JSON object."""

    def factory(cls: Any) -> Hook:
        item_type = get_args(cls)[1]
        inner = None if item_type is Any else converter.get_structure_hook(item_type)

        def hook(value: Any, _type: object) -> Any:
            if not isinstance(value, dict):
                message = f"must be an object, not {show(value)}"
                raise ValueError(message)  # noqa: TRY004  # as above
            if inner is None:
                return freeze(value)
            items, errors = {}, []
            for key, item in value.items():
                try:
                    items[key] = inner(item, item_type)
                except (ValueError, BaseValidationError) as error:
                    error.__notes__ = [IterableValidationNote(f"under {key!r}", key, item_type)]
                    errors.append(error)
            if errors:
                message = f"{len(errors)} items do not fit"
                raise IterableValidationError(message, errors, cls)  # pyright: ignore[reportCallIssue]  # it does not see the __new__ of cattrs
            return FrozenDict(items)

        return hook

    return factory


def _record(converter: Converter) -> Callable[[Any], Hook]:
    """Return a factory for our records, which must be JSON objects."""

    def factory(cls: Any) -> Hook:
        overrides: Any = _TOKENS.get(cls, {})
        inner = make_dict_structure_fn(cls, converter, **overrides)

        def hook(value: Any, _type: object) -> Any:
            if not isinstance(value, dict):
                message = f"must be an object, not {show(value)}"
                raise ValueError(message)  # noqa: TRY004  # as above
            return inner(value, cls)

        return hook

    return factory


_TOKENS = {
    Limit: dict.fromkeys(("context", "input", "output"), override(struct_hook=_tokens)),
    CostTier: {"size": override(struct_hook=_size)},
}


def _flag_or_record(converter: Converter) -> Callable[[Any], Hook]:
    """Return a factory for ``bool | Record | None``: upstream says either true, or an object with more to it."""

    def factory(cls: Any) -> Hook:
        record: Any = next(member for member in get_args(cls) if attrs.has(member))
        return lambda value, _: converter.structure(value, bool if isinstance(value, bool) else record)

    return factory


def _members(cls: object) -> tuple[Any, ...]:
    return get_args(cls) if get_origin(cls) in {Union, types.UnionType} else ()


def _origin(cls: object) -> object:
    return get_origin(cls)


def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook_factory(attrs.has, _record(converter))
    converter.register_structure_hook_factory(
        lambda cls: bool in _members(cls) and any(map(attrs.has, _members(cls))), _flag_or_record(converter)
    )
    converter.register_structure_hook_func(lambda cls: str in _members(cls), _word)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is tuple, _tuple(converter))
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is FrozenDict, _mapping(converter))
    converter.register_structure_hook_func(lambda cls: cls == Decimal | str, _score)
    converter.register_structure_hook(bool, _exactly(bool, "true or false"))
    converter.register_structure_hook(int, _exactly(int, "a whole number"))
    converter.register_structure_hook(str, _TEXT)
    converter.register_structure_hook(Decimal, _price)
    converter.register_structure_hook(ModelRef, lambda value, _: value)
    converter.register_structure_hook(PartialDate, lambda value, _: PartialDate(_TEXT(value, str)))
    return converter


_CONVERTER = _converter()
