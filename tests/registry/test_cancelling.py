"""Cancelling a refresh at any moment: nothing is left, and the next one works."""

from __future__ import annotations

import asyncio
import random
import threading
from pathlib import Path

import pytest

from modelmeta import AsyncRegistry, Registry
from modelmeta.testing import FakeModelsDev, Fault

SOON = 60
OTHERS = set()
"""The threads of what was tested before."""


def left_over():
    """Return the sockets, threads and tasks of refreshing that there are now, those of the server aside."""
    links = Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").exists() else ()
    sockets = {target for link in links if link.is_symlink() and (target := str(link.readlink())).startswith("socket:")}
    threads = {thread for thread in threading.enumerate() if thread.name.startswith(("modelmeta", "FakeModelsDev"))}
    return sockets, threads, asyncio.all_tasks() - {asyncio.current_task()}


@pytest.fixture(autouse=True)
async def nothing_is_left():
    before = left_over()
    OTHERS.clear()
    OTHERS.update(before[1])
    yield
    assert [now - then for now, then in zip(left_over(), before, strict=True)] == [set(), set(), set()]


@pytest.fixture
async def complaints(nothing_is_left):
    """Switch on the event loop's debug mode and collect what it complains about."""
    complained = []
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.set_exception_handler(lambda _loop, context: complained.append(context))
    yield complained
    loop.set_exception_handler(None)
    assert complained == []


@pytest.fixture
def documents(thirty_providers, edited):
    """Two documents that differ in a tenth of a percent of their rows."""
    ref = next(f"{key}/{model}" for key, provider in thirty_providers.items() for model in provider["models"])
    return thirty_providers, edited(thirty_providers, ref, name="Another name")


async def cancel(task):
    task.cancel()
    await asyncio.wait([task], timeout=SOON)
    assert task.done()
    assert task.cancelled() or task.exception() is None
    assert {asyncio.current_task()} == asyncio.all_tasks()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("modelmeta") and thread not in OTHERS]


async def cancel_after(registry, wait):
    task = asyncio.create_task(registry.refresh(accept=True))
    await wait()
    await cancel(task)
    kept = registry.world().store.head()
    assert (None if kept is None else kept.id) == registry.world().head().stored


async def turns(number):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_after_any_number_of_turns_of_the_event_loop(complaints, documents):
    with FakeModelsDev(documents[0]) as server:
        async with AsyncRegistry(source=server.url) as registry:
            for number in range(60):
                server.serve(documents[number % 2])
                await cancel_after(registry, lambda number=number: turns(number))
            await settled_on(registry, server, documents)


async def test_after_any_time(complaints, documents):
    dice = random.Random(4)
    with FakeModelsDev(documents[0]) as server:
        async with AsyncRegistry(source=server.url) as registry:
            await registry.refresh(accept=True)
            server.serve(documents[1])
            begun = asyncio.get_running_loop().time()
            await registry.refresh()
            whole = asyncio.get_running_loop().time() - begun
            for number in range(60):
                server.serve(documents[number % 2])
                await cancel_after(registry, lambda: asyncio.sleep(dice.uniform(0, 1.2 * whole)))
            await settled_on(registry, server, documents)


async def settled_on(registry, server, documents):
    """Assert that refreshing still works: whatever is served is what is read."""
    for document in (*documents, *documents):
        server.serve(document)
        await registry.refresh(accept=True)
        with Registry(source=server.url) as other:
            other.refresh(accept=True)
            assert other.catalog.content.digest == registry.catalog.content.digest


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.drip(0.5)], ids=repr)
async def test_during_a_fetch_that_does_not_end(complaints, documents, fault):
    with FakeModelsDev(documents[0]) as server:
        async with AsyncRegistry(source=server.url, timeout="1h", deadline="2h") as registry:
            server.fail(fault)
            await cancel_after(registry, lambda: asyncio.to_thread(server.wait_for, timeout=SOON))
            server.heal()
            assert "updated" == (await registry.refresh(accept=True)).status


async def test_a_timeout_is_one_too(complaints, documents):
    with FakeModelsDev(documents[0]) as server:
        async with AsyncRegistry(source=server.url, timeout="1h", deadline="2h") as registry:
            await registry.refresh(accept=True)
            server.fail(Fault.hang())
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await registry.refresh()
            assert 0 == len(asyncio.all_tasks() - {asyncio.current_task()})
            server.heal()
            assert "unchanged" == (await registry.refresh()).status
