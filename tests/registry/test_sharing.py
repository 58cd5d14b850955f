"""A refresh at a time: who asks for the same has the same, from one request."""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

from modelmeta import AsyncRegistry, ConnectFailedError, RefreshError, Registry
from modelmeta.testing import FakeModelsDev, Fault

ACME = {"acme": {"id": "acme", "models": {f"rocket-{number}": {"id": f"rocket-{number}"} for number in range(10)}}}
CROWD = 16
SOON = 60


@pytest.fixture
def server():
    with FakeModelsDev(ACME) as server:
        yield server


def sync_crowd(server, wishes, let_go):
    """Let as many threads refresh as there are wishes, and the server go on when all of them wait; return what came."""

    def waiting():
        """Return how many threads are within a refresh, and wait for something."""

        def codes(frame):
            while frame is not None:
                yield frame.f_code
                frame = frame.f_back

        stacks = [set(codes(frame)) for frame in sys._current_frames().values()]
        return sum({threading.Event.wait.__code__, Registry.refresh.__code__} <= stack for stack in stacks)

    def refresh(wish):
        barrier.wait()
        try:
            return registry.refresh(**wish)
        except RefreshError as error:
            return error

    barrier = threading.Barrier(len(wishes))
    with Registry(source=server.url, max_retries=0) as registry, ThreadPoolExecutor(len(wishes)) as pool:
        server.fail(Fault.hang())
        asked = [pool.submit(refresh, wish) for wish in wishes]
        end = monotonic() + SOON
        while waiting() < len(wishes) or not server.requests:
            assert monotonic() < end
            sleep(0.005)
        let_go()
        return [each.result(SOON) for each in asked]


def async_crowd(server, wishes, let_go):
    """As ``sync_crowd``, in tasks."""

    async def refresh_all():
        async with AsyncRegistry(source=server.url, max_retries=0) as registry:
            server.fail(Fault.hang())
            asked = [asyncio.create_task(registry.refresh(**wish)) for wish in wishes]
            await asyncio.to_thread(server.wait_for, timeout=SOON)
            await asyncio.sleep(0.05)
            let_go()
            return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(refresh_all())


@pytest.mark.parametrize("crowd", [sync_crowd, async_crowd])
def test_a_crowd_that_asks_at_once_gets_one_report_from_one_request(server, crowd):
    reports = crowd(server, [{}] * CROWD, server.heal)

    assert 1 == len(server.requests)
    assert {id(reports[0])} == {*map(id, reports)}
    assert "updated" == reports[0].status


@pytest.mark.parametrize("crowd", [sync_crowd, async_crowd])
def test_who_asks_for_something_else_has_a_run_of_their_own(server, crowd):
    wishes = [{}, {"force": True}, {"providers": "acme"}, {"providers": ["acme"]}]
    *others, one, _same = crowd(server, wishes, server.heal)

    assert 3 == len({*map(id, others), id(one)})
    assert 3 <= len(server.requests) <= 4


@pytest.mark.parametrize("crowd", [sync_crowd, async_crowd])
def test_a_crowd_shares_an_error_too(server, crowd):
    errors = crowd(server, [{}] * CROWD, server.close)

    assert 1 == len(server.requests)
    assert {ConnectFailedError} == {*map(type, errors)}
    assert {id(errors[0])} == {*map(id, errors)}


def test_an_interrupted_refresh_leaves_nothing_behind(server, monkeypatch):
    def interrupt(*_args):
        raise KeyboardInterrupt

    with Registry(source=server.url) as registry:
        with monkeypatch.context() as patch:
            patch.setattr("modelmeta.client.http._Attempt.result", interrupt)
            with pytest.raises(KeyboardInterrupt):
                registry.refresh()
        assert (1, "failed") == (registry.status().consecutive_failures, registry.refreshes()[0].outcome)
        assert "updated" == registry.refresh().status
