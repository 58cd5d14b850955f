"""Fetching, in threads and in tasks, from a models.dev of our own."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import httpx
import pytest

from modelmeta import ConnectFailedError, ContentError, FetchError, Settings, StatusError
from modelmeta.client.fetch import SVG, Wanted
from modelmeta.client.http import AsyncHttp, Http
from modelmeta.testing import FakeClock, FakeModelsDev, Fault


@pytest.fixture
def wanted(server):
    return Wanted(f"{server.url}/api.json?type=all")


@pytest.fixture
def injected(colour, runner):
    """Return a function that makes an ``httpx`` client of this colour."""
    clients = []

    def make(**options):
        client = (httpx.Client if colour == "threads" else httpx.AsyncClient)(**options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close() if isinstance(client, httpx.Client) else runner.run(client.aclose())


def test_a_document_comes_as_it_is_served(http, server, wanted, document):
    answer = http().fetch(wanted)

    assert document["providers"] == json.loads(answer.data)
    assert wanted.url == answer.url
    assert answer.etag == httpx.get(wanted.url).headers["etag"]


def test_what_is_asked_says_who_asks_and_for_what(http, server, wanted):
    http().fetch(wanted)
    (request,) = server.requests

    assert ("GET", "/api.json", {"type": "all"}) == (request.method, request.path, request.query)
    assert f"modelmeta/{version('modelmeta')}" == request.headers["User-Agent"]
    assert not re.search("opencode|bun", request.headers["User-Agent"])
    assert request.headers["Accept"] == "application/json, text/json"
    assert request.headers["Accept-Encoding"] == "gzip"
    assert {"If-None-Match", "Authorization"}.isdisjoint(request.headers)


def test_a_picture_is_asked_for_as_one(http, server):
    answer = http().fetch(Wanted(f"{server.url}/logos/acme.svg", media=SVG))

    assert answer.data.startswith(b"<svg")
    assert server.requests[0].headers["Accept"] == "image/svg+xml"


def test_what_has_not_changed_is_not_sent_again(http, server, wanted):
    fetching = http()
    first = fetching.fetch(wanted)
    again = fetching.fetch(Wanted(wanted.url, first.etag))

    assert first.etag == server.requests[1].headers["If-None-Match"]
    assert again.data is None
    assert first.etag == again.etag


def test_what_has_changed_is_sent_with_its_new_etag(http, server, wanted):
    fetching = http()
    first = fetching.fetch(wanted)
    server.serve({"other": {"models": {}}})
    again = fetching.fetch(Wanted(wanted.url, first.etag))

    assert json.loads(again.data) == {"other": {"models": {}}}
    assert first.etag != again.etag


@pytest.mark.parametrize("etag", ['"x"', 'W/"x"', "x", '"\t!~"'])
def test_an_etag_is_sent_back_to_the_letter(http, server, wanted, etag):
    fetching = http()
    server.fail(Fault.etag(etag), times=1)
    known = fetching.fetch(wanted).etag
    fetching.fetch(Wanted(wanted.url, known))

    assert etag == known == server.requests[1].headers["If-None-Match"]


def test_a_lie_about_the_etag_costs_one_more_request(http, server, wanted, document):
    server.fail(Fault.not_modified('"other"'), times=1)
    answer = http().fetch(Wanted(wanted.url, '"x"'))

    assert document["providers"] == json.loads(answer.data)
    assert ['"x"', None] == [request.headers.get("If-None-Match") for request in server.requests]


def test_not_modified_is_no_answer_to_who_has_nothing(http, server, wanted):
    server.fail(Fault.not_modified())
    with pytest.raises(StatusError, match="answered 304") as raised:
        http(max_retries=3).fetch(wanted)
    assert raised.value.attempts == len(server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Fault.status(500), StatusError, "answered 500"),
        (Fault.status(429, retry_after="0"), StatusError, "answered 429"),
        (Fault.drop(), ConnectFailedError, "could not be reached, or broke off"),
        (Fault.short(), ConnectFailedError, "could not be reached, or broke off"),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again_until_it_does(http, server, wanted, document, fault, error, message):
    server.fail(fault)
    with pytest.raises(error, match=message) as raised:
        http().fetch(wanted)
    assert raised.value.attempts == 1

    server.clear()
    server.fail(fault, times=1)
    assert document["providers"] == json.loads(http(max_retries=1).fetch(wanted).data)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault.html(), "answered with text/html; charset=utf-8, not application/json"),
        (Fault.charset("utf-16"), "answered in the charset utf-16, not in UTF-8"),
        (Fault.encoding("br"), "answered packed with br, which was not asked for"),
        (Fault.encoding("gzip"), "answered with damaged gzip"),
        (Fault.bomb(100_000_000), "answered with more than 1,000,000 bytes"),
    ],
    ids=repr,
)
def test_what_is_no_document_is_refused_at_once(http, server, wanted, fault, message):
    server.fail(fault)
    with pytest.raises(ContentError, match=message) as raised:
        http(max_retries=3, max_document_bytes=1_000_000).fetch(wanted)
    assert raised.value.attempts == len(server.requests) == 1


@pytest.mark.parametrize("location", ["/", "/api.json", "http://127.0.0.1:9/api.json"])
@pytest.mark.parametrize("given", [False, True])
def test_redirects_are_not_followed_not_even_by_a_client_that_would(http, injected, server, wanted, location, given):
    server.fail(Fault.redirect(location), times=1)
    with pytest.raises(StatusError, match="answered 302; redirects are not followed"):
        http(client=injected(follow_redirects=True) if given else None).fetch(wanted)
    assert len(server.requests) == 1


def test_a_client_that_was_given_is_used_and_left_open(http, injected, server, wanted):
    given = injected(headers={"X-From": "given"})
    fetching = http(client=given)
    fetching.fetch(wanted)
    assert server.requests[0].headers["X-From"] == "given"
    assert fetching.is_open is False  # it is not ours to close

    fetching.close()
    assert given.is_closed is False


@pytest.mark.parametrize("response", [{"json": {"a": 1}}, {"content": iter([b'{"a"', b": 1}"]), "headers": {"Content-Type": "text/json"}}])
def test_a_mock_transport_answers(http, injected, colour, response):
    if colour == "tasks" and "content" in response:

        async def pieces():
            yield b'{"a": 1}'

        response = response | {"content": pieces()}
    given = injected(transport=httpx.MockTransport(lambda _request: httpx.Response(200, **response)))
    answer = http(client=given).fetch(Wanted("http://models.test/api.json"))
    assert json.loads(answer.data) == {"a": 1}


def test_a_mock_transport_may_answer_with_gzip(http, injected):
    packed = httpx.Response(
        200, content=gzip.compress(b'{"a": 1}'), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
    )
    given = injected(transport=httpx.MockTransport(lambda _request: packed))
    assert http(client=given).fetch(Wanted("http://models.test/api.json")).data == b'{"a": 1}'


class Twice(httpx.Auth):
    """Sends each request again, on another connection."""

    def auth_flow(self, request):
        """Yield it twice."""
        request.headers["Connection"] = "close"
        yield request
        yield request


def test_a_client_that_was_given_may_send_more_than_one_request(http, injected, server, wanted, document):
    answer = http(client=injected(auth=Twice())).fetch(wanted)
    assert document["providers"] == json.loads(answer.data)
    assert len(server.requests) == 2


def test_a_proxy_of_the_environment_is_used(monkeypatch, http, server, document):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    answer = http().fetch(Wanted("http://models.invalid/api.json?type=all"))

    assert document["providers"] == json.loads(answer.data)
    assert server.requests[0].headers["Host"] == "models.invalid"


def test_no_proxy_is_heeded(monkeypatch, http, server, wanted):
    with FakeModelsDev({}) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("no_proxy", raising=False)
        http().fetch(wanted)
        assert proxy.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("HTTP_PROXY", "gopher://proxy.test:70", "Unknown scheme for proxy"),
        ("HTTP_PROXY", "socks5://proxy.test:1080", "socksio"),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem", "No such file"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told(monkeypatch, http, server, wanted, variable, value, message):
    monkeypatch.setenv(variable, value)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(FetchError, match=message) as raised:
        http(max_retries=3).fetch(wanted)
    assert raised.value.attempts == 1
    assert server.requests == []


async def test_what_is_opened_beforehand_is_used(monkeypatch, server, wanted):
    fetching = AsyncHttp(Settings())
    await asyncio.to_thread(fetching.open)
    assert fetching.is_open is True
    monkeypatch.setattr(httpx, "AsyncClient", lambda **_options: pytest.fail("another was opened"))
    assert (await fetching.fetch(wanted)).data
    await fetching.aclose()


async def test_what_cannot_be_opened_beforehand_is_told_to_who_fetches(monkeypatch, wanted):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/certificates.pem")
    fetching = AsyncHttp(Settings())
    fetching.open()
    assert fetching.is_open is False
    with pytest.raises(FetchError, match="No such file"):
        await fetching.fetch(wanted)


@pytest.mark.parametrize(
    "url",
    [
        *("http://", "http://[::1", "http://127.0.0.1:99999/", "ftp://models.test/", "models.test/api.json", "http://models.test/\x00"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_at_once(http, url):
    with pytest.raises(FetchError) as raised:
        http(max_retries=3).fetch(Wanted(url))
    assert type(raised.value) is FetchError
    assert raised.value.attempts == 1


@pytest.mark.parametrize("host", ["nosuch.invalid", "a..b", f"{'a' * 64}.invalid"])
def test_a_name_that_nobody_has_or_can_have_is_told(http, host):
    with pytest.raises(ConnectFailedError, match=re.escape(f"http://{host}/api.json could not be reached")) as raised:
        http().fetch(Wanted(f"http://{host}/api.json"))
    assert raised.value.attempts == 1


@pytest.mark.parametrize("retries", [0, 1])
def test_a_refused_connection_is_told_and_tried_again(http, server, wanted, retries):
    server.close()
    with pytest.raises(ConnectFailedError, match="could not be reached") as raised:
        http(max_retries=retries).fetch(wanted)
    assert raised.value.attempts == retries + 1


def test_how_often_it_is_tried_can_be_said_for_one_fetch(http, server, wanted):
    server.fail(Fault.status(503, retry_after="0"))
    fetching = http(max_retries=3)
    for retries in (0, 2):
        server.clear()
        with pytest.raises(StatusError):
            fetching.fetch(wanted, retries=retries)
        assert len(server.requests) == retries + 1


@pytest.mark.parametrize("seconds", [10**9, 10**13])
def test_time_without_end_is_given_as_far_as_the_system_goes(http, wanted, seconds):
    assert http(timeout=seconds, deadline=seconds).fetch(wanted).data


def test_no_connection_is_kept(http, server, wanted):
    fetching = http()
    for _ in range(3):
        fetching.fetch(wanted)
    for connection in list(server._connections):
        connection.join(30)
        assert not connection.is_alive()


def test_many_may_share_it(server, wanted, document):
    sharing = Http(Settings())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _number: sharing.fetch(wanted), range(24)))
    sharing.close()

    async def main():
        shared = AsyncHttp(Settings())
        answers.extend(await asyncio.gather(*(shared.fetch(wanted) for _ in range(24))))
        await shared.aclose()

    asyncio.run(main())
    assert [document["providers"]] * 48 == [json.loads(answer.data) for answer in answers]


def test_several_event_loops_may_use_it_one_after_another(server, wanted, document):
    fetching = AsyncHttp(Settings())
    for _ in range(3):
        assert document["providers"] == json.loads(asyncio.run(fetching.fetch(wanted)).data)

    async def last():
        await fetching.fetch(wanted)
        await fetching.aclose()

    asyncio.run(last())
    assert fetching.is_open is False


@pytest.mark.parametrize("kind", [Http, AsyncHttp])
def test_its_repr_says_whom_it_asks(kind):
    assert f"<{kind.__name__} for https://models.test>" == repr(kind(Settings(base_url="https://models.test")))


def test_a_wait_is_one_of_the_clock_it_was_given(server, wanted):
    clock = FakeClock()
    server.fail(Fault.status(503, retry_after="50"), times=1)

    async def main():
        fetching = AsyncHttp(Settings(deadline=60), clock)
        task = asyncio.ensure_future(fetching.fetch(wanted))
        await clock.settle(timeout=30)
        clock.advance(49.9)
        await asyncio.sleep(0.01)
        assert not task.done()
        clock.advance(0.1)
        answer = await task
        await fetching.aclose()
        return answer

    assert asyncio.run(main()).data
    assert len(server.requests) == 2
