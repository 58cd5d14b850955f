"""Asking for the past: by revision and by time, of one model and of all; and forgetting it."""

from __future__ import annotations

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from modelmeta import ModelNotFoundError, QueryError, Registry, RevisionNotFoundError, StoreError, dump_catalog
from modelmeta.registry.history import History
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def document(**providers):
    """Return a document of providers that sell these models at these prices."""
    return {
        name: {
            "id": name,
            "name": name.title(),
            "models": {model: {"id": model, "cost": {"input": price}} for model, price in prices.items()},
        }
        for name, prices in providers.items()
    }


def dump(catalog):
    return dump_catalog(catalog)["providers"]


@pytest.fixture
def server():
    with FakeModelsDev(document()) as server:
        yield server


@pytest.fixture
async def past(open_either, server):
    """A registry that read another document at noon of each of three days, and those documents."""
    registry = open_either(source=server.url, clock=FakeClock(NOON - timedelta(days=2)))
    registry.documents = [document(acme={"a": price, "b": 1}) for price in (1, 2, 3)]
    for each in registry.documents:
        server.serve(each)
        await registry.refresh(accept=True)
        registry.world().clock.advance(timedelta(days=1))
    return registry


@pytest.mark.parametrize(
    ("when", "day"),
    [
        *(
            (moment, 0)
            for moment in ("2026-11-22", "20261122", "2026-11-22T12:00", "2026-11-23T11:59:59.999999Z", "2026-11-22T13:00+01:00")
        ),
        *((moment, 1) for moment in ("2026-11-23", "2026-11-23T12:00", "2026-11-24T12:59:59+01:00", "2026-11-24 11:59")),
        *((moment, 2) for moment in ("2026-11-24", "2026-11-24T12:00:00", "2999-01-01", "9999-12-31", "2026-11-24T07:00-05:00")),
        *((date(2026, 11, 22 + day), day) for day in range(3)),
        *((NOON + timedelta(days=day - 2), day) for day in range(3)),
        *(((NOON + timedelta(days=day - 2)).replace(tzinfo=None), day) for day in range(3)),
        ((NOON - timedelta(days=1)).astimezone(timezone(timedelta(hours=14))), 1),
        (datetime.max.replace(tzinfo=UTC), 2),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))), 2),
    ],
    ids=str,
)
async def test_a_moment_can_be_said_in_many_ways(past, when, day):
    assert dump(await past.as_of(when)) == past.documents[day]


@pytest.mark.parametrize(
    "when",
    [
        "2026-11-21",
        date(2026, 11, 21),
        "2026-11-22T11:59:59.999999",
        NOON - timedelta(days=2) - TICK,
        datetime.min.replace(tzinfo=UTC),
        "0001-01-01",
    ],
)
async def test_before_the_first_revision_there_was_none(past, when):
    with pytest.raises(
        RevisionNotFoundError, match=r"^the store keeps no revision of .*; the oldest that is kept is of 2026-11-22 12:00:00 UTC$"
    ) as caught:
        await past.as_of(when)
    assert caught.value.when == when
    assert await past.changes(until=when) == ()
    assert await past.changes(since=when) == await past.changes()


async def test_a_revision_is_named_by_itself_or_its_id(past):
    for revision, told in zip(await past.revisions(), past.documents, strict=True):
        assert dump(await past.as_of(revision)) == dump(await past.as_of(revision.id)) == told


async def test_a_revision_that_is_not_kept_is_not_found(past):
    first = (await past.revisions())[0]
    assert await past.prune(keep=2) == 1
    for when in ("7-0123456789ab", first.id, first, f"0-{first.digest[:12]}"):
        for ask in (past.as_of, lambda when: past.changes(since=when), lambda when: past.changes(until=when)):
            with pytest.raises(RevisionNotFoundError, match="the oldest that is kept is of 2026-11-23 12:00:00 UTC") as caught:
                await ask(when)
            assert caught.value.when == when


@pytest.mark.parametrize(
    "when",
    [
        "yesterday",
        "",
        "3",
        "2026-13-01",
        "2026-11-24T25:00",
        "1-abc",
        "1-0123456789AB",
        "x" * 1_000,
        5,
        1.5,
        None,
        b"2026-11-24",
        time(12),
        ["2026-11-24"],
    ],
)
async def test_what_is_no_moment_is_refused(past, when):
    with pytest.raises(QueryError, match="is neither the id of a revision nor a time; write one like '2026-11-24'") as caught:
        await past.as_of(when)
    assert (caught.value.criterion, caught.value.value) == ("when", when)
    assert len(str(caught.value)) < 250
    if when is not None:
        with pytest.raises(QueryError):
            await past.changes(since=when)


@pytest.mark.parametrize(
    ("since", "until", "prices"),
    [
        (None, None, [2, 3]),
        ("2026-11-23", None, [2, 3]),
        ("2026-11-23T12:00", None, [3]),
        (None, "2026-11-23", [2]),
        ("2026-11-23", "2026-11-23", [2]),
        ("2026-11-24", "2026-11-23", []),
        ("2027-01-01", None, []),
        (None, "2026-11-22", []),
    ],
)
async def test_a_day_begins_as_a_beginning_and_ends_as_an_end(past, since, until, prices):
    assert [change.after for change in await past.changes(since=since, until=until, kinds="price")] == prices


async def test_a_kind_that_is_none_is_refused(past):
    with pytest.raises(QueryError, match="there is no kind of change 'prices'") as caught:
        await past.changes(kinds=["price", "prices"])
    assert caught.value.criterion == "kinds"


async def test_no_kinds_are_no_changes(past):
    assert await past.changes(kinds=[]) == ()
    assert len(await past.changes(kinds={"price", "added"})) == 4


async def test_the_newest_past_is_the_catalog_itself_and_others_are_put_together_once(past):
    assert await past.as_of("9999-01-01") is past.catalog
    first = await past.as_of("2026-11-22")
    assert await past.as_of((await past.revisions())[0]) is first is not past.catalog
    assert first.get("acme/a").cost.input == 1


async def test_a_history_by_itself_tells_what_upstream_said(past):
    alone = History(past.world()).as_of("2026-11-22")
    assert alone is not await past.as_of("2026-11-22")
    assert alone.content.digest == (await past.as_of("2026-11-22")).content.digest


async def test_before_any_refresh_there_is_no_past(open_either):
    registry = open_either()
    assert (await registry.revisions(), await registry.changes(), await registry.prune(keep=1)) == ((), (), 0)
    assert await registry.prune(keep="1d") == 0
    for when in (registry.status().revision, "2026-11-24"):
        with pytest.raises(RevisionNotFoundError, match=r"^the store keeps no revision [^;]*$"):
            await registry.as_of(when)
    assert await registry.history("openai/gpt-5.5") == ()


async def test_a_model_that_went_and_came_back_has_one_history(past, server):
    for each in (document(acme={"b": 1}), document(acme={"a": 5, "b": 1})):
        server.serve(each)
        await past.refresh(accept=True)
    told = await past.history("acme/a")
    assert [(change.kind, change.before, change.after) for change in told] == [
        ("added", None, None),
        ("price", 1, 2),
        ("price", 2, 3),
        ("removed", None, None),
        ("added", None, None),
    ]
    assert [change.revision for change in told] == [revision.id for revision in await past.revisions()]
    assert [change.at for change in told] == [revision.committed_at for revision in await past.revisions()]


async def test_a_model_that_is_gone_is_asked_for_by_its_exact_reference(past, server):
    server.serve(document(beta={"x": 1}))
    await past.refresh(accept=True)
    assert [change.kind for change in await past.history("acme/b")] == ["added", "removed"]
    for unknown in ("ACME/B", "acme/nope", "b"):
        with pytest.raises(ModelNotFoundError):
            await past.history(unknown)


async def test_a_model_that_is_there_is_asked_for_as_everywhere(past):
    whole = await past.history("acme/a")
    model = past.catalog.get("acme/a")
    assert whole == await past.history(model.ref)
    assert [change.kind for change in whole] == ["added", "price", "price"]


async def test_a_provider_that_begins_to_sell_a_plan_changes_no_model(past, server):
    told = await past.changes()
    duo = copy.deepcopy(past.documents[-1])
    duo["acme"]["name"] = "Acme Duo"
    server.serve(duo)
    report = await past.refresh(accept=True)
    assert (report.status, bool(report.changes)) == ("updated", False)
    assert await past.changes() == told
    assert past.catalog.get("acme/a").price_state == (await past.as_of("2026-11-24T12:00")).get("acme/a").price_state == "priced"
    assert [catalog.provider("acme").subscription for catalog in (past.catalog, await past.as_of("2026-11-24T12:00"))] == [True, False]


async def test_equal_facts_that_come_back_are_another_revision(past, server):
    server.serve(past.documents[0])
    report = await past.refresh(accept=True)
    first, *_, last = await past.revisions()
    assert (first.digest, first.number, last.number) == (last.digest, 1, 4)
    assert report.revision == last.id != first.id
    assert [*await past.as_of(first)] == [*await past.as_of(last)]
    assert [(change.before, change.after) for change in await past.changes(since="2026-11-25")] == [(3, 1)]


async def test_a_revision_says_what_it_changed(past, server):
    server.serve(document(acme={"a": 9, "c": 1}, beta={"x": 1}))
    await past.refresh(accept=True, force=True)
    last = (await past.revisions())[-1]
    assert (last.models, last.providers, last.added, last.removed, last.changed, last.price_changes) == (3, 2, 2, 1, 1, 1)
    assert (last.source, last.kind, last.scope, last.committed_at) == (server.url, "catalog.json", None, NOON + timedelta(days=1))
    assert last.confirmed_at == datetime.fromisoformat(last.fetched_at) == last.committed_at


async def test_a_past_is_of_the_kind_of_document_it_was(open_either, tmp_path):
    path = tmp_path / "document.json"
    labs = {"acme/a": {"name": "A", "limit": {}, "benchmarks": [{"name": "race", "score": 1.50}]}}
    registry = open_either(source=path)
    api = document(acme={"a": 1})
    documents = [
        api,
        {"models": labs, "providers": api},
        document(acme={"a": 2}),
        labs,
        {"models": labs, "providers": document(beta={"b": 0})},
    ]
    for each in documents:
        path.write_text(json.dumps(each))
        await registry.refresh(accept=True)
    kinds = ["api.json", "catalog.json", "api.json", "models.json", "catalog.json"]
    assert [revision.kind for revision in await registry.revisions()] == kinds
    for revision, each in zip(await registry.revisions(), documents, strict=True):
        past = await registry.as_of(revision)
        assert (past.content.kind, dump_catalog(past)) == (revision.kind, each)


async def test_a_refresh_of_some_providers_is_a_past_like_any_other(past, server):
    server.serve(document(acme={"a": 7}, beta={"x": 1}, zeta={"y": 1}))
    for providers in ("beta", ["acme"]):
        await past.refresh(providers=providers, accept=False)
    documents = [document(acme={"a": 3, "b": 1}, beta={"x": 1}), document(acme={"a": 7}, beta={"x": 1})]
    *_, one, other = await past.revisions()
    assert [one.scope, other.scope] == [("beta",), ("acme",)]
    assert [dump(await past.as_of(revision)) for revision in (one, other)] == documents
    told = [(change.kind, str(change.ref)) for change in await past.changes(since=one)]
    assert told == [("price", "acme/a"), ("removed", "acme/b")]


def test_many_threads_ask_for_the_same_past_and_it_is_put_together_once(server):
    with Registry(source=server.url) as registry, ThreadPoolExecutor(8) as pool:
        for each in (document(acme={"a": 1}), document(acme={"a": 2})):
            server.serve(each)
            registry.refresh(accept=True)
        first = registry.revisions()[0]
        catalogs = [*pool.map(registry.as_of, [first] * 32)]
    assert len({id(catalog) for catalog in catalogs}) == 1


@pytest.mark.parametrize(
    ("keep", "numbers"),
    [
        *((count, list(range(4 - count, 4))) for count in (1, 2, 3)),
        (4, [1, 2, 3]),
        (10**30, [1, 2, 3]),
        (timedelta(0), [3]),
        (timedelta(days=1), [3]),
        (timedelta(days=1) + TICK, [2, 3]),
        ("24h", [3]),
        ("1d 1s", [2, 3]),
        ("2d", [2, 3]),
        ("49h", [1, 2, 3]),
        ("90d", [1, 2, 3]),
        (timedelta.max, [1, 2, 3]),
    ],
    ids=str,
)
async def test_pruning_keeps_so_many_or_all_that_were_read_in_that_time(past, keep, numbers):
    """What was read when that time began is kept too: it is now noon of the 25th."""
    assert await past.prune(keep=keep) == 3 - len(numbers)
    assert [revision.number for revision in await past.revisions()] == numbers
    assert await past.prune(keep=keep) == 0
    assert dump(await past.as_of("9999-01-01")) == past.documents[-1]
    told = await past.history("acme/a")
    assert [change.kind for change in told] == (["added", "price", "price"] if numbers[0] == 1 else ["price"] * (len(numbers) - 1))


@pytest.mark.parametrize(
    "keep", [0, -1, True, False, None, 1.5, "soon", "", "90", "1.5", "-1d", timedelta(-1), [1], "9" * 400 + "d"], ids=repr
)
async def test_what_does_not_say_how_much_to_keep_is_refused(past, keep):
    with pytest.raises(QueryError) as caught:
        await past.prune(keep=keep)
    assert (caught.value.criterion, caught.value.value) == ("keep", keep)
    assert len(await past.revisions()) == 3


async def test_pruning_forgets_the_runs_of_the_time_too(past):
    await past.prune(keep=1)
    assert [run.started_at for run in await past.refreshes()] == [NOON]


async def test_a_past_that_was_put_together_is_not_found_once_it_is_pruned(past):
    first = (await past.revisions())[0]
    catalog = await past.as_of(first)
    await past.prune(keep=2)
    with pytest.raises(RevisionNotFoundError):
        await past.as_of(first)
    assert catalog.get("acme/a").cost.input == 1


@pytest.mark.parametrize("wrong", [lambda _, since, until: ('{"cost":{"input":7}}', since, until), lambda raw, _, until: (raw, 2, until)])
async def test_a_past_that_does_not_come_together_is_an_error_and_no_other_facts(past, wrong):
    store = past.world().store
    first, *later = store._spans["models", "acme/a"]
    store._spans["models", "acme/a"] = (wrong(*first), *later)
    with pytest.raises(StoreError, match=r"revision 1-[0-9a-f]{12} cannot be put together again: what the store keeps of it was changed"):
        await past.as_of("2026-11-22")


async def test_a_registry_that_reads_an_older_revision_than_is_asked_for_looks_into_the_store(open_either, server):
    """As where a watch has not heard yet of what was committed."""
    store = MemoryStore()
    one, other = (open_either(store=store, source=server.url, clock=FakeClock(NOON)) for _ in range(2))
    documents = [document(acme={"a": price}) for price in (1, 2, 3)]
    for number, each in enumerate(documents):
        server.serve(each)
        await one.refresh(accept=True)
        if not number:
            await other.refresh()
            head = other.world().head()
    other.registry._head = head
    assert [dump(await other.as_of(revision)) for revision in await other.revisions()] == documents
    await one.prune(keep=1)
    other.registry._head = head
    assert dump(await other.as_of("2026-11-24")) == documents[2]


async def test_a_registry_that_reads_what_the_store_lost_looks_into_the_store(open_either, server):
    """As where it was emptied, and filled again by others."""
    one, stray = open_either(source=server.url), open_either(source=server.url)
    documents = [document(acme={"a": price}) for price in (1, 2)]
    for mine, strays in zip(documents, (document(acme={"a": 8}), document(zeta={"z": 9})), strict=True):
        for registry, each in ((one, mine), (stray, strays)):
            server.serve(each)
            await registry.refresh(accept=True)
    one.registry._head = stray.world().head()
    assert [dump(await one.as_of(revision)) for revision in await one.revisions()] == documents
