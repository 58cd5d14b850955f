"""The typed clients, in threads and in tasks: documents as they are served, and questions about them."""

from __future__ import annotations

import asyncio
import json
import socket
from itertools import product

import httpx
import pytest

from modelmeta import (
    AsyncClient,
    Client,
    ContentError,
    FetchError,
    InvalidRefError,
    ModelNotFoundError,
    OfflineError,
    ProviderNotFoundError,
    QueryError,
    RefreshError,
    Settings,
    SettingsError,
    StatusError,
    UnknownCapabilityError,
    load_catalog,
)
from modelmeta.testing import FakeClock, FakeModelsDev, Fault, scaled_document

DOCUMENTS = ["catalog", "api", "models_json"]


@pytest.fixture(scope="module")
def large(document) -> dict:
    """A catalog.json of 24 models, some of them under ids with slashes."""
    large = scaled_document(document, 4)
    models = {f"labs/deep/{key}:free@{key}": row for key, row in document["providers"]["acme"]["models"].items()}
    return {**large, "providers": {**large["providers"], "hub.ai": {"id": "hub.ai", "name": "Hub", "models": models}}}


@pytest.fixture
def asking(server, client, large):
    """A client of a server that has these."""
    server.serve(large)
    return client(base_url=server.url)


def rows(document: dict) -> dict[str, dict]:
    """Return all rows by reference, in the order of references."""
    found = {
        f"{provider}/{key}": row | {"provider": provider}
        for provider, facts in document["providers"].items()
        for key, row in facts["models"].items()
    }
    return dict(sorted(found.items(), key=lambda item: item[0].split("/", 1)))


def refs(page) -> list[str]:
    return [str(model.ref) for model in page.items]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_what_is_served(asking, large, name):
    expected = {"catalog": large, "api": large["providers"], "models_json": large["models"]}[name]
    assert expected == getattr(asking, name)()


def test_numbers_come_as_json_reads_them(client, server):
    text = '{"acme": {"models": {"m": {"cost": {"input": 0.10, "output": 3}, "limit": {"context": 12345678901234567890}}}}}'
    server.serve(text)
    cost = client(base_url=server.url).api()
    assert json.loads(text) == cost
    assert [float, int] == [type(rate) for rate in cost["acme"]["models"]["m"]["cost"].values()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_has_not_changed_is_not_sent_again(asking, server, name):
    first = getattr(asking, name)()
    second = getattr(asking, name)()
    one, other = server.requests

    assert first == second
    assert "If-None-Match" not in one.headers
    assert httpx.get(f"{server.url}{one.path}?type=all").headers["ETag"] == other.headers["If-None-Match"]


def test_each_document_has_an_etag_of_its_own(asking, server):
    for name in DOCUMENTS * 2:
        getattr(asking, name)()
    asked = [request.headers.get("If-None-Match") for request in server.requests]
    assert asked[:3] == [None] * 3
    assert len({*asked[3:]}) == 3


def test_a_document_belongs_to_its_caller(asking, large):
    first = asking.api()
    first["acme"]["models"].clear()
    del first["paint"]
    assert large["providers"] == asking.api()


def test_a_document_that_changed_is_sent(asking, server):
    before = asking.api()
    server.serve({"other": {"models": {}}})
    assert asking.api() == {"other": {"models": {}}} != before


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"[]", "answered with list, not with an object"),
        (b"null", "answered with NoneType, not with an object"),
        (b'"{}"', "answered with str, not with an object"),
        (b"", "answered with what is no JSON"),
        (b'{"a": 1', "answered with what is no JSON"),
        (b"<!doctype html>", "answered with what is no JSON"),
        (b'{"a": "\xff"}', "answered with what is no JSON"),
        (b'{"a": %s}' % (b"9" * 5_000), "answered with what is no JSON"),
        (b'{"a":' + b"[" * 100_000, "answered with what is no JSON"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_what_is_no_json_object_is_refused(client, server, data, message):
    server.serve(data)
    with pytest.raises(ContentError, match=f"{server.url}/api.json {message}") as raised:
        client(base_url=server.url).api()
    assert raised.value.url == f"{server.url}/api.json"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_cannot_be_read_is_not_kept_whatever_its_etag(asking, server, large, name):
    server.fail(Fault.truncated(), times=1)  # under the ETag of the whole
    with pytest.raises(ContentError, match="no JSON"):
        getattr(asking, name)()
    assert getattr(asking, name)() == {"catalog": large, "api": large["providers"], "models_json": large["models"]}[name]


def test_an_etag_that_cannot_be_sent_back_is_forgotten(asking, server, large):
    server.fail(Fault.etag('"\u00e9"'), times=1)
    assert large == asking.catalog() == asking.catalog()
    assert "If-None-Match" not in server.requests[1].headers


def test_a_page_has_what_a_scan_of_the_document_finds(asking, large):
    every, answers = rows(large), 0
    kinds = {"chat": ("chat", None), "embedding": ("embedding",), "image": ("image",)}
    for provider, capability, kind, limit in product(
        (None, "acme", "acme-copy-2", "hub.ai", "paint"), (None, "tool_call", "vision"), (None, *kinds), (1, 3, 100)
    ):
        expected = [
            ref
            for ref, row in every.items()
            if provider in {None, row["provider"]}
            and (kind is None or row.get("type") in kinds[kind])
            and (capability != "tool_call" or row.get("tool_call") is True)
            and (capability != "vision" or "image" in row.get("modalities", {}).get("input", ()))
        ]
        for number in {1, 2, -(-len(expected) // limit), 99}:
            if number:
                page = asking.list_models(number, limit, provider=provider, capability=capability, type=kind)
                assert expected[(number - 1) * limit : number * limit] == refs(page)
                assert (len(expected), number, limit) == (page.total, page.page, page.size)
                assert -(-len(expected) // limit) == page.pages
                answers += 1
    assert answers > 400


@pytest.mark.parametrize("criteria", [{}, {"provider": "acme"}, {"capability": "tool_call"}, {"provider": "acme-copy-3", "type": "chat"}])
def test_a_search_combines_with_all_else_and_is_paged_best_match_first(asking, large, criteria):
    every = rows(large)
    expected = {
        ref
        for ref, row in every.items()
        if "full" in f"{ref.split('/', 1)[1]} {row['name']}".lower()
        and criteria.get("provider") in {None, row["provider"]}
        and ("capability" not in criteria or row.get("tool_call") is True)
        and ("type" not in criteria or row.get("type") in {None, "chat"})
    }
    names = [name for key, name in criteria.items() if key == "capability"]
    best_first = load_catalog(large).search("full", *names, limit=1_000, **{k: v for k, v in criteria.items() if k != "capability"})
    found = []
    for number in range(1, len(expected) + 1):
        page = asking.list_models(number, 1, search="full", **criteria)
        assert (len(expected), len(expected)) == (page.total, page.pages)
        found += refs(page)

    assert expected
    assert expected == {*found}
    assert [str(hit.model.ref) for hit in best_first] == found


def test_search_models_is_a_search(asking):
    assert refs(asking.list_models(2, 2, search="full")) == refs(asking.search_models("full", 2, 2))
    assert asking.search_models("nothing-like-it-anywhere").total == 0


def test_by_default_a_page_is_the_first_of_batch_size(server, client, large):
    server.serve(large)
    page = client(base_url=server.url, batch_size=5).list_models()
    assert list(rows(large))[:5] == refs(page)
    assert (page.page, page.size) == (1, 5)


@pytest.mark.parametrize("question", [lambda asked: asked.list_models(), lambda asked: asked.search_models("full")])
def test_an_empty_catalog_has_an_empty_page(server, client, question):
    server.serve({"acme": {"id": "acme", "name": "Acme", "models": {}}})
    page = question(client(base_url=server.url))
    assert (page.items, page.total, page.pages) == ((), 0, 0)


@pytest.mark.parametrize("value", [0, -1, 1.0, "1", True, [1]])
@pytest.mark.parametrize("name", ["page", "limit"])
def test_a_page_and_a_limit_are_whole_numbers_from_1(asking, name, value):
    for question in (
        asking.list_models,
        lambda **given: asking.search_models("full", **given),
        lambda **given: asking.list_provider_models("acme", **given),
    ):
        with pytest.raises(QueryError, match=f"^{name} must be a whole number of 1 or more") as raised:
            question(**{name: value})
        assert (name, value) == (raised.value.criterion, raised.value.value)


@pytest.mark.parametrize(
    ("criteria", "error"),
    [
        ({"capability": "telepathy"}, UnknownCapabilityError),
        ({"capability": 1}, QueryError),
        ({"provider": 1}, QueryError),
        ({"type": 1}, QueryError),
        ({"search": 1}, QueryError),
        ({"search": ""}, QueryError),
    ],
)
def test_what_cannot_be_asked_is_refused(asking, criteria, error):
    with pytest.raises(error):
        asking.list_models(**criteria)


def test_a_model_is_the_one_of_its_row_slashes_and_all(asking, large):
    for ref, row in rows(large).items():
        model = asking.get_model(ref)
        assert ref == str(model.ref)
        assert row["name"] == model.name
        assert row.get("limit", {}).get("context") in {model.limit.context, 0}


@pytest.mark.parametrize(
    ("ref", "error"),
    [("acme/none", ModelNotFoundError), ("nobody/full", ModelNotFoundError), ("", ModelNotFoundError), (1, InvalidRefError)],
)
def test_a_model_that_is_not_there_is_told(asking, ref, error):
    for question in (asking.get_model, asking.get_benchmarks):
        with pytest.raises(error):
            question(ref)


def test_benchmarks_are_those_of_the_lab(asking, large):
    scores = [(result["name"], str(result["score"])) for result in large["models"]["lab/full"]["benchmarks"]]
    assert scores == [(result.name, str(result.score)) for result in asking.get_benchmarks("acme-plan/full")]
    assert asking.get_benchmarks("acme/bare") == ()


def test_providers_are_those_of_the_document(asking, large):
    providers = asking.list_providers()
    assert sorted(large["providers"]) == [provider.id for provider in providers]
    for provider in providers:
        facts = large["providers"][provider.id]
        assert (facts["name"], len(facts["models"])) == (provider.name, provider.model_count)
        assert provider == asking.get_provider(provider.id)
        page = asking.list_provider_models(provider.id)
        assert [ref for ref, row in rows(large).items() if row["provider"] == provider.id] == refs(page)


def test_a_provider_that_is_not_there_is_told(asking):
    for question in (asking.get_provider, asking.list_provider_models):
        with pytest.raises(ProviderNotFoundError) as raised:
            question("acmee")
        assert "acme" in raised.value.suggestions


def test_questions_share_one_request_for_as_long_as_cache_ttl(server, client, large):
    clock = FakeClock()
    server.serve(large)
    asked = client(base_url=server.url, cache_ttl="10m", clock=clock)
    asked.get_model("acme/full")
    clock.advance(600)
    assert asked.list_models().total == len(rows(large))
    assert [("/catalog.json", {"type": "all"})] == [(request.path, request.query) for request in server.requests]

    clock.advance(1)
    asked.get_provider("acme")
    _, again = server.requests
    assert "If-None-Match" in again.headers
    clock.advance(600)
    asked.list_providers()
    assert len(server.requests) == 2  # not modified is news, too

    server.serve({"acme": large["providers"]["acme"]})
    assert asked.list_models().total == 24 + 4
    clock.advance(1)
    assert asked.list_models().total == 4


def test_what_looks_broken_is_answered_as_it_is(server, client, large):
    clock = FakeClock()
    server.serve(large)
    asked = client(base_url=server.url, clock=clock)
    assert asked.list_models().total == 28
    server.serve({"paint": large["providers"]["paint"]})
    clock.advance(3_601)
    assert asked.list_models().total == 1


def test_a_question_that_could_not_be_answered_is_asked_again(asking, server, large):
    server.fail(Fault.status(500))
    for _ in range(2):
        with pytest.raises(StatusError, match="answered 500"):
            asking.list_models()
    server.heal()
    assert len(rows(large)) == asking.list_models().total


def test_documents_and_questions_share_a_rate_limit(server, client):
    asked = client(base_url=server.url, rate_limit=2, deadline=2)
    asked.api()
    asked.list_models()
    with pytest.raises(FetchError, match="within the deadline"):
        asked.logo("acme")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("provider", "path"),
    [("acme", "/logos/acme.svg"), ("wafer.ai", "/logos/wafer.ai.svg"), ("a/b?c#d é", "/logos/a%2Fb%3Fc%23d%20%C3%A9.svg")],
)
def test_a_logo_is_asked_for_by_an_id_of_any_letters(asking, server, provider, path):
    server.serve({provider: {"id": provider, "name": "P", "models": {}}})
    assert f"<title>{provider}</title>".encode() in asking.logo(provider)
    assert [path] == [request.path for request in server.requests]


def test_a_logo_that_nobody_drew_is_what_upstream_has_instead(asking):
    assert b"<title>default</title>" in asking.logo("nobody")
    assert b"<title>default</title>" in asking.logo("\ud800")


@pytest.mark.parametrize("fault", [Fault.html(), Fault.body(b"<svg/>"), Fault.body(b"GIF89a", content_type="image/gif")], ids=repr)
def test_a_logo_of_another_kind_is_refused(asking, server, fault):
    server.fail(fault)
    with pytest.raises(ContentError, match=r"not image/svg\+xml"):
        asking.logo("acme")


def test_a_logo_that_is_elsewhere_is_not_followed(asking, server):
    server.fail(Fault.redirect("/"))
    with pytest.raises(StatusError, match="redirects are not followed"):
        asking.logo("acme")


@pytest.mark.parametrize("value", ["", None, 1, b"acme"])
def test_a_logo_is_that_of_a_provider_with_an_id(asking, server, value):
    with pytest.raises(InvalidRefError, match="a provider id is text like 'openai'"):
        asking.logo(value)
    assert server.requests == []


@pytest.mark.parametrize(
    "question",
    [
        *(lambda asked, name=name: getattr(asked, name)() for name in DOCUMENTS),
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
    with pytest.raises(ZeroDivisionError), Client(base_url=server.url) as client:
        assert client.api()
        1 / 0  # noqa: B018
    with pytest.raises(FetchError, match="the client was closed"):
        client.api()

    async def awaited():
        with pytest.raises(ZeroDivisionError):
            async with AsyncClient(base_url=server.url) as client:
                assert await client.api()
                1 / 0  # noqa: B018
        with pytest.raises(FetchError, match="the client was closed"):
            await client.api()

    asyncio.run(awaited())


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
