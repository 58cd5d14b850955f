"""TLS: certificates are checked, against the authorities the environment names."""

from __future__ import annotations

import asyncio
import json
import socketserver
import ssl
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import trustme

from modelmeta import ConnectFailedError, Settings
from modelmeta.client.fetch import Wanted
from modelmeta.client.http import AsyncHttp, Http
from modelmeta.testing import FakeModelsDev


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def serving(authority, *names) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def secure(authority, document):
    """A models.dev behind TLS."""
    with FakeModelsDev(document, tls=serving(authority, "127.0.0.1")) as server:
        yield server


@pytest.fixture
def trusted(authority, monkeypatch, tmp_path):
    """Let the environment name the authority."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.mark.usefixtures("trusted")
def test_an_authority_named_by_the_environment_is_trusted(http, secure, document):
    answer = http().fetch(Wanted(f"{secure.url}/catalog.json?type=all"))
    assert document == json.loads(answer.data)


def test_a_certificate_of_nobody_known_is_refused_at_the_first_attempt(http, secure):
    with pytest.raises(ConnectFailedError, match="CERTIFICATE_VERIFY_FAILED") as raised:
        http(max_retries=3).fetch(Wanted(f"{secure.url}/catalog.json"))
    assert raised.value.attempts == 1
    assert secure.requests == []


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused_at_the_first_attempt(http, authority):
    with FakeModelsDev({}, tls=serving(authority, "models.test")) as server:
        with pytest.raises(ConnectFailedError, match="CERTIFICATE_VERIFY_FAILED") as raised:
            http(max_retries=3).fetch(Wanted(f"{server.url}/catalog.json"))
        assert raised.value.attempts == 1
        assert server.requests == []


class Plain(socketserver.BaseRequestHandler):
    """Answers a handshake as a plain HTTP server does, one that does not wait for the end of a line."""

    def handle(self):
        """Answer, whatever came."""
        self.request.recv(1)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def test_a_server_that_speaks_no_tls_is_told_and_tried_again(http):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Plain) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever, 0.01)
        url = f"https://127.0.0.1:{server.server_address[1]}/api.json"
        try:
            with pytest.raises(ConnectFailedError, match=f"{url} could not be reached") as raised:
                http(max_retries=1).fetch(Wanted(url))
        finally:
            server.shutdown()
    assert raised.value.attempts == 2


def test_a_client_that_was_given_trusts_whom_it_trusts(authority, secure):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    wanted = Wanted(f"{secure.url}/catalog.json")
    with httpx.Client(verify=context) as given:
        assert Http(Settings(), client=given).fetch(wanted).data

    async def main():
        async with httpx.AsyncClient(verify=context) as given:
            return await AsyncHttp(Settings(), client=given).fetch(wanted)

    assert asyncio.run(main()).data
