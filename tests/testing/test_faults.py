"""Faults: each is what it says it is, and comes when it was asked for."""

from __future__ import annotations

import codecs
import json
import socket
import threading
import zlib

import httpx
import pytest

from modelmeta.testing import FakeModelsDev, Fault
from modelmeta.testing.faults import Wire
from modelmeta.testing.site import Answer

DOCUMENT = {"acme": {"name": "Acme ☂", "models": {"rocket": {"name": "Rocket"}}}}
GET = b"GET /api.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
RIGHT = Answer(200, {"Content-Type": "application/json"}, b'{"a":1}')


@pytest.fixture
def server():
    with FakeModelsDev(DOCUMENT) as server:
        yield server


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=10) as client:
        yield client


@pytest.fixture
def right(client):
    return client.get("/api.json", headers={"Accept-Encoding": "identity"})


@pytest.fixture
def stream(server):
    with socket.create_connection(("127.0.0.1", httpx.URL(server.url).port), timeout=10) as stream:
        yield stream


def answer_on(stream: socket.socket) -> bytes:
    """Return an answer with its headers, of which Content-Length tells the end."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += stream.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += stream.recv(65_536)
    return head + b"\r\n\r\n" + body


def nothing_comes(stream: socket.socket) -> None:
    stream.setblocking(False)
    with pytest.raises(BlockingIOError):
        stream.recv(1)
    stream.settimeout(10)


class Recorder:
    """A socket that keeps what is sent."""

    def __init__(self):
        self.sent = []

    def sendall(self, data):
        """Keep *data*."""
        self.sent.append(bytes(data))


def played(fault: Fault, healed: threading.Event | None = None) -> tuple[list[bytes], Wire]:
    recorder = Recorder()
    wire = Wire(recorder, healed or threading.Event(), last=False)
    fault.play(RIGHT, {}, wire)
    return [data for data in recorder.sent if data], wire


@pytest.mark.parametrize("code", [204, 404, 429, 500, 503, 520])
def test_a_status(server, client, code):
    server.fail(Fault.status(code))
    answer = client.get("/api.json")
    assert (answer.status_code, answer.content, "Retry-After" in answer.headers) == (code, b"", False)


@pytest.mark.parametrize("retry_after", ["2", "Thu, 01 Jan 2026 00:00:10 GMT"])
def test_a_status_that_says_when_to_retry(server, client, retry_after):
    server.fail(Fault.status(429, retry_after=retry_after))
    assert client.get("/api.json").headers["Retry-After"] == retry_after


@pytest.mark.parametrize(("fault", "location"), [(Fault.redirect(), "/"), (Fault.redirect("http://127.0.0.1:1/x"), "http://127.0.0.1:1/x")])
def test_a_redirect(server, client, fault, location):
    server.fail(fault)
    answer = client.get("/api.json")
    assert (answer.status_code, answer.headers["Location"], answer.content) == (302, location, b"")


@pytest.mark.parametrize(
    ("fault", "media"),
    [(Fault.html(), "text/html; charset=utf-8"), (Fault.html(content_type="application/json"), "application/json")],
)
def test_a_web_page(server, client, fault, media):
    server.fail(fault)
    answer = client.get("/api.json")
    assert (answer.status_code, answer.headers["Content-Type"], answer.text[:15]) == (200, media, "<!doctype html>")


@pytest.mark.parametrize(
    ("fault", "media"), [(Fault.body(b"\x00[]"), "application/json"), (Fault.body(b"\x00[]", content_type="text/plain"), "text/plain")]
)
def test_a_body(server, client, fault, media):
    server.fail(fault)
    answer = client.get("/api.json")
    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, media, b"\x00[]")


def test_a_truncated_document_is_whole_to_http(server, client, right):
    server.fail(Fault.truncated())
    answer = client.get("/api.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.content == right.content[: len(right.content) // 2]
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_short_document_ends_before_its_announced_end(server, client, stream, right):
    server.fail(Fault.short())
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        client.get("/api.json")
    stream.sendall(GET)
    head, _, body = b"".join(iter(lambda: stream.recv(65_536), b"")).partition(b"\r\n\r\n")
    assert body == right.content[: len(right.content) // 2]
    assert f"Content-Length: {len(right.content)}".encode() in head


def test_a_bomb_is_small_until_it_is_unpacked(server, client):
    size = 600_000_000
    server.fail(Fault.bomb())
    inflate, sent, unpacked, edges = zlib.decompressobj(wbits=31), 0, 0, []
    with client.stream("GET", "/api.json", headers={"Accept-Encoding": "identity"}) as answer:
        assert (answer.headers["Content-Type"], answer.headers["Content-Encoding"]) == ("application/json", "gzip")
        for chunk in answer.iter_raw():
            sent += len(chunk)
            while chunk:
                data = inflate.decompress(chunk, 1 << 20)
                chunk = inflate.unconsumed_tail  # noqa: PLW2901  # what is left of it
                unpacked += len(data)
                edges = [*edges[:1], data] if data else edges
    assert (unpacked, inflate.eof, edges[0][:2], edges[-1][-2:]) == (size, True, b"{ ", b" }")
    assert sent < 1_000_000


@pytest.mark.parametrize("size", [2, 3, 1_000_001, 1_000_002, 1_000_003])
def test_a_bomb_is_json_of_exactly_its_size(server, client, size):
    server.fail(Fault.bomb(size))
    answer = client.get("/api.json")
    assert (len(answer.content), answer.json()) == (size, {})


def test_who_hangs_answers_rightly_when_healed(server, stream, right):
    server.clear()
    server.fail(Fault.hang())
    stream.sendall(GET)
    server.wait_for(1)
    nothing_comes(stream)
    server.heal()
    assert answer_on(stream).endswith(b"\r\n\r\n" + right.content)


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.drip(1_000, headers=True)], ids=repr)
def test_who_hangs_or_drips_sends_nothing_when_the_server_closes(server, stream, fault):
    server.fail(fault)
    stream.sendall(GET)
    server.wait_for(1)
    server.close()
    assert stream.recv(1) == b""


def test_dropping_resets_the_connection(server, stream):
    server.fail(Fault.drop())
    stream.sendall(GET)
    with pytest.raises(ConnectionResetError):
        stream.recv(1)
    with pytest.raises(httpx.ReadError):
        httpx.get(server.url)


@pytest.mark.parametrize("headers", [False, True])
def test_drops_are_single_bytes_of_the_answer(headers):
    sent, wire = played(Fault.drip(0, headers=headers))
    whole = b"".join(sent)
    body = whole.partition(b"\r\n\r\n")[2]
    assert body == RIGHT.body
    assert len(sent) == (len(whole) if headers else 1 + len(body))
    assert not wire.last


@pytest.mark.parametrize("headers", [False, True])
def test_dripping_waits_before_each_drop(headers):
    class Patient(threading.Event):
        waits = ()

        def wait(self, timeout=None):
            self.waits += (timeout,)
            return False

    healed = Patient()
    sent, _ = played(Fault.drip(0.25, headers=headers), healed)
    assert healed.waits == (0.25,) * (len(b"".join(sent)) if headers else len(RIGHT.body))


def test_who_drips_sends_the_rest_at_once_when_healed(server, stream, right):
    server.clear()
    server.fail(Fault.drip(1_000, headers=True))
    stream.sendall(GET)
    server.wait_for(1)
    nothing_comes(stream)
    server.heal()
    assert answer_on(stream).endswith(right.content)


def test_dripping_bodies_come_after_their_headers(server, stream):
    server.fail(Fault.drip(1_000))
    stream.sendall(GET)
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += stream.recv(1)
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    nothing_comes(stream)


@pytest.mark.parametrize("charset", ["utf-16", "utf-8-sig"])
def test_another_charset(server, client, charset):
    server.fail(Fault.charset(charset))
    answer = client.get("/api.json")
    assert answer.headers["Content-Type"] == f"application/json; charset={charset}"
    assert answer.content.startswith((codecs.BOM_UTF16, codecs.BOM_UTF8))
    assert json.loads(answer.content.decode(charset)) == DOCUMENT


def test_a_false_etag(server, client, right):
    server.fail(Fault.etag('"lies"'))
    for known in ('"lies"', right.headers["ETag"]):
        answer = client.get("/api.json", headers={"If-None-Match": known})
        assert (answer.status_code, answer.headers["ETag"], answer.content) == (200, '"lies"', right.content)


def test_a_304_nobody_asked_for(server, client, right):
    server.fail(Fault.not_modified(), Fault.not_modified('"lies"'))
    first, second = client.get("/api.json"), client.get("/api.json")
    assert (first.status_code, first.headers["ETag"], first.content) == (304, right.headers["ETag"], b"")
    assert (second.status_code, second.headers["ETag"], second.content) == (304, '"lies"', b"")


def test_a_304_of_what_has_no_etag(server, client):
    server.fail(Fault.not_modified())
    answer = client.get("/api.json?type=image,video")
    assert (answer.status_code, "ETag" in answer.headers) == (304, False)


def test_a_false_content_coding(server, client, right):
    server.fail(Fault.encoding("br"))
    with client.stream("GET", "/api.json") as answer:
        assert (answer.headers["Content-Encoding"], b"".join(answer.iter_raw())) == ("br", right.content)


def statuses(client, count):
    return [client.get("/api.json").status_code for _ in range(count)]


A, B = Fault.status(500), Fault.status(503)


@pytest.mark.parametrize(
    ("faults", "times", "seen"),
    [
        ((A,), None, [500, 500, 500, 500, 500]),
        ((A, B), None, [500, 503, 200, 200, 200]),
        ((A,), 2, [500, 500, 200, 200, 200]),
        ((A, B), 2, [500, 503, 500, 503, 200]),
        ((A, B), 0, [200, 200, 200, 200, 200]),
        ((), None, [200, 200, 200, 200, 200]),
    ],
)
def test_faults_come_in_order_and_as_often_as_asked(server, client, faults, times, seen):
    server.fail(*faults, times=times)
    assert statuses(client, 5) == seen


def test_healing_ends_faults(server, client):
    server.fail(A)
    assert statuses(client, 2) == [500, 500]
    server.heal()
    assert statuses(client, 2) == [200, 200]


def test_new_faults_replace_the_old(server, client):
    server.fail(A, A, A)
    server.fail(B, times=1)
    assert statuses(client, 2) == [503, 200]


def test_a_fault_is_of_any_path(server, client):
    server.fail(A)
    assert [client.get(path).status_code for path in ("/", "/models.json", "/logos/acme.svg", "/x")] == [500] * 4


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (Fault.status(503), "Fault.status(503)"),
        (Fault.redirect(), "Fault.redirect('/')"),
        (Fault.body(b"x" * 100), "Fault.body(b'xxxxxxxxxxxxxxxxxxxx')"),
        (Fault.bomb(10), "Fault.bomb(10)"),
        (Fault.drip(0.5, headers=True), "Fault.drip(0.5, headers=True)"),
    ],
)
def test_a_fault_shows_how_it_was_made(fault, shown):
    assert repr(fault) == shown
