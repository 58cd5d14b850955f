"""Flows: one sequence, driven at once, awaited, or by hand."""

from __future__ import annotations

import asyncio

import pytest

from modelmeta._flow import drive, drive_async


def flow(log):
    try:
        first = yield "first"
        second = yield f"after {first}"
    except OSError as error:
        second = yield f"instead of {error}"
    finally:
        log.append("closed")
    return second


def at_once(steps, perform):
    return drive(steps, perform)


def awaited(steps, perform):
    async def performing(step):
        return perform(step)

    return asyncio.run(drive_async(steps, performing))


@pytest.mark.parametrize("run", [at_once, awaited])
def test_a_flow_is_sent_the_answer_to_each_step(run):
    log = []
    assert run(flow(log), str.upper) == "AFTER FIRST"
    assert log == ["closed"]


@pytest.mark.parametrize("run", [at_once, awaited])
def test_a_flow_decides_what_becomes_of_a_failed_step(run):
    def perform(step):
        if step == "first":
            raise OSError(step)
        return step

    assert run(flow([]), perform) == "instead of first"


@pytest.mark.parametrize("run", [at_once, awaited])
def test_what_a_flow_does_not_catch_comes_out_after_it_cleaned_up(run):
    def perform(step):
        raise KeyError(step)

    log = []
    with pytest.raises(KeyError, match="first"):
        run(flow(log), perform)
    assert log == ["closed"]


def test_cancelling_closes_the_flow():
    async def cancelled(log):
        async def never(_step):
            await asyncio.Event().wait()

        task = asyncio.ensure_future(drive_async(flow(log), never))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    log = []
    assert asyncio.run(cancelled(log)) is True
    assert log == ["closed"]


def test_a_flow_can_be_driven_by_hand():
    steps = flow([])
    assert next(steps) == "first"
    assert steps.send("one") == "after one"
    with pytest.raises(StopIteration) as end:
        steps.send("two")
    assert end.value.value == "two"
