"""What is dropped without being closed: it is collected, it ends, and it says so."""

from __future__ import annotations

import asyncio
import gc
import inspect
import sys
import threading
import warnings
import weakref
from time import monotonic, sleep

import pytest

from modelmeta import AsyncRegistry, Registry
from modelmeta.registry import background
from modelmeta.sources.source import Fetched
from modelmeta.testing import FakeClock, FakeModelsDev

SOON = 60
ACME = {"acme": {"id": "acme", "models": {"rocket": {"id": "rocket"}}}}
FACADES = [Registry, AsyncRegistry]


class Shelf:
    """A source of nothing good."""

    name = "the shelf"

    def __init__(self, document):
        self.document = document

    def fetch(self, validator):
        """Return the document."""
        del validator
        return Fetched(self.document)


@pytest.fixture(params=[b'{"acme": {"models": {"rocket": {}}}}', b"no document"], ids=["good", "bad"])
def shelf(request):
    return Shelf(request.param)


@pytest.fixture
def said():
    """Collect the warnings of a test, those of what is collected too."""
    gc.collect()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said


def working():
    return [thread for thread in threading.enumerate() if thread.name == "modelmeta-refresh"]


def unclosed(said):
    return [str(warning.message) for warning in said if issubclass(warning.category, ResourceWarning)]


def until(is_so):
    end = monotonic() + SOON
    while not is_so():
        assert monotonic() < end
        sleep(0.002)


def test_a_started_registry_that_is_dropped_is_collected_and_its_thread_ends(said, shelf):
    clock = FakeClock()
    registry = Registry(source=shelf, clock=clock, refresh_interval="1h")
    registry.start()
    clock.wait_for_sleepers(timeout=SOON)
    clock.advance(3_700)
    until(lambda: registry.status().last_refresh)
    clock.wait_for_sleepers(timeout=SOON)
    text, gone = repr(registry), weakref.ref(registry)
    registry = None
    gc.collect()

    assert gone() is None
    until(lambda: not working())
    assert [f"unclosed {text}"] == unclosed(said)
    assert text.startswith("<Registry of <Catalog: ")


async def test_a_started_async_registry_that_is_dropped_is_collected_and_its_task_ends(said, shelf):
    clock = FakeClock()
    registry = AsyncRegistry(source=shelf, clock=clock, refresh_interval="1h")
    await registry.start()
    await clock.settle(timeout=SOON)
    clock.advance(3_700)
    while not registry.status().last_refresh:  # noqa: ASYNC110  # a status tells of no event
        await asyncio.sleep(0.002)
    await clock.settle(timeout=SOON)
    text, gone = repr(registry), weakref.ref(registry)
    (task,) = asyncio.all_tasks() - {asyncio.current_task()}
    registry = None
    gc.collect()

    assert gone() is None
    await asyncio.wait([task], timeout=SOON)
    assert task.cancelled()
    assert [f"unclosed {text}"] == unclosed(said)


def test_its_thread_ends_too_where_warnings_are_errors(shelf, monkeypatch):
    errors = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: errors.append(raised.exc_type))
    clock = FakeClock()
    registry = Registry(source=shelf, clock=clock)
    registry.start()
    clock.wait_for_sleepers(timeout=SOON)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        registry = None
        gc.collect()

    assert errors == [ResourceWarning]
    until(lambda: not working())


def test_a_thread_that_finds_its_registry_gone_ends(said, shelf, monkeypatch):
    clock = FakeClock()
    registry = Registry(source=shelf, clock=clock, refresh_interval="1h")
    registry.start()
    clock.wait_for_sleepers(timeout=SOON)
    monkeypatch.setattr(type(registry._background), "tell", lambda _background: None)
    registry = None
    gc.collect()
    assert len(working()) == 1
    clock.advance(86_400)
    until(lambda: not working())


async def test_a_task_that_finds_its_registry_gone_ends(said, shelf, monkeypatch):
    clock = FakeClock()
    registry = AsyncRegistry(source=shelf, clock=clock, refresh_interval="1h")
    await registry.start()
    await clock.settle(timeout=SOON)
    monkeypatch.setattr(type(registry._background), "tell", lambda _background: None)
    (task,) = asyncio.all_tasks() - {asyncio.current_task()}
    registry = None
    gc.collect()
    assert not task.done()
    clock.advance(86_400)
    await asyncio.wait_for(task, SOON)


def test_a_background_whose_registry_is_gone_before_it_begins_ends():
    loop = background._Loop(FakeClock())
    gc.collect()
    background._run(loop, threading.Event())
    asyncio.run(background._run_async(loop))

    assert loop.next_at is None


def test_what_is_left_in_an_event_loop_that_is_over_is_nothing_to_close(said, shelf):
    registry = AsyncRegistry(source=shelf, clock=(clock := FakeClock()))

    async def serve():
        await registry.start()
        await clock.settle(timeout=SOON)

    asyncio.run(serve())
    registry = None
    gc.collect()
    assert unclosed(said) == []


@pytest.mark.parametrize("facade", FACADES)
def test_a_registry_that_only_read_says_nothing(said, facade):
    registry = facade(source="https://models.dev", refresh_interval="1h")
    assert "openai/gpt-5.5" in registry
    assert registry.search("gpt")
    registry.subscribe(print)
    registry.status()
    registry = None
    gc.collect()

    assert said == []


@pytest.mark.parametrize("facade", FACADES)
@pytest.mark.parametrize("closed", [False, True])
def test_a_registry_that_refreshed_wants_to_be_closed(said, facade, closed):
    async def use(registry):
        await settled(registry.refresh())
        if closed:
            await settled(registry.close() if isinstance(registry, Registry) else registry.aclose())

    async def settled(result):
        return await result if inspect.isawaitable(result) else result

    with FakeModelsDev(ACME) as server:
        registry = facade(source=server.url)
        asyncio.run(use(registry))
    text = repr(registry)
    registry = None
    gc.collect()

    assert ([] if closed else [f"unclosed {text}"]) == unclosed(said)


def test_what_could_not_be_made_says_nothing(said):
    for facade in FACADES:
        with pytest.raises(ValueError, match="store"):
            facade(store="nowhere://")
        with pytest.raises(TypeError):
            facade(1)
    gc.collect()

    assert said == []
