"""What providers' own lists say, asked of real servers that speak each dialect, and fail in each way."""

from __future__ import annotations

import inspect
import json
import logging
import ssl
import traceback

import pytest
import trustme

from modelmeta import (
    AsyncRegistry,
    ConnectFailedError,
    ContentError,
    DeadlineError,
    DecodeError,
    FetchError,
    OfflineError,
    ProviderNotFoundError,
    QueryError,
    RefreshError,
    Registry,
    SettingsError,
    StatusError,
    TooLargeError,
    load_catalog,
)
from modelmeta.codec.live import DIALECTS
from modelmeta.registry.live import place_of
from modelmeta.registry.providing import AsyncProviding, Providing
from modelmeta.testing import FakeClock, FakeProvider, Fault

KEY = "sk-0123456789-not-for-your-eyes"
NAMES = ["rocket-2", "rocket-1-20250102", "odd", "new", "new"]


class Threads(Registry, Providing):
    """A registry that discovers."""


class Tasks(AsyncRegistry, AsyncProviding):
    """As above."""


def document(address: str, **head) -> dict:
    """Return a models.dev document of one provider, at *address*, that lists rockets 1 to 3 and their price plan."""
    models = {
        model_id: {"id": model_id, "name": model_id.title(), "release_date": "2025-01-02"}
        for model_id in ("rocket-1", "rocket-2", "rocket-3", "rocket-1:free")
    }
    return {
        "acme": {"id": "acme", "name": "Acme", "api": address, "env": ["ACME_API_KEY"], "npm": "@ai-sdk/openai", "models": models, **head}
    }


@pytest.fixture(params=[Threads, Tasks], ids=["sync", "async"])
async def discovering(request, tmp_path):
    """Return the function that opens a registry, of threads or of tasks, over a document if one is given, and gives its ``discover``."""
    opened = []

    async def open_one(tree=None, **options):
        if tree is not None:
            (tmp_path / "api.json").write_text(json.dumps(tree))
            options["source"] = tmp_path / "api.json"
        registry = request.param(**{"max_retries": 0, **options})
        opened.append(registry)
        if tree is not None:
            await finished(registry.refresh(accept=True))

        async def discover(*args, **wishes):
            return await finished(registry.discover(*args, **wishes))

        discover.registry = registry
        return discover

    yield open_one
    for registry in opened:
        await finished(registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close())


async def finished(result):
    return await result if inspect.isawaitable(result) else result


@pytest.fixture(params=DIALECTS)
def provider(request):
    """A provider that speaks one of the dialects and wants a key, with two models on a page where there are pages."""
    with FakeProvider(NAMES, request.param, key=KEY, page=2) as server:
        server.dialect = request.param
        yield server


async def test_what_is_listed_is_reconciled_with_the_catalog_in_every_dialect(discovering, provider):
    discover = await discovering(document(provider.base_url))
    found = await discover(provider.base_url, api_key=KEY, protocol=provider.dialect)
    assert (found.provider_id, found.protocol) == ("acme", provider.dialect)
    assert [model.id for model in found.known] == ["rocket-1", "rocket-2"]
    assert found.ids == {"acme/rocket-1": "rocket-1-20250102", "acme/rocket-2": "rocket-2"}
    assert [model.id for model in found.unknown] == ["odd", "new"]
    assert [model.id for model in found.unlisted] == ["rocket-1:free", "rocket-3"]
    assert found.problems == ()
    assert found.unknown[0].cost is None
    assert found.unknown[0].supports("tool_call") is None
    assert "unlisted  2" in str(found)
    assert repr(found) == "<Discovery of acme: 2 known, 2 unknown, 2 unlisted>"


async def test_unknown_models_are_read_as_an_overlay_and_are_known_then(discovering, provider):
    discover = await discovering(document(provider.base_url))
    found = await discover(provider.base_url, api_key=KEY, protocol=provider.dialect)
    again = await discovering(document(provider.base_url), overlays=[found.layer()])
    known = again.registry.get("acme/new")
    assert known == found.unknown[-1]
    assert (await again(provider.base_url, api_key=KEY, protocol=provider.dialect)).unknown == ()


async def test_an_address_the_catalog_does_not_have_is_a_provider_of_its_own(discovering):
    with FakeProvider(["llama"], "ollama") as server:
        discover = await discovering()
        found = await discover(server.url, protocol="ollama")
        place = server.url.removeprefix("http://")
        assert (found.provider_id, len(found.known), len(found.unlisted)) == (place, 0, 0)
        layer = found.layer()
        assert layer.providers == {place: {"name": place, "api": server.url}}
        overlaid = await discovering(overlays=[layer])
        assert overlaid.registry.get(f"{place}/llama") == found.unknown[0]
        assert overlaid.registry.provider(place).api == server.url
        assert [model.id for model in (await overlaid(server.url, protocol="ollama")).known] == ["llama"]


async def test_what_a_list_says_of_limits_is_kept(discovering):
    with (
        FakeProvider(["gem"], "google") as google,
        FakeProvider([{"id": "q", "max_model_len": 4096}, {"id": "z", "max_model_len": True}]) as vllm,
    ):
        discover = await discovering()
        (gem,) = (await discover(google.base_url, protocol="google")).unknown
        one, other = (await discover(vllm.base_url)).unknown
    assert (gem.name, gem.limit.input, gem.limit.output, gem.limit.context) == ("Gem", 1_000, 100, None)
    assert (one.limit.context, other.limit.context) == (4_096, None)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_ten_thousand_models_are_listed(discovering, dialect):
    names = [f"m-{number}" for number in range(10_000)]
    with FakeProvider(names, dialect) as server:
        discover = await discovering()
        found = await discover(server.base_url, protocol=dialect)
        assert [model.id for model in found.unknown] == names
        assert len(server.requests) == (10 if dialect in {"anthropic", "google"} else 1)


async def test_a_list_without_an_envelope_is_read(discovering):
    with FakeProvider([]) as server:
        server.fail(Fault.body(b'[{"id": "a"}, {"id": "b"}]'))
        discover = await discovering()
        assert [model.id for model in (await discover(server.base_url)).unknown] == ["a", "b"]


async def test_a_google_of_no_models_is_empty(discovering):
    with FakeProvider([]) as server:
        server.fail(Fault.body(b"{}"))
        discover = await discovering()
        assert (await discover(server.base_url, protocol="google")).unknown == ()


async def test_rows_that_are_no_models_are_set_aside(discovering):
    rows = [{"id": "good"}, {"name": "no id"}, 5, {"id": ""}, {"id": "x" * 2_000}, {"id": None}]
    with FakeProvider([]) as server:
        server.fail(Fault.body(json.dumps({"data": rows}).encode()))
        discover = await discovering()
        found = await discover(server.base_url)
    assert [model.id for model in found.unknown] == ["good"]
    assert [problem.path for problem in found.problems] == [f"$.data[{number}]" for number in range(1, 6)]
    assert "is no model with an id" in str(found)


async def test_the_answer_is_kept_for_cache_ttl_and_each_key_has_its_own(discovering):
    clock = FakeClock()
    with FakeProvider(["a"]) as server:
        discover = await discovering(clock=clock, cache_ttl="10m")
        first = await discover(server.base_url, api_key=KEY)
        assert await discover(server.base_url, api_key=KEY) is first
        assert len(server.requests) == 1
        await discover(server.base_url)
        await discover(server.base_url, api_key=KEY, force=True)
        assert len(server.requests) == 3
        clock.advance(601)
        server.models.append({"id": "b"})
        assert len((await discover(server.base_url, api_key=KEY)).unknown) == 2
        assert len(server.requests) == 4


async def test_an_answer_that_is_kept_is_compared_with_the_catalog_of_now(discovering, tmp_path):
    with FakeProvider(["rocket-9"]) as server:
        discover = await discovering(document(server.base_url))
        assert [model.id for model in (await discover("acme")).unknown] == ["rocket-9"]
        newer = document(server.base_url)
        newer["acme"]["models"]["rocket-9"] = {"id": "rocket-9", "name": "Rocket 9"}
        (tmp_path / "api.json").write_text(json.dumps(newer))
        await finished(discover.registry.refresh(accept=True))
        assert [model.id for model in (await discover("acme")).known] == ["rocket-9"]
        assert len(server.requests) == 1


async def test_the_key_of_a_provider_given_by_id_is_read_from_its_variable(discovering, monkeypatch):
    monkeypatch.setenv("ACME_API_KEY", KEY)
    with FakeProvider(["rocket-1"], key=KEY) as server:
        discover = await discovering(document(server.base_url))
        assert len((await discover("acme")).known) == 1


async def test_no_key_is_read_for_an_address(discovering, monkeypatch):
    monkeypatch.setenv("ACME_API_KEY", KEY)
    with FakeProvider(["rocket-1"]) as server:
        discover = await discovering(document(server.base_url))
        await discover(server.base_url)
        assert "Authorization" not in server.requests[0].headers


async def test_an_address_with_variables_is_filled_in(discovering, monkeypatch):
    with FakeProvider(["rocket-1"], key=KEY) as server:
        monkeypatch.setenv("ACME_API_KEY", KEY)
        monkeypatch.setenv("ACME_URL", server.url)
        discover = await discovering(document("${ACME_URL}/v1", env=["ACME_URL", "ACME_API_KEY"]))
        assert len((await discover("acme")).known) == 1
        monkeypatch.delenv("ACME_URL")
        with pytest.raises(QueryError, match="needs the variable ACME_URL, which is not set"):
            await discover("acme")


WRONG = {
    "401": (Fault.status(401), StatusError, "answered 401"),
    "403": (Fault.status(403), StatusError, "answered 403"),
    "500": (Fault.status(500), StatusError, "answered 500"),
    "redirect": (Fault.redirect("http://127.0.0.1:1/elsewhere"), StatusError, "redirects are not followed"),
    "html": (Fault.html(), ContentError, "text/html"),
    "garbage": (Fault.body(b"\x00\xffnonsense"), DecodeError, "not UTF-8"),
    "no json": (Fault.body(b"{"), DecodeError, "not JSON"),
    "deep": (Fault.body(b"[" * 5_000 + b"]" * 5_000), DecodeError, "nests too deep"),
    "another shape": (Fault.body(b'{"error": "no"}'), DecodeError, "no list of models"),
    "no object": (Fault.body(b"5"), DecodeError, "no list of models"),
    "no list": (Fault.body(b'{"data": {"id": "a"}}'), DecodeError, "no list of models"),
    "more without where": (Fault.body(b'{"data": [], "has_more": true}'), DecodeError, "more models, but not where"),
    "short": (Fault.short(), FetchError, "broke off"),
    "dropped": (Fault.drop(), ConnectFailedError, "broke off"),
    "bomb": (Fault.bomb(60_000_000), TooLargeError, "1,000,000 bytes"),
    "hanging": (Fault.hang(), DeadlineError, "(in time|within the deadline)"),
    "dripping": (Fault.drip(0.05), DeadlineError, "within the deadline"),
    "dripping headers": (Fault.drip(0.05, headers=True), DeadlineError, "(in time|within the deadline)"),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_goes_wrong_is_an_error_with_no_key_in_it(discovering, case, caplog):
    caplog.set_level(logging.DEBUG)
    fault, kind, words = WRONG[case]
    with FakeProvider([f"model-{number}" for number in range(30)]) as server:
        server.fail(fault)
        discover = await discovering(deadline="700ms", max_document_bytes=1_000_000)
        with pytest.raises(kind, match=words) as caught:
            await discover(server.base_url, api_key=KEY)
        told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value)) + caplog.text
        assert KEY not in told
        assert {request.path for request in server.requests} == {"/v1/models"}
        server.heal()
        assert len((await discover(server.base_url, api_key=KEY)).unknown) == 30


async def test_a_failure_that_may_pass_is_tried_again(discovering):
    with FakeProvider(["a"]) as server:
        server.fail(Fault.status(503, retry_after="0"))
        discover = await discovering(max_retries=1)
        server.fail(Fault.status(503, retry_after="0"), times=1)
        assert len((await discover(server.base_url)).unknown) == 1
        assert len(server.requests) == 2


async def test_a_wrong_key_is_told_and_not_tried_again(discovering, provider):
    discover = await discovering(max_retries=3)
    with pytest.raises(StatusError, match="answered 401") as caught:
        await discover(provider.base_url, api_key="sk-wrong", protocol=provider.dialect)
    assert caught.value.status == 401
    assert len(provider.requests) == 1


@pytest.mark.parametrize(
    ("dialect", "body"),
    [("anthropic", b'{"data": [{"id": "a"}], "has_more": true, "last_id": "a"}'), ("google", b'{"models": [], "nextPageToken": "0"}')],
)
async def test_pages_in_a_circle_end(discovering, dialect, body):
    with FakeProvider([], dialect) as server:
        server.fail(Fault.body(body))
        discover = await discovering()
        with pytest.raises(ContentError, match="leads in a circle"):
            await discover(server.base_url, protocol=dialect)
        assert len(server.requests) == 2


async def test_pages_without_end_meet_the_limit_of_bytes(discovering):
    with FakeProvider([f"m-{number}" for number in range(1_000)], "google", page=1) as server:
        discover = await discovering(max_document_bytes=2_000, rate_limit=1_000)
        with pytest.raises(TooLargeError, match="more pages than max_document_bytes allows"):
            await discover(server.base_url, protocol="google")
        assert len(server.requests) < 30


async def test_pages_that_hang_meet_the_deadline_of_all(discovering):
    with FakeProvider([f"m-{number}" for number in range(10)], "google", page=1) as server:
        server.delay = 0.2
        discover = await discovering(deadline="500ms")
        with pytest.raises(DeadlineError):
            await discover(server.base_url, protocol="google")
        assert len(server.requests) < 5


async def test_the_key_of_upstream_goes_to_no_provider(discovering):
    with FakeProvider(["a"]) as server:
        discover = await discovering(api_key=KEY)
        await discover(server.base_url)
        assert KEY not in repr([dict(request.headers) for request in server.requests])


async def test_a_key_that_is_none_is_refused_unseen(discovering):
    discover = await discovering()
    for key in (f"{KEY}\n", f"{KEY}é", 5):
        with pytest.raises(SettingsError) as caught:
            await discover("http://127.0.0.1:1/v1", api_key=key)
        assert KEY not in "".join(traceback.format_exception(caught.value, chain=False))


async def test_over_tls_the_key_goes_out_and_no_repr_has_it(discovering, tmp_path, monkeypatch):
    authority, serving = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with FakeProvider(["a"], key=KEY, tls=serving) as server:
        discover = await discovering()
        found = await discover(server.base_url, api_key=KEY)
        shown = [repr(found), str(found), repr(found.layer()), repr(discover.registry), repr(vars(discover.registry))]
        place = place_of(discover.registry.catalog, server.base_url, KEY, None)
        shown += [repr(place), repr(place.page(None)), *map(repr, vars(discover.registry._lists).values())]
        assert all(KEY not in text for text in shown)


CATALOG = load_catalog(
    {
        **document("https://api.acme.test/v1/"),
        "near": {"id": "near", "api": "http://127.0.0.1:1337/v1", "npm": "@ai-sdk/openai-compatible", "env": ["K"], "models": {}},
        "lan": {"id": "lan", "api": "http://10.0.0.5:8000/v1", "npm": "@ai-sdk/anthropic", "env": ["K"], "models": {}},
        "odd": {"id": "odd", "api": "https://odd.test", "npm": "odd-provider", "env": ["K"], "models": {}},
        "twin": {"id": "twin", "api": "https://twins.test/v1", "npm": "@ai-sdk/openai", "env": ["K"], "models": {}},
        "other": {"id": "other", "api": "https://twins.test/v1", "npm": "@ai-sdk/openai", "env": ["K"], "models": {}},
        "nowhere": {"id": "nowhere", "npm": "@ai-sdk/openai", "env": ["K"], "models": {}},
        "google": {
            "id": "google",
            "npm": "@ai-sdk/google",
            "env": ["GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY"],
            "models": {},
        },
    }
)


@pytest.mark.parametrize(
    ("target", "protocol", "url"),
    [
        ("acme", None, "https://api.acme.test/v1/models"),
        ("near", None, "http://127.0.0.1:1337/v1/models"),
        ("google", None, "https://generativelanguage.googleapis.com/v1beta/models"),
        ("odd", "anthropic", "https://odd.test/v1/models"),
        ("http://10.0.0.5:8000/v1", None, "http://10.0.0.5:8000/v1/models"),
        ("http://10.0.0.9", None, "http://10.0.0.9/v1/models"),
        ("http://[::1]:11434", "ollama", "http://[::1]:11434/api/tags"),
        ("http://[::ffff:192.168.0.1]", "google", "http://[::ffff:192.168.0.1]/v1beta/models"),
        ("http://localhost:11434/api/", "ollama", "http://localhost:11434/api/tags"),
        ("HTTPS://Example.test/llm", None, "https://example.test/llm/models"),
    ],
)
def test_where_a_list_is_and_that_a_key_may_go_there(target, protocol, url):
    assert place_of(CATALOG, target, KEY, protocol).url == url


@pytest.mark.parametrize(
    "target", ["lan", "http://example.com/v1", "http://ollama:11434", "http://169.254.169.254", "http://8.8.8.8", "http://0.0.0.0:80"]
)
def test_a_key_goes_nowhere_in_the_open(target):
    with pytest.raises(QueryError, match="by https only") as caught:
        place_of(CATALOG, target, KEY, "openai")
    assert KEY not in repr(caught.value)
    assert place_of(CATALOG, target, None, "openai").key is None


def test_an_address_of_two_providers_is_neither_of_them():
    assert place_of(CATALOG, "https://twins.test/v1", None, None).provider_id == "twins.test"


def test_googles_key_has_three_names(monkeypatch):
    assert place_of(CATALOG, "google", None, None).key is None
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    assert place_of(CATALOG, "google", None, None).key == KEY


@pytest.mark.parametrize(
    ("target", "protocol", "kind", "words"),
    [
        ("acne", None, ProviderNotFoundError, "did you mean"),
        ("nowhere", None, QueryError, "nobody says where nowhere is"),
        ("odd", None, QueryError, "not as nobody knows what"),
        ("acme", "bedrock", QueryError, "openai, anthropic, google, ollama, not as bedrock"),
        ("ftp://acme.test", None, SettingsError, "an http or https address"),
        ("https://user:hush@acme.test", None, SettingsError, "is not shown"),
        ("https://acme.test?key=hush", None, SettingsError, "is not shown"),
    ],
)
def test_what_cannot_be_asked_is_refused(target, protocol, kind, words):
    with pytest.raises(kind, match=words) as caught:
        place_of(CATALOG, target, None, protocol)
    assert "hush" not in str(caught.value)


async def test_offline_nobody_is_asked(discovering):
    with FakeProvider(["a"]) as server:
        discover = await discovering(enabled=False)
        with pytest.raises(OfflineError, match="enabled=False"):
            await discover(server.base_url)
        assert server.requests == []


async def test_a_closed_registry_asks_nobody(discovering):
    with FakeProvider(["a"]) as server:
        discover = await discovering()
        registry = discover.registry
        await finished(registry.aclose() if isinstance(registry, AsyncRegistry) else registry.close())
        with pytest.raises(RefreshError, match="closed"):
            await discover(server.base_url)
