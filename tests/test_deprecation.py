"""What is deprecated works, warns its caller and says so in its docstring."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from modelmeta._deprecation import deprecated

outdated = deprecated(since="1.3", removed_in="2.0", instead="newer(number)")


@outdated
def older(number: int, *, by: int = 1) -> int:
    """Return the next number.

    Args:
        number: any.
        by: how far.
    """
    return number + by


@outdated
async def older_async(number: int, *, by: int = 1) -> int:
    return number + by


class Counter:
    """Holds a number."""

    start = 5

    @outdated
    def older(self, number: int) -> int:
        """Return what is counted to."""
        return self.start + number

    @classmethod
    @outdated
    def older_of_class(cls, number: int) -> int:
        """Return what is counted to."""
        return cls.start + number


def run(call):
    result = call()
    return asyncio.run(result) if inspect.iscoroutine(result) else result


async def awaiting():
    return await older_async(2, by=3)


@pytest.mark.parametrize(
    ("call", "result", "name"),
    [
        (lambda: older(2, by=3), 5, "older"),
        (lambda: Counter().older(2), 7, "Counter.older"),
        (lambda: Counter.older_of_class(2), 7, "Counter.older_of_class"),
        (awaiting, 5, "older_async"),
    ],
    ids=["function", "method", "class method", "async function"],
)
def test_it_works_and_warns_its_caller_of_what_to_use_instead(call, result, name):
    with pytest.warns(
        DeprecationWarning, match=rf"^{name} is deprecated since 1\.3, and will be gone in 2\.0: use newer\(number\)$"
    ) as warnings:
        assert result == run(call)
    assert [(__file__, call.__code__.co_firstlineno)] == [(warning.filename, warning.lineno - (call is awaiting)) for warning in warnings]


def test_it_looks_like_what_it_was_and_its_docstring_says_so():
    assert "(number: 'int', *, by: 'int' = 1) -> 'int'" == str(inspect.signature(older))
    assert ("older", inspect.iscoroutinefunction(older)) == (older.__name__, False)
    assert inspect.iscoroutinefunction(older_async)
    assert older.__doc__.startswith("Return the next number.\n\nArgs:\n    number: any.\n")
    assert older.__doc__.endswith("\n\nIt is deprecated since 1.3, and will be gone in 2.0: use newer(number).")


def test_what_had_no_docstring_has_one():
    assert older_async.__doc__ == "It is deprecated since 1.3, and will be gone in 2.0: use newer(number)."


def test_defining_it_warns_nobody(recwarn):
    outdated(lambda: None)
    assert [] == list(recwarn)
