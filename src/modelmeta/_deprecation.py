"""How something public goes out of use: it works as before, and says what to use instead."""

from __future__ import annotations

from functools import wraps
from inspect import cleandoc, iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypeVar, cast
from warnings import warn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["deprecated"]

Function = TypeVar("Function", bound="Callable[..., Any]")


def deprecated(*, since: str, removed_in: str, instead: str) -> Callable[[Function], Function]:
    """Make a function or method, async ones too, warn whoever calls it, and its docstring say so.

    Args:
        since: the version that deprecates it.
        removed_in: the version that will not have it, at least one minor version later.
        instead: what to use, as a caller would write it.
    """

    def decorate(function: Function) -> Function:
        note = f"deprecated since {since}, and will be gone in {removed_in}: use {instead}"
        message = f"{function.__qualname__} is {note}"

        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        @wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            warn(message, DeprecationWarning, stacklevel=2)
            return await function(*args, **kwargs)

        replacement = awaited if iscoroutinefunction(function) else called
        replacement.__doc__ = f"{cleandoc(function.__doc__ or '')}\n\nIt is {note}.".lstrip()
        return cast("Function", replacement)

    return decorate
