"""How hooks and deliveries are kept in a store: as small texts that are replaced by compare-and-set."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..errors import QueryError
from .delivery import Delivery
from .hook import Hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..stores.store import Store

__all__ = ["Book"]

_HOOKS = "hook"
_PENDING = "hook-pending"
_ENDED = "hook-ended-"
"""And behind it the id of the hook."""
_MOST_HOOKS = 100
_KEPT = {"delivered": 100, "dead": 1_000}
"""So many of the deliveries that ended are remembered for each hook, the latest."""


class Book:
    """What a *store* keeps of webhooks. Any number of processes may write in it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def hooks(self) -> dict[str, Hook]:
        """Return all hooks, by id."""
        return {key: Hook.from_text(text) for key, text in self._store.entries(_HOOKS).items()}

    def add(self, hook: Hook) -> None:
        """Keep a new *hook*.

        Raises:
            QueryError: there are too many.
        """
        if len(self._store.entries(_HOOKS)) >= _MOST_HOOKS:
            message = f"a store keeps at most {_MOST_HOOKS} webhooks; remove one first"
            raise QueryError(message, criterion="webhook")
        self._store.swap(_HOOKS, hook.id, None, hook.to_text())

    def change(self, hook_id: str, change: Callable[[Hook], Hook]) -> Hook | None:
        """Keep what *change* makes of a hook, and return it; None where there is no such hook."""
        while (old := self._store.entries(_HOOKS).get(hook_id)) is not None:
            new = change(Hook.from_text(old))
            if self._store.swap(_HOOKS, hook_id, old, new.to_text()):
                return new
        return None

    def remove(self, hook_id: str) -> bool:
        """Forget a hook and its deliveries; return whether there was one."""
        old = self._store.entries(_HOOKS).get(hook_id)
        while old is not None and not self._store.swap(_HOOKS, hook_id, old, None):
            old = self._store.entries(_HOOKS).get(hook_id)
        for kind in (_PENDING, _ENDED + hook_id):
            for key, text in self._store.entries(kind).items():
                if key.startswith(f"{hook_id}-"):
                    self._store.swap(kind, key, text, None)
        return old is not None

    def pending(self) -> tuple[Delivery, ...]:
        """Return what is to be delivered to any hook, oldest revisions first."""
        return _sorted(self._store.entries(_PENDING))

    def deliveries(self, hook_id: str) -> tuple[Delivery, ...]:
        """Return what is known of the deliveries to one hook, oldest revisions first."""
        pending = {key: text for key, text in self._store.entries(_PENDING).items() if key.startswith(f"{hook_id}-")}
        return _sorted({**self._store.entries(_ENDED + hook_id), **pending})

    def queue(self, delivery: Delivery) -> None:
        """Let *delivery* be pending, unless it is, or has ended: another process may have been faster, even between two looks."""
        text = delivery.to_text()
        if not self._ended(delivery) and self._store.swap(_PENDING, delivery.id, None, text) and self._ended(delivery):
            self._store.swap(_PENDING, delivery.id, text, None)

    def _ended(self, delivery: Delivery) -> bool:
        return delivery.id in self._store.entries(_ENDED + delivery.hook)

    def replay(self, delivery: Delivery) -> None:
        """Let *delivery* be pending, whatever became of it."""
        while not self._store.swap(_PENDING, delivery.id, self._store.entries(_PENDING).get(delivery.id), delivery.to_text()):
            pass

    def replace(self, old: Delivery, new: Delivery) -> bool:
        """Let *new* be pending in place of *old*, if that is as it was; return whether it was."""
        return self._store.swap(_PENDING, old.id, old.to_text(), new.to_text())

    def end(self, old: Delivery, new: Delivery) -> None:
        """Remember *new* as the end of *old*, which is pending no more if it is as it was."""
        kind = _ENDED + new.hook
        self._store.swap(kind, new.id, self._store.entries(kind).get(new.id), new.to_text())
        self._store.swap(_PENDING, old.id, old.to_text(), None)
        seen: Counter[str] = Counter()
        for delivery in reversed(_sorted(self._store.entries(kind))):
            seen[delivery.state] += 1
            if seen[delivery.state] > _KEPT[delivery.state]:
                self._store.swap(kind, delivery.id, delivery.to_text(), None)


def _sorted(entries: dict[str, str]) -> tuple[Delivery, ...]:
    return tuple(sorted(map(Delivery.from_text, entries.values()), key=lambda delivery: (delivery.number, delivery.id)))
