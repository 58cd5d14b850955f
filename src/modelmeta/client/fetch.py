"""One document, asked for until it comes or there is no point: the flow both clients run, and what answers mean."""

from __future__ import annotations

import random
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import attrs
import httpx

from ..errors import ConnectFailedError, ContentError, DeadlineError, FetchError, RateLimitedError, StatusError, TooLargeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._flow import Flow

__all__ = ["Acquire", "Answer", "Body", "Fetch", "Send", "Sleep", "error_of", "fetch"]

_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_OK = 200
_NOT_MODIFIED = 304
_TOO_MANY = 429
_JSON = ("application/json", "text/json")


@attrs.frozen
class Acquire:
    """A step: wait for the rate limit."""


@attrs.frozen
class Sleep:
    """A step: wait for so many ``seconds``."""

    seconds: float


@attrs.frozen
class Send:
    """A step: send one request and read the answer; give up at ``until`` on the flow's clock."""

    fetch: Fetch
    until: float


@attrs.frozen
class Fetch:
    """What is asked for: ``url``, unless it still has ``etag``. ``limit`` bounds the body in bytes, as sent and unpacked."""

    url: str
    etag: str | None
    limit: int
    media: tuple[str, ...] = _JSON

    @property
    def headers(self) -> dict[str, str]:
        """The headers that say so."""
        return {
            "Accept": ", ".join(self.media),
            "Accept-Encoding": "gzip",
            **({"If-None-Match": self.etag} if self.etag else {}),
        }


@attrs.frozen
class Answer:
    """What upstream sent: ``data`` is None where nothing changed since ``etag``."""

    url: str
    data: bytes | None = attrs.field(repr=False)
    etag: str | None = None


def fetch(
    wanted: Fetch, *, retries: int, deadline: float, clock: Callable[[], float], chance: Callable[[], float] = random.random
) -> Flow[Answer]:
    """Ask for *wanted*, again after what may pass, within *deadline* seconds in all.

    Delays grow with full jitter; ``Retry-After`` is obeyed where there is time for it.

    Raises:
        FetchError: it did not come.
    """
    until = clock() + deadline
    for attempt in range(1, retries + 2):
        yield Acquire()
        if clock() >= until:
            raise _timed_out(wanted.url, attempt, deadline)
        try:
            answer: Answer = yield Send(wanted, until)
        except FetchError as error:
            error.attempts = attempt
            delay = _delay(error, attempt, chance)
            if delay is None or attempt > retries or clock() + delay >= until:
                raise
        else:
            return answer
        yield Sleep(delay)
    raise AssertionError  # pragma: no cover  # the last attempt returns or raises


def _delay(error: FetchError, attempt: int, chance: Callable[[], float]) -> float | None:
    """Return after how many seconds to try again, None where that would not help."""
    match error:
        case RateLimitedError(retry_after=float(seconds)):
            return seconds
        case StatusError():
            retry = error.status in _TRANSIENT
        case _:
            retry = isinstance(error, (ConnectFailedError, DeadlineError))
    return chance() * min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (attempt - 1)) if retry else None


def _timed_out(url: str, attempts: int, deadline: float) -> DeadlineError:
    return DeadlineError(f"{url} gave no complete answer within {deadline:g} s", url=url, attempts=attempts)


class Body:
    """One answer, read in pieces and refused as soon as it cannot be what was asked for."""

    def __init__(self, wanted: Fetch, response: httpx.Response, until: float, clock: Callable[[], float]) -> None:
        self._wanted = wanted
        self._until = until
        self._clock = clock
        self._etag = response.headers.get("etag")
        self.not_modified = response.status_code == _NOT_MODIFIED and wanted.etag is not None
        self._read = self._sent = 0
        self._parts: list[bytes] = []
        self._unpacker: Any = None
        if self.not_modified:
            return
        if response.status_code != _OK:
            raise _refusal(wanted.url, response)
        self._check_headers(response.headers)

    def _check_headers(self, headers: httpx.Headers) -> None:
        media, _, parameters = headers.get("content-type", "").lower().partition(";")
        url = self._wanted.url
        if media.strip() not in self._wanted.media:
            message = f"{url} answered with {media.strip() or 'no content type'}, not {self._wanted.media[0]}"
            raise ContentError(message, url=url)
        charset = parameters.partition("charset=")[2].strip(' "')
        if charset not in {"", "utf-8", "utf8", "us-ascii"}:
            message = f"{url} answered in the charset {charset!r}; JSON is UTF-8"
            raise ContentError(message, url=url)
        match headers.get("content-encoding", "identity").lower():
            case "identity":
                self._unpacker = None
            case "gzip" | "x-gzip":
                self._unpacker = zlib.decompressobj(wbits=31)
            case other:
                message = f"{url} answered packed with {other!r}, which was not asked for"
                raise ContentError(message, url=url)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece as it came over the wire.

        Raises:
            FetchError: it is too much, too late or damaged.
        """
        url, limit = self._wanted.url, self._wanted.limit
        if self._clock() >= self._until:
            message = f"{url} was still sending when the time was over"
            raise DeadlineError(message, url=url)
        self._sent += len(chunk)
        try:
            data = chunk if self._unpacker is None else self._unpacker.decompress(chunk, limit - self._read + 1)
        except zlib.error as error:
            message = f"{url} answered with damaged gzip: {error}"
            raise ContentError(message, url=url) from None
        self._read += len(data)
        if max(self._read, self._sent) > limit:
            message = f"{url} answered with more than {limit:,} bytes; max_document_bytes allows no more"
            raise TooLargeError(message, url=url)
        self._parts.append(data)

    def answer(self) -> Answer:
        """Return what was read.

        Raises:
            ContentError: it was cut short.
        """
        if self.not_modified:
            return Answer(self._wanted.url, None, self._etag or self._wanted.etag)
        if self._unpacker is not None and not self._unpacker.eof:
            message = f"{self._wanted.url} answered with gzip that was cut short"
            raise ContentError(message, url=self._wanted.url)
        return Answer(self._wanted.url, b"".join(self._parts), self._etag)


def _refusal(url: str, response: httpx.Response) -> StatusError:
    status = response.status_code
    if status == _TOO_MANY:
        seconds = _retry_after(response.headers.get("retry-after"))
        wait = "" if seconds is None else f"; it asks to wait {seconds:g} s"
        return RateLimitedError(f"{url} answered 429, too many requests{wait}", url=url, retry_after=seconds)
    more = "; redirects are not followed" if response.is_redirect else ""
    return StatusError(f"{url} answered {status}{more}", url=url, status=status)


def _retry_after(value: str | None) -> float | None:
    """Return for how many seconds ``Retry-After`` asks to wait, given in seconds or as a date."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def error_of(error: Exception, url: str) -> FetchError:
    """Return what *error*, raised by httpx, is to us. Its text says nothing secret."""
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    kind: type[FetchError] = FetchError
    match error:
        case httpx.TimeoutException():
            kind = DeadlineError
        case httpx.NetworkError() | httpx.ProxyError() | httpx.RemoteProtocolError():
            kind = ConnectFailedError
        case httpx.DecodingError():
            kind = ContentError
        case _:
            pass
    return kind(f"{url} could not be read: {reason}", url=url)
