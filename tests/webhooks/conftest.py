"""A receiver with a real socket, and a small catalog whose changes it hears of."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from modelmeta import Registry
from modelmeta.testing import FakeClock
from modelmeta.webhooks import Webhooks


class Receiver:
    """Keeps what it gets, and answers 204, or as ``answers`` says: a status, or one and a place to go to."""

    def __init__(self):
        self.got, self.answers, self.came, self.may_answer = [], [], Event(), Event()
        self.may_answer.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.got.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                receiver.came.set()
                receiver.may_answer.wait(30)
                status, *place = receiver.answers.pop(0) if receiver.answers else (204,)
                self.send_response(status)
                for location in place:
                    self.send_header("location", location)
                self.send_header("content-length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *said):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.block_on_close = False
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def messages(self):
        """What was said, of whatever type."""
        return [json.loads(body) for _, body in self.got]

    @property
    def ids(self):
        """Under which id each message came."""
        return [headers["webhook-id"] for headers, _ in self.got]

    def close(self):
        """Answer no more."""
        self.may_answer.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def clock():
    """The time, which stands still unless it is moved; receivers check signatures by the machine's."""
    return FakeClock(datetime.fromtimestamp(int(time.time()), UTC))


@pytest.fixture
def publish(tmp_path):
    """Let the source have these models of one provider, by id: each with its input price."""

    def write(**prices):
        models = {name: {"name": name.title(), "cost": {"input": price, "output": 8}} for name, price in prices.items()}
        (tmp_path / "api.json").write_text(json.dumps({"acme": {"name": "Acme", "models": models}}))

    write(rocket=2)
    return write


@pytest.fixture
def registry(tmp_path, publish, clock):
    """A registry on a store that holds one revision."""
    with Registry(store=f"sqlite:///{tmp_path}/catalog.db", source=tmp_path / "api.json", clock=clock) as opened:
        opened.refresh(accept=True)
        yield opened


@pytest.fixture
def hooks(registry):
    return Webhooks(registry, allow_private=True)


@pytest.fixture
def change(publish, registry):
    """Publish prices and refresh; return the new revision's id."""

    def refreshed(**prices):
        publish(**prices)
        return registry.refresh(accept=True).revision

    return refreshed
