"""Processes that are killed while they refresh: what they leave is the old or the new revision, whole, and the next goes on at once.

``MODELMETA_KILLS=200`` kills so many instead of a few.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from random import Random

import psycopg
import pytest

from modelmeta import Registry, dump_catalog
from modelmeta.catalog.catalog import Catalog
from modelmeta.codec.pieces import cut
from modelmeta.codec.snapshot import Snapshot
from modelmeta.stores.by_url import open_store

KILLS = int(os.environ.get("MODELMETA_KILLS", "25"))
SOON = 60
MOMENTS = ["opening", "refresh", "refresh", "commit", "commit"]
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.mark.timeout(300 + KILLS * 5)
@pytest.mark.parametrize("any_store", ["sqlite", "postgres"], indirect=True)
def test_who_is_killed_at_any_moment_leaves_the_old_or_the_new_revision_whole_and_no_lease(any_store, start, server, document):
    revisions, outcomes, spans, following = [], [], {}, start()
    for life in range(KILLS):
        worker, following, random = following, start(), Random(life)
        moment = random.choice(MOMENTS) if life else "commit"
        worker.tell("open")
        if moment != "opening":
            worker.hear("opened")
            for _ in range(random.randrange(3) if life else 2):
                server.serve(document(len(revisions) + 1))
                worker.tell("refresh")
                revisions.append(worker.hear("refreshed"))
                outcomes.append("updated")
            spans |= spans_of(worker.heard)

        worker.heard = []
        server.serve(document(len(revisions) + 1))
        worker.tell("refresh")
        if moment == "commit":
            worker.hear("commit begins")
        time.sleep(random.random() * 1.2 * spans[moment])
        worker.kill()

        with closing(open_store(any_store)) as store:
            wait_until_alone(any_store)
            killed = f"life {life}, killed after {worker.heard}"
            outcomes = one_of(outcomes_after(outcomes, worker.heard), [run.outcome for run in store.refreshes(1_000)][::-1], killed)
            revisions = one_of(revisions_after(revisions, worker.heard), [revision.id for revision in store.revisions()][::-1], killed)
            assert store.lease("the next", SOON), killed
            assert is_whole(store), killed
            assert current(any_store) == rows(document(len(revisions))), killed
            with Registry(store=store) as registry:
                for number in range(max(1, len(revisions) - 2), len(revisions) + 1):
                    assert document(number) == dump_catalog(registry.as_of(revisions[number - 1])), killed

    with closing(open_store(any_store)) as store, Registry(store=store) as registry:
        for number, revision in enumerate(revisions, 1):
            assert document(number) == dump_catalog(registry.as_of(revision))
    assert {"updated", "crashed"} == {*outcomes}


def spans_of(heard):
    """Return how many seconds the last refresh took, its commit, and a refresh with opening the store before."""
    times = {}
    for event, about, at in heard:
        times[event] = times[event, about] = at
    if "refreshed" not in times:
        return {}
    refresh = times["refreshed"] - times["record begins", "running"]
    return {"commit": times["commit done"] - times["commit begins"], "refresh": refresh, "opening": 2 * refresh}


def outcomes_after(outcomes, heard):
    """Return what may be kept of the runs, oldest first, after one more of which was heard so much."""
    match [about for event, about, _ in heard if event.startswith("record ")]:
        case [*_, "updated", "updated"]:
            return [[*outcomes, "updated"]]
        case [*_, "updated"]:
            return [[*outcomes, "updated"], [*outcomes, "crashed"]]
        case ["running", "running"]:
            return [[*outcomes, "crashed"]]
        case _:
            return [outcomes, [*outcomes, "crashed"]]


def revisions_after(revisions, heard):
    """Return what revisions there may be, oldest first, after one more refresh of which was heard so much."""
    match [about for event, about, _ in heard if event.startswith("commit ")]:
        case [new, _]:
            return [[*revisions, new]]
        case [new]:
            return [revisions, [*revisions, new]]
        case _:
            return [revisions]


def one_of(possible, actual, killed):
    assert actual in possible, killed
    return actual


def is_whole(store):
    """Return whether the newest revision is what its snapshot and what all versions together say."""
    revision, data = store.load()
    snapshot = Snapshot(data)
    pieces = {(piece.part, piece.key): piece.raw for piece in cut(None, snapshot, Catalog(snapshot).peek)}
    standing = {(version.part, version.key): version.raw for version in store.changes(0, revision.number) if version.until is None}
    return snapshot.digest == revision.digest and standing == pieces


def rows(document):
    """Return the rows of the tables ``models`` and ``benchmarks`` that *document* makes."""
    models = {
        (provider_id, model_id): row
        for provider_id, provider in document["providers"].items()
        for model_id, row in provider["models"].items()
    }
    return models, {model: row["benchmarks"][0]["score"] for model, row in document["models"].items()}


def current(url):
    """Return the rows of the tables ``models`` and ``benchmarks``."""
    connected = sqlite3.connect(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else psycopg.connect(url)
    with closing(connected) as connection:
        models = connection.execute("SELECT provider_id, model_id, raw FROM models").fetchall()
        benchmarks = connection.execute("SELECT model, score FROM benchmarks").fetchall()
    return {(provider_id, model_id): json.loads(raw) for provider_id, model_id, raw in models}, dict(benchmarks)


def wait_until_alone(url):
    """Wait until a server has noticed the end of the process that was killed; a file needs none of that."""
    if url.startswith("postgres"):
        with psycopg.connect(url, autocommit=True) as connection:
            until = time.monotonic() + SOON
            while connection.execute(OTHERS).fetchone()[0]:
                assert time.monotonic() < until
