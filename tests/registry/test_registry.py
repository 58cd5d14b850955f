"""The two facades: nothing until asked, the same answers in both."""

from __future__ import annotations

import inspect
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from modelmeta import AsyncRegistry, Catalog, ModelNotFoundError, Registry, RegistryStatus, Usage, bundled_catalog, load_catalog
from modelmeta.catalog import Reading
from modelmeta.registry.status import status_of

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
    "stats",
}
SYNC_ONLY = {"close", "__enter__", "__exit__"}
ASYNC_ONLY = {"aclose", "__aenter__", "__aexit__"}
NO_METHODS = {"__module__", "__doc__", "__dict__", "__weakref__", "__slots__", "__firstlineno__", "__static_attributes__"}


@pytest.fixture
def opened(monkeypatch):
    """Count how often the bundled snapshot is opened."""
    times = []

    def opening():
        times.append(1)
        return bundled_catalog()

    monkeypatch.setattr("modelmeta.registry.registry.bundled_catalog", opening)
    return times


@pytest.mark.parametrize("facade", FACADES)
def test_constructing_opens_nothing(monkeypatch, facade):
    def refuse(*_args, **_kwargs):
        pytest.fail("something was opened")

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", refuse)
        patch.setattr("modelmeta.sources.bundled.mmap", refuse)
        registry = facade()
        text = repr(registry)
    assert f"<{facade.__name__}, not opened yet>" == text
    assert "openai/gpt-5.5" in registry


@pytest.mark.parametrize("facade", FACADES)
def test_the_first_question_opens_the_bundled_snapshot_and_no_later_one(opened, facade):
    registry = facade()
    assert opened == []
    model = registry.get("openai/gpt-5.5")
    assert opened == [1]
    assert model is registry.get("openai/gpt-5.5") is registry.catalog.get("openai/gpt-5.5")
    assert registry.catalog is registry.catalog
    assert opened == [1]


@pytest.mark.parametrize("facade", FACADES)
def test_32_threads_open_it_once(opened, facade):
    registry, barrier, interval = facade(), Barrier(32), sys.getswitchinterval()

    def ask(_number):
        barrier.wait()
        return registry.catalog, registry.get("openai/gpt-5.5")

    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(ask, range(32)))
    finally:
        sys.setswitchinterval(interval)

    assert opened == [1]
    assert len({id(catalog) for catalog, _ in answers}) == 1
    assert len({id(model) for _, model in answers}) == 1


@pytest.mark.parametrize("facade", FACADES)
def test_a_snapshot_that_cannot_be_opened_is_tried_again(monkeypatch, facade):
    registry = facade()
    with monkeypatch.context() as patch:
        patch.setattr("modelmeta.registry.registry.bundled_catalog", lambda: int("no snapshot"))
        with pytest.raises(ValueError, match="no snapshot"):
            registry.get("openai/gpt-5.5")

    assert "<" + facade.__name__ + ", not opened yet>" == repr(registry)
    assert "openai/gpt-5.5" in registry


@pytest.mark.parametrize("facade", FACADES)
def test_an_open_registry_prints_its_catalog(facade):
    registry = facade()
    registry.get("openai/gpt-5.5")

    assert f"<{facade.__name__} of <Catalog: 8,337 models of 225 providers, api.json of 2026-09-30>>" == repr(registry)


def test_a_registry_is_a_context_manager_and_reads_on_after_it():
    with Registry() as registry:
        assert isinstance(registry, Registry)
        model = registry.get("openai/gpt-5.5")
    assert model is registry.get("openai/gpt-5.5")
    assert registry.close() is None
    assert registry.close() is None


async def test_an_async_registry_is_a_context_manager_and_reads_on_after_it():
    async with AsyncRegistry() as registry:
        assert isinstance(registry, AsyncRegistry)
        model = registry.get("openai/gpt-5.5")
    assert model is registry.get("openai/gpt-5.5")
    assert await registry.aclose() is None
    assert await registry.aclose() is None


async def test_an_error_leaves_a_registry_as_itself():
    with pytest.raises(ModelNotFoundError), Registry() as registry:
        registry.get("nobody/nothing")
    with pytest.raises(ModelNotFoundError):
        async with AsyncRegistry() as registry:
            registry.get("nobody/nothing")


def test_two_registries_know_nothing_of_each_other():
    one, other = Registry(), Registry()

    assert one.catalog is not other.catalog
    assert one.get("openai/gpt-5.5") is not other.get("openai/gpt-5.5")
    assert one.get("openai/gpt-5.5") == other.get("openai/gpt-5.5")


@pytest.mark.parametrize("facade", FACADES)
def test_a_registry_answers_as_its_catalog_does(catalog, facade):
    registry, usage, refs = facade(), Usage(300_000, 5), ["openai/gpt-5.5", "google/gemini-2.5-pro", "nobody/nothing"]

    assert len(catalog) == len(registry)
    assert list(catalog) == list(registry)
    assert catalog["openai/gpt-5.5"] == registry["openai/gpt-5.5"] == registry.get("openai/gpt-5.5")
    assert registry.get("nobody/nothing", None) is None
    assert ("nobody/nothing" in registry, "openai/gpt-5.5" in registry) == (False, True)
    assert catalog.provider("openai") == registry.provider("openai")
    assert catalog.providers() == registry.providers()
    assert catalog.models("openai") == registry.models("openai")
    assert (catalog.lab_models, catalog.problems) == (registry.lab_models, registry.problems)
    assert catalog.filter("vision", min_context=200_000, sort="-cost.input") == registry.filter(
        "vision", min_context=200_000, sort="-cost.input"
    )
    assert catalog.price("openai/gpt-5.5", usage) == registry.price("openai/gpt-5.5", usage)
    assert catalog.compare(*refs, usage=usage) == registry.compare(*refs, usage=usage)
    assert catalog.stats() == registry.stats()
    assert not registry.diff(catalog)


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


def test_everything_readable_is_on_catalogs_and_both_registries_with_one_signature():
    assert public(Reading) == READS
    for name in READS | {"__len__", "__iter__", "__contains__", "__getitem__"}:
        for cls in (Catalog, *FACADES):
            expected, found = getattr(Reading, name), getattr(cls, name)
            if isinstance(expected, property):
                assert isinstance(found, property)
            else:
                assert inspect.signature(expected) == inspect.signature(found)
            assert found.__doc__ or name.startswith("__")


def test_the_two_registries_differ_in_nothing_but_what_is_awaited():
    sync, asynchronous = ({*dir(cls)} - NO_METHODS for cls in FACADES)

    assert sync - asynchronous == SYNC_ONLY
    assert asynchronous - sync == ASYNC_ONLY
    for name in (sync & asynchronous) - {"__init_subclass__", "__subclasshook__", "__class__"}:
        one, other = (inspect.getattr_static(cls, name) for cls in FACADES)
        if inspect.isfunction(one):
            assert inspect.signature(one) == inspect.signature(other)
            assert inspect.iscoroutinefunction(one) == inspect.iscoroutinefunction(other)


@pytest.mark.parametrize(("name", "awaited"), [("close", "aclose"), ("__enter__", "__aenter__"), ("__exit__", "__aexit__")])
def test_what_is_awaited_takes_and_says_the_same(name, awaited):
    one, other = getattr(Registry, name), getattr(AsyncRegistry, awaited)

    assert inspect.signature(one) == inspect.signature(other)
    assert one.__doc__ == other.__doc__
    assert (inspect.iscoroutinefunction(one), inspect.iscoroutinefunction(other)) == (False, True)


@pytest.mark.parametrize("facade", FACADES)
def test_status_says_where_the_facts_are_from(facade):
    registry = facade()
    status = registry.status()

    assert isinstance(status, RegistryStatus)
    assert registry.catalog.content.digest == status.revision
    assert len(status.revision) == 64
    assert status.source == "api-2026-09-30.json.gz"
    assert (status.models, status.providers) == (8_337, 225)
    assert datetime(2026, 9, 30, tzinfo=UTC) == status.fetched_at
    assert (status.last_refresh, status.next_refresh, status.consecutive_failures) == (None, None, 0)


@pytest.mark.parametrize(
    ("now", "age", "stale"),
    [
        (datetime(2026, 9, 30, tzinfo=UTC), timedelta(0), False),
        (datetime(2026, 10, 1, 12, tzinfo=UTC), timedelta(days=1, hours=12), False),
        (datetime(2026, 10, 7, tzinfo=UTC), timedelta(days=7), False),
        (datetime(2026, 10, 7, 0, 0, 1, tzinfo=UTC), timedelta(days=7, seconds=1), True),
        (datetime(2027, 9, 30, tzinfo=UTC), timedelta(days=365), True),
    ],
)
def test_status_says_how_old_the_facts_are(monkeypatch, now, age, stale):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return now.astimezone(tz)

    monkeypatch.setattr("modelmeta.registry.status.datetime", Clock)

    status = Registry().status()
    assert (age, stale) == (status.age, status.stale)


def test_age_is_measured_from_now():
    before = datetime.now(UTC)
    status = Registry().status()

    assert before - status.fetched_at <= status.age <= datetime.now(UTC) - status.fetched_at


def test_facts_of_an_unknown_day_have_no_age():
    status = status_of(load_catalog({"acme": {"id": "acme", "models": {}}}))

    assert (status.fetched_at, status.age, status.stale) == (None, None, None)
    assert (status.source, status.models, status.providers) == ("memory", 0, 1)


@pytest.mark.parametrize("written", ["2026-09-30T06:00:00+00:00", "2026-09-30T06:00:00", "2026-09-30T06:00:00Z"])
def test_a_time_is_read_as_utc_whether_or_not_it_says_so(small_content, written):
    status = status_of(Catalog(small_content(written)))

    assert datetime(2026, 9, 30, 6, tzinfo=UTC) == status.fetched_at
    assert status.fetched_at.utcoffset() == timedelta(0)


@pytest.fixture
def small_content():
    """Return the function that makes content fetched at a given time."""

    def made(fetched_at):
        content = load_catalog({"acme": {"id": "acme", "models": {}}}).content
        content.fetched_at = fetched_at
        return content

    return made
