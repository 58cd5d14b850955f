"""How IO is written once: a flow is a generator that yields the steps it needs done and is sent the answers.

What a step means is up to whoever drives: ``drive`` does it at once, ``drive_async`` awaits it, a test answers by hand.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Flow", "drive", "drive_async"]

T = TypeVar("T")

Flow: TypeAlias = Generator[Any, Any, T]


def drive(flow: Flow[T], perform: Callable[[Any], Any]) -> T:
    """Run *flow* to its end; *perform* does each step. What it raises is raised within the flow."""
    step = flow.send
    answer: Any = None
    while True:
        try:
            wanted = step(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            step, answer = flow.send, perform(wanted)
        except BaseException as error:  # noqa: BLE001  # the flow decides what becomes of it
            step, answer = flow.throw, error


async def drive_async(flow: Flow[T], perform: Callable[[Any], Awaitable[Any]]) -> T:
    """Run *flow* to its end; *perform* is awaited for each step. What it raises, cancellation too, is raised within the flow."""
    step = flow.send
    answer: Any = None
    while True:
        try:
            wanted = step(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        try:
            step, answer = flow.send, await perform(wanted)
        except BaseException as error:  # noqa: BLE001  # the flow decides what becomes of it
            step, answer = flow.throw, error
