"""The webhooks of a store: who is told of changes, and what became of each message."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

import attrs

from ..codec.json_text import to_text
from ..errors import QueryError
from ..registry.history import History
from .book import Book
from .delivery import Delivery, DeliveryState
from .hook import Hook, new_hook
from .message import news_of
from .rounds import Round
from .sender import Outcome, Sender
from .signing import signed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from ..registry.registry import AsyncRegistry, Registry

__all__ = ["Webhooks"]

_LOG = logging.getLogger("modelmeta.webhooks")
_PAUSE = 2.0
"""So often, in seconds, it is looked whether there is something to deliver."""


class Webhooks:
    """Tells others over HTTP what a refresh changed.

    Who is to be told, and what is still to be delivered, stands in the store of the registry: nothing is lost when a process ends, and of several
    processes over one store one delivers each message. Every method may be called from any thread, and may block.

    Args:
        registry: whose store it is, of either colour. It must be closed later than this is stopped.
        allow_private: whether private addresses and this machine may be called too, and there by http. Otherwise only what is public, by https.
    """

    def __init__(self, registry: Registry | AsyncRegistry, *, allow_private: bool = False) -> None:
        self._registry = registry
        self._allow_private = allow_private
        self._sender = Sender(allow_private=allow_private)
        self._lock = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None

    def add(
        self,
        url: str,
        *,
        secret: str | None = None,
        kinds: Iterable[str] = (),
        models: Iterable[str] = (),
        providers: Iterable[str] = (),
        min_price_change: Decimal | float | None = None,
    ) -> Hook:
        """Tell *url* of every change from now on that is wanted; return the hook, with the secret that its receiver needs.

        Args:
            url: an https address.
            secret: what messages are signed with, ``whsec_`` and base64; a new one by default.
            kinds: only changes of these kinds.
            models: only changes of these models, by exact reference, and of *providers*.
            providers: only changes of what these sell, by id, and of *models*.
            min_price_change: of a price only if it moved by so many percent, or by no percentage.

        Raises:
            QueryError: one of them cannot be used; ``.criterion`` is its name.
            InvalidRefError: one of *models* is no reference.
            MissingExtraError: what signs messages is not installed.
        """
        head = self._registry.world().store.head()
        hook = new_hook(
            url,
            secret=secret,
            kinds=kinds,
            models=models,
            providers=providers,
            min_price_change=min_price_change,
            cursor=0 if head is None else head.number,
            now=self._registry.world().clock.time(),
            allow_private=self._allow_private,
        )
        self._book().add(hook)
        return hook

    def all(self) -> tuple[Hook, ...]:
        """Return all hooks, oldest first."""
        return tuple(sorted(self._book().hooks().values(), key=lambda hook: (hook.created_at, hook.id)))

    def get(self, hook_id: str) -> Hook:
        """Return the hook with this id.

        Raises:
            QueryError: there is none.
        """
        return _there(self._book().hooks().get(hook_id), hook_id)

    def pause(self, hook_id: str) -> Hook:
        """Deliver nothing to a hook until it is resumed. What happens meanwhile waits.

        Raises:
            QueryError: there is no such hook.
        """
        return _there(self._book().change(hook_id, lambda hook: attrs.evolve(hook, paused=True)), hook_id)

    def resume(self, hook_id: str) -> Hook:
        """Deliver to a hook again, also what waited.

        Raises:
            QueryError: there is no such hook.
        """
        return _there(self._book().change(hook_id, lambda hook: attrs.evolve(hook, paused=False)), hook_id)

    def remove(self, hook_id: str) -> bool:
        """Forget a hook, and what is to be delivered to it; return whether there was one."""
        return self._book().remove(hook_id)

    def test(self, hook_id: str) -> Outcome:
        """Send a hook a message of the type ``webhook.test`` now, once, paused or not; return how that ended.

        Raises:
            QueryError: there is no such hook.
        """
        hook, now = self.get(hook_id), self._now()
        body = to_text({"type": "webhook.test", "timestamp": now.isoformat(), "data": {"webhook": hook.id}})
        return self._sender.send(hook.url, body.encode(), signed(hook.secret, f"test-{uuid4().hex}", body, now))

    def deliveries(self, hook_id: str, state: DeliveryState | None = None) -> tuple[Delivery, ...]:
        """Return what became of the messages to a hook, newest revisions first: all that are pending, and the last that ended.

        Raises:
            QueryError: there is no such hook.
        """
        told = self._book().deliveries(self.get(hook_id).id)
        return tuple(delivery for delivery in reversed(told) if state in {None, delivery.state})

    def replay(self, hook_id: str, revision: str) -> Delivery:
        """Deliver the message about one revision, by id, once more: under the same ``webhook-id``, and again for a day.

        Raises:
            QueryError: there is no such hook, or nothing in that revision that it wants.
            RevisionNotFoundError: the store does not keep that revision and the one before it.
        """
        hook, now = self.get(hook_id), self._now()
        if not news_of(History(self._registry.world()), revision).concerns(hook):
            message = f"the revision {revision} changed nothing that the webhook {hook_id} wants to know"
            raise QueryError(message, criterion="revision", value=revision)
        delivery = Delivery(hook=hook.id, revision=revision, created_at=now, at=now)
        self._book().replay(delivery)
        return delivery

    def deliver(self) -> tuple[Delivery, ...]:
        """Look once for what is due, and try to deliver it; return what became of that. ``start`` does so all the time."""
        return Round(self._registry.world(), self._book(), self._sender, self._stopped).run()

    def start(self) -> None:
        """Deliver from now on in a daemon thread, until ``stop``. Starting twice is fine."""
        with self._lock:
            if self._thread is None:
                self._stopped.clear()
                self._thread = Thread(target=self._run, name="modelmeta-webhooks", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Deliver no more; return when no attempt is under way, which takes seconds at most. What is pending stays so."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._stopped.set()
        if thread is not None:
            thread.join()
        self._stopped.clear()

    def _run(self) -> None:
        failed = False
        clock = self._registry.world().clock
        while not self._stopped.is_set():
            try:
                self.deliver()
                failed = False
            except Exception as error:  # noqa: BLE001  # a store may be anybody's code, and may be back later
                _LOG.log(logging.DEBUG if failed else logging.WARNING, "webhooks cannot be delivered, and are tried again: %s", error)
                failed = True
            clock.wait(self._stopped, _PAUSE)

    def _book(self) -> Book:
        return Book(self._registry.world().store)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._registry.world().clock.time(), UTC)


def _there(hook: Hook | None, hook_id: str) -> Hook:
    if hook is None:
        message = f"there is no webhook {hook_id!r:.100}"
        raise QueryError(message, criterion="webhook", value=hook_id)
    return hook
