"""Who hears what changed, when, and for how long."""

from __future__ import annotations

import asyncio
import copy

import pytest

from modelmeta import AsyncRegistry, InvalidRefError, ModelRef, QueryError, RefreshError, Registry
from modelmeta.testing import FakeModelsDev

BEFORE = {
    "acme": {
        "id": "acme",
        "models": {
            "rocket": {"id": "rocket", "cost": {"input": 1, "output": 2}, "limit": {"context": 1000, "output": 10}},
            "skate": {"id": "skate", "cost": {"input": 3, "output": 4}},
            "anvil": {"id": "anvil"},
        },
    }
}
AFTER = copy.deepcopy(BEFORE)
AFTER["acme"]["models"]["rocket"] |= {"cost": {"input": 1.5, "output": 2}, "limit": {"context": 2000, "output": 10}}
AFTER["acme"]["models"]["skate"] |= {"cost": {"input": 3, "output": 5}}
AFTER["acme"]["models"]["magnet"] = AFTER["acme"]["models"].pop("anvil")
EVERYTHING = {
    ("added", "acme/magnet", None),
    ("removed", "acme/anvil", None),
    ("price", "acme/rocket", "cost.input"),
    ("limit", "acme/rocket", "limit.context"),
    ("price", "acme/skate", "cost.output"),
}


def of(change):
    return change.kind, str(change.ref), change.path


@pytest.fixture
def server():
    with FakeModelsDev(BEFORE) as server:
        yield server


@pytest.fixture
async def registry(settle, server):
    """A registry that reads what was before, while upstream has what came after."""
    registry = await settle(source=server.url)
    server.serve(AFTER)
    return registry


async def test_each_change_is_told_once(registry):
    heard = []
    registry.subscribe(heard.append)
    report = await registry.refresh()

    assert EVERYTHING == {*map(of, heard)}
    assert list(report.changes) == heard
    await registry.refresh()
    assert len(EVERYTHING) == len(heard)


async def test_a_subscriber_reads_the_new_facts(registry):
    heard = []
    registry.subscribe(lambda change: heard.append((change.after, registry.get("acme/rocket").limit.context)), kinds="limit")
    await registry.refresh()

    assert heard == [(2000, 2000)]


async def test_nobody_hears_of_what_is_held(registry, server):
    heard = []
    registry.subscribe(heard.append)
    server.serve({"acme": {"id": "acme", "models": {"magnet": {"id": "magnet"}}}})
    assert "held" == (await registry.refresh()).status
    assert heard == []
    await registry.refresh(accept=True)
    assert {"added", "removed"} == {change.kind for change in heard}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"kinds": "price"}, {change for change in EVERYTHING if change[0] == "price"}),
        ({"kinds": ["added", "removed"]}, {change for change in EVERYTHING if change[2] is None}),
        ({"kinds": {"status"}}, set()),
        ({"kinds": []}, set()),
        ({"models": "acme/rocket"}, {change for change in EVERYTHING if change[1] == "acme/rocket"}),
        ({"models": ModelRef("acme", "magnet")}, {("added", "acme/magnet", None)}),
        (
            {"models": [ModelRef("acme", "skate"), "acme/anvil"]},
            {change for change in EVERYTHING if change[1] in {"acme/skate", "acme/anvil"}},
        ),
        ({"models": "acme/rocket", "kinds": ("price", "added")}, {("price", "acme/rocket", "cost.input")}),
        ({"models": {"acme/skate": 1}.keys(), "kinds": {"price": 1}}, {("price", "acme/skate", "cost.output")}),
        ({"models": "nobody/nothing"}, set()),
        ({"models": ()}, set()),
    ],
)
async def test_a_subscriber_hears_what_it_wants(registry, options, expected):
    heard = []
    registry.subscribe(heard.append, **options)
    await registry.refresh()

    assert expected == {*map(of, heard)}


async def test_a_subscription_ends_when_it_is_cancelled_or_its_block_is_left(registry):
    heard = []
    cancelled = registry.subscribe(heard.append)
    assert cancelled.cancel() is cancelled.cancel() is None
    with registry.subscribe(heard.append) as entered:
        assert entered.callback == heard.append
    with pytest.raises(KeyError), registry.subscribe(heard.append):
        raise KeyError
    await registry.refresh()

    assert heard == []


async def test_one_function_may_subscribe_twice(registry):
    heard = []
    one, _other = registry.subscribe(heard.append, kinds="limit"), registry.subscribe(heard.append, kinds="limit")
    one.cancel()
    await registry.refresh()

    assert 1 == len(heard)


async def test_what_a_subscriber_cancels_is_not_called_again_even_for_the_same_change(registry):
    heard = []

    def first(change):
        heard.append(("first", *of(change)))
        for subscription in subscriptions:
            subscription.cancel()

    subscriptions = [registry.subscribe(first), registry.subscribe(lambda change: heard.append(("second", *of(change))))]
    await registry.refresh()

    assert 1 == len(heard)
    assert "first" == heard[0][0]


async def test_who_subscribes_while_others_are_told_hears_of_the_next_refresh(registry, server):
    heard = []
    subscribing = registry.subscribe(lambda _change: registry.subscribe(heard.append))
    await registry.refresh()
    assert heard == []
    subscribing.cancel()
    server.serve(BEFORE)
    await registry.refresh()

    assert len(EVERYTHING) ** 2 == len(heard)


async def test_a_subscriber_that_fails_is_logged_and_harms_nobody(registry, caplog):
    heard = []

    def fail(change):
        message = f"no ear for {change.ref}"
        raise OSError(message)

    registry.subscribe(fail)
    registry.subscribe(heard.append)
    report = await registry.refresh()

    assert ("updated", len(EVERYTHING)) == (report.status, len(heard))
    failed = [record for record in caplog.records if record.getMessage().startswith("a subscriber failed on acme/")]
    assert len(EVERYTHING) == len(failed)
    assert {"modelmeta.registry"} == {record.name for record in failed}
    assert "OSError: no ear for acme/rocket" in caplog.text


@pytest.mark.parametrize("facade", [Registry, AsyncRegistry])
@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"callback": None}, QueryError, "not None"),
        ({"callback": "print"}, QueryError, "not 'print'"),
        ({"kinds": "prices"}, QueryError, "there is no kind of change 'prices'; the kinds are added, removed, price"),
        ({"kinds": ["price", 5]}, QueryError, "there is no kind of change 5"),
        ({"kinds": [["price"]]}, QueryError, r"there is no kind of change \['price'\]"),
        ({"kinds": 5}, QueryError, "there is no kind of change 5"),
        ({"models": "rocket"}, InvalidRefError, "'rocket' is not a model reference"),
        ({"models": ["acme/rocket", None]}, InvalidRefError, "not None"),
        ({"models": 5}, InvalidRefError, "not 5"),
    ],
)
def test_what_makes_no_sense_is_refused(facade, options, error, said):
    with pytest.raises(error, match=said):
        facade().subscribe(**{"callback": print, **options})


@pytest.mark.parametrize("wish", [{}, {"force": True}])
async def test_a_subscriber_that_refreshes_is_refused_instead_of_waiting_for_itself(registry, wish, caplog):
    heard = []

    async def wait():
        heard.append("called")
        await registry.refresh(**wish)

    def call(_change):
        return wait() if isinstance(registry.registry, AsyncRegistry) else (heard.append("called"), registry.registry.refresh(**wish))

    registry.subscribe(call, kinds="limit")
    assert "updated" == (await registry.refresh()).status
    assert heard == ["called"]
    assert "cannot be waited for from within itself" in caplog.text


async def test_coroutines_are_awaited_one_after_the_other(server):
    heard = []

    async def listen(change):
        heard.append(("begin", of(change)))
        await asyncio.sleep(0)
        heard.append(("end", of(change)))

    async with AsyncRegistry(source=server.url) as registry:
        await registry.refresh(accept=True)
        server.serve(AFTER)
        registry.subscribe(listen)
        await registry.refresh()

    assert ["begin", "end"] * len(EVERYTHING) == [when for when, _ in heard]
    assert EVERYTHING == {change for _, change in heard}


@pytest.mark.parametrize("error", [OSError("no ear"), asyncio.CancelledError("no ear")])
async def test_a_coroutine_that_fails_is_logged_and_harms_nobody(server, caplog, error):
    heard = []

    async def fail(_change):
        await asyncio.sleep(0)
        raise error

    async with AsyncRegistry(source=server.url) as registry:
        await registry.refresh(accept=True)
        server.serve(AFTER)
        registry.subscribe(fail)
        registry.subscribe(heard.append)
        assert "updated" == (await registry.refresh()).status

    assert len(EVERYTHING) == len(heard) == caplog.text.count("a subscriber failed on acme/")
    assert "no ear" in caplog.text


async def test_cancelling_a_refresh_ends_what_it_tells(server):
    heard, telling = [], asyncio.Event()

    async def listen(change):
        heard.append(change)
        telling.set()
        await asyncio.Event().wait()

    async with AsyncRegistry(source=server.url) as registry:
        await registry.refresh(accept=True)
        server.serve(AFTER)
        registry.subscribe(listen)
        refreshing = asyncio.create_task(registry.refresh())
        await telling.wait()
        refreshing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await refreshing

        assert 1 == len(heard)
        assert "acme/magnet" in registry
        assert "unchanged" == (await registry.refresh()).status


async def test_a_crowd_of_changes_leaves_the_event_loop_its_turns(server):
    crowd = {"acme": {"id": "acme", "models": {f"rocket-{number}": {"id": f"rocket-{number}"} for number in range(100)}}}
    turns = heard = 0

    async def tick():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def listen(_change):
        nonlocal heard, turns
        heard += 1
        if heard == 1:
            turns = 0

    async with AsyncRegistry(source=server.url) as registry:
        await registry.refresh(accept=True)
        server.serve(crowd)
        registry.subscribe(listen)
        registry.subscribe(lambda _change: told.append(turns))
        told = []
        ticking = asyncio.create_task(tick())
        await registry.refresh(accept=True)
        ticking.cancel()

    assert told[0] == 0
    assert told[-1] >= len(told) * 2 // 20 - 1


def test_closing_from_within_ends_the_refresh_and_deadlocks_nobody(server):
    with Registry(source=server.url) as registry:
        registry.refresh(accept=True)
        server.serve(AFTER)
        registry.subscribe(lambda _change: registry.close())
        with pytest.raises(RefreshError, match="closed during the refresh"):
            registry.refresh()
        assert "acme/magnet" in registry
