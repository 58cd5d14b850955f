"""A receiver with a real socket, and a small catalog whose changes it hears of."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from modelmeta import Registry
from modelmeta.testing import FakeClock
from modelmeta.webhooks import Webhooks


class Receiver(BaseHTTPRequestHandler):
    """Keeps what its server gets, and answers 204, or as ``answers`` says: a status, or one and a place to go to."""

    def do_POST(self):
        """Take a message."""
        server = self.server
        server.got.append((dict(self.headers), self.rfile.read(int(self.headers.get("content-length", 0)))))
        server.came.set()
        server.may_answer.wait(30)
        status, *place = server.answers.pop(0) if server.answers else (204,)
        self.send_response(status)
        for location in place:
            self.send_header("location", location)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815  # http.server's name

    def log_message(self, *said):
        """Say nothing."""


@pytest.fixture
def receiver():
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.got, server.answers, server.came, server.may_answer = [], [], Event(), Event()
        server.messages = lambda: [json.loads(body) for _, body in server.got]
        server.ids = lambda: [headers["webhook-id"] for headers, _ in server.got]
        server.url = f"http://127.0.0.1:{server.server_port}/hook"
        server.may_answer.set()
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.may_answer.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def clock():
    """The time, which stands still unless it is moved; receivers check signatures by the machine's."""
    return FakeClock(datetime.fromtimestamp(int(time.time()), UTC))


def write(folder, **prices):
    models = {name: {"name": name.title(), "cost": {"input": price, "output": 8}} for name, price in prices.items()}
    (folder / "api.json").write_text(json.dumps({"acme": {"name": "Acme", "models": models}}))


@pytest.fixture(scope="session")
def begun(tmp_path_factory):
    """A folder with a source, and a store that holds its one revision. It is not to be changed."""
    folder = tmp_path_factory.mktemp("begun")
    write(folder, rocket=2)
    with Registry(store=f"sqlite:///{folder}/catalog.db", source=folder / "api.json") as registry:
        registry.refresh(accept=True)
    return folder


@pytest.fixture
def registry(begun, tmp_path, clock):
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    with Registry(store=f"sqlite:///{tmp_path}/catalog.db", source=tmp_path / "api.json", clock=clock) as opened:
        yield opened


@pytest.fixture
def hooks(registry):
    return Webhooks(registry, allow_private=True)


@pytest.fixture
def publish(tmp_path, registry):
    """Let the source have models of these names and input prices."""
    return lambda **prices: write(tmp_path, **prices)


@pytest.fixture
def change(publish, registry):
    """Publish, and refresh; return the new revision's id."""
    return lambda **prices: publish(**prices) or registry.refresh(accept=True).revision
