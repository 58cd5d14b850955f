"""Forks: a child process has only the thread that forked, and would wait forever for what another was doing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["unlocked_in_child", "watch_forks"]

Class = TypeVar("Class", bound=type)


class _Forking(Protocol):
    def forked(self) -> Callable[[], object] | None: ...


_watched: WeakSet[_Forking] = WeakSet()
_resting: list[Callable[[], object]] = []
_locks: list[Any] = []


def watch_forks(whom: _Forking) -> None:
    """Tell *whom*, by ``forked()``, when it is in a child process. What that returns is called once everybody has been told.

    Whom no fork may meet at work has ``forking()`` too: it is called before, and what it returns afterwards in the parent.
    """
    _watched.add(whom)


def unlocked_in_child(cls: Class) -> Class:
    """Open, in a child process, the locks that Python 3.11 has in the cached properties of *cls*."""
    _locks.extend(value.lock for value in vars(cls).values() if hasattr(value, "lock"))
    return cls


def _forking() -> None:
    for whom in list(_watched):
        forking = getattr(whom, "forking", None)
        if forking is not None:
            _resting.append(forking())


def _awake() -> None:
    while _resting:
        _resting.pop()()


def _forked() -> None:
    _resting.clear()
    for lock in _locks:
        lock._at_fork_reinit()  # noqa: SLF001  # as the standard library does with its own
    for go_on in [whom.forked() for whom in list(_watched)]:
        if go_on is not None:
            go_on()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_forking, after_in_parent=_awake, after_in_child=_forked)
