"""Bodies: what an answer must be, and what is refused before, or as soon as, it is too much."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import ContentError, RateLimitedError, StatusError, TooLargeError
from modelmeta.client.body import Body
from modelmeta.client.fetch import SVG, Answer, Wanted

URL = "https://models.test/api.json"
JSON = {"Content-Type": "application/json"}
GZIP = {**JSON, "Content-Encoding": "gzip"}
DATA = '{"acme": "☂"}'.encode()


def read(*chunks: bytes, status=200, headers=JSON, limit=1_000, etag=None, media=("application/json", "text/json")) -> Answer:
    """Return the answer that *chunks* make."""
    body = Body(Wanted(URL, etag, media), httpx.Response(status, headers=headers), limit)
    for chunk in chunks:
        body.feed(chunk)
    return body.answer()


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 5, 1_000])
@pytest.mark.parametrize("coding", [None, "identity", "gzip", "x-gzip", "GZIP"])
def test_a_document_is_read_in_pieces_of_any_size(coding, size):
    sent = gzip.compress(DATA) if coding and "gzip" in coding.lower() else DATA
    headers = JSON if coding is None else {**JSON, "Content-Encoding": coding}
    assert Answer(URL, DATA, None) == read(*in_pieces(sent, size), headers=headers)


@pytest.mark.parametrize("etag", ['"x"', 'W/"x"', "x", '"!#[]~"'])
def test_an_etag_is_kept_as_it_came(etag):
    assert etag == read(DATA, headers={**JSON, "ETag": etag}).etag


@pytest.mark.parametrize("etag", [b"", '"é"'.encode("latin-1"), '"☂"'.encode()])
def test_an_etag_that_cannot_be_sent_back_is_none(etag):
    assert read(DATA, headers={**JSON, "ETag": etag}).etag is None


def test_not_modified_has_no_data_whatever_else_it_says():
    assert Answer(URL, None, '"x"') == read(status=304, headers={"ETag": '"x"'}, etag='"x"')
    assert Answer(URL, None, None) == read(b"?", status=304, headers={"Content-Type": "text/html"}, etag='"x"')


@pytest.mark.parametrize("status", [201, 203, 204, 206, 301, 302, 304, 307, 400, 403, 404, 418, 500, 503, 520])
def test_another_status_is_refused_with_its_number(status):
    with pytest.raises(StatusError, match=f"^{URL} answered {status}") as raised:
        read(DATA, status=status)
    assert type(raised.value) is StatusError
    assert (status, URL, None) == (raised.value.status, raised.value.url, raised.value.retry_after)


def test_a_redirect_is_said_to_be_none_of_our_ways():
    with pytest.raises(StatusError, match=r"answered 302; redirects are not followed$"):
        read(status=302, headers={"Location": "/"})


def test_too_many_requests_is_an_error_of_its_own():
    with pytest.raises(RateLimitedError, match=r"answered 429, too many requests, and asks to wait 7 s$") as raised:
        read(status=429, headers={"Retry-After": "7"})
    assert (429, 7.0) == (raised.value.status, raised.value.retry_after)


def retry_after(value: str) -> float | None:
    with pytest.raises(StatusError) as raised:
        read(status=503, headers={"Retry-After": value})
    return raised.value.retry_after


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("120", 120), ("007", 7), ("9" * 400, float("inf"))])
def test_retry_after_is_read_in_seconds(value, seconds):
    assert seconds == retry_after(value)


@pytest.mark.parametrize(
    "shape", [lambda when: format_datetime(when, usegmt=True), lambda when: when.strftime("%A, %d-%b-%y %H:%M:%S GMT")]
)
def test_retry_after_is_read_as_a_date_in_any_form_http_knows(shape):
    before = datetime.now(UTC)
    seconds = retry_after(shape(before.replace(microsecond=0) + timedelta(seconds=100)))
    assert 100 - 1 - (datetime.now(UTC) - before).total_seconds() <= seconds <= 100


def test_a_date_without_a_zone_is_utc_and_a_zone_counts():
    when = datetime.now(UTC) + timedelta(hours=5)
    assert 4.9 * 3600 < retry_after(when.strftime("%a, %d %b %Y %H:%M:%S -0000")) <= 5 * 3600
    assert 4.9 * 3600 < retry_after(format_datetime(when.astimezone(timezone(timedelta(hours=9))))) <= 5 * 3600


@pytest.mark.parametrize("value", ["Fri, 31 Dec 1999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_a_date_that_has_passed_asks_for_no_wait(value):
    assert retry_after(value) == 0


@pytest.mark.parametrize(
    "value",
    [
        *("", "soon", "-5", "1.5", "1e3", "+5", "5 s", "٣", "²", "Wed, 99 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:99:00 GMT"),
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2026 07:28:00 +99999999999999",
    ],
)
def test_rubbish_in_retry_after_says_nothing(value):
    assert retry_after(value.encode()) is None


@given(
    st.lists(st.sampled_from(["0", "99999999999999999999", "Wed,", "21", "Oct", "2026", "07:28:00", "GMT", "-99999999", "(", ":", "²", ""]))
)
def test_no_retry_after_is_too_odd_to_be_read(words):
    seconds = retry_after(" ".join(words).encode())
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("media", ["application/json", "text/json", "Application/JSON", "application/json;", "application/json; version=1"])
def test_json_is_known_by_its_media_type(media):
    assert read(DATA, headers={"Content-Type": media}).data == DATA


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({}, "no content type"),
        ({"Content-Type": ""}, "no content type"),
        ({"Content-Type": "text/html; charset=utf-8"}, "text/html; charset=utf-8"),
        ({"Content-Type": "text/plain"}, "text/plain"),
        ({"Content-Type": "application/jsonp"}, "application/jsonp"),
        ({"Content-Type": "json"}, "json"),
        ({"Content-Type": "image/svg+xml"}, "image/svg+xml"),
    ],
)
def test_any_other_media_type_is_refused_by_name(headers, named):
    with pytest.raises(ContentError) as raised:
        read(DATA, headers=headers)
    assert str(raised.value) == f"{URL} answered with {named}, not application/json"
    assert raised.value.url == URL


def test_the_media_type_is_the_one_that_was_asked_for():
    assert read(b"<svg/>", headers={"Content-Type": "image/svg+xml"}, media=SVG).data == b"<svg/>"
    with pytest.raises(ContentError, match=r"answered with application/json, not image/svg\+xml"):
        read(DATA, media=SVG)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", "Utf8", '"utf-8"', "us-ascii", "US-ASCII"])
def test_utf_8_is_known_however_it_is_spelled(charset):
    assert read(DATA, headers={"Content-Type": f"application/json; charset={charset}"}).data == DATA


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "UTF-32", "windows-1252", '"utf-7"', "klingon"])
def test_any_other_charset_is_refused_by_name(charset):
    with pytest.raises(ContentError, match=f"answered in the charset {charset.strip(chr(34)).lower()}, not in UTF-8"):
        read(DATA, headers={"Content-Type": f"application/json; charset={charset}"})


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "compress"])
def test_a_coding_that_was_not_asked_for_is_refused_by_name(coding):
    with pytest.raises(ContentError, match=f"answered packed with {coding}, which was not asked for"):
        read(DATA, headers={**JSON, "Content-Encoding": coding})


@pytest.mark.parametrize("headers", [JSON, GZIP])
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_a_document_may_be_as_large_as_the_limit_and_no_byte_larger(headers, size):
    def sent(length):
        data = b"7" * length
        return in_pieces(gzip.compress(data) if headers is GZIP else data, size)

    assert read(*sent(100), headers=headers, limit=100).data == b"7" * 100
    with pytest.raises(TooLargeError, match="more than 100 bytes; max_document_bytes allows no more"):
        read(*sent(101), headers=headers, limit=100)


def test_what_is_sent_counts_as_well_as_what_it_unpacks_to():
    noise = zlib.compressobj(level=0, wbits=31)  # packed, it is longer
    with pytest.raises(TooLargeError, match="more than 110 bytes"):
        read(noise.compress(b"7" * 100) + noise.flush(), headers=GZIP, limit=110)


def test_of_what_unpacks_to_too_much_no_more_than_the_limit_is_held():
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(100)) + packer.flush()
    body = Body(Wanted(URL), httpx.Response(200, headers=GZIP), 200_000)
    with pytest.raises(TooLargeError):
        body.feed(bomb)
    assert sum(map(len, body._parts)) <= 200_000


@pytest.mark.parametrize("cut", [1, 8, 12, 100])
def test_gzip_that_was_cut_short_is_refused(cut):
    data = bytes(range(256)) * 4
    with pytest.raises(ContentError, match="gzip that was cut short"):
        read(gzip.compress(data)[:-cut], headers=GZIP, limit=10_000)


def test_gzip_of_which_nothing_came_is_refused():
    with pytest.raises(ContentError, match="gzip that was cut short"):
        read(headers=GZIP)


@pytest.mark.parametrize(
    "sent",
    [
        b"no gzip at all",
        gzip.compress(DATA)[:-8] + b"\0" * 8,
        gzip.compress(DATA)[:10] + b"\xff" * 20,
        zlib.compress(DATA),
    ],
    ids=["none", "checksum", "within", "zlib"],
)
def test_damaged_gzip_is_refused(sent):
    with pytest.raises(ContentError, match="answered with damaged gzip: "):
        read(sent, headers=GZIP)


@pytest.mark.parametrize("more", [b"\0", gzip.compress(b"[]", mtime=0)])
@pytest.mark.parametrize("size", [1, 1_000])
def test_what_follows_the_gzip_is_refused(more, size):
    with pytest.raises(ContentError, match="more than its gzip"):
        read(*in_pieces(gzip.compress(DATA) + more, size), headers=GZIP)


def test_an_empty_body_is_an_answer():
    assert read().data == b""
