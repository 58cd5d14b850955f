"""Attempts to get in, to get through, to get at something else, and to keep the server busy."""

from __future__ import annotations

import gzip
import json
import logging
import queue
import socket
from functools import partial
from logging.handlers import QueueHandler

import pytest
from cachetools import TTLCache
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from modelmeta import Registry
from modelmeta.server import connection, front
from modelmeta.server.app import create_app
from modelmeta.server.router import router
from modelmeta.server.security import network_of
from modelmeta.testing import FakeModelsDev

V1 = "/api/v1"
REFRESH = f"{V1}/models/refresh"
PATIENCE = 60
KEY = "k\u00e9y-\u20ac"
GUARDED = [
    *(
        ("POST", REFRESH),
        ("GET", f"{REFRESH}/status"),
        ("GET", f"{REFRESH}/status/x"),
        ("GET", f"{V1}/webhooks"),
        ("POST", f"{V1}/webhooks"),
    ),
    *((method, f"{V1}/webhooks/x") for method in ("GET", "PATCH", "DELETE")),
    *(("POST", f"{V1}/webhooks/x/{what}") for what in ("test", "replay")),
    ("GET", f"{V1}/webhooks/x/deliveries"),
]


@pytest.fixture(scope="module")
def silent():
    """A server that asks nobody."""
    return Registry(enabled=False)


@pytest.fixture(scope="module")
def sent(keep_serving, silent):
    """Return what sends a request to a server with a token, byte by byte, and tells its status and all that came."""
    served = keep_serving(silent, token=KEY)

    def send(method, path, *headers, body=b""):
        return told(served, raw(method, path, *headers, body=body))

    return send


def raw(method, path, *headers, body=b""):
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: x", b"Connection: close", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def connect(served):
    host, port = served.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def told(served, request):
    """Send *request*; return the status and all that came until the server hung up."""
    with connect(served) as client:
        client.sendall(request)
        return status_of(rest(client))


def rest(client):
    came = []
    while part := client.recv(65_536):
        came.append(part)
    return b"".join(came)


def status_of(answer):
    return int(answer.split(b" ")[1]), answer


def bearer(key, scheme=b"Bearer"):
    return b"Authorization: " + scheme + b" " + key


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_every_guarded_route_wants_the_token(sent, method, path):
    assert 401 == sent(method, path)[0]
    assert 401 != sent(method, path, bearer(KEY.encode()))[0]


@pytest.mark.parametrize("scheme", [b"Bearer", b"bearer", b"BEARER"])
def test_the_token_is_taken_in_utf_8_and_its_scheme_in_any_case(sent, scheme):
    assert 200 == sent("GET", f"{V1}/webhooks", bearer(KEY.encode(), scheme))[0]


@pytest.mark.parametrize(
    "headers",
    [
        [bearer(b"")],
        [bearer(b" ")],
        [bearer(KEY.upper().encode())],
        [bearer(KEY.encode()[:-1])],
        [bearer(KEY.encode() + b"x")],
        [bearer(KEY.encode("utf-16"))],
        [bearer(b"ke\xcc\x81y-\xe2\x82\xac")],  # the same to the eye
        [bearer(b"\xff\xfe")],
        [bearer(KEY.encode(), b"Basic")],
        [bearer(KEY.encode(), b"Token")],
        [bearer(b"wrong, Bearer " + KEY.encode())],
        [bearer(b"wrong"), bearer(KEY.encode())],
        [b"Authorization: " + KEY.encode()],
        [b"Proxy-Authorization: Bearer " + KEY.encode()],
        [b"X-Authorization: Bearer " + KEY.encode()],
        [b"X-Api-Key: " + KEY.encode()],
        [b"Cookie: token=" + KEY.encode()],
        [b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1", b"X-Forwarded-Host: localhost"],
    ],
)
def test_what_is_not_quite_the_token_is_not(sent, headers):
    assert sent("GET", f"{V1}/webhooks", *headers)[0] in {400, 401}


@pytest.mark.parametrize("name", ["token", "access_token", "key", "authorization", "bearer"])
def test_the_token_is_not_taken_from_the_address(sent, name):
    assert 401 == sent("GET", f"{V1}/webhooks?{name}=k%C3%A9y-%E2%82%AC")[0]


@pytest.mark.parametrize(
    "path",
    [
        *(f"/{REFRESH}", f"{V1}//models/refresh", f"{V1}/models//refresh", f"{REFRESH}/", f"{REFRESH}//", f"{REFRESH}/status/"),
        *(
            f"{V1}/models/%72efresh",
            f"{V1}/models%2Frefresh",
            f"{V1}/models/x/../refresh",
            f"{V1}/x/%2e%2e/models/refresh",
            f"{V1}/./models/refresh",
        ),
        *(
            f"{REFRESH};x=1",
            f"{REFRESH}%00",
            f"{REFRESH}%20",
            f"{REFRESH}.json",
            f"{REFRESH}%23",
            REFRESH.upper(),
            f"http://evil.example{REFRESH}",
        ),
        *(
            f"{V1}/webhooks/",
            f"{V1}//webhooks",
            f"{V1}/%77ebhooks",
            f"{V1}/Webhooks",
            f"{V1}/webhooks%2F",
            f"{V1}/webhooks/x%2Ftest",
            f"{V1}/webhooks/%2e",
        ),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_spelling_of_a_path_gets_round_the_token(sent, method, path):
    status, answer = sent(method, path)
    assert status in {401, 404, 405}
    assert b"evil.example" not in answer
    assert b"location:" not in answer.lower()


@pytest.mark.parametrize(
    "header", [b"X-HTTP-Method-Override: POST", b"X-HTTP-Method: POST", b"X-Method-Override: POST", b"X-Original-URL: /api/v1/webhooks"]
)
def test_the_method_is_the_one_that_was_sent(sent, header):
    assert 404 == sent("GET", REFRESH, header)[0]


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
def test_an_upgrade_gets_nobody_in(sent, upgrade):
    assert 401 == sent("GET", f"{V1}/webhooks", b"Upgrade: " + upgrade)[0]


@pytest.mark.parametrize("wrong", [None, "wrong", "k"])
def test_a_router_that_is_included_or_mounted_guards_as_well(serve, silent, wrong):
    included = FastAPI()
    included.include_router(router(silent, token=KEY), prefix="/a/b")
    mounted = Starlette(routes=[Mount("/a/b", create_app(silent, token=KEY))])
    headers = {} if wrong is None else {"Authorization": f"Bearer {wrong}"}
    for app, path in ((included, "/a/b/models/refresh"), (mounted, f"/a/b{REFRESH}"), (mounted, f"/a/b{V1}/webhooks")):
        assert 401 == serve(silent, app=app).client.post(path, headers=headers).status_code


@pytest.mark.parametrize("token", [None, "", " "])
def test_a_token_that_is_none_is_nobodys(serve, silent, token):
    served = serve(silent, token=token)
    for header in ([], [bearer(b"")], [bearer(b" ")], [bearer(b"None")], [b"Authorization:"]):
        assert told(served, raw("POST", REFRESH, *header))[0] in {401, 403}


HARM = "%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a%1b[31m%e2%80%ae%c2%85"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", f"{path}{HARM}") for path in ("/", "/page/", "/logos/", f"{V1}/models/", f"{V1}/providers/", f"{V1}/models/capability/")),
        *(("GET", f"{V1}/{path}{HARM}") for path in ("models?", "models?provider=", "models?sort=", "models/search?q=", "changes?since=")),
        *(("GET", f"/{path}{HARM}") for path in (f"logos/{HARM}.svg?", "api.json?type=", "health?")),
        *(("POST", f"{REFRESH}?provider={HARM}"), ("GET", f"{REFRESH}/status/{HARM}"), ("GET", f"{V1}/webhooks/{HARM}")),
    ],
)
def test_no_line_end_that_was_sent_gets_into_a_header_or_a_line_of_the_log(sent, caplog, method, path):
    caplog.set_level(logging.INFO, "modelmeta")
    _, answer = sent(method, path, bearer(KEY.encode()), b"X-Request-Id: forged", b"User-Agent: \x1b[31mforged", b"Origin: forged")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"set-cookie" not in head.lower()
    assert b"forged" not in answer
    assert not {*b"\x1b\r"} & {*body}
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("modelmeta")]
    assert [] == [line for line in lines if not line.isprintable() or "forged" in line]


def test_nothing_of_a_query_or_a_header_is_logged(serve, silent):
    heard = queue.SimpleQueue()  # a client has its answer before that is logged
    handler = QueueHandler(heard)
    log = logging.getLogger("modelmeta.server.access")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        serve(silent, token=KEY).get("/health?token=hush", headers={"Authorization": "Bearer hush", "Cookie": "hush"})
        record = heard.get(timeout=PATIENCE)
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    assert "hush" not in str(vars(record))


@pytest.mark.parametrize(
    "line", [b"X: a\r\n b", b"X: a\nY: b", b"X : a", b"X\x00: a", b"X: a\x00", b": a", b"Content-Length: 5", b"Transfer-Encoding: chunked"]
)
def test_a_request_that_could_be_read_in_two_ways_is_not_read(sent, line):
    assert 400 == sent("POST", f"{V1}/price", line, body=b"{}")[0]


TRICKS = [
    *(
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "%2e%2e%2fapp.py",
        "..%5capp.py",
        "..%255capp.py",
        "%252e%252e%252fapp.py",
        "....//app.py",
    ),
    *(
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "file:///etc/passwd",
        "%c0%ae%c0%ae/app.py",
        "index.html%00.js",
        "index.html/",
        "./index.html",
        "~root",
        "C:%5cwindows",
    ),
]


@pytest.mark.parametrize("name", TRICKS)
@pytest.mark.parametrize("folder", ["/page/", "/logos/", f"{V1}/models/", f"{V1}/providers/", "/"])
def test_no_path_leads_to_a_file_that_is_none_of_the_page(sent, folder, name):
    for path in (folder + name, f"{folder}{name}.svg"):
        status, answer = sent("GET", path)
        assert 404 == status
        assert not any(word in answer for word in (b"root:", b"def create_app", b"Traceback"))


@pytest.mark.parametrize(
    "provider", ["..%2f..%2fapi.json%23", "acme%2f..%2f..%2fx", "acme%3fx=", "acme%23", "acme%0d%0aHost:%20evil", "@evil.example"]
)
def test_a_logo_is_asked_for_only_by_the_id_of_a_provider(serve, provider):
    with FakeModelsDev({"acme": {"name": "Acme", "models": {}}}) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        asked = len(upstream.requests)
        assert 404 == serve(registry).get(f"/logos/{provider}.svg").status_code
        assert asked == len(upstream.requests)


@pytest.mark.parametrize("evil", ["../../api.json#", "a?b", "a#b", "..", "a b", "a%2fb", "\u202e", "<script>"])
def test_a_provider_whose_id_is_a_path_has_its_logo_asked_for_in_no_other_place(serve, evil):
    with FakeModelsDev({evil: {"name": "Evil", "models": {}}}) as upstream:
        registry = Registry(source=upstream.url)
        registry.refresh(accept=True)
        served, asked = serve(registry), len(upstream.requests)
        served.client.get("/logos/{}.svg".format(evil.replace("%", "%25").replace("/", "%2F").replace("?", "%3F").replace("#", "%23")))
        assert all(request.path.startswith("/logos/") and "/../" not in request.path for request in upstream.requests[asked:])


NESTED = [b"[" * 60_000, b"[" * 30_000 + b"]" * 30_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000]


@pytest.mark.parametrize("path", [f"{V1}/price", f"{V1}/webhooks"])
@pytest.mark.parametrize(
    "body", [*NESTED, b"9" * 60_000, b'{"usage": ' + b"9" * 5_000 + b"}", b"\xff\xfe", b"\x1f\x8b", gzip.compress(b"{}" * 10_000, mtime=0)]
)
def test_json_that_means_harm_is_refused(sent, path, body):
    status, answer = sent("POST", path, bearer(KEY.encode()), b"Content-Type: application/json", body=body)
    assert status in {400, 422}
    assert b"application/problem+json" in answer


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1", "1e400", "1.5", '"1e9"', "null", "[1]", "1" * 400])
def test_a_number_that_is_none_is_refused(sent, value):
    body = f'{{"model": "openai/gpt-5.5", "usage": {{"input_tokens": {value}}}}}'.encode()
    assert 422 == sent("POST", f"{V1}/price", b"Content-Type: application/json", body=body)[0]


@pytest.mark.parametrize("text", ["1e999999999", "1e-999999999", "9" * 400, "-0.1", "Infinity", "NaN", "0x10"])
def test_a_price_that_is_none_is_refused_soon(sent, text):
    assert 422 == sent("GET", f"{V1}/models?max_input_cost={text}")[0]


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"a{number}=1" for number in range(1_000)),
        "&provider=a" * 700,
        "&capability=vision" * 400,
        "&min_benchmark=a:1" * 400,
        f"sort={'id,' * 2_000}nope",
        f"provider={'x' * 201}",
        f"fields={'x' * 7_000}",
    ],
)
def test_parameters_without_end_are_refused_in_few_words(sent, query):
    status, answer = sent("GET", f"{V1}/models?{query}")
    assert 422 == status
    assert len(answer) < 10_000


def test_a_body_that_does_not_say_how_large_it_is_is_cut_off(serve, silent):
    served = serve(silent, token=KEY)
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    chunks = b"10000\r\n" + b" " * 65_536 + b"\r\n" + b"2\r\n{}\r\n0\r\n\r\n"
    for path in (b"/api/v1/price", b"/api/v1/webhooks"):
        status, answer = told(served, head % (path, bearer(KEY.encode())) + chunks)
        assert (413, "a body may have 65,536 bytes") == (status, json.loads(answer.partition(b"\r\n\r\n")[2])["detail"])


@pytest.fixture(scope="module")
def patient(keep_serving, silent):
    """A server as ``modelmeta serve`` has it."""
    return keep_serving(silent, http=connection.Connection)


def test_who_says_nothing_is_hung_up_on(patient, monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE", 0.2)
    with connect(patient) as client:
        assert b"" == rest(client)


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /hea",
        b"GET /health HTTP/1.1\r\nHost: x\r\n",
        b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\n",
        b"POST /api/v1/price HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        b"POST /api/v1/price HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n",
    ],
)
def test_who_does_not_finish_is_hung_up_on(patient, monkeypatch, begun):
    monkeypatch.setattr(connection, "_PATIENCE", 0.2)
    with connect(patient) as client:
        client.sendall(begun)
        assert rest(client).count(b"HTTP/1.1 200") == begun.count(b"\r\n\r\n") * begun.startswith(b"GET")


def test_who_was_answered_and_does_not_finish_again_is_hung_up_on(patient, monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE", 0.2)
    with connect(patient) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        client.sendall(b"GET /hea")
        assert b"HTTP/1.1" not in rest(client)


def test_who_is_slow_but_in_time_is_answered_time_and_again(patient):
    head, body = raw("POST", f"{V1}/price", b"Content-Type: application/json", body=b'{"model": "openai/gpt-5.5", "usage": {}}').split(
        b"{", 1
    )
    with connect(patient) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(3):
            for part in (head[:10], head[10:].replace(b"close", b"keep-alive"), b"{" + body):
                client.sendall(part)
            answer = b""
            while not answer.endswith(b"}\n"):
                answer += client.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET /health HTTP/1.1\r\n", b"X-%d: " + b"y" * 1_000 + b"\r\n"),
        (b"GET /health HTTP/1.1\r\nX: ", b"y" * 1_000),
        (
            b"POST /api/v1/price HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n",
            b"X-%d: " + b"y" * 1_000 + b"\r\n",
        ),
        (b"POST /api/v1/price HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;a=", b"y" * 1_000),
    ],
)
def test_a_head_without_end_is_not_listened_to(patient, begun, more):
    with connect(patient) as client:
        try:
            client.sendall(begun)
            for number in range(20_000):
                client.sendall(more.replace(b"%d", b"%d" % number))
        except OSError:  # it has hung up
            return
        assert not rest(client).startswith(b"HTTP/1.1 200")


def test_requests_in_one_go_are_no_head_without_end(patient):
    with connect(patient) as client:
        client.sendall(raw("GET", "/health").replace(b"close", b"keep-alive") * 3_000 + raw("GET", "/health"))
        assert 3_001 == rest(client).count(b"HTTP/1.1 200")


def test_a_minute_ends_for_who_asks_all_the_time(serve, silent, monkeypatch):
    now = [0]
    monkeypatch.setattr(front, "TTLCache", partial(TTLCache, timer=lambda: now[0]))
    served = serve(silent, rate_limit=3)
    for now[0], status in ((0, 200), (40, 200), (59, 200), (59.5, 429), (60.5, 200), (119, 200), (120, 200), (120.2, 429), (121, 200)):
        assert status == served.get("/health").status_code, now


@pytest.mark.parametrize(
    ("trusted", "answers"),
    [("127.0.0.1", [200, 200, 200, 429]), ("10.0.0.1", [200, 429, 429, 429])],
)
def test_behind_a_proxy_clients_are_told_apart_if_the_proxy_is_trusted(serve, silent, trusted, answers):
    served = serve(silent, rate_limit=1, forwarded_allow_ips=trusted)
    clients = ["198.51.100.1", "198.51.100.2", "2001:db8::1", "2001:db8::2"]  # the last two are in one network
    assert answers == [served.get("/health", headers={"X-Forwarded-For": client}).status_code for client in clients]


def test_a_client_cannot_say_that_it_is_another(serve, silent):
    served = serve(silent, rate_limit=1)
    said = ["198.51.100.9, 203.0.113.7", "10.9.9.9, 203.0.113.7", "203.0.113.7"]  # a proxy puts the true one last
    assert [200, 429, 429] == [served.get("/health", headers={"X-Forwarded-For": each}).status_code for each in said]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "::ffff:198.51.100.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_a_client_is_counted_by_its_network(address, network):
    assert network == network_of(address)
