"""The flow of a fetch, driven by hand: no network, no time, no chance but those given."""

from __future__ import annotations

import ssl

import pytest

from modelmeta import ConnectFailedError, ContentError, DeadlineError, FetchError, RateLimitedError, StatusError, TooLargeError
from modelmeta.client.fetch import JSON, Acquire, Answer, Send, Sleep, Wanted, fetch
from modelmeta.testing import FakeClock

URL = "https://models.test/api.json"
GOOD = Answer(URL, b"{}", '"new"')
PASSING = [408, 425, 429, 500, 502, 503, 504]
LASTING = [301, 302, 304, 400, 401, 403, 404, 405, 410, 451, 501, 505, 520]


def status(code: int, retry_after: float | None = None) -> StatusError:
    return StatusError(f"answered {code}", status=code, retry_after=retry_after)


def untrusted(*, caused: bool) -> ConnectFailedError:
    """Return what a certificate that does not hold becomes: the innermost of three errors."""
    error, between = ConnectFailedError("could not be reached"), OSError("TLS")
    between.__context__ = ssl.SSLCertVerificationError("self-signed certificate")
    if caused:
        error.__cause__ = between
    else:
        error.__context__ = between
    return error


class Driven:
    """A fetch to which each ``Send`` is answered by the next of *answers*, each taking so many *seconds*; ``Sleep`` passes at once."""

    def __init__(self, *answers, etag=None, retries=3, deadline=60.0, chance=lambda: 1.0, seconds=0.0):
        self.steps, self.error, self.answer = [], None, None
        clock, left = FakeClock(), list(answers)
        flow = fetch(Wanted(URL, etag), retries=retries, deadline=deadline, clock=clock.monotonic, chance=chance)
        try:
            step = next(flow)
            while True:
                self.steps.append(step)
                match step:
                    case Acquire():
                        step = next(flow)
                    case Sleep(delay):
                        clock.advance(delay)
                        step = next(flow)
                    case Send():
                        clock.advance(seconds)
                        answer = left.pop(0)
                        step = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
        except StopIteration as end:
            self.answer = end.value
        except FetchError as error:
            self.error = error
        self.unused = left

    @property
    def delays(self) -> list[float]:
        """The seconds slept, in order."""
        return [step.seconds for step in self.steps if isinstance(step, Sleep)]

    @property
    def etags(self) -> list[str | None]:
        """The ETags sent, in order."""
        return [step.wanted.etag for step in self.steps if isinstance(step, Send)]


def test_a_fetch_takes_its_place_and_sends():
    fetched = Driven(GOOD)
    assert [Acquire(60.0), Send(Wanted(URL, None, JSON), 60.0)] == fetched.steps
    assert fetched.answer is GOOD


def test_it_waits_and_takes_a_place_before_it_sends_again_and_the_deadline_stays():
    fetched = Driven(status(503), GOOD)
    place, sent = Acquire(60.0), Send(Wanted(URL), 60.0)
    assert [place, sent, Sleep(0.5), place, sent] == fetched.steps
    assert fetched.answer is GOOD


@pytest.mark.parametrize("error", [*map(status, PASSING), ConnectFailedError("refused"), DeadlineError("late")], ids=repr)
def test_what_may_pass_is_tried_again(error):
    fetched = Driven(error, GOOD)
    assert (GOOD, None) == (fetched.answer, fetched.error)


@pytest.mark.parametrize(
    "error",
    [
        *map(status, LASTING),
        status(404, retry_after=1.0),
        ContentError("HTML"),
        TooLargeError("600 MB"),
        FetchError("something else"),
        untrusted(caused=True),
        untrusted(caused=False),
    ],
    ids=repr,
)
def test_what_lasts_is_not_tried_again(error):
    fetched = Driven(error, GOOD)
    assert fetched.error is error
    assert error.attempts == 1
    assert fetched.unused == [GOOD]


@pytest.mark.parametrize("retries", [0, 1, 3, 20])
def test_after_so_many_retries_the_last_failure_comes_out_and_says_how_often_it_was_tried(retries):
    errors = [status(503) for _ in range(retries + 1)]
    fetched = Driven(*errors, GOOD, retries=retries, chance=lambda: 0.0)
    assert fetched.error is errors[-1]
    assert list(range(1, retries + 2)) == [error.attempts for error in errors]
    assert fetched.unused == [GOOD]


@pytest.mark.parametrize(
    ("chance", "expected"),
    [(0.0, [0.0] * 7), (0.5, [0.25, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0]), (1.0, [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0])],
)
def test_a_delay_is_anything_up_to_a_bound_that_doubles_until_eight_seconds(chance, expected):
    fetched = Driven(*[status(500)] * 7, GOOD, retries=7, chance=lambda: chance)
    assert expected == fetched.delays


def test_each_delay_is_left_to_chance_anew():
    chances = iter([0.0, 1.0, 0.25])
    assert [0.0, 1.0, 0.5] == Driven(*[ConnectFailedError("refused")] * 3, GOOD, chance=lambda: next(chances)).delays


def test_by_default_chance_is_random_within_the_bounds():
    def delay():
        flow = fetch(Wanted(URL), retries=1, deadline=60, clock=FakeClock().monotonic)
        next(flow)
        next(flow)
        return flow.throw(status(503)).seconds

    delays = {delay() for _ in range(50)}
    assert len(delays) > 25
    assert 0 <= min(delays) <= max(delays) < 0.5


@pytest.mark.parametrize("seconds", [0.0, 0.25, 7.0, 59.0])
@pytest.mark.parametrize("code", [429, 503])
def test_retry_after_is_obeyed_to_the_second_whatever_chance_says(code, seconds):
    assert [seconds] == Driven(status(code, seconds), GOOD).delays


@pytest.mark.parametrize("seconds", [60.0, 61.0, float("inf")])
def test_retry_after_is_not_waited_for_beyond_the_deadline(seconds):
    error = RateLimitedError("too many", status=429, retry_after=seconds)
    fetched = Driven(error, GOOD)
    assert fetched.error is error
    assert fetched.delays == []


def test_what_would_be_tried_after_the_deadline_is_not_tried():
    errors = [DeadlineError("late") for _ in range(4)]
    fetched = Driven(*errors, deadline=10.0, seconds=4.6)
    assert [0.5] == fetched.delays  # after 9.7 s another second is too much
    assert fetched.error is errors[1]
    assert fetched.error.attempts == 2


@pytest.mark.parametrize("known", ['"x"', 'W/"x"'])
@pytest.mark.parametrize("told", ['"x"', 'W/"x"', None])
def test_not_modified_counts_for_the_same_etag_weak_or_strong_and_for_none(known, told):
    not_modified = Answer(URL, None, told)
    fetched = Driven(not_modified, etag=known)
    assert fetched.answer is not_modified
    assert [known] == fetched.etags


@pytest.mark.parametrize("told", ['"y"', 'W/"y"', '"X"', "x", ""])
def test_not_modified_about_another_etag_is_asked_again_as_a_whole(told):
    fetched = Driven(Answer(URL, None, told), GOOD, etag='"x"')
    assert fetched.answer is GOOD
    assert ['"x"', None] == fetched.etags


def test_asking_as_a_whole_takes_a_place_of_its_own_and_no_attempt():
    error = status(404)
    fetched = Driven(Answer(URL, None, '"y"'), error, etag='"x"', retries=0)
    assert [Acquire, Send, Acquire, Send] == [type(step) for step in fetched.steps]
    assert fetched.error is error
    assert error.attempts == 1


def test_once_an_etag_was_lied_about_it_is_not_sent_again():
    fetched = Driven(Answer(URL, None, '"y"'), status(503), GOOD, etag='"x"')
    assert fetched.answer is GOOD
    assert ['"x"', None, None] == fetched.etags


def test_where_there_is_no_place_in_time_nothing_is_sent():
    flow, late = fetch(Wanted(URL), retries=3, deadline=60, clock=FakeClock().monotonic), DeadlineError("no place")
    assert Acquire(60.0) == next(flow)
    with pytest.raises(DeadlineError) as raised:
        flow.throw(late)
    assert raised.value is late


def test_an_answer_does_not_print_its_document():
    assert "secret" not in repr(Answer(URL, b"secret", '"x"'))
