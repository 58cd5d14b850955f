"""Whatever upstream does, reads answer from the last good catalog, the call says what happened, and the next good answer recovers."""

from __future__ import annotations

import asyncio
import inspect
import json
import socket
import ssl

import pytest
import trustme

from modelmeta import ConnectFailedError, ContentError, DeadlineError, RateLimitedError, RefreshError, StatusError, TooLargeError
from modelmeta.testing import FakeModelsDev, Fault, repriced, shrunk

REF = "anthropic/claude-opus-4-5"

BAD_STATUS = {code: (Fault.status(code), StatusError, f"answered {code}") for code in (404, 500, 502, 503, 520)}
BAD_ANSWERS = {
    **BAD_STATUS,
    "429": (Fault.status(429), RateLimitedError, "answered 429, too many requests,"),
    "429 and when": (Fault.status(429, retry_after="120"), RateLimitedError, "429, too many requests, and asks to wait 120 s"),
    "302 to html": (Fault.redirect(), StatusError, "answered 302; redirects are not followed"),
    "html": (Fault.html(), ContentError, "answered with text/html; charset=utf-8, not application/json"),
    "html as json": (Fault.html(content_type="application/json"), ContentError, "is not JSON"),
    "no content": (Fault.body(b""), ContentError, "is not JSON"),
    "truncated": (Fault.truncated(), ContentError, "is not JSON"),
    "short": (Fault.short(), ConnectFailedError, "broke off"),
    "null": (Fault.body(b"null"), ContentError, "is not a models.dev document"),
    "list": (Fault.body(b"[]"), ContentError, "is not a models.dev document"),
    "rows of nothing": (Fault.body(b'{"acme": 5}'), ContentError, "is not a models.dev document"),
    "not utf-8": (Fault.body(b'{"acme": "\xff"}'), ContentError, "is not UTF-8"),
    "bomb": (Fault.bomb(20_000_000), TooLargeError, "more than 4,000,000 bytes; max_document_bytes allows no more"),
    "drop": (Fault.drop(), ConnectFailedError, "could not be reached, or broke off"),
    "charset": (Fault.charset("utf-16"), ContentError, "in the charset utf-16, not in UTF-8"),
    "brotli": (Fault.encoding("br"), ContentError, "packed with br"),
    "no gzip": (Fault.encoding("gzip"), ContentError, "damaged gzip"),
    "304 unasked": (Fault.not_modified(), StatusError, "answered 304"),
}


@pytest.fixture
async def tested(settle, upstream, edited, thirty_providers):
    """Return the function that opens a registry which then keeps answering until it is left, and recovers."""

    class Kept:
        async def __aenter__(self):
            self.registry = await settle(source=upstream.url, max_document_bytes=4_000_000, **self.options)
            self.catalog, self.answers = self.registry.catalog, self.read()
            upstream.clear()
            return self.registry

        def read(self):
            registry = self.registry
            return registry.get(REF), registry.filter("vision", max_input_cost=1), registry.search("opus"), registry.providers()

        async def __aexit__(self, *error):
            if error == (None, None, None):
                assert self.catalog is self.registry.catalog
                assert self.read() == self.answers
                upstream.heal()
                upstream.serve(edited(thirty_providers, REF, name="Another"))
                report = await self.registry.refresh()
                assert (report.status, [str(change.ref) for change in report.changed]) == ("updated", [REF])
                assert self.registry.get(REF).name == "Another"
                assert (self.registry.status().last_error, self.registry.status().held) == (None, None)

    def kept(**options):
        context = Kept()
        context.options = options
        return context

    return kept


async def failure(registry, kind, url, **wish):
    with pytest.raises(kind) as caught:
        await registry.refresh(**wish)
    error, status = caught.value, registry.status()
    assert type(error) is kind
    assert isinstance(error, RefreshError)
    assert error.url.startswith(url)
    assert url in str(error)
    assert (f"{kind.__name__}: {error}", status.consecutive_failures) == (status.last_error, 1)
    assert [(run.outcome, run.error) for run in (await registry.refreshes())[:1]] == [("failed", status.last_error)]
    return error


@pytest.mark.parametrize(("fault", "kind", "what"), BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_bad_answer_is_an_error_that_says_what_came(tested, upstream, fault, kind, what):
    async with tested() as registry:
        upstream.fail(fault)
        error = await failure(registry, kind, upstream.url, force=True)
        assert what in str(error)


@pytest.mark.parametrize(("retry_after", "seconds"), [(None, None), ("120", 120.0), ("soon", None)])
async def test_too_many_requests_say_for_how_long_to_wait(tested, upstream, retry_after, seconds):
    async with tested() as registry:
        upstream.fail(Fault.status(429, retry_after=retry_after))
        error = await failure(registry, RateLimitedError, upstream.url)
        assert (error.status, error.retry_after, error.attempts) == (429, seconds, 1)


async def test_what_passes_is_tried_again_and_nobody_notices(tested, upstream):
    async with tested(max_retries=2) as registry:
        upstream.fail(Fault.status(503, retry_after="0"), Fault.status(429, retry_after="0"))
        assert (await registry.refresh()).status == "unchanged"
        assert len(upstream.requests) == 3
        assert registry.status().consecutive_failures == 0


async def test_what_does_not_pass_is_not_tried_again(tested, upstream):
    async with tested(max_retries=5) as registry:
        upstream.fail(Fault.html())
        assert (await failure(registry, ContentError, upstream.url)).attempts == 1
        assert len(upstream.requests) == 1


async def test_waiting_longer_than_the_deadline_is_not_begun(tested, upstream):
    async with tested(max_retries=5) as registry:
        upstream.fail(Fault.status(503, retry_after="3600"))
        assert (await failure(registry, StatusError, upstream.url)).retry_after == 3600
        assert len(upstream.requests) == 1


@pytest.mark.parametrize(
    ("fault", "options"),
    [(Fault.hang(), {"timeout": 2}), (Fault.drip(0.02), {"deadline": 2}), (Fault.drip(0.02, headers=True), {"deadline": 2})],
    ids=repr,
)
async def test_an_answer_that_does_not_end_is_given_up(tested, upstream, fault, options):
    async with tested(**options) as registry:
        upstream.fail(fault)
        await failure(registry, DeadlineError, upstream.url, force=True)


async def test_while_a_server_hangs_every_question_is_answered(settle, upstream, edited, thirty_providers):
    registry = await settle(source=upstream.url)
    before = registry.get(REF)
    upstream.fail(Fault.hang())
    upstream.serve(edited(thirty_providers, REF, name="Another"))
    upstream.clear()
    call = registry.registry.refresh
    running = asyncio.ensure_future(call() if inspect.iscoroutinefunction(call) else asyncio.to_thread(call))
    await asyncio.to_thread(upstream.wait_for, 1, 60)
    for _ in range(100):
        assert registry.get(REF) is before
        await asyncio.sleep(0)
    assert not running.done()
    upstream.heal()
    assert (await running).status == "updated"
    assert registry.get(REF).name == "Another"


async def test_a_server_that_is_gone_is_an_error_and_comes_back(tested, upstream):
    async with tested() as registry:
        upstream.close()
        await failure(registry, ConnectFailedError, upstream.url)
        upstream.start()


async def test_a_name_that_nobody_knows_is_an_error(open_either, monkeypatch):
    def unknown(host, *_args, **_kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    registry = open_either(source="https://models.invalid")
    error = await failure(registry, ConnectFailedError, "https://models.invalid")
    assert "Name or service not known" in str(error)
    assert REF in registry.catalog


async def test_a_certificate_that_does_not_hold_is_an_error_and_not_asked_again(open_either, thirty_providers):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with FakeModelsDev(thirty_providers, tls=context) as server:
        registry = open_either(source=server.url, max_retries=5)
        error = await failure(registry, ConnectFailedError, server.url)
        assert "CERTIFICATE_VERIFY_FAILED" in str(error)
        assert (error.attempts, server.requests) == (1, [])
        assert REF in registry.catalog


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (lambda _document: {}, "the document is empty: it lists no model"),
        (lambda document: {key: {**facts, "models": {}} for key, facts in document.items()}, "the document is empty: it lists no model"),
        (shrunk, "851 of 1,099 models are gone, more than 50%"),
        (repriced, "the prices of 972 of 972 models moved by 100x or more, more than 5%"),
    ],
)
async def test_a_document_that_looks_broken_is_held(tested, upstream, thirty_providers, broken, reason):
    async with tested() as registry:
        upstream.serve(broken(thirty_providers))
        report = await registry.refresh()
        assert (report.status, report.reason) == ("held", reason)
        assert registry.status().held == report.revision != registry.status().revision
        assert registry.status().consecutive_failures == 0


async def test_a_document_of_labs_is_held(tested, upstream, thirty_providers):
    async with tested() as registry:
        upstream.serve(json.dumps({REF: thirty_providers["anthropic"]["models"]["claude-opus-4-5"]}))
        report = await registry.refresh()
        assert (report.status, report.reason) == ("held", "the document is of another kind: it lists the models of labs, and no provider")


async def test_another_document_under_the_same_etag_is_read(settle, upstream, edited, thirty_providers):
    upstream.fail(Fault.etag('"the-same"'))
    registry = await settle(source=upstream.url)
    upstream.serve(edited(thirty_providers, REF, name="Another"))
    report = await registry.refresh()
    assert (report.status, len(report.changed)) == ("updated", 1)
    assert upstream.requests[-1].headers["If-None-Match"] == '"the-same"'
    assert registry.get(REF).name == "Another"


async def test_the_same_document_under_another_etag_changes_nothing(settle, upstream):
    registry = await settle(source=upstream.url)
    before = registry.catalog
    upstream.fail(Fault.etag('"another"'))
    assert (await registry.refresh()).status == "unchanged"
    assert registry.catalog is before
    await registry.refresh()
    assert upstream.requests[-1].headers["If-None-Match"] == '"another"'


async def test_not_modified_about_another_etag_is_no_answer(tested, upstream, edited, thirty_providers):
    async with tested() as registry:
        upstream.fail(Fault.not_modified('"another"'), times=1)
        assert (await registry.refresh()).status == "unchanged"
        assert ["If-None-Match" in request.headers for request in upstream.requests] == [True, False]
        upstream.fail(Fault.not_modified('"another"'))
        error = await failure(registry, StatusError, upstream.url)
        assert error.status == 304
