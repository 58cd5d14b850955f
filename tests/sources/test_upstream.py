"""models.dev as a source: which documents are asked for, with which ETag, and how often again."""

from __future__ import annotations

import inspect

import attrs
import pytest

from modelmeta import ConnectFailedError, FetchError, RateLimitedError, StatusError
from modelmeta.sources.source import AsyncSource, Source
from modelmeta.sources.upstream import AsyncUpstream, Upstream

URL = "https://a.b"
CATALOG, API = f"{URL}/catalog.json?type=all", f"{URL}/api.json?type=all"


@attrs.frozen
class Answer:
    """What a client returns."""

    data: bytes | None
    etag: str | None = None


class Site:
    """Answers, or errors, in order; and what was asked for them: place, ETag, retries."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def answer(self, place, etag, retries):
        """Return or raise what is next."""
        self.asked.append((place, etag, retries))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(params=[Upstream, AsyncUpstream])
def source_of(request):
    """Return the function that makes a source of either colour; its ``ask`` is awaited."""

    async def awaited(site, *args):
        return site.answer(*args)

    def made(site, url=URL):
        if request.param is Upstream:
            source = Upstream(url, site.answer)
            method = source.fetch
        else:
            source = AsyncUpstream(url, lambda *args: awaited(site, *args))
            method = source.afetch

        async def ask(validator=None):
            result = method(validator)
            return await result if inspect.isawaitable(result) else result

        source.ask = ask
        return source

    return made


def status(code):
    return StatusError(f"answered {code}", status=code)


async def test_the_document_with_lab_models_is_asked_for_first(source_of):
    site = Site(Answer(b"{}", '"e1"'))
    fetched = await source_of(site).ask()
    assert (fetched.data, fetched.fetched_at) == (b"{}", None)
    assert site.asked == [(CATALOG, None, None)]


async def test_what_it_gave_is_asked_about_with_its_etag_as_it_came(source_of):
    site = Site(Answer(b"{}", 'W/"e 1"'), Answer(None, 'W/"e 1"'), Answer(b"{1}", '"e2"'))
    source = source_of(site)
    validator = (await source.ask()).validator
    assert await source.ask(validator) is None
    assert (await source.ask(validator)).data == b"{1}"
    assert site.asked == [(CATALOG, None, None), (CATALOG, 'W/"e 1"', None), (CATALOG, 'W/"e 1"', None)]


async def test_without_an_etag_there_is_nothing_to_ask_with(source_of):
    assert (await source_of(Site(Answer(b"{}"))).ask()).validator is None


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308, 403, 404])
async def test_a_site_without_the_document_is_asked_for_the_other(source_of, code):
    site = Site(status(code), Answer(b"{}", '"e1"'), status(code), Answer(None))
    source = source_of(site)
    validator = (await source.ask()).validator
    assert await source.ask(validator) is None
    assert site.asked == [(CATALOG, None, None), (API, None, None), (CATALOG, None, None), (API, '"e1"', None)]


async def test_a_document_that_was_there_is_missed_three_times_before_the_other_is_asked_for(source_of):
    gone = [status(code) for code in (404, 302, 403, 404)]
    site = Site(Answer(b"{}", '"e1"'), *gone, Answer(b"{1}", '"e2"'), Answer(None))
    source = source_of(site)
    validator = (await source.ask()).validator
    for error in gone[:3]:
        with pytest.raises(StatusError) as caught:
            await source.ask(validator)
        assert caught.value is error
    validator = (await source.ask(validator)).validator
    site.answers.insert(0, status(404))
    assert await source.ask(validator) is None
    assert [(place, etag) for place, etag, _ in site.asked] == [
        (CATALOG, None),
        *[(CATALOG, '"e1"')] * 4,
        *((API, None), (CATALOG, None), (API, '"e2"')),
    ]


async def test_a_document_that_was_not_there_for_a_while_is_read_again_without_the_etag_of_the_other(source_of):
    site = Site(status(404), Answer(b"{}", '"e1"'), Answer(b"{1}", '"e2"'), Answer(None))
    source = source_of(site)
    validator = (await source.ask()).validator
    validator = (await source.ask(validator)).validator
    assert await source.ask(validator) is None
    assert site.asked[2:] == [(CATALOG, None, None), (CATALOG, '"e2"', None)]


@pytest.mark.parametrize("error", [status(500), status(304), status(400), RateLimitedError("r", status=429), ConnectFailedError("c")])
async def test_any_other_failure_is_one_of_the_site(source_of, error):
    site = Site(error)
    with pytest.raises(FetchError) as caught:
        await source_of(site).ask()
    assert caught.value is error
    assert len(site.asked) == 1


async def test_a_site_with_neither_document_fails_as_the_last_one_did(source_of):
    site = Site(status(404), status(302))
    with pytest.raises(StatusError, match="302"):
        await source_of(site).ask()
    assert [place for place, _, _ in site.asked] == [CATALOG, API]


@pytest.mark.parametrize("validator", ["", "nonsense", 'https://elsewhere/catalog.json "e1"', '1234 "e1"', CATALOG])
async def test_the_validator_of_another_place_is_not_used(source_of, validator):
    site = Site(Answer(b"{}", '"e1"'))
    assert (await source_of(site).ask(validator)).data == b"{}"
    assert [(place, etag or None) for place, etag, _ in site.asked] == [(CATALOG, None)]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"{URL}/api.json", API),
        (f"{URL}/my/models.json", f"{URL}/my/models.json?type=all"),
        (f"{URL}/api.json?type=chat", f"{URL}/api.json?type=chat"),
        (f"{URL}/api.json/", API),
    ],
)
async def test_the_address_of_a_document_is_the_only_place(source_of, url, place):
    site = Site(status(404))
    with pytest.raises(StatusError):
        await source_of(site, url).ask()
    assert site.asked == [(place, None, None)]


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}//"])
async def test_the_name_of_a_site_has_no_slash_at_its_end(source_of, url):
    site = Site(Answer(b"{}"))
    source = source_of(site, url)
    await source.ask()
    assert (source.name, site.asked[0][0]) == (URL, CATALOG)
    assert repr(source) == f"<{type(source).__name__} {URL}>"


async def test_after_three_failures_in_a_row_a_site_is_tried_once_a_time_until_it_is_back(source_of):
    down = [status(500), ConnectFailedError("c"), status(404), status(404), status(503)]
    site = Site(*down, Answer(b"{}"), Answer(b"{}"))
    source = source_of(site)
    for _ in range(4):
        with pytest.raises(FetchError):
            await source.ask()
    for _ in range(2):
        await source.ask()
    assert [retries for _, _, retries in site.asked] == [None, None, None, None, 0, 0, None]


async def test_what_came_in_between_forgives_the_failures_before(source_of):
    site = Site(*[status(500)] * 2, Answer(None), *[status(500)] * 2, Answer(None))
    source = source_of(site)
    for outcome in "xx.xx.":
        if outcome == ".":
            assert await source.ask(f'{CATALOG} "e1"') is None
        else:
            with pytest.raises(StatusError):
                await source.ask()
    assert {retries for _, _, retries in site.asked} == {None}


def test_the_two_are_sources_of_their_registries():
    assert isinstance(Upstream(URL, None), Source)
    assert not isinstance(AsyncUpstream(URL, None), Source)
    assert isinstance(AsyncUpstream(URL, None), AsyncSource)
    assert getattr(Upstream(URL, None), "offline", False) is False
