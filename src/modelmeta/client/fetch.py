"""One document, asked for until it comes or there is no point: the flow that both clients run."""

from __future__ import annotations

import random
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING

import attrs

from ..errors import ConnectFailedError, DeadlineError, FetchError, StatusError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._flow import Flow

__all__ = ["JSON", "SVG", "Acquire", "Answer", "Send", "Sleep", "Wanted", "fetch"]

JSON = ("application/json", "text/json")
SVG = ("image/svg+xml",)

_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0


@attrs.frozen
class Wanted:
    """What is asked for: the document at ``url`` in one of the ``media`` types, unless it still has ``etag``.

    ``headers`` are names and values to send as well, and never shown: a provider's key may be among them.
    """

    url: str
    etag: str | None = None
    media: tuple[str, ...] = JSON
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)


@attrs.frozen
class Answer:
    """What upstream sent. ``data`` is None where the document still has the ETag that was asked with."""

    url: str
    data: bytes | None = attrs.field(repr=False)
    etag: str | None = None


@attrs.frozen
class Acquire:
    """A step: wait for the rate limit, not beyond ``until`` on the flow's clock."""

    until: float


@attrs.frozen
class Sleep:
    """A step: wait for so many ``seconds``."""

    seconds: float


@attrs.frozen
class Send:
    """A step: send one request and read the answer; give up at ``until`` on the flow's clock."""

    wanted: Wanted
    until: float


def fetch(
    wanted: Wanted, *, retries: int, deadline: float, clock: Callable[[], float], chance: Callable[[], float] = random.random
) -> Flow[Answer]:
    """Ask for *wanted*, again after what may pass, within *deadline* seconds in all.

    Delays grow with full jitter; ``Retry-After`` is obeyed where there is time for it. A "not modified" about another ETag than was sent is
    no answer: the document is then asked for as a whole, and that counts as the same attempt.

    Raises:
        FetchError: it did not come.
    """
    until = clock() + deadline
    attempt = 1
    while True:
        yield Acquire(until)
        try:
            answer: Answer = yield Send(wanted, until)
        except FetchError as error:
            error.attempts = attempt
            delay = _delay(error, attempt, chance)
            if attempt > retries or delay is None or clock() + delay >= until:
                raise
        else:
            if answer.data is not None or _same(answer.etag, wanted.etag):
                return answer
            wanted = attrs.evolve(wanted, etag=None)
            continue
        attempt += 1
        yield Sleep(delay)


def _same(etag: str | None, other: str | None) -> bool:
    """Compare weakly, as RFC 9110 does for ``If-None-Match``. A 304 need not name its ETag."""
    return etag is None or other is None or etag.removeprefix("W/") == other.removeprefix("W/")


def _delay(error: FetchError, attempt: int, chance: Callable[[], float]) -> float | None:
    """Return after how many seconds to try again, None where that would not help."""
    match error:
        case StatusError(retry_after=float(seconds)) if error.status in _TRANSIENT:
            return seconds
        case StatusError():
            may_pass = error.status in _TRANSIENT
        case ConnectFailedError():
            may_pass = not _is_untrusted(error)
        case _:
            may_pass = isinstance(error, DeadlineError)
    return chance() * min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (attempt - 1)) if may_pass else None


def _is_untrusted(error: BaseException | None) -> bool:
    """Return whether *error* comes from a certificate that does not hold."""
    while error is not None and not isinstance(error, SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
