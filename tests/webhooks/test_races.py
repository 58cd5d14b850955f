"""Several processes over one store: what another does between two steps of one."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from modelmeta.webhooks.book import Book
from modelmeta.webhooks.delivery import Delivery
from modelmeta.webhooks.rounds import Round


class Busy:
    """A store in which something else happens just before the first swap of a kind."""

    def __init__(self, store, kind, meanwhile):
        self.store, self.kind, self.meanwhile = store, kind, [meanwhile]
        self.entries = store.entries

    def swap(self, kind, *given):
        """Let it happen, then do as the store does."""
        if kind == self.kind and self.meanwhile:
            self.meanwhile.pop()()
        return self.store.swap(kind, *given)


@pytest.fixture
def store(registry):
    return registry.world().store


@pytest.fixture
def book(store):
    return Book(store)


@pytest.fixture
def delivery(hooks, receiver, registry):
    hook, now = hooks.add(receiver.url), registry.world().now()
    return Delivery(hook=hook.id, revision="2-0123456789ab", created_at=now, at=now)


def test_a_change_is_made_to_what_another_made_of_a_webhook(hooks, book, store, delivery):
    busy = Book(Busy(store, "hook", lambda: hooks.pause(delivery.hook)))

    changed = busy.change(delivery.hook, lambda hook: attrs.evolve(hook, cursor=7))

    assert (True, 7) == (changed.paused, changed.cursor)
    assert changed == book.hooks()[delivery.hook]


def test_a_webhook_is_removed_though_another_changes_it(hooks, store, delivery):
    assert Book(Busy(store, "hook", lambda: hooks.pause(delivery.hook))).remove(delivery.hook)
    assert () == hooks.all()


def test_a_removed_webhook_takes_nothing_of_another_with_it(hooks, book, delivery):
    other = attrs.evolve(delivery, hook=hooks.add("https://example.com/").id)
    for each in (delivery, other):
        book.queue(each)

    book.remove(delivery.hook)

    assert (other,) == book.pending()


def test_what_another_has_delivered_is_not_queued_again(book, delivery):
    book.end(delivery, attrs.evolve(delivery, state="delivered"))
    book.queue(delivery)
    assert () == book.pending()


def test_what_another_delivers_between_two_looks_is_not_queued_again(book, store, delivery):
    Book(Busy(store, "hook-pending", lambda: book.end(delivery, attrs.evolve(delivery, state="delivered")))).queue(delivery)
    assert () == book.pending()


def test_a_replay_takes_the_place_of_what_another_is_trying(book, store, delivery):
    claimed = attrs.evolve(delivery, attempts=1)
    book.queue(delivery)
    Book(Busy(store, "hook-pending", lambda: book.replace(delivery, claimed))).replay(delivery)
    assert (delivery,) == book.pending()


def test_what_another_has_claimed_is_left_to_it(hooks, book, store, registry, receiver, change):
    hook = hooks.add(receiver.url)
    revision = change(rocket=3)
    now = registry.world().now()
    first = Delivery(hook=hook.id, revision=revision, created_at=now, at=now)
    book.queue(first)
    busy = Busy(store, "hook-pending", lambda: book.replace(first, attrs.evolve(first, attempts=1, at=now + timedelta(minutes=1))))
    busy.meanwhile.append(lambda: None)  # it is queued again first

    tried = Round(registry.world(), Book(busy), hooks._sender, hooks._stopped).run()

    assert ((), []) == (tried, receiver.got)
    assert [1] == [delivery.attempts for delivery in book.pending()]
