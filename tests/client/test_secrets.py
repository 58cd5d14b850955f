"""The key: it goes to its own https origin, and is seen nowhere else."""

from __future__ import annotations

import json
import logging
import pickle
import ssl
import traceback

import httpx
import pytest
import trustme

from modelmeta import AsyncClient, Client, FetchError, Settings
from modelmeta.client.fetch import SVG, Wanted
from modelmeta.client.http import AsyncHttp, Http
from modelmeta.testing import FakeModelsDev, Fault

KEY = "sk-0123456789-not-for-your-eyes"
BEARER = f"Bearer {KEY}"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority, document, monkeypatch, tmp_path):
    """Return two servers behind TLS that are trusted, on two ports."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with FakeModelsDev(document, tls=serving) as one, FakeModelsDev(document, tls=serving) as other:
        yield one, other


def sent(server) -> list[str | None]:
    return [request.headers.get("Authorization") for request in server.requests]


def test_the_key_is_sent_to_its_own_https_origin(http, secure):
    own, _ = secure
    fetching = http(api_key=KEY, base_url=own.url)
    first = fetching.fetch(Wanted(f"{own.url}/api.json"))
    fetching.fetch(Wanted(f"{own.url}/api.json", first.etag))
    fetching.fetch(Wanted(f"{own.url}/logos/acme.svg", media=SVG))
    assert [BEARER] * 3 == sent(own)


def test_the_key_is_not_sent_to_another_port(http, secure):
    own, other = secure
    http(api_key=KEY, base_url=own.url).fetch(Wanted(f"{other.url}/api.json"))
    assert sent(other) == [None]


def test_the_key_is_not_sent_over_plain_http(http, server):
    http(api_key=KEY, base_url=server.url).fetch(Wanted(f"{server.url}/api.json"))
    assert sent(server) == [None]


def test_a_redirect_does_not_take_the_key_along(http, secure):
    own, other = secure
    own.fail(Fault.redirect(f"{other.url}/api.json"))
    with pytest.raises(FetchError, match="redirects are not followed"):
        http(api_key=KEY, base_url=own.url).fetch(Wanted(f"{own.url}/api.json"))
    assert (sent(own), sent(other)) == ([BEARER], [])


@pytest.fixture
def sent_to():
    """Return a function that says what goes to *url* with the key of *base_url*."""

    def authorization(url: str, base_url: str) -> str | None:
        asked = []

        def answer(request):
            asked.append(request.headers.get("Authorization"))
            return httpx.Response(200, json={})

        with httpx.Client(transport=httpx.MockTransport(answer)) as given:
            Http(Settings(api_key=KEY, base_url=base_url), client=given).fetch(Wanted(url))
        return asked[0]

    return authorization


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://models.test", "https://models.test/api.json"),
        ("https://models.test", "https://MODELS.test:443/api.json"),
        ("HTTPS://Models.Test:443/mirror", "https://models.test/elsewhere/api.json"),
        ("https://models.test:8443", "https://models.test:8443/api.json?type=all"),
    ],
)
def test_an_origin_is_the_same_however_it_is_spelled(sent_to, base_url, url):
    assert BEARER == sent_to(url, base_url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://models.test/api.json", "http://models.test:443/api.json", "https://models.test:444/api.json"),
        *("https://models.test.evil.test/api.json", "https://evil.test/models.test/", "https://evil.test/?https://models.test"),
        *("https://models.test@evil.test/api.json", "https://models.test:443@evil.test/", "https://api.models.test/", "https://test/"),
        *("https://evil.test#@models.test/", "https://evil.test\\@models.test/"),
    ],
)
def test_any_other_origin_does_not_get_the_key(sent_to, url):
    assert KEY not in str(sent_to(url, "https://models.test"))


@pytest.mark.parametrize("kind", [Http, AsyncHttp, Client, AsyncClient])
def test_no_repr_shows_the_key(kind):
    settings = Settings(api_key=KEY)
    shown = kind(settings)
    assert KEY not in f"{shown!r} {shown} {shown.settings!r}"
    assert "models.dev" in repr(shown)


@pytest.mark.parametrize(
    "fault",
    [
        *(Fault.status(401), Fault.status(429, retry_after="0"), Fault.status(500), Fault.redirect(), Fault.html(), Fault.encoding("gzip")),
        *(Fault.body(b"{"), Fault.drop(), Fault.short(), Fault.hang()),
    ],
    ids=repr,
)
def test_no_error_and_no_log_shows_the_key(client, secure, caplog, fault):
    own, _ = secure
    for name in ("", "httpx", "httpcore", "modelmeta", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    own.fail(fault)
    asking = client(api_key=KEY, base_url=own.url, max_retries=1, deadline=1.5 if "hang" in repr(fault) else 60)
    for question in (asking.api, asking.list_models):
        with pytest.raises(FetchError) as raised:
            question()
        told = "".join(traceback.format_exception(raised.value))
        assert KEY not in f"{told} {raised.value!r} {vars(raised.value)}"
        assert KEY.encode() not in pickle.dumps(raised.value)
    assert {BEARER} == {*sent(own)}  # it was there to be seen
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    for record in caplog.records:
        assert KEY not in f"{record.getMessage()} {vars(record)}"


def test_what_a_client_reports_of_a_good_answer_shows_no_key(client, secure, caplog, document):
    own, _ = secure
    caplog.set_level(logging.DEBUG)
    answer = client(api_key=KEY, base_url=own.url).catalog()
    assert document == answer
    assert KEY not in f"{json.dumps(answer)} {[vars(record) for record in caplog.records]}"
