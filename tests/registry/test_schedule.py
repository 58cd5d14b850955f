"""When to refresh next."""

from __future__ import annotations

from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import FetchError, RateLimitedError, RefreshError, StatusError
from modelmeta.registry.schedule import after_failure, after_success, first

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = 7 * 86_400
CHANCES = st.floats(0, 1, exclude_max=True)
INTERVALS = st.timedeltas(timedelta.resolution, timedelta.max)


@pytest.mark.parametrize("age", [None, DAY, DAY + timedelta.resolution, 400 * DAY])
def test_what_is_older_than_the_interval_or_of_unknown_age_is_refreshed_at_once(age):
    assert first(age, DAY) == 0.0


@pytest.mark.parametrize(("chance", "hours"), [(0.0, 18 * 0.9), (0.5, 18), (1.0, 18 * 1.1)])
def test_what_is_fresh_is_refreshed_when_the_rest_of_the_interval_is_over_give_or_take_a_tenth(chance, hours):
    assert first(6 * HOUR, DAY, lambda: chance) == pytest.approx(hours * 3_600)


@given(INTERVALS, CHANCES)
def test_after_a_success_the_interval_passes_give_or_take_a_tenth(interval, chance):
    seconds = interval.total_seconds()

    assert 0.8999 * seconds <= after_success(interval, lambda: chance) <= 1.1001 * seconds


@pytest.mark.parametrize(("failures", "pause"), [(1, 30), (2, 60), (3, 120), (4, 240), (7, 1_920), (8, 3_600), (9, 3_600), (10**6, 3_600)])
def test_each_failure_doubles_the_pause_up_to_the_interval(failures, pause):
    error = RefreshError("no")

    assert pause == after_failure(failures, HOUR, error, lambda: 1.0)
    assert pause / 2 == after_failure(failures, HOUR, error, lambda: 0.0)


@given(st.integers(1, 2_000), INTERVALS, CHANCES)
def test_a_pause_is_never_longer_than_the_interval_nor_shorter_than_half_of_what_it_may_be(failures, interval, chance):
    longest = min(30 * 2 ** min(failures - 1, 1_000), interval.total_seconds())

    assert min(longest / 2, 30 * 2**29) <= after_failure(failures, interval, FetchError("no"), lambda: chance) <= longest


@pytest.mark.parametrize("kind", [StatusError, RateLimitedError])
@pytest.mark.parametrize(
    ("asked", "pause"), [(None, 60), (0.0, 60), (59.0, 60), (61.0, 61), (7_200.0, 7_200), (WEEK + 1.0, WEEK), (inf, WEEK)]
)
def test_who_asks_to_wait_is_not_asked_sooner_but_after_a_week_anyway(kind, asked, pause):
    error = kind("no", status=503, retry_after=asked)

    assert pause == after_failure(2, HOUR, error, lambda: 1.0)
