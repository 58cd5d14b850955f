"""The two facades: nothing until asked, the same answers in both."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import attrs
import pytest

from modelmeta import AsyncRegistry, ModelNotFoundError, Registry, Usage, bundled_catalog

FACADES = [Registry, AsyncRegistry]


@pytest.fixture
def opened(monkeypatch):
    """Count how often the bundled snapshot is opened."""
    times = []

    def opening():
        times.append(1)
        return bundled_catalog()

    monkeypatch.setattr("modelmeta.registry.head.bundled_catalog", opening)
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
        patch.setattr("modelmeta.registry.head.bundled_catalog", lambda: int("no snapshot"))
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
    assert attrs.evolve(catalog.stats(), tiers=()) == attrs.evolve(registry.stats(), tiers=())
    assert not registry.diff(catalog)
