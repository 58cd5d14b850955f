"""The server on a real socket, over a catalog of one's own or the bundled one."""

from __future__ import annotations

import contextlib
import socket
import threading

import httpx
import pytest
import uvicorn

from modelmeta import Registry
from modelmeta.server.app import create_app

TOKEN = "a token of the tests"  # noqa: S105  # no secret


class Served:
    """A server in a thread, and a client of it."""

    def __init__(self, registry, *, app=None, http="auto", forwarded_allow_ips=None, **options):
        self.registry = registry
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(
            app or create_app(registry, **options), http=http, forwarded_allow_ips=forwarded_allow_ips, log_config=None, ws="none"
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def __enter__(self):
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)
        return self

    def __exit__(self, *_):
        self.client.close()
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()

    def get(self, path, **options):
        """Ask for *path*."""
        return self.client.get(path, **options)


@pytest.fixture
def serve():
    """Return the function that serves a registry until the test is over."""
    yield from serving()


@pytest.fixture(scope="module")
def keep_serving():
    """Return the function that serves a registry until the module is over."""
    yield from serving()


def serving():
    with contextlib.ExitStack() as stack:
        yield lambda registry, **options: stack.enter_context(Served(registry, **options))


@pytest.fixture(scope="module")
def bundled():
    """The bundled catalog, served."""
    with Served(Registry(), token=TOKEN) as served:
        yield served


@pytest.fixture
def token():
    """The token of the server, as a header."""
    return {"Authorization": f"Bearer {TOKEN}"}
