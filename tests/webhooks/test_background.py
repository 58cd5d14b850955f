"""Delivering all the time, beside everything else."""

from __future__ import annotations

import logging
from threading import Thread
from threading import enumerate as threads

import pytest

from modelmeta import AsyncRegistry, Registry
from modelmeta.metrics import PrometheusMetrics
from modelmeta.testing import FakeClock
from modelmeta.webhooks import Webhooks

OUTCOMES = ("delivered", "failed", "dead")


def deliverers():
    return [thread for thread in threads() if thread.name == "modelmeta-webhooks"]


@pytest.fixture
def running(hooks):
    hooks.start()
    hooks.start()
    assert 1 == len(deliverers())
    yield hooks
    hooks.stop()
    hooks.stop()
    assert [] == deliverers()


def test_what_is_refreshed_is_delivered_by_itself(running, receiver, change, clock):
    running.add(receiver.url)
    change(rocket=3)

    clock.wait_for_sleepers()
    clock.advance(2)

    assert receiver.came.wait(30)


def test_stopping_waits_for_what_is_under_way_and_begins_nothing_more(hooks, receiver, change, clock):
    hook = hooks.add(receiver.url)
    change(rocket=3)
    change(rocket=4)
    receiver.may_answer.clear()
    hooks.start()
    assert receiver.came.wait(30)

    stopping = Thread(target=hooks.stop)
    stopping.start()
    assert hooks._stopped.wait(30)
    receiver.may_answer.set()
    stopping.join()

    assert ["pending", "delivered"] == [delivery.state for delivery in hooks.deliveries(hook.id)]
    hooks.start()
    clock.wait_for_sleepers()
    hooks.stop()
    assert ["delivered", "delivered"] == [delivery.state for delivery in hooks.deliveries(hook.id)]


def test_a_store_that_fails_is_told_of_once_and_asked_again(hooks, receiver, change, clock, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG, "modelmeta.webhooks")
    hooks.add(receiver.url)
    change(rocket=3)
    with monkeypatch.context() as broken:
        broken.setattr(type(hooks._registry.world().store), "entries", lambda *_: 1 / 0)
        hooks.start()
        for _ in range(2):
            clock.wait_for_sleepers()
            clock.advance(2)
        clock.wait_for_sleepers()
    clock.advance(2)

    assert receiver.came.wait(30)
    hooks.stop()
    levels = [record.levelname for record in caplog.records if "webhooks cannot be delivered" in record.message]
    assert ["WARNING", "DEBUG"] == levels[:2]


async def test_an_async_registry_has_webhooks_too(receiver, begun, tmp_path):
    source, clock = tmp_path / "api.json", FakeClock()
    source.write_text((begun / "api.json").read_text())
    async with AsyncRegistry(source=source, clock=clock) as registry:
        await registry.refresh(accept=True)
        hooks = Webhooks(registry, allow_private=True)
        hooks.add(receiver.url)
        source.write_text(source.read_text().replace('"input": 2', '"input": 3'))
        await registry.refresh(accept=True)
        hooks.start()
        clock.wait_for_sleepers()
        hooks.stop()

    assert ["cost.input"] == [change["path"] for message in receiver.messages() for change in message["data"]["changes"]]


def test_metrics_hear_of_every_attempt(receiver, begun, tmp_path, clock):
    metrics = PrometheusMetrics()
    source = tmp_path / "api.json"
    source.write_text((begun / "api.json").read_text())
    with Registry(source=source, clock=clock, metrics=metrics) as registry:
        registry.refresh(accept=True)
        hooks = Webhooks(registry, allow_private=True)
        hooks.add(receiver.url)
        receiver.answers = [(500,), (500,), (204,)]
        for price in (3, 4):
            source.write_text(source.read_text().replace(f'"input": {price - 1}', f'"input": {price}'))
            registry.refresh(accept=True)
        for _ in receiver.answers[:]:
            hooks.deliver()
            clock.advance(86_400)

    told = {outcome: metrics.registry.get_sample_value("modelmeta_webhook_deliveries_total", {"outcome": outcome}) for outcome in OUTCOMES}
    assert {"failed": 1, "dead": 1, "delivered": 1} == told
