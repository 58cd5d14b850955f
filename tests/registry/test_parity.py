"""The two colours of a registry: one set of methods, of which some are awaited."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta

import pytest

from modelmeta import AsyncRegistry, Benchmark, Catalog, ModelMetaError, Registry, dump_catalog
from modelmeta.catalog import Reading
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev
from modelmeta.testing.stores.samples import acme

FACADES = [Registry, AsyncRegistry]
READS = {
    "available",
    "benchmarks",
    "check",
    "cliff",
    "compare",
    "diff",
    "explain",
    "fallback_chain",
    "filter",
    "fits",
    "get",
    "headroom",
    "lab_models",
    "leaderboard",
    "lint",
    "max_output_for",
    "models",
    "offerings",
    "pareto",
    "price",
    "problems",
    "provider",
    "providers",
    "rank",
    "recommend",
    "resolve",
    "runtime",
    "search",
    "select",
}
SPECIAL = {"__len__", "__iter__", "__contains__", "__getitem__"}
AWAITED = {
    "refresh": "refresh",
    "start": "start",
    "stop": "stop",
    "overlay": "overlay",
    "discover": "discover",
    "configure_provider": "configure_provider",
    "provider_configs": "provider_configs",
    "provider_stats": "provider_stats",
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

PLAIN = {"catalog", "disagreements", "origin", "overlay_drift", "overlays", "policy_check", "stats", "status", "subscribe", "upstream"}
NOT_FOR_USERS = {"forked", "history_of", "known", "past", "world", "world_settings"}
OF_EACH_COLOUR = {"hear", "keep_discovering", "ledger"}
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


QUESTIONS = [
    lambda registry: registry.revisions(),
    lambda registry: registry.refreshes(),
    lambda registry: registry.refreshes(limit=1),
    lambda registry: registry.history("acme/rocket"),
    lambda registry: registry.history("acme/kite"),
    lambda registry: registry.history("acme/nothing"),
    lambda registry: registry.history(5),
    lambda registry: registry.changes(),
    lambda registry: registry.changes(since="2026-11-24", until="2026-11-24T14:00", kinds=["price", "added"]),
    lambda registry: registry.changes(until="2026-11-23"),
    lambda registry: registry.changes(kinds="prices"),
    lambda registry: registry.as_of("2026-11-23"),
    lambda registry: registry.as_of("yesterday"),
    lambda registry: registry.prune(keep="soon"),
    lambda registry: registry.notes(),
    lambda registry: registry.notes("acme/rocket"),
    lambda registry: registry.own_benchmarks(),
    lambda registry: registry.put_note("acme/nothing", "text"),
    lambda registry: registry.put_benchmark("acme/rocket", "result"),
    lambda registry: registry.delete_note("acme/rocket", name="nobody's"),
    lambda registry: registry.delete_benchmark("acme/rocket", Benchmark(name="nobody's", score=1)),
]


async def test_both_answer_the_same_of_one_store():
    async def answer(question, registry):
        try:
            result = question(registry)
            return await result if inspect.isawaitable(result) else result
        except ModelMetaError as error:
            return ["raised", type(error), str(error)]

    store, clock = MemoryStore(), FakeClock(datetime(2026, 11, 24, 12, tzinfo=UTC))
    options = {"store": store, "clock": clock, "max_retries": 0}
    with FakeModelsDev(acme(rocket=1)) as server, Registry(source=server.url, **options) as one:
        async with AsyncRegistry(source=server.url, **options) as other:
            for refresh, document in (
                (one.refresh, acme(rocket=1)),
                (other.refresh, acme(rocket=2, kite=1)),
                (one.refresh, acme(rocket=3)),
            ):
                server.serve(document)
                report = refresh(accept=True)
                assert (await report if inspect.isawaitable(report) else report).status == "updated"
                clock.advance(timedelta(hours=1))
            one.put_note("acme/rocket", "fast")
            await other.put_benchmark("acme/rocket", Benchmark(name="race", score=1))

            answers = [(await answer(question, one), await answer(question, other)) for question in QUESTIONS]
            assert [mine for mine, _ in answers] == [others for _, others in answers]
            assert sum(isinstance(mine, list) for mine, _ in answers) == 8
            for revision in one.revisions():
                assert dump_catalog(one.as_of(revision)) == dump_catalog(await other.as_of(revision.id))
            assert (one.prune(keep=2), await other.prune(keep=1)) == (1, 1)
            assert one.revisions() == await other.revisions()
    store.close()
