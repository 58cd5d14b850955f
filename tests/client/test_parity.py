"""The two colours: what one takes, gives and says, the other does, awaited."""

from __future__ import annotations

import inspect
import re

import pytest

from modelmeta import AsyncClient, Client
from modelmeta.client.http import AsyncHttp, Http

PAIRS = [(Client, AsyncClient), (Http, AsyncHttp)]
AWAITED = {"close": "aclose", "__enter__": "__aenter__", "__exit__": "__aexit__"}
PLAIN = {"__init__", "__repr__"}
"""What neither awaits."""

OWN_WAY = {"read", "open"}
"""How each reads is its own business: in a thread, or with an httpx client that a thread may have made before."""


def own(cls: type) -> dict[str, object]:
    """Return what *cls* itself has for users, by name."""
    return {
        name: value
        for name, value in vars(cls).items()
        if (inspect.isfunction(value) or isinstance(value, property))
        and (not name.startswith("_") or name.endswith("__"))
        and name not in OWN_WAY
    }


def awaited(annotation: str) -> str:
    """Return how an annotation of the one reads in the other."""
    return re.sub(r"\b(httpx\.)?(Client)\b", r"\1Async\2", annotation)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_each_has_what_the_other_has(one, other):
    assert {AWAITED.get(name, name) for name in own(one)} == own(other).keys()


@pytest.mark.parametrize(("one", "other", "name"), [(one, other, name) for one, other in PAIRS for name in own(one)])
def test_each_takes_and_gives_what_the_other_does(one, other, name):
    mine, theirs = own(one)[name], own(other)[AWAITED.get(name, name)]
    if isinstance(mine, property):
        assert isinstance(theirs, property)
        mine, theirs = mine.fget, theirs.fget
    else:
        assert inspect.iscoroutinefunction(mine) is False
        assert (name not in PLAIN) == inspect.iscoroutinefunction(theirs)
    wants, has = inspect.signature(mine), inspect.signature(theirs)
    assert [(p.name, p.kind, p.default) for p in wants.parameters.values()] == [
        (p.name, p.kind, p.default) for p in has.parameters.values()
    ]
    assert [awaited(str(p.annotation)) for p in wants.parameters.values()] == [str(p.annotation) for p in has.parameters.values()]
    assert awaited(wants.return_annotation) == has.return_annotation


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_each_says_what_it_does(one, other):
    for cls in (one, other):
        assert cls.__doc__
        for name, value in own(cls).items():
            assert value.__doc__ or name.startswith("__")
