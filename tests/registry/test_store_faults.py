"""A store that fails: reads go on, who asked is told, the catalog is as it was, and when it is back all goes on."""

from __future__ import annotations

import pytest

from modelmeta import AsyncRegistry, Benchmark, RefreshError, Registry, StoreError, StoreUnavailableError, dump_catalog, load_catalog
from modelmeta.stores.memory import MemoryStore
from modelmeta.stores.store import Store
from modelmeta.testing import FakeModelsDev
from modelmeta.testing.stores.samples import acme, commit, run

REF = "acme/rocket"
OLD, OTHERS, NEW, BROKEN = acme(rocket=1), acme(rocket=2), acme(rocket=3), acme(rocket=3_000)
RACE = Benchmark(name="race", score=1)


class Failing(MemoryStore):
    """A store of which the methods in ``broken`` fail, so many times."""

    def __init__(self):
        super().__init__()
        self.broken = {}


def failing(name):
    def method(self, *args, **options):
        if self.broken.get(name):
            self.broken[name] -= 1
            message = f"{name} is broken"
            raise StoreError(message)
        return getattr(MemoryStore, name)(self, *args, **options)

    return method


for name in vars(Store):
    if not name.startswith("_"):
        setattr(Failing, name, failing(name))


@pytest.fixture
def store():
    store = Failing()
    commit(store, load_catalog(OLD))
    yield store
    store.broken.clear()
    store.close()


@pytest.fixture
def server():
    with FakeModelsDev(NEW) as server:
        yield server


@pytest.fixture
def deaf(monkeypatch):
    """Let no registry hear of what others commit but by refreshing."""
    monkeypatch.setattr("modelmeta.registry.facade.Facade._new_watch", lambda _registry: None)


def price(registry):
    return registry.get(REF).cost.input


@pytest.mark.parametrize(
    ("step", "upstream"),
    [
        *((step, NEW) for step in ("lease", "record", "head", "held", "commit")),
        ("load", NEW),
        ("confirm", OLD),
        ("hold", OLD),
        ("hold", BROKEN),
    ],
)
async def test_a_refresh_that_meets_a_broken_store_changes_nothing_and_the_next_one_works(open_either, store, server, deaf, step, upstream):
    registry = open_either(store=store, source=server.url)
    assert price(registry) == 1
    catalog = registry.catalog
    if step == "load":  # which only who has something to catch up with does
        commit(store, load_catalog(OTHERS), load_catalog(OLD))
    server.serve(upstream)
    store.broken[step] = 1
    with pytest.raises(StoreError, match=f"^{step} is broken$") as caught:
        await registry.refresh()
    assert isinstance(caught.value, RefreshError)
    assert isinstance(caught.value, OSError)
    assert registry.catalog is catalog
    status = registry.status()
    assert (status.last_error, status.consecutive_failures) == (f"StoreError: {step} is broken", 1)
    assert (await registry.refreshes())[0].outcome == "failed"

    report = await registry.refresh()
    expected = {1: "unchanged", 3: "updated", 3_000: "held"}[upstream["acme"]["models"]["rocket"]["cost"]["input"]]
    assert (report.status, registry.status().last_error, registry.status().consecutive_failures) == (expected, None, 0)
    assert store.head().id == registry.status().revision
    assert dump_catalog(await registry.as_of(registry.status().revision)) == dump_catalog(registry.catalog)


async def test_what_others_committed_is_read_although_the_source_fails(open_either, store, server, deaf):
    registry = open_either(store=store, source=server.url)
    assert price(registry) == 1
    commit(store, load_catalog(OTHERS), load_catalog(OLD))
    server.close()
    with pytest.raises(RefreshError):
        await registry.refresh()
    assert (price(registry), registry.status().consecutive_failures) == (2, 1)


@pytest.mark.parametrize("step", ["record", "release"])
async def test_a_store_that_is_not_told_the_end_does_not_fail_the_refresh(open_either, store, server, deaf, caplog, step):
    registry = open_either(store=store, source=server.url)
    await registry.refresh()
    heard = []

    def listen(change):
        heard.append(change)
        store.broken[step] = 1

    registry.subscribe(listen)
    server.serve(acme(rocket=5, glider=1))
    report = await registry.refresh()
    assert (report.status, price(registry), store.head().id) == ("updated", 5, report.revision)
    assert list(report.changes) == heard
    assert f"the store was not told how a refresh ended: {step} is broken" in caplog.text
    if step == "record":
        assert (await registry.refresh()).status == "unchanged"


@pytest.mark.parametrize(
    ("step", "ask"),
    [
        ("refreshes", lambda registry: registry.refreshes()),
        ("revisions", lambda registry: registry.revisions()),
        ("revisions", lambda registry: registry.as_of(registry.first.revision)),
        ("changes", lambda registry: registry.as_of(registry.first.revision)),
        ("versions", lambda registry: registry.history(REF)),
        ("changes", lambda registry: registry.changes()),
        ("prune", lambda registry: registry.prune(keep=1)),
        ("put", lambda registry: registry.put_note(REF, "fast")),
        ("put", lambda registry: registry.put_benchmark(REF, RACE)),
        ("notes", lambda registry: registry.notes()),
        ("benchmarks", lambda registry: registry.own_benchmarks()),
        ("discard", lambda registry: registry.delete_note(REF)),
        ("discard", lambda registry: registry.delete_benchmark(REF, RACE)),
    ],
)
async def test_who_asks_a_broken_store_is_told_and_may_ask_again(open_either, store, server, step, ask):
    registry = open_either(store=store, source=server.url)
    registry.first = await registry.refresh()
    server.serve(OLD)
    await registry.refresh()
    store.broken[step] = 1
    with pytest.raises(StoreError, match=f"^{step} is broken$"):
        await ask(registry)
    assert price(registry) == 1
    await ask(registry)


async def test_a_store_that_cannot_be_opened_is_tried_again_with_the_next_question(open_either, store):
    registry = open_either(store=store)
    store.broken["load"] = 2
    for _ in range(2):
        with pytest.raises(StoreError, match="load is broken"):
            price(registry)
    assert price(registry) == 1


async def test_a_block_on_a_store_that_cannot_be_opened_is_not_entered(store):
    store.broken["load"] = 2
    with pytest.raises(StoreError, match="load is broken"), Registry(store=store):
        pytest.fail("entered")
    with pytest.raises(StoreError, match="load is broken"):
        async with AsyncRegistry(store=store):
            pytest.fail("entered")


class Overtaken(MemoryStore):
    """A store in which others are faster with some commits."""

    def __init__(self):
        super().__init__()
        self.others = []

    def commit(self, revision, data, facts, *, base):
        """Let others commit first."""
        if self.others:
            (other, *rest), self.others = self.others, []
            commit(self, load_catalog(other), load_catalog(self.load()[1]))
            self.others = rest
        return super().commit(revision, data, facts, base=base)


@pytest.fixture
def overtaken():
    store = Overtaken()
    commit(store, load_catalog(OLD))
    yield store
    store.close()


async def test_a_slow_writer_is_refused_and_goes_on_from_what_others_wrote(open_either, overtaken, server, deaf):
    registry, heard = open_either(store=overtaken, source=server.url), []
    registry.subscribe(heard.append)
    server.serve(acme(rocket=3, glider=5))
    overtaken.others = [acme(rocket=2, kite=1)]
    report = await registry.refresh()

    assert (report.status, [revision.number for revision in await registry.revisions()]) == ("updated", [1, 2, 3])
    assert [(change.kind, str(change.ref), change.before, change.after) for change in report.changes] == [
        ("added", "acme/glider", None, None),
        ("price", REF, 1, 3),
        ("price", REF, 3, 9),
    ]
    assert [(change.kind, str(change.ref), change.after) for change in heard] == [
        ("added", "acme/kite", None),
        ("price", REF, 2),
        ("price", REF, 6),
        ("added", "acme/glider", None),
        ("removed", "acme/kite", None),
        ("price", REF, 3),
        ("price", REF, 9),
    ]
    assert [str(change.ref) for change in await registry.history("acme/kite")] == ["acme/kite"] * 2
    assert dump_catalog(await registry.as_of(report.revision))["providers"] == acme(rocket=3, glider=5)


async def test_a_writer_who_is_always_slower_gives_up_and_loses_nothing(open_either, overtaken, server, deaf):
    registry = open_either(store=overtaken, source=server.url)
    overtaken.others = [acme(rocket=10 + number) for number in range(5)]
    with pytest.raises(RefreshError, match="other processes have refreshed this store 5 times in the meantime; try again"):
        await registry.refresh()
    assert ([revision.number for revision in await registry.revisions()], price(registry)) == ([1, 2, 3, 4, 5, 6], 13)
    assert (await registry.refresh()).status == "updated"
    assert price(registry) == 3


async def test_a_run_whose_process_died_is_crashed_once_somebody_else_refreshes(open_either, store, server):
    assert store.lease("dead", 0.001)
    store.record(run("dead"))
    registry = open_either(store=store, source=server.url)
    await registry.refresh()
    assert [(each.id == "dead", each.outcome) for each in await registry.refreshes()] == [(False, "updated"), (True, "crashed")]


async def test_a_failed_run_says_how_it_ended(open_either, store, server):
    registry = open_either(store=store, source=server.url)
    store.broken["commit"] = 1
    with pytest.raises(StoreError):
        await registry.refresh()
    (failed,) = await registry.refreshes(limit=1)
    assert (failed.outcome, failed.error, failed.revision, failed.added) == ("failed", "StoreError: commit is broken", None, 0)
    assert failed.duration is not None


def test_a_store_that_does_not_even_say_who_may_refresh_is_waited_for_once(server):
    asked = []

    class Away(MemoryStore):
        def lease(self, _holder, _seconds):
            asked.append("lease")
            message = "nobody answers"
            raise StoreUnavailableError(message)

        def record(self, _refresh):
            asked.append("record")

        def release(self, _holder):
            asked.append("release")

    with Registry(store=Away(), source=server.url) as registry:
        with pytest.raises(StoreUnavailableError, match="nobody answers"):
            registry.refresh()
        assert asked == ["lease"]
        assert (registry.status().consecutive_failures, registry.status().last_error) == (1, "StoreUnavailableError: nobody answers")
