"""When to refresh next."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import StatusError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["after_failure", "after_success", "first"]

_SPREAD = 0.1
"""How far an interval is stretched or shrunk, so that processes started together do not ask together."""

_FIRST_PAUSE = 30.0
_LONGEST_EXPONENT = 30
_MOST_PATIENCE = 7 * 86_400.0
"""Who asks to wait longer than this many seconds is asked again anyway: it may be a mistake."""


def first(age: timedelta | None, interval: timedelta, chance: Callable[[], float] = random.random) -> float:
    """Return after how many seconds to refresh for the first time: at once where the facts, of this *age*, are older than *interval*."""
    if age is None or age >= interval:
        return 0.0
    return after_success(interval - age, chance)


def after_success(interval: timedelta, chance: Callable[[], float] = random.random) -> float:
    """Return after how many seconds to refresh again."""
    return interval.total_seconds() * (1 + _SPREAD * (2 * chance() - 1))


def after_failure(failures: int, interval: timedelta, error: BaseException, chance: Callable[[], float] = random.random) -> float:
    """Return after how many seconds to try again: twice as long after each failure, never longer than *interval*, never sooner than asked (a week at most).

    Between them nobody is asked: the circuit is open. What follows is one probe, for which a source that keeps failing gets one request.
    """
    pause = _FIRST_PAUSE * 2.0 ** min(failures - 1, _LONGEST_EXPONENT)
    asked = error.retry_after if isinstance(error, StatusError) and error.retry_after is not None else 0.0
    return max(min(asked, _MOST_PATIENCE), min(pause, interval.total_seconds()) * (1 + chance()) / 2)
