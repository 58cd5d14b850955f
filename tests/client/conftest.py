"""What the tests of the HTTP room share: a small site, and its clients in threads and in tasks, asked alike."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path

import pytest

from modelmeta import AsyncClient, Client, Settings
from modelmeta.client.http import AsyncHttp, Http
from modelmeta.testing import FakeModelsDev, scaled_document

PATIENT = {"max_retries": 0, "timeout": 60, "deadline": 60}


class Awaited:
    """An object of which each coroutine method is run to its end."""

    def __init__(self, own, runner):
        self.own = own
        self.runner = runner

    def __getattr__(self, name):
        attribute = getattr(self.own, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute
        return lambda *args, **kwargs: self.runner.run(attribute(*args, **kwargs))

    def close(self):
        """Close it."""
        self.runner.run(self.own.aclose())


@pytest.fixture(scope="session")
def document() -> dict:
    """A catalog.json of 28 models, some of them under ids with slashes."""
    small = json.loads((Path(__file__).parent.parent / "catalog" / "small.json").read_text(encoding="utf-8"))
    models = {f"labs/deep/{key}:free@{key}": row for key, row in small["providers"]["acme"]["models"].items()}
    large = scaled_document(small, 4)
    return large | {"providers": large["providers"] | {"hub.ai": {"id": "hub.ai", "name": "Hub", "models": models}}}


@pytest.fixture
def server(document):
    """A models.dev that serves it."""
    with FakeModelsDev(document) as server:
        yield server


@pytest.fixture(params=["threads", "tasks"])
def colour(request) -> str:
    """Threads, then tasks."""
    return request.param


@pytest.fixture
def runner():
    """An event loop for what is awaited in a test that is not."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def opened(colour, runner):
    """Return a function that makes a client of this colour and closes it after the test."""
    clients = []

    def make(kinds, *args, **kwargs):
        one, other = kinds
        client = one(*args, **kwargs) if colour == "threads" else Awaited(other(*args, **kwargs), runner)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def http(opened):
    """Return a function that makes an ``Http`` or an ``AsyncHttp``; by default it does not try again."""
    return lambda clock=None, client=None, **settings: opened((Http, AsyncHttp), Settings(**PATIENT | settings), clock, client)


@pytest.fixture
def client(opened):
    """Return a function that makes a ``Client`` or an ``AsyncClient``; by default it does not try again."""
    return lambda **settings: opened((Client, AsyncClient), **PATIENT | settings)


@pytest.fixture
def asking(server, client):
    """A client of the server."""
    return client(base_url=server.url)
