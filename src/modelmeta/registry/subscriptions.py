"""Who wants to hear what changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, get_args

from ..catalog.diff import Change, ChangeKind
from ..errors import QueryError
from ..records.refs import ModelRef

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["Subscription", "Subscriptions"]

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

    def wants(self, change: Change) -> bool:
        """Return whether the callback is to be called with *change*."""
        return (self.kinds is None or change.kind in self.kinds) and (self.models is None or change.ref in self.models)

    def cancel(self) -> None:
        """Call the callback no more. Cancelling twice is fine."""
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
        wanted = None if kinds is None else frozenset([kinds] if isinstance(kinds, str) else kinds)
        if unknown := sorted((wanted or frozenset()) - {*_KINDS}):
            message = f"there is no kind of change {unknown[0]!r}; the kinds are {', '.join(_KINDS)}"
            raise QueryError(message, criterion="kinds", value=kinds)
        refs = [models] if isinstance(models, (str, ModelRef)) else models
        parsed = None if refs is None else frozenset(ref if isinstance(ref, ModelRef) else ModelRef.parse(ref) for ref in refs)
        subscription = Subscription(self, callback, wanted, parsed)
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
        """Yield whom to call with what, as long as they are subscribed."""
        if self._all:
            for change in changes:
                yield from ((subscription.callback, change) for subscription in self._all if subscription.wants(change))
