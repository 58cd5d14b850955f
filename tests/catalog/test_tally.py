"""Where answers came from, counted."""

from __future__ import annotations

import pytest

from modelmeta import Catalog, Registry, Tier, bundled_catalog, dump_catalog
from modelmeta.testing import FakeModelsDev


def memory(reading: Catalog | Registry) -> Tier:
    return reading.stats().tiers[0]


@pytest.mark.parametrize(
    "ask",
    [
        lambda catalog: catalog.filter("vision", min_context=200_000),
        lambda catalog: catalog.filter("vision", provider=["openai", "anthropic"]),
        lambda catalog: catalog.rank("vision", limit=3),
        lambda catalog: catalog.select("vision"),
        lambda catalog: catalog.resolve("claude-opus-4.5", prefer="anthropic"),
    ],
    ids=["filter", "filter of a list", "rank", "select", "name"],
)
def test_the_first_answer_is_a_miss_and_the_next_a_hit(ask):
    catalog = bundled_catalog()
    assert memory(catalog) == Tier("memory", 0, 0, 0)
    first = ask(catalog)
    asked = memory(catalog)
    assert (asked.hits, asked.misses > 0, asked.size > 0) == (0, True, True)
    assert ask(catalog) == first
    assert memory(catalog) == Tier("memory", 1, asked.misses, asked.size)


def test_hits_of_a_replay_are_all_but_the_first_of_each():
    catalog = bundled_catalog()
    queries = [{"min_context": size} for size in (1_000, 100_000, 400_000)] * 10
    for query in queries:
        catalog.filter("vision", **query)
    tier = memory(catalog)
    assert (tier.hits, tier.misses) == (27, 3)


def test_a_registry_tells_of_its_store_and_its_sources(fresh_document):
    with FakeModelsDev(fresh_document) as upstream, Registry(source=upstream.url) as registry:
        assert [tier.name for tier in Registry().stats().tiers] == ["memory"]
        registry.refresh(accept=True)
        registry.refresh()
        assert registry.stats().tiers[1:] == (Tier("store", 0, 2, 1), Tier("source", 1, 1, 1))
        with Registry(store=registry.world().store, source=upstream.url) as other:
            other.refresh()
            assert other.stats().tiers[1:] == (Tier("store", 0, 1, 1), Tier("source", 0, 1, 1))


@pytest.fixture
def fresh_document():
    document = dump_catalog(bundled_catalog())
    return {provider_id: document[provider_id] for provider_id in list(document)[:30]}
