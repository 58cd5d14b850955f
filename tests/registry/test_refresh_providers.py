"""A refresh of some providers: only they change, and a later refresh of all still gets everything."""

from __future__ import annotations

import json

import pytest

from modelmeta import ProviderNotFoundError, dump_catalog, load_catalog
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev
from modelmeta.testing.stores.samples import commit

LABS = {
    "acme/rocket": {
        "id": "acme/rocket",
        "name": "Rocket",
        "modalities": {"input": ["text"], "output": ["text"]},
        "limit": {"context": 10},
        "open_weights": False,
    }
}


def provider(name, *models, price=2):
    return {"id": name, "name": name.title(), "models": {model: {"id": model, "cost": {"input": price}} for model in models}}


OLD = {name: provider(name, "m", "n") for name in ("acme", "beta", "gone", "zeta")}
NEW = {
    "acme": provider("acme", "m", "o", price=3),
    "beta": provider("beta", "m", "n", price=4),
    "fresh": provider("fresh", "m"),
    "zeta": provider("zeta", "n", price=5),
}


def merged(names):
    """Return the old document with these providers as in the new one: changed, added or gone."""
    others = {name: facts for name, facts in OLD.items() if name not in names}
    return others | {name: facts for name, facts in NEW.items() if name in names}


def stored(document):
    """Return a store whose newest revision is *document*."""
    store = MemoryStore()
    commit(store, load_catalog(document))
    return store


@pytest.mark.parametrize(
    "names",
    [["acme"], ["acme", "zeta"], ["fresh"], ["gone"], ["gone", "fresh", "beta"], [], ["acme", "beta", "fresh", "gone", "zeta"]],
    ids=" ".join,
)
@pytest.mark.parametrize("labs_before", [None, LABS], ids=["api", "catalog"])
@pytest.mark.parametrize("labs_after", [None, LABS | {"acme/other": LABS["acme/rocket"]}], ids=["api", "catalog"])
async def test_only_these_providers_become_as_they_are_upstream(open_either, names, labs_before, labs_after):
    before, after = (
        document if labs is None else {"models": labs, "providers": document} for document, labs in ((OLD, labs_before), (NEW, labs_after))
    )
    with FakeModelsDev(json.dumps(after)) as server:
        registry = open_either(store=stored(before), source=server.url, max_shrink=1)
        report = await registry.refresh(providers=names)

        expected = merged(names)
        assert report.status == ("updated" if expected != OLD else "unchanged")
        assert dump_catalog(registry.catalog) == (expected if labs_before is None else {"models": labs_before, "providers": expected})
        assert {change.ref.provider_id for change in report.changes} <= {*names}

        await registry.refresh()
        assert dump_catalog(registry.catalog) == after


async def test_a_provider_can_be_named_without_a_list(open_either):
    with FakeModelsDev(NEW) as server:
        registry = open_either(store=stored(OLD), source=server.url)
        report = await registry.refresh(providers="acme")
    assert dump_catalog(registry.catalog) == merged(["acme"])
    assert ([str(ref) for ref in report.added], [str(ref) for ref in report.removed]) == (["acme/o"], ["acme/n"])


async def test_a_provider_that_exists_nowhere_is_an_error_and_nothing_changes(open_either):
    with FakeModelsDev(NEW) as server:
        registry = open_either(store=stored(OLD), source=server.url)
        with pytest.raises(ProviderNotFoundError, match="no provider has the id 'nope', neither here nor at the source") as caught:
            await registry.refresh(providers=["acme", "nope"])
    assert caught.value.provider_id == "nope"
    assert dump_catalog(registry.catalog) == OLD
    assert registry.status().last_error.startswith("ProviderNotFoundError: ")
    assert (await registry.refreshes())[0].outcome == "failed"


async def test_a_provider_that_exists_nowhere_is_one_too_where_nothing_changed_upstream(settle):
    with FakeModelsDev(OLD) as server:
        registry = await settle(source=server.url)
        for options in ({}, {"force": True}):
            with pytest.raises(ProviderNotFoundError, match="'nope'"):
                await registry.refresh(providers=["acme", "nope"], **options)


async def test_fresh_facts_are_asked_for_where_a_provider_is_missing(settle):
    with FakeModelsDev(OLD) as server:
        registry = await settle(source=server.url, max_age="1h", clock=FakeClock())
        server.clear()
        assert (await registry.refresh(providers="acme")).status == "unchanged"
        assert server.requests == []
        server.serve(NEW)
        assert [str(ref) for ref in (await registry.refresh(providers="fresh")).added] == ["fresh/m"]


async def test_after_some_providers_all_others_are_still_asked_for(settle):
    with FakeModelsDev(OLD) as server:
        registry = await settle(source=server.url, max_shrink=1)
        server.serve(NEW)
        await registry.refresh(providers="acme")
        server.clear()
        assert (await registry.refresh()).status == "updated"
        assert "If-None-Match" not in server.requests[0].headers
        assert dump_catalog(registry.catalog)["providers"] == NEW
        assert (await registry.refresh()).status == "unchanged"
        assert "If-None-Match" in server.requests[1].headers


async def test_providers_that_did_not_change_leave_everything_as_it_is(settle):
    with FakeModelsDev(OLD) as server:
        registry = await settle(source=server.url, max_shrink=1)
        catalog = registry.catalog
        server.serve({**OLD, "acme": NEW["acme"]})
        report = await registry.refresh(providers=["beta", "zeta"])
        assert (report.status, bool(report.changes)) == ("unchanged", False)
        assert registry.catalog is catalog
        assert [str(ref) for ref in (await registry.refresh()).added] == ["acme/o"]


async def test_some_providers_make_the_whole_no_younger(open_either):
    clock, day = FakeClock(), 86_400
    with FakeModelsDev(OLD) as server:
        registry = open_either(source=server.url, clock=clock, max_shrink=1)
        await registry.refresh(accept=True)
        clock.advance(day)
        await registry.refresh()
        confirmed = registry.status().fetched_at
        assert confirmed.timestamp() == clock.time()

        clock.advance(day)
        server.serve(NEW)
        assert (await registry.refresh(providers="acme")).status == "updated"
        assert (registry.status().fetched_at, registry.status().age.total_seconds()) == (confirmed, day)


async def test_a_revision_of_some_providers_has_no_validator_in_the_store(open_either):
    store = stored(OLD)
    with FakeModelsDev(NEW) as server:
        registry = open_either(store=store, source=server.url)
        await registry.refresh(providers="acme")
        assert (store.head().validators, store.head().source, store.head().scope) == ({}, server.url, ("acme",))
        assert store.head().id == registry.status().revision


async def test_a_refresh_of_some_providers_is_held_like_any_other(open_either):
    dear = {name: provider(name, "m", "n", price=2_000) for name in OLD}
    with FakeModelsDev(dear) as server:
        registry = open_either(store=stored(OLD), source=server.url)
        report = await registry.refresh(providers=["acme"])
        assert (report.status, report.reason) == ("held", "the prices of 2 of 8 models moved by 100x or more, more than 5%")
        assert (await registry.refresh(accept=report.revision)).status == "updated"
        assert dump_catalog(registry.catalog) == {**OLD, "acme": dear["acme"]}
