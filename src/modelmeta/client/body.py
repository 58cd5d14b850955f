"""What an answer means, read in pieces and refused as soon as it cannot be what was asked for."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import httpx

from ..errors import ConnectFailedError, ContentError, DeadlineError, FetchError, RateLimitedError, StatusError, TooLargeError
from .fetch import Answer

if TYPE_CHECKING:
    from .fetch import Wanted

__all__ = ["HTTPX_ERRORS", "UNUSABLE", "Body", "error_of"]

_OK = 200
_NOT_MODIFIED = 304
_TOO_MANY = 429

HTTPX_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, UnicodeError)
"""All that httpx raises; the last for a host name that cannot be looked up."""

UNUSABLE = (*HTTPX_ERRORS, ImportError, OSError, ValueError)
"""What comes of an address, a proxy or a file of certificates that cannot be used."""


class Body:
    """The answer to *wanted*: fed with what comes over the wire, at most *limit* bytes of it, packed or not.

    Raises:
        StatusError: its status is neither 200 nor a 304 that was asked for.
        ContentError: its headers announce nothing that was asked for.
    """

    def __init__(self, wanted: Wanted, response: httpx.Response, limit: int) -> None:
        self._url = wanted.url
        self._limit = limit
        etag: str = response.headers.get("etag", "")
        self._etag = etag if etag and etag.isascii() else None  # no other can be sent back
        self._not_modified = response.status_code == _NOT_MODIFIED and wanted.etag is not None
        self._sent = self._read = 0
        self._parts: list[bytes] = []
        self._unpacker: Any = None
        if not self._not_modified:
            if response.status_code != _OK:
                raise _refusal(wanted.url, response)
            self._check_content(response.headers, wanted.media)

    def _check_content(self, headers: httpx.Headers, media: tuple[str, ...]) -> None:
        content = Message()
        content["content-type"] = headers.get("content-type", "")
        if content.get_content_type() not in media or "content-type" not in headers:
            message = f"{self._url} answered with {content['content-type'] or 'no content type'}, not {media[0]}"
            raise ContentError(message, url=self._url)
        charset = content.get_content_charset("utf-8")
        if charset not in {"utf-8", "utf8", "us-ascii"}:
            message = f"{self._url} answered in the charset {charset}, not in UTF-8"
            raise ContentError(message, url=self._url)
        coding = headers.get("content-encoding", "identity").lower()
        if coding in {"gzip", "x-gzip"}:
            self._unpacker = zlib.decompressobj(wbits=31)
        elif coding != "identity":
            message = f"{self._url} answered packed with {coding}, which was not asked for"
            raise ContentError(message, url=self._url)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece.

        Raises:
            ContentError: it is damaged; ``TooLargeError`` when it is too much.
        """
        self._sent += len(chunk)
        try:
            data = chunk if self._unpacker is None else self._unpacker.decompress(chunk, self._limit - self._read + 1)
        except zlib.error as error:
            message = f"{self._url} answered with damaged gzip: {error}"
            raise ContentError(message, url=self._url) from None
        if self._unpacker is not None and self._unpacker.unused_data:
            message = f"{self._url} answered with more than its gzip"
            raise ContentError(message, url=self._url)
        self._read += len(data)
        if max(self._read, self._sent) > self._limit:
            message = f"{self._url} answered with more than {self._limit:,} bytes; max_document_bytes allows no more"
            raise TooLargeError(message, url=self._url)
        self._parts.append(data)

    def answer(self) -> Answer:
        """Return all of it.

        Raises:
            ContentError: it was cut short.
        """
        if self._not_modified:
            return Answer(self._url, None, self._etag)
        if self._unpacker is not None and not self._unpacker.eof:
            message = f"{self._url} answered with gzip that was cut short"
            raise ContentError(message, url=self._url)
        return Answer(self._url, b"".join(self._parts), self._etag)


def _refusal(url: str, response: httpx.Response) -> StatusError:
    status = response.status_code
    after = _retry_after(response.headers.get("retry-after", ""))
    wait = "" if after is None else f" and asks to wait {after:.0f} s"
    kind, what = (RateLimitedError, ", too many requests,") if status == _TOO_MANY else (StatusError, "")
    not_followed = "; redirects are not followed" if response.has_redirect_location else ""
    return kind(f"{url} answered {status}{what}{wait}{not_followed}", url=url, status=status, retry_after=after)


def _retry_after(value: str) -> float | None:
    """Return for how many seconds ``Retry-After`` asks to wait, said in seconds or as a date."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (OverflowError, ValueError):  # the former for a year, or a time zone, of many digits
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def error_of(error: Exception, url: str) -> FetchError:
    """Return what *error*, one of ``HTTPX_ERRORS`` or ``UNUSABLE``, is to us."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    match error:
        case httpx.TimeoutException():
            return DeadlineError(f"{url} did not answer in time ({reason})", url=url)
        case httpx.NetworkError() | httpx.ProxyError() | httpx.RemoteProtocolError() | UnicodeError():
            return ConnectFailedError(f"{url} could not be reached, or broke off ({reason})", url=url)
        case httpx.DecodingError():
            return ContentError(f"{url} answered with what cannot be unpacked ({reason})", url=url)
        case _:
            return FetchError(f"{url} could not be read ({reason})", url=url)
