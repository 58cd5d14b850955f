"""What looks broken is put aside with its reason and its changes, until somebody accepts it or something better comes."""

from __future__ import annotations

import pytest

from modelmeta import QueryError, RefreshError, dump_catalog
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, Fault, repriced, shrunk

REF = "anthropic/claude-opus-4-5"


@pytest.fixture
async def held(settle, upstream, thirty_providers):
    """A registry that holds a document of five providers, and reads thirty."""
    registry = await settle(source=upstream.url)
    upstream.serve(shrunk(thirty_providers))
    registry.report = await registry.refresh()
    assert registry.report.status == "held"
    upstream.clear()
    return registry


def is_held(registry):
    return registry.status().held == registry.report.revision


async def test_a_held_document_is_reported_with_its_reason_and_changes_and_not_read(held, thirty_providers):
    left = {f"{provider}/{model}" for provider in list(thirty_providers)[:5] for model in thirty_providers[provider]["models"]}
    report = held.report
    assert report.reason == "851 of 1,099 models are gone, more than 50%"
    assert len(report.removed) == 851
    assert {str(ref) for ref in report.removed} == set(held.catalog.content.refs) - left
    assert (report.added, report.changed, report.price_changes) == ((), (), ())
    assert str(report).endswith("0 added, 851 removed, 0 changed, 0 prices; 851 of 1,099 models are gone, more than 50%")
    assert is_held(held)
    assert (held.status().revision, report.revision) == (f"1-{held.catalog.content.digest[:12]}", held.status().held)
    assert len(held.catalog) == 1_099


async def test_a_held_document_is_recorded(held):
    run = (await held.refreshes())[0]
    assert (run.outcome, run.revision, run.reason, run.removed, run.error) == (
        "held",
        held.report.revision,
        "851 of 1,099 models are gone, more than 50%",
        851,
        None,
    )


async def test_what_is_held_already_is_held_again_without_being_sent_again(held, upstream):
    answers = [await held.refresh() for _ in range(2)]
    assert [(report.status, report.revision, report.reason, report.changes) for report in answers] == [
        ("held", held.report.revision, held.report.reason, held.report.changes)
    ] * 2
    assert len({request.headers["If-None-Match"] for request in upstream.requests}) == 1
    assert [request.path for request in upstream.requests] == ["/catalog.json"] * 2
    assert is_held(held)


async def test_forcing_asks_for_the_whole_of_what_is_held(held, upstream):
    report = await held.refresh(force=True)
    assert (report.status, report.revision) == ("held", held.report.revision)
    assert "If-None-Match" not in upstream.requests[-1].headers


@pytest.mark.parametrize("which", [lambda _report: True, lambda report: report.revision])
async def test_what_is_held_is_accepted_without_asking_anybody(held, upstream, thirty_providers, which):
    upstream.close()
    report = await held.refresh(accept=which(held.report))
    assert (report.status, report.revision, report.reason, report.changes) == (
        "updated",
        held.report.revision,
        None,
        held.report.changes,
    )
    assert upstream.requests == []
    assert dump_catalog(held.catalog)["providers"] == shrunk(thirty_providers)
    assert (held.status().held, held.status().revision) == (None, held.report.revision)


async def test_what_was_accepted_is_what_is_compared_with_from_then_on(held, upstream, thirty_providers):
    await held.refresh(accept=True)
    assert (await held.refresh()).status == "unchanged"
    assert "If-None-Match" in upstream.requests[-1].headers
    upstream.serve(thirty_providers)
    assert [str(ref) for ref in (await held.refresh()).added] == [str(ref) for ref in held.report.removed]


async def test_another_revision_than_the_one_held_is_not_accepted(held, upstream):
    with pytest.raises(RefreshError, match=f"no revision 'abc' is held; '{held.report.revision}' is"):
        await held.refresh(accept="abc")
    assert is_held(held)
    assert (len(held.catalog), upstream.requests) == (1_099, [])
    assert held.status().last_error.startswith("RefreshError: no revision 'abc' is held")


async def test_a_revision_is_not_accepted_where_none_is_held(settle, upstream):
    registry = await settle(source=upstream.url)
    upstream.clear()
    with pytest.raises(RefreshError, match=r"no revision 'abc' is held$"):
        await registry.refresh(accept="abc")
    assert upstream.requests == []


@pytest.mark.parametrize("accept", [True, "abc"])
async def test_accepting_cannot_be_narrowed_to_some_providers(held, upstream, accept):
    with pytest.raises(QueryError, match="accept takes a revision as it is") as caught:
        await held.refresh(accept=accept, providers="anthropic")
    assert caught.value.criterion == "providers"
    assert is_held(held)
    assert upstream.requests == []


async def test_a_sound_document_clears_what_is_held(held, upstream, thirty_providers, edited):
    upstream.serve(edited(thirty_providers, REF, name="Another"))
    report = await held.refresh()
    assert (report.status, [str(change.ref) for change in report.changed], held.status().held) == ("updated", [REF], None)
    with pytest.raises(RefreshError, match="is held"):
        await held.refresh(accept=held.report.revision)


async def test_the_document_that_is_read_clears_what_is_held(held, upstream, thirty_providers):
    catalog = held.catalog
    upstream.serve(thirty_providers)
    assert ((await held.refresh()).status, held.status().held) == ("unchanged", None)
    assert held.catalog is catalog
    with pytest.raises(RefreshError, match="is held"):
        await held.refresh(accept=held.report.revision)


async def test_another_broken_document_takes_the_place_of_what_is_held(held, upstream, thirty_providers):
    upstream.serve(repriced(thirty_providers))
    report = await held.refresh()
    assert report.reason == "the prices of 972 of 972 models moved by 100x or more, more than 5%"
    assert held.status().held == report.revision != held.report.revision
    assert (await held.refresh(accept=True)).revision == report.revision
    assert held.get(REF).cost.input == 5_000


async def test_a_failure_leaves_what_is_held(held, upstream):
    upstream.fail(Fault.status(503))
    with pytest.raises(RefreshError):
        await held.refresh()
    assert is_held(held)
    assert (await held.refresh(accept=held.report.revision)).status == "updated"


async def test_with_nothing_held_accepting_lets_a_broken_document_through(settle, upstream, thirty_providers):
    registry = await settle(source=upstream.url)
    upstream.serve(shrunk(thirty_providers))
    report = await registry.refresh(accept=True)
    assert (report.status, report.reason, len(registry.catalog)) == ("updated", None, 248)
    upstream.serve({})
    assert (await registry.refresh(accept=True)).status == "updated"
    assert len(registry.catalog) == 0
    assert registry.catalog.filter("vision").refs == ()


async def test_fresh_facts_do_not_clear_what_is_held(settle, upstream, thirty_providers):
    registry = await settle(source=upstream.url, max_age="1h", clock=FakeClock())
    upstream.serve(shrunk(thirty_providers))
    registry.report = await registry.refresh(force=True)
    assert (await registry.refresh()).status == "unchanged"
    assert is_held(registry)
    assert (await registry.refresh(accept=True)).revision == registry.report.revision


async def test_some_providers_can_be_taken_from_what_is_held(held, upstream, thirty_providers, edited):
    upstream.serve(shrunk(edited(thirty_providers, "302ai/gpt-4o", name="Another")))
    await held.refresh()
    report = await held.refresh(providers="302ai")
    assert (report.status, [str(change.ref) for change in report.changed]) == ("updated", ["302ai/gpt-4o"])
    assert len(held.catalog) == 1_099


async def test_two_registries_of_one_store_hold_the_same(open_either, upstream, thirty_providers):
    store = MemoryStore()
    one, other = (open_either(store=store, source=upstream.url) for _ in range(2))
    await one.refresh(accept=True)
    upstream.serve(shrunk(thirty_providers))
    revision = (await one.refresh()).revision
    report = await other.refresh(accept=revision)
    assert (report.status, report.revision, other.status().held) == ("updated", revision, None)
    assert one.status().held == revision
    await one.refresh()
    assert (one.status().revision, one.status().held) == (revision, None)
