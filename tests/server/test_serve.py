"""The server as a program: it starts, answers, logs, and stops as it is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from threading import Condition, Thread

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from modelmeta.testing import FakeModelsDev

TOKEN = "the-token-of-this-server"  # noqa: S105  # it opens nothing but the servers of these tests
PATIENCE = 60
ROCKET = {"name": "Rocket", "cost": {"input": 2, "output": 8}, "limit": {"context": 1000}}
DEARER = {**ROCKET, "cost": {"input": 3, "output": 8}}


def document(rocket):
    return {"acme": {"name": "Acme", "models": {"rocket": rocket}}}


class Program:
    """A running ``modelmeta serve``, and what it has logged."""

    def __init__(self, *options, **environ):
        command = [sys.executable, "-m", "modelmeta", "serve", "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environ)
        self.lines = []
        self._heard = Condition()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            with self._heard:
                self.lines.append(line)
                self._heard.notify_all()

    def logged(self):
        """Return what was logged so far, line by line."""
        with self._heard:
            return [json.loads(line) for line in self.lines]

    def wait_for(self, message, times=1):
        """Return the first line that begins with *message*, once so many do."""

        def found():
            return [line for line in map(json.loads, self.lines) if line["message"].startswith(message)]

        with self._heard:
            assert self._heard.wait_for(lambda: len(found()) >= times, PATIENCE), self.lines
            return found()[0]

    @property
    def url(self):
        """Where it answers, once it does."""
        return self.wait_for("Uvicorn running on")["message"].split()[3]

    def worker_of(self, response):
        """Return the process that gave this *response*, by what it logged."""
        asked = response.headers["x-request-id"]
        with self._heard:
            assert self._heard.wait_for(lambda: any(asked in line for line in self.lines), PATIENCE)
        return next(line["process"] for line in self.logged() if line.get("request_id") == asked)

    def stop(self, number=signal.SIGTERM):
        """Tell it to stop; return its exit code."""
        self.process.send_signal(number)
        return self.end()

    def end(self):
        """Return its exit code, once it has ended."""
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stderr.close()
        return code


@pytest.fixture
def upstream():
    with FakeModelsDev(document(ROCKET)) as server:
        yield server


@pytest.fixture
def program(upstream, tmp_path):
    """Return the function that starts one; whatever is not stopped is killed in the end."""
    started = []

    def start(*options, **environ):
        options = ("--store", f"sqlite:///{tmp_path}/catalog.db", "--source", upstream.url, *options)
        started.append(Program(*options, **{**os.environ, "MODELMETA_TOKEN": TOKEN, **environ}))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_what_its_source_has_and_stops_when_told(program, upstream, number):
    running = program()
    running.wait_for("Application startup complete.")
    running.wait_for("refresh updated")
    assert {"acme/rocket"} == {
        f"{model['provider_id']}/{model['id']}" for model in httpx.get(f"{running.url}/api/v1/models").json()["models"]
    }
    assert 0 == running.stop(number)
    assert "Application shutdown complete." in [line["message"] for line in running.logged()]


def test_a_request_under_way_is_answered_before_it_stops(program):
    running = program()
    running.wait_for("refresh updated")
    body = json.dumps({"model": "acme/rocket", "usage": {"input_tokens": 1_000_000}}).encode()
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as client, client.makefile("rb") as answer:
        client.sendall(
            b"POST /api/v1/price HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        assert answer.readline().startswith(b"HTTP/1.1 100")
        running.process.send_signal(signal.SIGTERM)
        running.wait_for("Waiting for connections to close")
        client.sendall(body)
        assert answer.readline() == b"\r\n"
        assert answer.readline().startswith(b"HTTP/1.1 200")
        assert b'"total":2' in answer.read()
    assert 0 == running.end()
    assert "Application shutdown complete." in [line["message"] for line in running.logged()]


def test_it_logs_requests_as_json_and_never_its_token(program):
    running = program("--cors", "https://page.example", "--rate-limit", "1000")
    response = httpx.post(f"{running.url}/api/v1/models/refresh?x=%0d%0aforged", headers={"Authorization": f"Bearer {TOKEN}"})
    assert 422 == response.status_code
    assert 202 == httpx.post(f"{running.url}/api/v1/models/refresh", headers={"Authorization": f"Bearer {TOKEN}"}).status_code
    assert 401 == httpx.post(f"{running.url}/api/v1/models/refresh", headers={"Authorization": "Bearer wrong"}).status_code
    allowed = httpx.get(f"{running.url}/health", headers={"Origin": "https://page.example"})
    assert "https://page.example" == allowed.headers["access-control-allow-origin"]
    running.stop()
    asked = [line for line in running.logged() if line["logger"] == "modelmeta.server.access"]
    assert [422, 202, 401, 200] == [line["status"] for line in asked]
    assert all(line["seconds"] > 0 and line["timestamp"] and line["level"] == "INFO" for line in asked)
    assert response.headers["x-request-id"] == asked[0]["request_id"]
    assert TOKEN not in "".join(running.lines)


def test_workers_share_a_store_and_what_one_of_them_fetched(program, upstream):
    running = program("--workers", "2")
    running.wait_for("Application startup complete.", times=2)

    def both_read(price):
        seen = {}
        while len([*filter(None, seen.values())]) < 2:
            response = httpx.get(f"{running.url}/api/v1/models/acme/rocket")
            seen[running.worker_of(response)] = response.status_code == 200 and response.json()["cost"]["input"] == price
        return seen.keys()

    workers = both_read(2)
    upstream.serve(document(DEARER))
    job = httpx.post(f"{running.url}/api/v1/models/refresh", headers={"Authorization": f"Bearer {TOKEN}"})
    assert 202 == job.status_code
    assert workers == both_read(3)

    numbers = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(httpx.get(f"{running.url}/metrics").text)
        for sample in family.samples
    }
    assert 2 == numbers["modelmeta_fetches_total", "document"]  # as many as there were revisions
    assert 2 == numbers["modelmeta_store_duration_seconds_count", "commit"]
    assert 2 < numbers["modelmeta_http_requests_total", "GET", "/models/{ref:path}", "200"]
    assert 0 == running.stop()
    assert 2 == len([line for line in running.logged() if line["message"] == "Application shutdown complete."])


def test_a_port_that_is_taken_ends_it_with_an_error(program):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        running = program("--port", str(taken.getsockname()[1]))
        assert 0 != running.end()
    assert "address already in use" in "".join(running.lines)


def test_a_client_that_sends_without_end_is_hung_up_on_and_others_are_answered(program):
    running = program()
    host, port = running.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nX: ")
        with suppress(OSError):  # it has hung up
            while True:
                client.sendall(b"y" * 1_000)
    assert 200 == httpx.get(f"{running.url}/health").status_code


def test_an_upgrade_is_a_request_like_any_other(program):
    running = program()
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    response = httpx.get(f"{running.url}/health", headers=upgrade)
    assert 200 == response.status_code
    running.worker_of(response)


def test_webhooks_may_call_this_machine_only_where_that_is_allowed(program):
    for options, status in (((), 422), (("--private-webhooks",), 201)):
        running = program(*options)
        hook = {"url": "http://127.0.0.1:9/hook"}
        assert status == httpx.post(f"{running.url}/api/v1/webhooks", json=hook, headers={"Authorization": f"Bearer {TOKEN}"}).status_code
        running.stop()
