"""Many users at once while the catalog changes: everybody is answered, and each answer is of one revision.

``MODELMETA_USERS="100 1000" MODELMETA_STRESS=60`` lets so many come, one group after the other, and for so many seconds instead of a moment.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from contextlib import asynccontextmanager

import pytest

from modelmeta import AsyncRegistry
from modelmeta.testing import FakeModelsDev

USERS = [*map(int, os.environ.get("MODELMETA_USERS", "100").split())]
SECONDS = float(os.environ.get("MODELMETA_STRESS", "0.5"))
PATIENCE = 60
TOKEN = "the token of this server"  # noqa: S105  # it opens nothing but the server of this test
KEY = {"Authorization": f"Bearer {TOKEN}"}
FIRST, ROWS = 1_000, 10
REFS = [f"acme/rocket-{number}" for number in range(ROWS)]
V1 = "/api/v1"
USAGE = {"input_tokens": 1_000_000}
GET = [
    *(f"{V1}/models/{ref}" for ref in REFS),
    *(f"{V1}/models?{criteria}" for criteria in ("", "limit=3", "sort=-cost.input&limit=100", "capability=tool_call&fields=cost,name")),
    *(f"{V1}/models/{question}" for question in ("search?q=rocket", f"compare?ids={','.join(REFS[:5])}", f"{REFS[0]}/offerings")),
    *("/api.json", "/catalog.json?type=all", "/page/models.json"),
]


def document(edition):
    """Return a document in which every model says what *edition* it is of."""
    row = {"name": f"Rocket of {edition}", "cost": {"input": edition}, "tool_call": True}
    return {"acme": {"name": "Acme", "models": {f"rocket-{number}": row for number in range(ROWS)}}}


def editions(said):
    """Return all editions of which anything is in an answer."""
    match said:
        case dict():
            return {edition for value in said.values() for edition in editions(value)}
        case list():
            return {edition for value in said for edition in editions(value)}
        case str() if said.startswith("Rocket of "):
            return {int(said.removeprefix("Rocket of "))}
        case _:
            return set()


class Client:
    """One connection, over which one thing after another is asked."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def ask(self, method, path, said=None, **headers):
        """Return the status of the answer, and what it says."""
        body = b"" if said is None else json.dumps(said).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: models", f"Content-Length: {len(body)}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split()[0])
        return int(head.split()[1]), json.loads(await self.reader.readexactly(length))


class Crowd:
    """All who ask one server at the same time, and the one who refreshes it."""

    def __init__(self, upstream, served, users):
        self.upstream, self.address = upstream, served.socket.getsockname()
        self.published = FIRST
        self.answered = [0] * users
        self.begun, self.all_answered, self.over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def connect(self):
        """Open a connection."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            yield Client(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    async def refresh(self):
        """Let upstream have one edition after the other, and have each read."""
        async with self.connect() as client:
            while not self.over.is_set():
                status, job = await client.ask("POST", f"{V1}/models/refresh", **KEY)
                assert (202, "running") == (status, job["status"])
                while job["status"] == "running":
                    await asyncio.sleep(0.01)
                    _, job = await client.ask("GET", f"{V1}/models/refresh/status/{job['id']}", **KEY)
                assert "updated" == job["status"]
                self.begun.set()
                self.published += 1
                self.upstream.serve(document(self.published))
                await asyncio.sleep(0.05)

    async def use(self, number):
        """Ask one thing after the other, and what one may not."""
        seen = FIRST
        async with self.connect() as client:
            while not self.over.is_set():
                status, said = await client.ask("GET", random.choice(GET))
                [edition] = editions(said)
                assert (200, True) == (status, seen <= edition <= self.published)
                seen = edition
                status, quote = await client.ask("POST", f"{V1}/price", {"model": random.choice(REFS), "usage": USAGE})
                assert (200, True) == (status, seen <= quote["total"] <= self.published)
                status, _ = await client.ask("POST", f"{V1}/models/refresh", Authorization="Bearer guessed")
                assert 401 == status
                self.answered[number] += 3
                if all(self.answered):
                    self.all_answered.set()


@pytest.mark.timeout(300 + 2 * SECONDS)
@pytest.mark.parametrize("users", USERS)
async def test_everybody_is_answered_of_one_revision_while_it_changes(serve, tmp_path, users):
    with FakeModelsDev(document(FIRST)) as upstream:
        registry = AsyncRegistry(store=f"sqlite:///{tmp_path}/store.db", source=upstream.url)
        crowd = Crowd(upstream, serve(registry, token=TOKEN), users)
        async with asyncio.timeout(SECONDS + 2 * PATIENCE), asyncio.TaskGroup() as group:
            group.create_task(crowd.refresh())
            await crowd.begun.wait()
            for number in range(users):
                group.create_task(crowd.use(number))
            await asyncio.sleep(SECONDS)
            await crowd.all_answered.wait()
            crowd.over.set()
    print(f"{users} users: {sum(crowd.answered)} answers, {crowd.published - FIRST} revisions")  # noqa: T201  # for who wants to know
