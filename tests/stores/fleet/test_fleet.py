"""Processes that share a store have one mind: one of them fetches what is new, all read it."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from random import Random
from threading import Lock

import pytest

from modelmeta import Registry, dump_catalog
from modelmeta.stores.by_url import open_store
from modelmeta.testing import Fault

PROCESSES = 8
ROUNDS = 20
HEARINGS = 3
AT_WILL = 5
SOON = 2.0
"""So many seconds after a commit everybody reads it."""

pytestmark = pytest.mark.parametrize("any_store", ["sqlite", "postgres", "redis"], indirect=True)


@pytest.fixture
def document(document):
    """Return the function that makes a document, a small one."""
    return partial(document, models=8)


def count_whole(server, after=lambda _number: None):
    """Return a list that grows with each whole document that *server* sends, and call *after* with their number."""
    sent, lock = [], Lock()

    def deliver(wire, answer):
        if answer.status == 200:
            with lock:
                sent.append(answer)
                after(len(sent))
        for part in wire.packed(answer):
            wire.write(part)

    server.fail(Fault("counted", deliver=deliver))
    return sent


@pytest.fixture
def fleet(start):
    """Processes that have opened the store."""
    workers = [start() for _ in range(PROCESSES)]
    for worker in workers:
        worker.tell("open")
    for worker in workers:
        worker.hear("opened")
    return workers


def check_revisions(any_store, expected):
    """Every revision is there, in order, and holds the document that was served then."""
    with closing(open_store(any_store)) as store, Registry(store=store) as registry:
        revisions = registry.revisions()
        assert [*range(1, len(revisions) + 1)] == [revision.number for revision in revisions]
        for revision, document in zip(revisions, expected, strict=True):
            assert document == dump_catalog(registry.as_of(revision))


def test_a_fleet_fetches_each_document_once_and_all_read_it(any_store, fleet, server, document):
    random, revisions, whole = Random(0), [], count_whole(server)
    for number in range(1, ROUNDS + 1):
        server.serve(document(number))
        for worker in random.sample(fleet, PROCESSES):
            worker.tell("refresh")
        [revision] = {worker.hear("refreshed") for worker in fleet}
        revisions.append(revision)
        assert number == len(whole)

    lags = []
    for number in range(ROUNDS + 1, ROUNDS + HEARINGS + 1):
        server.serve(document(number))
        one, *others = random.sample(fleet, PROCESSES)
        one.tell("refresh")
        revisions.append(one.hear("refreshed"))
        [committed] = [at for event, _, at in one.heard if event == "commit done"][-1:]
        for worker in others:
            worker.tell(f"await {revisions[-1]}")
        for worker in others:
            worker.hear("reads")
        lags.append(max(worker.heard[-1][2] for worker in others) - committed)
    assert min(lags) < SOON
    assert len(revisions) == len(whole)
    assert [revision.partition("-")[0] for revision in revisions] == [str(number) for number in range(1, len(revisions) + 1)]
    check_revisions(any_store, map(document, range(1, len(revisions) + 1)))


def test_a_fleet_that_refreshes_at_will_loses_no_document_that_one_of_it_fetched(any_store, fleet, server, document):
    server.serve(document(1))
    whole = count_whole(server, lambda number: server.serve(document(number + 1)))
    for worker in fleet:
        worker.tell("refresh\n" * AT_WILL)
    for worker in fleet:
        for _ in range(AT_WILL):
            worker.hear("refreshed")
    with closing(open_store(any_store)) as store:
        newest = store.head()
    for worker in fleet:
        worker.tell(f"await {newest.id}")
        worker.hear("reads")
    assert newest.number == len(whole) >= AT_WILL
    check_revisions(any_store, map(document, range(1, newest.number + 1)))
