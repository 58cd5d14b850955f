"""A dict and a list that cannot be changed, for the parts of upstream's JSON that have no record of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FrozenDict", "FrozenList", "freeze"]


def _refuse(self: object, *_args: object, **_kwargs: object) -> NoReturn:
    message = f"{type(self).__name__} cannot be changed; copy it with dict(...) or list(...) first"
    raise TypeError(message)


Key = TypeVar("Key")
Item = TypeVar("Item")


class FrozenDict(dict[Key, Item]):
    """A dict that compares, prints and serialises as one, hashes by content and refuses to change."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]  # dict says None, but nothing here can change
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[FrozenDict[Key, Item]], tuple[dict[Key, Item]]]:
        return FrozenDict, (dict(self),)

    __setitem__: Callable[..., NoReturn] = _refuse
    __delitem__: Callable[..., NoReturn] = _refuse
    __ior__: Callable[..., NoReturn] = _refuse
    clear: Callable[..., NoReturn] = _refuse
    pop: Callable[..., NoReturn] = _refuse
    popitem: Callable[..., NoReturn] = _refuse
    setdefault: Callable[..., NoReturn] = _refuse
    update: Callable[..., NoReturn] = _refuse


class FrozenList(list[Item]):
    """A list that compares, prints and serialises as one, hashes by content and refuses to change."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]  # pyright: ignore[reportIncompatibleVariableOverride]  # list says None; nothing here can change
        return hash(tuple(self))

    def __reduce__(self) -> tuple[type[FrozenList[Item]], tuple[list[Item]]]:
        return FrozenList, (list(self),)

    __setitem__: Callable[..., NoReturn] = _refuse
    __delitem__: Callable[..., NoReturn] = _refuse
    __iadd__: Callable[..., NoReturn] = _refuse
    __imul__: Callable[..., NoReturn] = _refuse
    append: Callable[..., NoReturn] = _refuse
    clear: Callable[..., NoReturn] = _refuse
    extend: Callable[..., NoReturn] = _refuse
    insert: Callable[..., NoReturn] = _refuse
    pop: Callable[..., NoReturn] = _refuse
    remove: Callable[..., NoReturn] = _refuse
    reverse: Callable[..., NoReturn] = _refuse
    sort: Callable[..., NoReturn] = _refuse


def freeze(value: Any) -> Any:
    """Return *value* (anything JSON can say) with every dict and list in it made unchangeable."""
    frozen: Callable[[Any], Any] | None = _FREEZE.get(type(value))
    return value if frozen is None else frozen(value)


_FREEZE: dict[type, Callable[[Any], Any]] = {
    dict: lambda value: FrozenDict({key: freeze(item) for key, item in value.items()}),
    list: lambda value: FrozenList(map(freeze, value)),
}
