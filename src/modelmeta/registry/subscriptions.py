"""Who wants to hear what changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from ..catalog.diff import Change, ChangeKind
from ..errors import QueryError
from ..records.refs import ModelRef

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["Subscription", "Subscriptions", "as_ref", "read_kinds"]

T = TypeVar("T")

_KINDS = get_args(ChangeKind)


class Subscription:
    """One callback and what it wants to hear. ``cancel()`` ends it, and so does leaving its ``with`` block."""

    def __init__(
        self, owner: Subscriptions, callback: Callable[[Change], Any], kinds: frozenset[str] | None, models: frozenset[ModelRef] | None
    ) -> None:
        self._owner = owner
        self.callback = callback
        self.kinds = kinds
        self.models = models
        self._cancelled = False

    def wants(self, change: Change) -> bool:
        """Return whether the callback is to be called with *change*."""
        return (
            not self._cancelled and (self.kinds is None or change.kind in self.kinds) and (self.models is None or change.ref in self.models)
        )

    def cancel(self) -> None:
        """Call the callback no more. Cancelling twice is fine."""
        self._cancelled = True
        self._owner.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cancel()


class Subscriptions:
    """All subscriptions of a registry. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._all: tuple[Subscription, ...] = ()

    def add(
        self,
        callback: Callable[[Change], Any],
        kinds: str | Collection[str] | None,
        models: str | ModelRef | Iterable[str | ModelRef] | None,
    ) -> Subscription:
        """Return a new subscription.

        Raises:
            QueryError: *callback* cannot be called, or one of *kinds* is none.
            InvalidRefError: one of *models* is no reference.
        """
        if not callable(callback):
            message = f"a subscription calls a function with each change, not {callback!r}"
            raise QueryError(message, criterion="callback", value=callback)
        subscription = Subscription(self, callback, read_kinds(kinds), _each(as_ref, models))
        with self._lock:
            self._all = (*self._all, subscription)
        return subscription

    def discard(self, subscription: Subscription) -> None:
        """Forget *subscription*."""
        with self._lock:
            self._all = tuple(other for other in self._all if other is not subscription)

    def forked(self) -> None:
        """Forget what threads were doing that this process does not have."""
        self._lock = Lock()

    def calls(self, changes: Iterable[Change]) -> Iterator[tuple[Callable[[Change], Any], Change]]:
        """Yield whom to call with what: those who are subscribed now, as long as they are."""
        subscriptions = self._all
        for change in changes if subscriptions else ():
            yield from ((subscription.callback, change) for subscription in subscriptions if subscription.wants(change))


def read_kinds(kinds: str | Collection[str] | None) -> frozenset[str] | None:
    """Return the kinds of change that are asked for, None for all.

    Raises:
        QueryError: one of them is none.
    """
    return _each(_kind, kinds)


def _each(read: Callable[[Any], T], given: Any) -> frozenset[T] | None:
    """Return what is *given*, one or several, as *read* reads each; None where nothing is."""
    if given is None:
        return None
    return frozenset(map(read, given if isinstance(given, Iterable) and not isinstance(given, str) else [given]))


def _kind(given: Any) -> str:
    if given in _KINDS:
        return str(given)
    message = f"there is no kind of change {given!r:.100}; the kinds are {', '.join(_KINDS)}"
    raise QueryError(message, criterion="kinds", value=given)


def as_ref(ref: str | ModelRef) -> ModelRef:
    """Return *ref*, read where it is text.

    Raises:
        InvalidRefError: it is no reference.
    """
    return ref if isinstance(ref, ModelRef) else ModelRef.parse(ref)
