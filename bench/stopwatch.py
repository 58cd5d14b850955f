"""How long calls take within one process."""

from __future__ import annotations

from collections import defaultdict
from time import perf_counter
from timeit import Timer
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 0.005

Result = TypeVar("Result")


def per_call(
    statements: dict[str, str], names: dict[str, Any], repeats: int, clock: Callable[[], float] = perf_counter
) -> dict[str, list[float]]:
    """Return *repeats* measurements of the seconds each statement takes, each the mean of a batch of about 5 ms, taken in turn."""
    timers = {name: Timer(statement, timer=clock, globals=names) for name, statement in statements.items()}
    sizes = {name: max(1, round(BATCH / (timer.timeit(20) / 20))) for name, timer in timers.items()}
    taken = defaultdict(list)
    for _ in range(repeats):
        for name, timer in timers.items():
            taken[name].append(timer.timeit(sizes[name]) / sizes[name])
    return dict(taken)


def timed(call: Callable[[], Result], clock: Callable[[], float] = perf_counter) -> tuple[float, Result]:
    """Return the seconds that one call took, and what it returned."""
    start = clock()
    result = call()
    return clock() - start, result
