"""The server as a program, asked by a real client over both transports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import httpx
import pytest
from mcp import Client, StdioServerParameters

from modelmeta import Registry
from modelmeta.testing import FakeModelsDev

PATIENCE = 60
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def program(*options):
    """Return the command that starts a server."""
    return [sys.executable, "-m", "modelmeta", *options]


class Listening:
    """A server that listens; ``url`` is where."""

    def __init__(self, *options, **environ):
        self.process = subprocess.Popen(
            program(*options), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ | environ
        )

    def __enter__(self):
        for line in self.process.stderr:
            if found := re.search(r"running on (http://\S+)", line):
                self.url = f"{found[1]}/mcp"
                return self
        raise AssertionError(self.process.wait(PATIENCE))

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.stderr.read()
        self.process.stderr.close()
        self.code = self.process.wait(PATIENCE)


async def ask(server, tool, **arguments):
    async with Client(server, read_timeout_seconds=PATIENCE) as client:
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content[0].text
        return result.structured_content


def stdio(*options):
    command, *arguments = program(*options)
    return StdioServerParameters(command=command, args=arguments, env=dict(os.environ))


async def test_over_the_standard_streams_the_bundled_catalog_answers(catalog):
    known = await ask(stdio("mcp"), "get", model="openai/gpt-5.5")

    assert catalog.get("openai/gpt-5.5").limit.context == known["limit_context"]


async def test_over_the_standard_streams_a_document_answers(document):
    found = await ask(stdio("--catalog", str(document), "mcp"), "search")

    assert ["acme/kite", "acme/mystery", "acme/rocket", "resale/kite"] == [model["model"] for model in found["models"]]


@pytest.fixture
def store(document, tmp_path):
    """The address of a store that holds the document."""
    with Registry(store=f"sqlite:///{tmp_path}/catalog.db", source=document) as registry:
        registry.refresh(accept=True)
    return f"sqlite:///{tmp_path}/catalog.db"


@pytest.mark.parametrize("place", ["before", "behind"])
async def test_a_store_answers(store, place):
    options = ("--store", store, "mcp") if place == "before" else ("mcp", "--store", store)

    assert (await ask(stdio(*options), "search"))["total"] == 4


async def test_over_http_the_same_tools_answer(document):
    with Listening("--catalog", str(document), "mcp", "--http", "127.0.0.1:0") as server:
        assert server.url.startswith("http://127.0.0.1:")
        priced = await ask(server.url, "price", model="acme/rocket", workload={"input_tokens": 2_000})
        compared = await ask(server.url, "compare", models=["acme/rocket", "acme/kite"])
        picked = await ask(server.url, "select")

    assert ("0.0006", 1000) == (priced["total"].rstrip("0"), priced["tier_above"])
    assert [] == compared["missing"]
    assert "acme/rocket" == picked["models"][0]["model"]
    assert server.code == 0


async def test_over_http_an_ipv6_address_is_listened_on(document):
    with Listening("--catalog", str(document), "mcp", "--http", "[::1]:0") as server:
        assert (await ask(server.url, "search"))["total"] == 4


def test_a_request_that_names_another_host_is_refused(document):
    with Listening("--catalog", str(document), "mcp", "--http", "127.0.0.1:0", "--name", "models.example") as server:

        def status(**headers):
            return httpx.post(server.url, json=INITIALIZE, headers=ACCEPT | headers, timeout=PATIENCE).status_code

        port = httpx.URL(server.url).port
        assert status() == 200
        assert status(Host=f"localhost:{port}", Origin=f"http://localhost:{port}") == 200
        assert status(Host="models.example", Origin="https://models.example") == 200
        assert status(Host="evil.example") == 421
        assert status(Host=f"evil.example:{port}") == 421
        assert status(Origin="https://evil.example") == 403


def test_a_request_of_more_than_a_megabyte_is_refused(document):
    with Listening("--catalog", str(document), "mcp", "--http", "127.0.0.1:0") as server:
        big = INITIALIZE | {"method": "x" * (1 << 20)}
        assert httpx.post(server.url, json=big, headers=ACCEPT, timeout=PATIENCE).status_code == 413


async def test_with_a_source_it_refreshes_by_itself(document):
    with FakeModelsDev(json.loads(document.read_text())) as upstream:
        environ = {"MODELMETA_MAX_SHRINK": "1"}
        with Listening("mcp", "--http", "127.0.0.1:0", "--source", upstream.url, **environ) as server:
            await ask(server.url, "search", limit=1)
            assert upstream.wait_for(1, timeout=PATIENCE)


@pytest.mark.parametrize("address", ["8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1"])
def test_what_is_no_address_is_refused(address):
    result = subprocess.run(program("mcp", "--http", address), capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert f"{address!r} is no HOST:PORT, such as 127.0.0.1:8001" in result.stderr


def test_a_store_that_cannot_be_opened_is_told_at_once(tmp_path):
    result = subprocess.run(program("mcp", "--store", f"sqlite:///{tmp_path}/no/catalog.db"), capture_output=True, text=True, check=False)

    assert result.returncode == 2
    assert "no/catalog.db" in result.stderr
