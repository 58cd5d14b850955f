"""Everything goes wrong at once, while all read and refresh: upstream, the store, its disk, the clock.

``MODELMETA_CHAOS=300`` goes on for so many seconds with each store instead of a moment.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from collections import Counter
from contextlib import ExitStack, closing, contextmanager, suppress
from random import Random
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

import httpx
import psycopg
import pytest
import uvicorn

from modelmeta import AsyncRegistry, RefreshError, Registry, RevisionNotFoundError, StoreError, dump_catalog
from modelmeta._clock import Clock
from modelmeta.server.app import create_app
from modelmeta.stores.by_url import open_store
from modelmeta.testing import FakeModelsDev, Fault, repriced, shrunk

SECONDS = float(os.environ.get("MODELMETA_CHAOS", "1"))
PATIENCE = 60
MOST = 100
TOKEN = "known to nobody here"  # noqa: S105  # it opens nothing but the server of these tests
PROVIDERS, MODELS = 4, 3
REFS = [f"p{provider}/m{model}" for provider in range(PROVIDERS) for model in range(MODELS)]
V1 = "/api/v1"
GUARDED = [
    ("POST", f"{V1}/models/refresh"),
    ("GET", f"{V1}/models/refresh/status"),
    ("POST", f"{V1}/webhooks"),
    ("DELETE", f"{V1}/webhooks/x"),
]
KEYS = [{}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic guessed"}]
FAULTS = [
    *(Fault.status(503), Fault.status(429, retry_after="1"), Fault.redirect(), Fault.html(), Fault.body(b"[]"), Fault.truncated()),
    *(
        Fault.short(),
        Fault.drop(),
        Fault.hang(),
        Fault.drip(0.01),
        Fault.not_modified('"another"'),
        Fault.encoding("br"),
        Fault.etag('"same"'),
    ),
]
WORLDS = {
    "sqlite": ["sqlite_locked"],
    "disk": ["sqlite_full", "sqlite_locked"],
    "postgres": ["postgres_locked", "postgres_stopped"],
    "redis": ["redis_stopped"],
}


def document(edition):
    """Return a document in which everything says which edition it is of."""
    row = {"cost": {"input": edition, "output": edition}, "limit": {"context": edition}}
    models = {f"m{model}": {"name": f"Edition {edition}", **row} for model in range(MODELS)}
    return {"models": {}, "providers": {f"p{provider}": {"name": f"Edition {edition}", "models": models} for provider in range(PROVIDERS)}}


def edition_of(catalog):
    """Return the edition of a catalog, if all it says is of one."""
    models = catalog.filter()
    assert len(REFS) == len(models)
    names = {catalog.provider(f"p{provider}").name for provider in range(PROVIDERS)} | {model.name for model in models}
    [edition] = {f"Edition {number}" for model in models for number in (model.cost.input, model.cost.output, model.limit.context)} | names
    return int(edition.split()[1])


class JumpyClock(Clock):
    """The machine's time, and what it is off by."""

    off = 0.0

    def time(self):
        """Return the time it shows."""
        return super().time() + self.off


@contextmanager
def serving(registry):
    """Serve *registry* on a socket; yield a client."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(create_app(registry, token=TOKEN), log_config=None, ws="none"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=PATIENCE) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


class Chaos:
    """Those who read, refresh and look back, a server whose token nobody has, and what makes their life hard."""

    def __init__(self, outages, seed):
        self.outages, self.random = outages, Random(seed)
        self.upstream, self.clock, self.over = FakeModelsDev(document(1_000)), JumpyClock(), Event()
        self.edition = 1_000
        self.errors, self.did, self.runs, self.acknowledged = [], Counter(), set(), set()
        self.options = {"source": self.upstream, "clock": self.clock, "max_retries": 0}

    # who does what, over and over

    def refresh(self, registry):
        """Refresh, and keep what was said to be kept."""
        run = uuid4().hex
        self.runs.add(run)
        try:
            report = registry.refresh(run=run)
        except RefreshError as error:
            self.did[f"refresh {type(error).__name__}"] += 1
        else:
            self.did[f"refresh {report.status}"] += 1
            if report.status != "held":
                self.acknowledged.add(report.revision)

    def read(self, registry):
        """Pin a catalog, and ask it and the registry."""
        edition = edition_of(registry.catalog)
        assert 1_000 <= edition <= self.edition
        price = registry.get(REFS[-1]).cost.input
        assert edition <= price <= self.edition
        self.did["read"] += 1

    def look_back(self, registry):
        """Read what was, and see that no number is missing."""
        with suppress(StoreError, RevisionNotFoundError):
            revisions = registry.revisions()
            numbers = [revision.number for revision in revisions]
            assert [*range(1, len(numbers) + 1)] == numbers
            revision = Random(len(numbers)).choice(revisions)
            kept = registry.as_of(revision)
            whole = document(edition_of(kept))
            assert dump_catalog(kept) in (whole, whole["providers"])  # a site that has no catalog.json for once is asked for api.json
            self.did["looked back"] += 1

    def ask(self, client):
        """Ask over HTTP what anybody may."""
        answer = client.get(f"{V1}/models", params={"limit": 100}).raise_for_status().json()
        [edition] = {model["cost"]["input"] for model in answer["models"]} | {model["limit"]["context"] for model in answer["models"]}
        assert (len(REFS), True) == (len(answer["models"]), 1_000 <= edition <= self.edition)
        self.did["asked"] += 1

    def intrude(self, client):
        """Try to do over HTTP what nobody here may."""
        for method, path in GUARDED:
            for headers in KEYS:
                assert 401 == client.request(method, path, headers=headers, json={"url": "https://example.com/"}).status_code
        self.did["refused"] += len(GUARDED) * len(KEYS)

    def repeat(self, work, subject):
        """Do it until all is over, or something is wrong."""
        try:
            while not self.over.wait(0.002):
                work(subject)
        except BaseException as error:  # noqa: BLE001  # shown by the test
            self.errors.append(error)

    # what goes wrong

    def publish(self):
        """Let upstream have another edition."""
        self.edition += 1
        self.upstream.serve(document(self.edition))

    def damage(self):
        """Let upstream have what looks broken."""
        self.upstream.serve(self.random.choice([repriced, lambda sound: shrunk(sound, 1)])(document(self.edition + 1)))

    def fail(self):
        """Let upstream fail for a while."""
        self.upstream.fail(*self.random.choices(FAULTS, k=3))
        self.over.wait(0.05)
        self.upstream.heal()

    def close(self):
        """Let upstream be gone for a moment."""
        self.upstream.close()
        self.over.wait(0.02)
        self.upstream.start()

    def jump(self):
        """Set the clock, by months at most."""
        self.clock.off = self.random.choice([0, 1, -1]) * self.random.uniform(0, 200 * 86_400)

    def suffer(self):
        """Let the store be away for a while."""
        unlucky = psycopg.Error, sqlite3.Error  # whoever is to be in the way may meet others who are in theirs
        with suppress(*unlucky), self.random.choice(self.outages).over():
            self.over.wait(self.random.uniform(0, 0.3))

    def rage(self, seconds):
        """Let all of it happen, as long as nothing is found."""
        until = monotonic() + seconds
        while monotonic() < until and not self.errors:
            happens = self.random.choice([*[self.publish] * 4, self.damage, self.fail, self.fail, self.close, self.jump, self.suffer])
            happens()
            self.did[happens.__name__] += 1
            self.over.wait(0.02)


@pytest.mark.timeout(300 + SECONDS * 2)
@pytest.mark.parametrize("world", WORLDS)
def test_nothing_is_mixed_or_lost_or_written_by_strangers_whatever_goes_wrong(world, request):
    chaos = Chaos([request.getfixturevalue(name) for name in WORLDS[world]], seed=world)
    url = chaos.outages[0].url
    with ExitStack() as stack:
        chaos.options["source"] = stack.enter_context(chaos.upstream).url
        one, other = (stack.enter_context(Registry(store=url, **chaos.options)) for _ in range(2))
        chaos.refresh(one)
        chaos.refresh(other)
        client = stack.enter_context(serving(AsyncRegistry(store=url, **chaos.options)))
        doing = [
            *((chaos.refresh, registry) for registry in (one, other)),
            *((chaos.read, registry) for registry in (one, other) for _ in range(2)),
            *((chaos.look_back, registry) for registry in (one, other)),
            *((chaos.ask, client), (chaos.intrude, client)),
        ]
        threads = [Thread(target=chaos.repeat, args=each) for each in doing]
        for thread in threads:
            thread.start()
        try:
            chaos.rage(SECONDS)
        finally:
            chaos.upstream.heal()
            chaos.over.set()
            for thread in threads:
                thread.join()
        assert [] == chaos.errors

        chaos.publish()
        for registry in (one, other):
            chaos.refresh(registry)
        kept = one.revisions()
        assert [*range(1, len(kept) + 1)] == [revision.number for revision in kept]
        assert [kept[-1].id] * 2 == [registry.status().revision for registry in (one, other)]
        assert set() == chaos.acknowledged - {revision.id for revision in kept}
        some = kept if len(kept) <= MOST else sorted(chaos.random.sample(kept, MOST), key=lambda revision: revision.number)
        editions = [edition_of(one.as_of(revision)) for revision in some]
        assert sorted(set(editions)) == editions
        assert chaos.edition == edition_of(one.catalog)
        with closing(open_store(url)) as store:
            assert (None, ()) == (store.held(), store.kinds())
            assert set() == {run.id for run in store.refreshes(MOST)} - chaos.runs
    print(f"{world}: {dict(sorted(chaos.did.items()))}, {len(kept)} revisions")  # noqa: T201  # what was tried, for who wants to know
