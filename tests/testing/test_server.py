"""A models.dev on this machine: what it serves, to whom, and that nothing is left of it afterwards."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import ssl
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import get_args

import httpx
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta.records import KnownType
from modelmeta.testing import FakeModelsDev, Fault, documents, site

CHAT, UNTYPED, NULL = {"name": "Rocket", "type": "chat"}, {"name": "Kite ☂"}, {"name": "Sled", "type": None}
PAINTER, SPEAKER = {"name": "Brush", "type": "image"}, {"name": "Horn", "type": "speech"}
PROVIDERS = {
    "acme": {"name": "Acme", "models": {"rocket": CHAT, "kite": UNTYPED, "sled": NULL, "brush": PAINTER}},
    "wafer.ai": {"name": "Wafer", "models": {"horn": SPEAKER}},
    "bare": {"name": "Bare", "models": {}},
}
LAB_MODELS = {"acme/rocket": CHAT, "acme/brush": PAINTER}
CATALOG = {"models": LAB_MODELS, "providers": PROVIDERS}
DOCUMENTS = {"/api.json": PROVIDERS, "/models.json": LAB_MODELS, "/catalog.json": CATALOG}
GET = b"GET /api.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def server():
    with FakeModelsDev(PROVIDERS, lab_models=LAB_MODELS) as server:
        yield server


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, headers={"Accept-Encoding": "identity"}) as client:
        yield client


def connected(server: FakeModelsDev) -> socket.socket:
    return socket.create_connection(("127.0.0.1", httpx.URL(server.url).port), timeout=5)


def all_from(stream: socket.socket) -> bytes:
    return b"".join(iter(lambda: stream.recv(65_536), b""))


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_is_json_with_an_etag_and_caching_rules(client, path):
    answer = client.get(path, params={"type": "all"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["ETag"])
    assert json.loads(answer.content) == DOCUMENTS[path]


def test_a_document_is_served_in_utf_8_as_it_is(client):
    assert "Kite ☂".encode() in client.get("/api.json").content


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_catalog_json_is_served_in_its_parts(path):
    with FakeModelsDev(CATALOG) as server:
        assert httpx.get(f"{server.url}{path}?type=all").json() == DOCUMENTS[path]


def test_lab_models_given_come_before_those_of_a_catalog_json():
    with FakeModelsDev(CATALOG, lab_models={}) as server:
        assert httpx.get(f"{server.url}/models.json?type=all").json() == {}


def test_without_lab_models_there_are_none():
    with FakeModelsDev(PROVIDERS) as server:
        assert httpx.get(f"{server.url}/catalog.json?type=all").json() == {"models": {}, "providers": PROVIDERS}


@pytest.mark.parametrize(
    ("query", "sold"),
    [
        ("", {"acme": ["rocket", "kite", "sled"]}),
        ("?type=", {"acme": ["rocket", "kite", "sled"]}),
        ("?type=chat", {"acme": ["rocket", "kite", "sled"]}),
        ("?type=image", {"acme": ["brush"]}),
        ("?type=video", {}),
        ("?type=image,speech", {"acme": ["brush"], "wafer.ai": ["horn"]}),
        ("?type=all", {"acme": ["rocket", "kite", "sled", "brush"], "wafer.ai": ["horn"], "bare": []}),
    ],
)
def test_types_are_filtered_as_upstream_does(client, query, sold):
    assert {key: list(facts["models"]) for key, facts in client.get(f"/api.json{query}").json().items()} == sold


def test_lab_models_are_filtered_too(client):
    assert client.get("/models.json").json() == {"acme/rocket": CHAT}
    assert client.get("/catalog.json?type=image").json()["models"] == {"acme/brush": PAINTER}


def test_a_list_of_types_has_no_etag(client):
    answer = client.get("/api.json?type=speech,image")
    assert ("ETag" in answer.headers, answer.headers["Cache-Control"]) == (False, "public, max-age=3600")
    assert client.get("/api.json?type=image,image").headers["ETag"] == client.get("/api.json?type=image").headers["ETag"]


@pytest.mark.parametrize("asked", ["teapot", "image,teapot", "image,all", "CHAT", "image,"])
def test_an_unknown_type_is_refused(client, asked):
    answer = client.get("/api.json", params={"type": asked})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    assert answer.json() == {"error": f"Invalid type value: {asked}", "allowed": [*get_args(KnownType), "all"]}


ODD = {"row": {"models": {"m": 5, "n": {"type": ["chat"]}}}, "text": "x", "models": {"models": []}, "none": {}}


def test_what_is_no_provider_or_row_is_served_all_the_same():
    with FakeModelsDev(ODD) as server:
        assert httpx.get(f"{server.url}/api.json?type=all").json() == ODD
        assert httpx.get(f"{server.url}/api.json").json() == {**ODD, "row": {"models": {"m": 5}}}


@pytest.mark.parametrize("document", ["<odd>ü</odd>", "<odd>ü</odd>".encode()])
@pytest.mark.parametrize("path", [*DOCUMENTS, "/api.json?type=teapot"])
def test_text_is_served_as_it_is_on_the_path_of_every_document(document, path):
    with FakeModelsDev(document) as server:
        answer = httpx.get(f"{server.url}{path}")
    assert (answer.content, answer.headers["Content-Type"]) == ("<odd>ü</odd>".encode(), "application/json")


@pytest.fixture(scope="module")
def lasting():
    with FakeModelsDev({}) as server, httpx.Client(base_url=server.url) as client:
        yield server, client


@given(documents(flawed=True))
def test_all_that_is_given_is_served_exactly(lasting, document):
    server, client = lasting
    server.serve(document)
    assert repr(json.loads(client.get("/api.json?type=all").content)) == repr(document)


@settings(max_examples=50)
@given(documents(), st.lists(st.sampled_from(get_args(KnownType)), min_size=1))
def test_the_rows_of_the_types_asked_for_are_served(lasting, document, types):
    server, client = lasting
    server.serve(document)
    wanted = {
        (provider, model)
        for provider, facts in document.items()
        for model, row in facts["models"].items()
        if row.get("type", "chat") in types
    }
    served = json.loads(client.get("/api.json", params={"type": ",".join(types)}).content)
    assert {(provider, model) for provider, facts in served.items() for model in facts["models"]} == wanted
    assert all(document[provider]["models"][model] == served[provider]["models"][model] for provider, model in wanted)
    assert all(facts["models"] for facts in served.values())


def test_an_etag_is_of_the_content(server, client):
    first = client.get("/api.json").headers["ETag"]
    server.serve({"acme": {"models": {"rocket": {"name": "Other"}}}})
    other = client.get("/api.json").headers["ETag"]
    server.serve(PROVIDERS)
    assert first == client.get("/api.json").headers["ETag"] == client.get("/api.json?type=chat").headers["ETag"] != other


def test_gzip_is_for_those_who_take_it_and_makes_the_etag_weak(client):
    plain = client.get("/api.json")
    zipped = client.get("/api.json", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert ("Content-Encoding" in plain.headers, zipped.headers["Content-Encoding"]) == (False, "gzip")
    assert (zipped.content, zipped.headers["ETag"]) == (plain.content, f"W/{plain.headers['ETag']}")
    assert int(zipped.headers["Content-Length"]) == len(gzip.compress(plain.content, 6, mtime=0))


def test_a_list_of_types_is_zipped_too(client):
    answer = client.get("/api.json?type=image,speech", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], "ETag" in answer.headers, set(answer.json())) == ("gzip", False, {"acme", "wafer.ai"})


@pytest.mark.parametrize("known", ["{etag}", "W/{etag}", '"other", {etag}', 'W/"other",W/{etag}', "*"])
def test_who_has_the_document_gets_304(client, known):
    etag = client.get("/api.json").headers["ETag"]
    answer = client.get("/api.json", headers={"If-None-Match": known.format(etag=etag)})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert not {"Content-Type", "Content-Length", "Content-Encoding"} & answer.headers.keys()


def test_a_304_to_one_who_takes_gzip_has_the_weak_etag(client):
    zipped = {"Accept-Encoding": "gzip"}
    etag = client.get("/api.json", headers=zipped).headers["ETag"]
    answer = client.get("/api.json", headers={**zipped, "If-None-Match": etag})
    assert (answer.status_code, answer.headers["ETag"]) == (304, etag)
    assert etag.startswith("W/")


@pytest.mark.parametrize("known", ['"other"', "", "{bare}"])
def test_who_has_another_document_gets_this_one(client, known):
    bare = client.get("/api.json").headers["ETag"].strip('"')
    assert client.get("/api.json", headers={"If-None-Match": known.format(bare=bare)}).status_code == 200


def test_a_body_is_made_once_and_when_it_is_asked_for(monkeypatch):
    made = []
    dumps = json.dumps

    def counted(value, **kwargs):
        made.append(value)
        return dumps(value, **kwargs)

    monkeypatch.setattr(site.json, "dumps", counted)
    with FakeModelsDev(PROVIDERS) as server, ThreadPoolExecutor(8) as pool:
        assert made == []
        answers = list(pool.map(httpx.get, [f"{server.url}/api.json"] * 8 + [f"{server.url}/api.json?type=all"] * 8))
        assert len(answers) == 16
    assert len(made) == 2


def test_what_is_served_is_replaced_at_once_for_all(server):
    versions = [{"p": {"models": {str(n): {} for n in range(size)}}} for size in range(1, 40)]
    texts = {json.dumps(version) for version in [PROVIDERS, *versions]}

    def read(_):
        answer = httpx.get(f"{server.url}/api.json?type=all")
        return json.dumps(answer.json())

    with ThreadPoolExecutor(2) as pool:
        reading = [pool.submit(read, n) for n in range(30)]
        for version in versions:
            server.serve(version)
    assert {future.result() for future in reading} <= texts


@pytest.mark.parametrize(("path", "name"), [("acme", "acme"), ("wafer.ai", "wafer.ai"), ("no-such", "default")])
def test_a_logo_is_an_svg(client, path, name):
    answer = client.get(f"/logos/{path}.svg")
    assert (answer.status_code, answer.headers["Content-Type"], "ETag" in answer.headers) == (200, "image/svg+xml", True)
    assert answer.text == f'<svg xmlns="http://www.w3.org/2000/svg"><title>{name}</title></svg>'


@pytest.mark.parametrize("path", ["/api", "/api.json/", "/v1/models", "/logos/acme.png", "/icons/acme.svg"])
def test_any_other_path_leads_to_the_web_page(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"], answer.content) == (302, "/", b"")
    page = client.get(path, follow_redirects=True)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
def test_only_get_is_allowed(client, method):
    answer = client.request(method, "/api.json", content=b"x" * 100_000)
    assert (answer.status_code, answer.headers["Allow"], answer.content) == (405, "GET", b"")
    assert client.get("/api.json").status_code == 200


def test_requests_are_kept_as_they_came(server, client):
    client.get("/api.json?type=all&x=", headers={"X-Thing": "1"})
    client.post("/elsewhere")
    first, second = server.requests
    assert (first.method, first.path, first.query) == ("GET", "/api.json", {"type": "all", "x": ""})
    assert (second.method, second.path, second.query) == ("POST", "/elsewhere", {})
    assert first.headers["x-thing"] == first.headers["X-THING"] == "1"
    assert "X-Thing" in first.headers
    assert "X-Other" not in first.headers
    assert dict(first.headers)["x-thing"] == "1"
    assert len(first.headers) == len(list(first.headers))
    assert "'x-thing': '1'" in repr(first)


def test_the_list_of_requests_is_a_copy(server, client):
    client.get("/")
    server.requests.clear()
    assert len(server.requests) == 1
    server.clear()
    assert server.requests == []


def test_waiting_returns_the_requests_that_came(server):
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(httpx.get, f"{server.url}/{n}") for n in range(3)]
        assert {request.path for request in server.wait_for(requests=3)} == {"/0", "/1", "/2"}
        assert [future.result().status_code for future in asked] == [302] * 3


def test_waiting_gives_up(server, client):
    client.get("/")
    with pytest.raises(TimeoutError, match=r"1 of 2 requests came in 0\.01 seconds"):
        server.wait_for(2, timeout=0.01)


def test_every_answer_is_delayed(server, client, monkeypatch):
    waits = []
    monkeypatch.setattr(server._closed, "wait", waits.append)
    server.delay = 12.5
    assert [client.get(path).status_code for path in ("/api.json", "/")] == [200, 200]
    assert waits == [12.5, 12.5]


def test_a_delay_holds_the_answer_back_until_the_server_closes(server):
    server.delay = 1_000
    with connected(server) as stream:
        stream.sendall(GET)
        server.wait_for(1)
        stream.setblocking(False)
        with pytest.raises(BlockingIOError):
            stream.recv(1)
        server.close()
        stream.settimeout(5)
        assert stream.recv(1) == b""


async def test_tasks_are_answered_at_the_same_time(server):
    server.fail(Fault.hang())
    async with httpx.AsyncClient(base_url=server.url) as client:
        asked = [asyncio.create_task(client.get("/api.json", headers={"N": str(n)})) for n in range(10)]
        requests = await asyncio.to_thread(server.wait_for, 10)
        assert Counter(request.headers["N"] for request in requests) == Counter(map(str, range(10)))
        server.heal()
        answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [200] * 10
    assert all(answer.content == answers[0].content for answer in answers)


def test_a_connection_serves_many_requests_unless_asked_to_close(server):
    with connected(server) as stream:
        stream.sendall(GET + GET + GET.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"))
        received = all_from(stream)
    assert (received.count(b"HTTP/1.1 200 OK"), received.count(b"Connection: close")) == (3, 1)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: 1\r\n" * 1_000 + b"\r\n",
    ],
)
def test_what_is_no_request_ends_the_connection(server, client, capfd, sent):
    with connected(server) as stream:
        stream.sendall(sent)
        stream.shutdown(socket.SHUT_WR)
        assert all_from(stream) == b""
    assert server.requests == []
    assert client.get("/").status_code == 200
    assert capfd.readouterr().err == ""


def test_clients_that_go_away_leave_no_trace(capfd):
    with FakeModelsDev("x" * 20_000_000) as server:
        with connected(server) as stream:
            stream.sendall(GET)
            assert stream.recv(8) == b"HTTP/1.1"
        with connected(server) as stream:
            stream.sendall(GET[:10])
        assert httpx.get(f"{server.url}/").status_code == 200
    assert capfd.readouterr() == ("", "")


def context_pair() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    serving, asking = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.configure_trust(asking)
    return serving, asking


def test_it_serves_https(capfd):
    serving, asking = context_pair()
    with FakeModelsDev(PROVIDERS, tls=serving) as server:
        assert server.url.startswith("https://127.0.0.1:")
        assert httpx.get(f"{server.url}/api.json?type=all", verify=asking).json() == PROVIDERS
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(server.url, verify=ssl.create_default_context())
        with connected(server) as stream, suppress(ConnectionResetError):
            stream.sendall(GET)
            assert b"HTTP" not in all_from(stream)
        server.fail(Fault.drop())
        with pytest.raises(httpx.TransportError):
            httpx.get(server.url, verify=asking)
    assert capfd.readouterr() == ("", "")


def test_closing_ends_a_handshake_under_way():
    serving, _ = context_pair()
    with FakeModelsDev(PROVIDERS, tls=serving) as server, connected(server) as stream:
        server.close()
        assert all_from(stream) == b""


def sockets() -> set[str]:
    """Return the sockets this process has open."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(path.readlink()))
        except FileNotFoundError:  # the folder's own descriptor
            continue
    return {name for name in found if name.startswith("socket:")}


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the sockets")
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("fault", [None, Fault.hang(), Fault.drip(60), Fault.drip(60, headers=True), Fault.bomb(10**12)], ids=repr)
def test_closing_leaves_no_thread_and_no_socket_behind(fault, secure):
    threads, before = set(threading.enumerate()), sockets()
    serving, asking = context_pair()
    server = FakeModelsDev(PROVIDERS, tls=serving if secure else None).start()
    if fault:
        server.fail(fault)
    with connected(server), connected(server) as raw, asking.wrap_socket(raw, server_hostname="127.0.0.1") if secure else raw as stream:
        stream.sendall(GET)
        server.wait_for(1)
        server.close()
        assert set(threading.enumerate()) - threads == set()
    assert sockets() - before == set()


def test_closing_twice_is_closing_once(server):
    server.close()
    server.close()


def test_a_closed_server_refuses_connections_and_may_start_again(server, client):
    url = server.url
    client.get("/")
    server.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    server.start()
    assert server.url == url
    assert httpx.get(url).status_code == 200
    server.fail(Fault.hang())
    with pytest.raises(httpx.TimeoutException):
        httpx.get(url, timeout=0.05)


def test_starting_twice_is_starting_once(server):
    with server.start():
        assert httpx.get(server.url).status_code == 200


def test_a_server_that_never_started_closes():
    FakeModelsDev(PROVIDERS).close()
