"""What every request meets first, and what no answer ever says."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import socket
from logging.handlers import QueueHandler
from secrets import token_bytes

import httpx
import pytest
from fastapi import FastAPI

from modelmeta import DecodeError, Registry, StoreError, bundled_catalog
from modelmeta.server.answers import Answer, Answers
from modelmeta.server.router import router
from modelmeta.stores.memory import MemoryStore

V1 = "/api/v1"


@pytest.mark.parametrize("path", ["/", "/health", "/api.json", f"{V1}/models", f"{V1}/models/none", "/nowhere", "/openapi.json"])
def test_every_answer_has_the_headers_that_keep_browsers_safe(bundled, path):
    headers = bundled.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert len(headers["x-request-id"]) == 16


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/page/../app.py",
        "/page/%2e%2e%2fapp.py",
        "/page/..%5c..%5capp.py",
        f"{V1}/models/../../../etc/passwd",
        f"{V1}/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        f"{V1}/models/'; DROP TABLE models; --",
        f"{V1}/models/openai/gpt-4' OR '1'='1",
        f"{V1}/models/%00",
        f"{V1}/models/%ff%fe",
        f"{V1}/providers/%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_what_is_no_name_is_not_found_and_does_nothing(bundled, path):
    answer = bundled.get(path)
    assert answer.status_code in {404, 422}
    assert "set-cookie" not in answer.headers
    assert "Traceback" not in answer.text
    assert "root:" not in answer.text


def test_what_was_searched_for_is_not_echoed(bundled):
    answer = bundled.get(f"{V1}/models/search", params={"q": "<script>alert(1)</script>"})
    assert (answer.status_code, "<script>" in answer.text) == (200, False)


def test_the_host_that_was_asked_for_is_not_said_again(bundled):
    for path in ("/health", f"{V1}/models/none", "/openapi.json", "/nowhere"):
        answer = bundled.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers)


def test_too_much_is_refused(bundled):
    assert bundled.get("/health?" + "x" * 8_001).status_code == 414
    assert bundled.get("/" + "x" * 4_001).status_code == 414
    assert bundled.client.post(f"{V1}/price", content=b"x" * 65_537).status_code == 413


def test_a_body_that_says_nothing_of_its_size_is_cut_off(bundled):
    def endless():
        for _ in range(2_000):
            yield b"x" * 1_024

    try:
        answer = bundled.client.post(f"{V1}/price", content=endless())
    except httpx.TransportError:  # the server may hang up first
        pass
    else:
        assert answer.status_code in {400, 413, 422}
    assert bundled.get("/health").status_code == 200


@pytest.mark.parametrize("length", ["-1", "1e3", "none", "99999999999999999999"])
def test_a_size_that_is_none_is_refused(bundled, length):
    host, port = bundled.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"POST {V1}/price HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert raw.recv(1_000).split(b" ")[1] in {b"400", b"413"}


def test_a_client_may_ask_so_often_and_no_more(serve):
    served = serve(Registry(), rate_limit=5)
    answers = [served.get("/health") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].headers["retry-after"] == "60"


def test_pages_of_other_origins_may_read_only_if_they_are_let(serve, bundled):
    asked = {"Origin": "https://app.example"}
    assert "access-control-allow-origin" not in bundled.get("/health", headers=asked).headers
    served = serve(Registry(), cors=["https://app.example"])
    assert served.get("/health", headers=asked).headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in served.get("/health", headers={"Origin": "https://evil.example"}).headers


class Broken(MemoryStore):
    """A store that fails, and says too much."""

    def __init__(self, error):
        super().__init__()
        self._error = error

    def versions(self, part, key):  # noqa: ARG002  # a store's
        """Fail."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "status", "detail"),
    [
        (RuntimeError, 500, "something went wrong here; it was logged"),
        (StoreError, 503, "the store does not answer; what is in memory still does"),
        (DecodeError, 503, "that cannot be done now; it was logged"),
    ],
)
def test_an_error_within_says_nothing_of_what_is_within(serve, caplog, error, status, detail):
    store = Broken(error("the database connection of user root with password secret broke"))
    answer = serve(Registry(store=store)).get(f"{V1}/models/openai/gpt-5.5/history")
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert answer.headers.get("retry-after") == (None if status == 500 else "10")
    for word in ("secret", "password", "connection", "Traceback", "Error"):
        assert word not in answer.text
    assert "secret" in caplog.text


def test_requests_are_logged_with_their_id_and_without_line_ends(serve, caplog):
    heard = queue.SimpleQueue()  # a client has its answer before that is logged
    handler = QueueHandler(heard)
    log = logging.getLogger("modelmeta.server.access")
    log.addHandler(handler)
    try:
        with caplog.at_level(logging.INFO, log.name):
            answer = serve(Registry()).get("/nowhere%0aGET%20/forged")
            record = heard.get(timeout=60)
    finally:
        log.removeHandler(handler)
    assert (record.request_id, record.status) == (answer.headers["x-request-id"], 404)
    assert "\n" not in record.getMessage()


def test_an_answer_that_is_prepared_is_the_same_as_one_that_is_not(serve):
    served = serve(Registry())
    for path in (f"{V1}/models?limit=5", f"{V1}/models/openai/gpt-5.5", "/api.json"):
        first, again = served.get(path), served.get(path)
        unlike = {"date", "x-request-id"}
        assert first.content == again.content
        assert {k: v for k, v in first.headers.items() if k not in unlike} == {k: v for k, v in again.headers.items() if k not in unlike}


def test_a_router_stands_in_an_app_of_ones_own():
    async def ask():
        app = FastAPI()
        app.include_router(router(Registry()), prefix="/catalog")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://host") as client:
            found = await client.get("/catalog/models/openai/gpt-5.5")
            missing = await client.get("/catalog/models/none")
            refused = await client.get("/catalog/models?limit=0")
            again = await client.get("/catalog/models/openai/gpt-5.5", headers={"If-None-Match": found.headers["etag"]})
            return found, missing, refused, again

    found, missing, refused, again = asyncio.run(ask())
    assert (again.status_code, again.content) == (304, b"")
    assert (found.status_code, missing.status_code, refused.status_code) == (200, 404, 422)
    assert json.loads(refused.text)["errors"][0]["parameter"] == "limit"
    assert missing.headers["content-type"] == "application/problem+json"


def test_an_answer_is_kept_while_its_catalog_is_read_and_there_is_room():
    registry = Registry()
    answers, question = Answers(registry, most_bytes=2_000), ("/", b"")
    assert answers.known(question) is None
    answers.keep(question, Answer(token_bytes(2_000)), registry.catalog)
    assert answers.known(question) is None
    answers.keep(question, Answer(b"x"), bundled_catalog().models("openai"))
    assert answers.known(question) is None
    answers.keep(question, kept := Answer(b"x"), registry.catalog)
    assert answers.known(question) is kept
