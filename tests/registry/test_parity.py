"""The two colours of a registry: one set of methods, of which some are awaited."""

from __future__ import annotations

import inspect

import pytest

from modelmeta import AsyncRegistry, Catalog, Registry
from modelmeta.catalog import Reading

FACADES = [Registry, AsyncRegistry]
READS = {
    "benchmarks",
    "check",
    "compare",
    "diff",
    "explain",
    "filter",
    "get",
    "lab_models",
    "leaderboard",
    "models",
    "offerings",
    "pareto",
    "price",
    "problems",
    "provider",
    "providers",
    "rank",
    "resolve",
    "search",
    "select",
}
SPECIAL = {"__len__", "__iter__", "__contains__", "__getitem__"}
AWAITED = {
    "refresh": "refresh",
    "start": "start",
    "stop": "stop",
    "refreshes": "refreshes",
    "revisions": "revisions",
    "as_of": "as_of",
    "history": "history",
    "changes": "changes",
    "prune": "prune",
    "put_note": "put_note",
    "notes": "notes",
    "delete_note": "delete_note",
    "put_benchmark": "put_benchmark",
    "own_benchmarks": "own_benchmarks",
    "delete_benchmark": "delete_benchmark",
    "close": "aclose",
    "__enter__": "__aenter__",
    "__exit__": "__aexit__",
}
"""What does more than read, by its name in threads, with its name in tasks."""

PLAIN = {"catalog", "stats", "status", "subscribe"}
NOT_FOR_USERS = {"forked", "known", "world", "world_settings"}
OF_EACH_COLOUR = {"hear"}
SAID_TWICE = {
    "client": ("httpx.Client | Client | None", "httpx.AsyncClient | AsyncClient | None"),
    "source": ("AnySource | Sequence[AnySource] | None", "AnyAsyncSource | Sequence[AnyAsyncSource] | None"),
}


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


@pytest.mark.parametrize("cls", [Catalog, *FACADES])
def test_everything_readable_is_on_catalogs_and_both_registries_as_one_function(cls):
    assert public(Reading) == READS | {"stats"}
    for name in READS | SPECIAL:
        function = inspect.getattr_static(Reading, name)
        assert function is inspect.getattr_static(cls, name)
        assert function.__doc__ or name in SPECIAL


def test_the_two_registries_have_the_same_public_methods():
    both = READS | PLAIN | NOT_FOR_USERS | OF_EACH_COLOUR
    assert both | {name for name in AWAITED if name[0] != "_"} == public(Registry)
    assert both | {name for name in AWAITED.values() if name[0] != "_"} == public(AsyncRegistry)
    for name in PLAIN | NOT_FOR_USERS:
        assert inspect.getattr_static(Registry, name) is inspect.getattr_static(AsyncRegistry, name)


@pytest.mark.parametrize(("name", "awaited"), AWAITED.items())
def test_what_is_awaited_takes_and_gives_the_same(name, awaited):
    one, other = getattr(Registry, name), getattr(AsyncRegistry, awaited)

    assert inspect.signature(one) == inspect.signature(other)
    assert (inspect.iscoroutinefunction(one), inspect.iscoroutinefunction(other)) == (False, True)
    assert (one.__doc__ is None) is (other.__doc__ is None)


def test_they_are_made_with_the_same_arguments():
    one, other = (inspect.signature(facade).parameters for facade in FACADES)

    assert [*one] == [*other]
    for name, parameter in one.items():
        said = SAID_TWICE.get(name, (parameter.annotation,) * 2)
        assert said == (parameter.annotation, other[name].annotation)
        assert (parameter.default, parameter.kind) == (other[name].default, other[name].kind)
