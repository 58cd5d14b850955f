"""One round of delivering, from top to bottom."""

from __future__ import annotations

import logging
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain
from threading import Lock
from typing import TYPE_CHECKING

import attrs

from ..errors import RevisionNotFoundError
from ..registry.history import History
from .delivery import Delivery
from .message import News, news_after, news_of
from .sender import Outcome
from .signing import signed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from threading import Event

    from ..registry.world import World
    from .book import Book
    from .hook import Hook
    from .sender import Sender

__all__ = ["Round"]

_LOG = logging.getLogger("modelmeta.webhooks")
_CLAIM = timedelta(minutes=1)
"""Whoever begins an attempt has so long for it; then others may try."""
_PATIENCE = timedelta(days=1)
_FIRST, _LONGEST = timedelta(seconds=10), timedelta(hours=2)
_DOUBLINGS = 20
_THREADS = 8
_GONE = 410


class Round:
    """Looks once at what was committed, and tries once what is due. *stopped* ends it between two attempts."""

    def __init__(self, world: World, book: Book, sender: Sender, stopped: Event) -> None:
        self._world = world
        self._book = book
        self._sender = sender
        self._stopped = stopped
        self._history = History(world)
        self._lock = Lock()
        self._news: dict[str, News] = {}

    def run(self) -> tuple[Delivery, ...]:
        """Do it; return what became of what was tried."""
        hooks = {key: hook for key, hook in self._book.hooks().items() if not hook.paused}
        if not hooks:
            return ()
        self._queue(hooks.values())
        now = self._world.now()
        due: dict[str, list[Delivery]] = {}
        for delivery in self._book.pending():
            if delivery.hook in hooks and delivery.at <= now:
                due.setdefault(delivery.hook, []).append(delivery)
        if not due:
            return ()
        with ThreadPoolExecutor(_THREADS, "modelmeta-webhook") as pool:
            return tuple(chain.from_iterable(pool.map(lambda key: self._serve(hooks[key], due[key]), due)))

    def _queue(self, hooks: Iterable[Hook]) -> None:
        """Let pend what was committed since, then move the cursors of *hooks* on: in this order, so that nothing is lost."""
        head = self._world.store.head()
        behind = [hook for hook in hooks if head is not None and hook.cursor < head.number]
        if head is None or not behind:
            return
        reached, now = head.number, self._world.now()
        for news in news_after(self._history, min(hook.cursor for hook in behind)):
            number = news.revision.number
            reached = max(reached, number)
            self._news[news.revision.id] = news
            for hook in behind:
                if hook.cursor < number and news.concerns(hook):
                    self._book.queue(Delivery(hook=hook.id, revision=news.revision.id, created_at=now, at=now))
        for hook in behind:
            self._book.change(hook.id, lambda hook: attrs.evolve(hook, cursor=max(hook.cursor, reached)))

    def _serve(self, hook: Hook, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Try to deliver, one after another, what is due to *hook*, until one fails; return what became of those."""
        tried: list[Delivery] = []
        for delivery in deliveries:
            if self._stopped.is_set() or (tried and tried[-1].state != "delivered"):
                break
            claimed = attrs.evolve(delivery, attempts=delivery.attempts + 1, at=self._world.now() + _CLAIM)
            if self._book.replace(delivery, claimed):
                tried.append(self._attempt(hook, claimed))
        return tried

    def _attempt(self, hook: Hook, claimed: Delivery) -> Delivery:
        """Try once, and keep how that ended."""
        deadline = claimed.created_at + _PATIENCE
        try:
            outcome = self._send(hook, claimed)
        except RevisionNotFoundError as error:
            outcome, deadline = Outcome(error=str(error)), claimed.created_at
        now = self._world.now()
        ended = attrs.evolve(claimed, status=outcome.status, error=outcome.error, at=now)
        if outcome.error is None:
            ended = attrs.evolve(ended, state="delivered")
        elif now >= deadline:
            ended = attrs.evolve(ended, state="dead")
            _LOG.warning("webhook %s: %s is given up: %s", hook.id, ended.revision, ended.error)
        else:
            ended = attrs.evolve(ended, at=min(now + _delay(ended.attempts), deadline))
        if ended.state == "pending":
            self._book.replace(claimed, ended)
        else:
            self._book.end(claimed, ended)
        self._world.telemetry.tell("delivered", "failed" if ended.state == "pending" else ended.state)
        if outcome.status == _GONE:
            self._book.change(hook.id, lambda hook: attrs.evolve(hook, paused=True))
            _LOG.warning("webhook %s is paused: its receiver is gone", hook.id)
        return ended

    def _send(self, hook: Hook, delivery: Delivery) -> Outcome:
        body = self._news_of(delivery.revision).message(hook)
        return self._sender.send(hook.url, body.encode(), signed(hook.secret, delivery.id, body, self._world.now()))

    def _news_of(self, revision_id: str) -> News:
        with self._lock:
            if revision_id not in self._news:
                self._news[revision_id] = news_of(self._history, revision_id)
            return self._news[revision_id]


def _delay(attempts: int) -> timedelta:
    """Return how long to wait after so many *attempts*: by chance, of a time that doubles, so that receivers do not meet all senders at once."""
    return random.random() * min(_LONGEST, _FIRST * (1 << min(attempts - 1, _DOUBLINGS)))  # noqa: S311  # chance is no secret
