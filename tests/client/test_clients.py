"""The typed clients, in threads and in tasks: when they ask, whom, and until when."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime

import httpx
import pytest

from modelmeta import AsyncClient, Client, FetchError, OfflineError, RefreshError, Settings, SettingsError, StatusError
from modelmeta.testing import FakeClock, FakeModelsDev, Fault


def test_questions_share_one_request_for_as_long_as_cache_ttl(server, client, document):
    clock = FakeClock()
    asked = client(base_url=server.url, cache_ttl="10m", clock=clock)
    asked.get_model("acme/full")
    clock.advance(600)
    assert asked.list_models().total == 28
    assert [("/catalog.json", {"type": "all"})] == [(request.path, request.query) for request in server.requests]

    clock.advance(1)
    asked.get_provider("acme")
    _, again = server.requests
    assert "If-None-Match" in again.headers
    clock.advance(600)
    asked.list_providers()
    assert len(server.requests) == 2  # not modified is news, too

    server.serve({"acme": document["providers"]["acme"]})
    assert asked.list_models().total == 28
    clock.advance(1)
    assert asked.list_models().total == 4


def test_the_first_question_is_asked_of_upstream_however_fresh_the_bundled_facts_are(server, client):
    asked = client(base_url=server.url, cache_ttl="1d", clock=FakeClock(datetime(2026, 9, 30, 1, tzinfo=UTC)))
    assert asked.list_models().total == 28
    assert asked.list_models().total == 28
    assert len(server.requests) == 1


def test_what_looks_broken_is_answered_as_it_is(server, client, document):
    clock = FakeClock()
    asked = client(base_url=server.url, clock=clock)
    assert asked.list_models().total == 28
    server.serve({"paint": document["providers"]["paint"]})
    clock.advance(3_601)
    assert asked.list_models().total == 1


def test_a_question_that_could_not_be_answered_is_asked_again(asking, server, document):
    server.fail(Fault.status(500))
    for _ in range(2):
        with pytest.raises(StatusError, match="answered 500"):
            asking.list_models()
    server.heal()
    assert 28 == asking.list_models().total


def test_documents_and_questions_share_a_rate_limit(server, client):
    asked = client(base_url=server.url, rate_limit=2, deadline=4)
    asked.api()
    asked.list_models()
    with pytest.raises(FetchError, match="within the deadline"):
        asked.logo("acme")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "question",
    [
        *(lambda asked, name=name: getattr(asked, name)() for name in ("catalog", "api", "models_json")),
        lambda asked: asked.list_models(),
        lambda asked: asked.get_model("acme/full"),
        lambda asked: asked.list_providers(),
        lambda asked: asked.get_benchmarks("acme/full"),
        lambda asked: asked.logo("acme"),
    ],
)
def test_without_the_network_nothing_is_asked(monkeypatch, client, question):
    asked = client(enabled=False)

    def refuse(*_args, **_kwargs):
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(OfflineError, match="enabled=False"):
        question(asked)


def test_a_client_of_httpx_is_used_and_left_open(document):
    asked = []

    def answer(request):
        asked.append(request.url.path)
        return httpx.Response(200, json=document)

    with httpx.Client(transport=httpx.MockTransport(answer)) as given:
        with Client(base_url="https://models.test/mirror", client=given) as client:
            assert document == client.catalog()
            assert client.get_model("acme/full").name == "Full"
        assert given.is_closed is False

    async def awaited():
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as given:
            async with AsyncClient(base_url="https://models.test/mirror", client=given) as client:
                assert document == await client.catalog()
                assert (await client.get_model("acme/full")).name == "Full"
            assert given.is_closed is False

    asyncio.run(awaited())
    assert ["/mirror/catalog.json"] * 4 == asked


def test_a_context_manager_closes_also_after_an_error(server):
    def called():
        with Client(base_url=server.url) as client:
            clients.append(client)
            assert client.api()
            raise LookupError

    async def awaited():
        async with AsyncClient(base_url=server.url) as client:
            clients.append(client)
            assert await client.api()
            raise LookupError

    clients = []
    for ask in (called, lambda: asyncio.run(awaited())):
        with pytest.raises(LookupError):
            ask()
    with pytest.raises(FetchError, match="the client was closed"):
        clients[0].api()
    with pytest.raises(FetchError, match="the client was closed"):
        asyncio.run(clients[1].api())


def test_nothing_can_be_asked_after_closing(asking, server):
    asking.list_models()
    asking.close()
    server.clear()
    for question in (asking.catalog, asking.list_models, lambda: asking.logo("acme")):
        with pytest.raises(RefreshError, match="closed"):
            question()
    asking.close()
    assert server.requests == []


def test_settings_are_checked(client):
    for fields, key in (({"rate_limit": 0}, "rate_limit"), ({"base_url": "ftp://x"}, "base_url"), ({"colour": "red"}, "colour")):
        with pytest.raises(SettingsError) as raised:
            client(**fields)
        assert key == raised.value.key
    with pytest.raises(SettingsError, match="settings are a Settings, not dict"):
        Client({"timeout": 5})
    with Client(Settings(timeout=5, max_retries=1), max_retries=2) as one:
        assert (5, 2) == (one.settings.timeout.total_seconds(), one.settings.max_retries)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_its_repr_says_whom_it_asks(kind):
    assert f"<{kind.__name__} of https://mirror.test/models>" == repr(kind(base_url="https://mirror.test/models/"))


def test_constructing_one_asks_nothing():
    with FakeModelsDev({}) as server:
        Client(base_url=server.url).close()
        asyncio.run(AsyncClient(base_url=server.url).aclose())
        assert server.requests == []
