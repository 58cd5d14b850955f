"""How many tokens are left, beside limits so small that every request can be tried."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Limit, Model, ModelRef, Usage, UsageError
from modelmeta.catalog.routing.room import fits, headroom, max_output_for
from modelmeta.testing.strategies import usages

LIMITS = st.builds(Limit, *[st.none() | st.integers(1, 12)] * 3)


def model(limit: Limit) -> Model:
    return Model(ref=ModelRef("acme", "m"), name="M", limit=limit)


def judged(limit: Limit, into: int, out: int) -> bool | None:
    """Return whether a request fits, limit by limit; an input limit that nobody states is no limit."""
    asked = [(limit.context, into + out), (limit.output, out), (limit.input if limit.input is not None else 10**9, into)]
    answers = [None if most is None and tokens else most is None or tokens <= most for most, tokens in asked]
    return False if False in answers else None if None in answers else True


@given(LIMITS, st.integers(0, 14), st.integers(0, 14))
def test_a_request_fits_when_it_is_within_every_limit(limit, into, out):
    assert judged(limit, into, out) is fits(model(limit), Usage(into, out))


@given(LIMITS, st.integers(0, 14))
def test_the_most_output_is_the_largest_that_fits(limit, into):
    known = limit.context is not None and limit.output is not None
    tried = [out for out in range(15) if judged(limit, into, out) is True]
    assert (max(tried, default=0) if known else None) == max_output_for(model(limit), into)


@given(LIMITS, st.integers(0, 14), st.integers(0, 14))
def test_what_is_left_is_how_much_more_fits(limit, into, out):
    left = headroom(model(limit), Usage(into, out))
    assert (model(limit).ref, Usage(into, out)) == (left.ref, left.usage)
    assert (limit.context is None) is (left.context is None)
    if judged(limit, into, out) is True and limit.context is not None:
        more = [extra for extra in range(15) if judged(limit, into + extra, out) is True]
        assert max(more) == left.input
        if limit.output is not None:
            assert max(extra for extra in range(15) if judged(limit, into, out + extra) is True) == left.output
    if None not in (left.context, left.input, left.output):
        assert (min(left.context, left.input, left.output) >= 0) is judged(limit, into, out)


@given(usages())
def test_parts_of_the_usage_take_no_room_of_their_own(usage):
    sold = model(Limit(1_000_000, None, 100_000))
    plain = Usage(usage.input_tokens, usage.output_tokens)
    assert fits(sold, plain) is fits(sold, usage)
    assert headroom(sold, plain).context == headroom(sold, usage).context


def test_below_nothing_is_how_much_is_too_much():
    left = headroom(model(Limit(100, 60, 50)), Usage(90, 70))
    assert (-60, -60, -60) == (left.context, left.input, left.output)
    assert 0 == max_output_for(model(Limit(100, 60, 50)), 61)
    assert 40 == max_output_for(model(Limit(100, 60, 50)), 60)


@pytest.mark.parametrize("ask", [fits, headroom])
def test_a_usage_that_is_none_is_refused(ask):
    with pytest.raises(UsageError, match="usage must be a Usage"):
        ask(model(Limit()), 5)
    with pytest.raises(UsageError, match="whole number"):
        max_output_for(model(Limit()), -1)


def test_real_models_have_the_room_that_a_check_leaves_them(catalog):
    usage = Usage(100_000, 10_000)
    for sold in catalog.filter(provider={"anthropic", "google", "openai", "openrouter"}):
        misfits = [misfit for misfit in catalog.check(sold.ref, usage=usage) if misfit.kind in {"input", "context", "output"}]
        assert (False if any(misfit.known for misfit in misfits) else None if misfits else True) is fits(sold, usage)
        most = max_output_for(sold, usage.input_tokens)
        if most:
            assert fits(sold, Usage(usage.input_tokens, most))
            assert not fits(sold, Usage(usage.input_tokens, most + 1))
