"""A day in minutes: ``python day.py [--minutes 10] [--hours 24] [--providers 1000] [--store URL]``, where modelmeta is installed with its extra ``all``.

Three servers over one store refresh every hour from an upstream that has another edition of the bundled catalog every hour, and at times fails or
has what looks broken. Time goes so fast that the hours fit into the minutes. Somebody asks each server all the time, somebody tries to write
without the token, and somebody is told of each revision by a webhook. Every minute a server is killed and another one begins in its
place. In the end nothing may be mixed, lost or told to nobody.
"""

from __future__ import annotations

import argparse
import copy
import json
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from random import Random
from socket import create_server
from tempfile import TemporaryDirectory
from threading import Event, Thread

import httpx
import uvicorn
from standardwebhooks import Webhook

from modelmeta import AsyncRegistry, Registry, bundled_catalog, dump_catalog
from modelmeta._clock import Clock
from modelmeta.server.app import create_app
from modelmeta.testing import FakeModelsDev, Fault, repriced, shrunk

HOUR = 3_600
LONG = "12h"
"""Of a clock that is as fast."""
WORKERS = 3
CHANGED = 0.01
PATIENCE = 120
TOKEN = "the token of that day"  # noqa: S105  # it opens nothing but these servers
KEY = {"Authorization": f"Bearer {TOKEN}"}
V1 = "/api/v1"
MARKED = 10


class FastClock(Clock):
    """The machine's time since *begun*, so many times as fast."""

    def __init__(self, begun: float, speed: float) -> None:
        self._begun, self._speed = begun, speed

    def time(self) -> float:
        """Return the time it shows."""
        return self._begun + (super().time() - self._begun) * self._speed

    def monotonic(self) -> float:
        """Return seconds of this clock, for measuring."""
        return super().monotonic() * self._speed

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until *event* is set, at most so many seconds of this clock."""
        return super().wait(event, seconds / self._speed)

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of this clock in a task."""
        await super().sleep(seconds / self._speed)


def work(store: str, source: str, port: str, begun: str, speed: str) -> None:
    """Be one of the servers."""
    clock = FastClock(float(begun), float(speed))
    registry = AsyncRegistry(
        store=store, source=source, clock=clock, refresh_interval="1h", deadline=LONG, timeout=PATIENCE, max_retries=0, auto_refresh=True
    )
    uvicorn.run(
        create_app(registry, token=TOKEN, private_webhooks=True), host="127.0.0.1", port=int(port), log_level="error", access_log=False
    )


class Server:
    """One of the servers, and those that take its place."""

    def __init__(self, *arguments: object) -> None:
        with create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        store, source, *clock = map(str, arguments)
        self.command = [sys.executable, __file__, "work", store, source, str(self.port), *clock]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        """Begin."""
        self.process = subprocess.Popen(self.command)

    def kill(self) -> None:
        """End at once, whatever is under way."""
        self.process.kill()
        self.process.wait()


class Upstream:
    """The editions of a catalog. Ten of its models, of as many providers, say which one they are of."""

    def __init__(self, providers: int) -> None:
        self.document = {"models": {}, "providers": dict(islice(dump_catalog(bundled_catalog()).items(), providers))}
        self.random = Random(0)
        self.edition = 0
        self.editions: list[dict] = []
        self.whole = 0
        priced = [
            (provider_id, model_id)
            for provider_id, provider in self.document["providers"].items()
            for model_id, row in provider["models"].items()
            if row.get("cost", {}).get("input") and "/" not in model_id
        ]
        self.marked = self.random.sample(priced, MARKED)
        self.server = FakeModelsDev({})

    def publish(self) -> None:
        """Have another edition, in which one of a hundred models is different, and those that are marked."""
        edition = copy.deepcopy(self.editions[-1] if self.editions else self.document)
        rows = [row for provider in edition["providers"].values() for row in provider["models"].values()]
        for row in self.random.sample(rows, round(len(rows) * CHANGED)):
            row["limit"] = {**row.get("limit", {}), "output": self.random.randrange(1, 1_000_000)}
        for provider_id, model_id in self.marked:
            row = edition["providers"][provider_id]["models"][model_id]
            row["cost"]["input"] = 1 + len(self.editions) / 100
            row["limit"] = {**row.get("limit", {}), "context": 1_000 + len(self.editions)}
        self.editions.append(edition)
        self.server.serve(edition)
        self.heal()

    def heal(self) -> None:
        """Answer as is right, and count what is sent whole."""
        self.server.heal()
        self.server.fail(Fault("counted", deliver=self._deliver))

    def _deliver(self, wire, answer) -> None:
        self.whole += answer.status == 200
        for part in wire.packed(answer):
            wire.write(part)

    def trouble(self) -> None:
        """Fail, or have what looks broken, until there is another edition."""
        kind = self.random.randrange(4)
        if kind == 0:
            self.server.serve(self.random.choice([repriced, shrunk])(self.editions[-1]))
        elif kind == 1:
            self.server.fail(self.random.choice([Fault.status(503), Fault.html(), Fault.truncated(), Fault.drop()]))


class Receiver(BaseHTTPRequestHandler):
    """Counts the messages about each revision, if they are signed as they should be."""

    def do_POST(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        name, at, signature = (self.headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
        self.server.secret_known.wait()
        assert signature == Webhook(self.server.secret).sign(name, datetime.fromtimestamp(int(at), UTC), body)
        self.server.told[json.loads(body)["data"]["revision"]] += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@contextmanager
def receiving():
    """Receive messages; yield who does."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        receiver.told, receiver.secret, receiver.secret_known = Counter(), "", Event()
        thread = Thread(target=receiver.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


class Day:
    """What goes on, and what is found wrong."""

    def __init__(self, upstream: Upstream, servers: list[Server]) -> None:
        self.upstream, self.servers = upstream, servers
        self.over, self.errors, self.did = Event(), [], Counter()
        self.seen = dict.fromkeys(servers, 0)

    def edition_of(self, client: httpx.Client) -> int | None:
        """Return the edition that a server says it reads, None where that is the catalog of the wheel yet."""
        rows = (
            client.get(f"{V1}/models/compare", params={"ids": ",".join(map("/".join, self.upstream.marked))})
            .raise_for_status()
            .json()["rows"]
        )
        said = {row["field"]: set(row["values"]) for row in rows if row["field"] in {"cost.input", "limit.context"}}
        if len(said["limit.context"]) > 1:
            return None
        [context] = said["limit.context"]
        assert {1 + (context - 1_000) / 100} == said["cost.input"], said
        return context - 1_000

    def use(self, server: Server) -> None:
        """Ask a server all the time, at times for everything, and try to write without the token."""
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            while not self.over.wait(0.05):
                try:
                    edition = self.edition_of(client)
                    assert self.seen[server] <= edition < len(self.upstream.editions)
                    self.seen[server] = edition
                    assert 401 == client.post(f"{V1}/models/refresh").status_code
                    assert 401 == client.post(f"{V1}/webhooks", json={"url": "https://example.com/"}).status_code
                    self.did["asked"] += 1
                    if self.did["asked"] % 100 == 1:
                        everything = client.get("/catalog.json", params={"type": "all"}).json()
                        assert everything in self.upstream.editions[edition:]
                        self.did["compared whole"] += 1
                except httpx.TransportError:
                    self.did["asked in vain"] += 1
                except BaseException as error:  # noqa: BLE001  # shown in the end
                    self.errors.append(error)
                    return

    def kill(self, server: Server) -> None:
        """Kill a server, and let another take its place."""
        server.kill()
        server.start()
        self.did["killed"] += 1

    def all_read(self, edition: int) -> None:
        """Wait until all servers read this edition."""
        for server in self.servers:
            self.wait_for(lambda server=server: self.reads(server) == edition)

    def reads(self, server: Server) -> int | None:
        """Return the edition that a server reads, None where it does not answer."""
        with suppress(httpx.TransportError), httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            return self.edition_of(client)

    def wait_for(self, true) -> None:
        """Wait until something is true, or something else is wrong."""
        until = time.monotonic() + PATIENCE
        while not self.errors and not true():
            assert time.monotonic() < until
            time.sleep(0.05)


def live(minutes: float, hours: int, providers: int, store: str) -> str:
    """Let the day pass; return what happened, if nothing was wrong."""
    speed, begun = hours * HOUR / (minutes * 60), time.time()
    upstream = Upstream(providers)
    with ExitStack() as stack:
        stack.enter_context(upstream.server)
        receiver = stack.enter_context(receiving())
        upstream.publish()
        with Registry(store=store, source=upstream.server.url, clock=FastClock(begun, speed), deadline=LONG) as registry:
            registry.refresh(accept=True)  # unasked, some providers would not do for all
        day = Day(upstream, [Server(store, upstream.server.url, begun, speed) for _ in range(WORKERS)])
        for server in day.servers:
            stack.callback(server.kill)
        day.all_read(0)
        answer = httpx.post(f"{day.servers[0].url}{V1}/webhooks", headers=KEY, json={"url": f"http://127.0.0.1:{receiver.server_port}/"})
        receiver.secret = answer.raise_for_status().json()["secret"]
        receiver.secret_known.set()
        users = [Thread(target=day.use, args=(server,)) for server in day.servers]
        stack.callback(lambda: [user.join() for user in users])
        stack.callback(day.over.set)
        for user in users:
            user.start()

        dice, morning = Random(1), time.monotonic()
        plan = [(hour * HOUR / speed, upstream.publish) for hour in range(1, hours)]
        plan += [((hour + 0.5) * HOUR / speed, upstream.trouble) for hour in range(hours - 1)]
        plan += [((minute + 0.5) * 60, lambda: day.kill(dice.choice(day.servers))) for minute in range(max(1, round(minutes)))]
        for at, happens in sorted(plan, key=lambda each: each[0]):
            time.sleep(max(0, morning + min(at, minutes * 60) - time.monotonic()))
            assert not day.errors, day.errors
            happens()
        upstream.publish()
        day.wait_for(lambda: day.reads(day.servers[0]) is not None)
        httpx.post(f"{day.servers[0].url}{V1}/models/refresh", headers=KEY).raise_for_status()
        day.all_read(len(upstream.editions) - 1)
        with Registry(store=store) as registry:
            day.wait_for(lambda: receiver.told.keys() >= {revision.id for revision in registry.revisions()[1:]})
            assert not day.errors, day.errors
            found = check(registry, upstream, day)
        return f"{found}, {sum(receiver.told.values()) - len(receiver.told)} messages came twice; {dict(sorted(day.did.items()))}"


def check(registry: Registry, upstream: Upstream, day: Day) -> str:
    """See that what is kept is what upstream had, whole and in order; return how much that is."""
    revisions, editions = registry.revisions(), iter(upstream.editions)
    assert [*range(1, len(revisions) + 1)] == [revision.number for revision in revisions]
    for revision in revisions:
        kept = dump_catalog(registry.as_of(revision))
        assert any(kept == edition for edition in editions), f"{revision.id} is no edition, or not in order"
    runs = registry.refreshes(limit=1_000)
    assert "running" not in {run.outcome for run in runs}
    outcomes = dict(sorted(Counter(run.outcome for run in runs).items()))
    return f"{len(upstream.editions)} editions, {upstream.whole} sent whole, {len(revisions)} revisions, runs {outcomes}"


def main() -> None:
    """Read what was asked for, and do it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--providers", type=int, default=1_000)
    parser.add_argument("--store")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="modelmeta-day-") as folder:
        sys.stdout.write(live(asked.minutes, asked.hours, asked.providers, asked.store or f"sqlite:///{folder}/store.db") + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(*sys.argv[2:])
    else:
        main()
