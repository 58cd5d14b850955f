"""Closing: what is under way ends at once and says why, and nothing is left behind.

The servers here hang until they are closed, and deadlines are minutes away: that a fetch ends shows that closing ended it.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from modelmeta import AsyncClient, Client, FetchError, RefreshError, Settings
from modelmeta.client.fetch import Wanted
from modelmeta.client.http import AsyncHttp, Http
from modelmeta.testing import FakeModelsDev, Fault

SETTINGS = Settings(timeout=200, deadline=200)
HANGING = [
    Fault.hang(),
    Fault.drip(0.02, headers=True),
    Fault.drip(0.02),
    Fault.drip(200),
    Fault.status(503, retry_after="150"),
]
CLOSED = "was not read: the client was closed"


def sockets() -> set[str]:
    """Return the sockets this process has open."""
    found = set()
    for path in Path("/proc/self/fd").iterdir():
        try:
            found.add(str(path.readlink()))
        except FileNotFoundError:  # the folder's own descriptor
            continue
    return {name for name in found if name.startswith("socket:")}


@pytest.fixture(autouse=True)
def nothing_left():
    """Check that no thread and no socket is left once the server is closed too."""
    if sys.platform != "linux":
        pytest.skip("asks /proc for the sockets")
    threads, before = set(threading.enumerate()), sockets()
    yield
    for thread in set(threading.enumerate()) - threads:
        thread.join(30)
    assert set(threading.enumerate()) - threads == set()
    assert sockets() - before == set()


@pytest.fixture
def hanging(nothing_left, document):
    """A models.dev that is started after, and closed before, the above looks."""
    with FakeModelsDev(document) as server:
        server.fail(Fault.hang())
        yield server


@pytest.fixture
def wanted(hanging):
    return Wanted(f"{hanging.url}/api.json")


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


async def until_requests(server, number: int) -> None:
    await asyncio.to_thread(server.wait_for, number, 60)


@pytest.mark.parametrize("fault", HANGING, ids=repr)
def test_closing_ends_the_fetches_of_other_threads(hanging, wanted, pool, fault):
    hanging.fail(fault)
    http = Http(SETTINGS)
    fetches = [pool.submit(http.fetch, wanted) for _ in range(3)]
    hanging.wait_for(3, timeout=60)
    http.close()
    for fetch in fetches:
        with pytest.raises(FetchError, match=CLOSED) as raised:
            fetch.result(timeout=60)
        assert type(raised.value) is FetchError


@pytest.mark.parametrize("fault", HANGING, ids=repr)
def test_closing_ends_the_fetches_of_other_tasks(hanging, wanted, fault):
    hanging.fail(fault)

    async def main():
        http = AsyncHttp(SETTINGS)
        tasks = [asyncio.ensure_future(http.fetch(wanted)) for _ in range(3)]
        await until_requests(hanging, 3)
        await http.aclose()
        for task in tasks:
            with pytest.raises(FetchError, match=CLOSED) as raised:
                await task
            assert type(raised.value) is FetchError
        assert {asyncio.current_task()} == asyncio.all_tasks()

    asyncio.run(main())


QUESTIONS = [lambda client: client.api(), lambda client: client.list_models(), lambda client: client.logo("acme")]
"""Something of each kind that clients are asked; ``list_models`` is answered by a registry of the client's own."""


@pytest.mark.parametrize("question", QUESTIONS)
def test_closing_a_client_ends_what_other_threads_ask(hanging, pool, question):
    client = Client(SETTINGS, base_url=hanging.url)
    answer = pool.submit(question, client)
    hanging.wait_for(1, timeout=60)
    client.close()
    with pytest.raises(RefreshError, match="closed"):
        answer.result(timeout=60)


@pytest.mark.parametrize("question", QUESTIONS)
def test_closing_a_client_ends_what_other_tasks_ask(hanging, question):
    async def main():
        client = AsyncClient(SETTINGS, base_url=hanging.url)
        task = asyncio.ensure_future(question(client))
        await until_requests(hanging, 1)
        await client.aclose()
        with pytest.raises(RefreshError, match="closed"):
            await task
        assert {asyncio.current_task()} == asyncio.all_tasks()

    asyncio.run(main())


@pytest.mark.parametrize("question", QUESTIONS)
def test_cancelling_what_a_client_is_asked_leaves_nothing(hanging, question):
    async def main():
        client = AsyncClient(SETTINGS, base_url=hanging.url)
        task = asyncio.ensure_future(question(client))
        await until_requests(hanging, 1)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert {asyncio.current_task()} == asyncio.all_tasks()
        await client.aclose()

    asyncio.run(main())


def test_closing_ends_a_handshake():
    wanted = []

    async def tasks():
        http = AsyncHttp(SETTINGS)
        task = asyncio.ensure_future(http.fetch(wanted[0]))
        with (await asyncio.to_thread(listener.accept))[0] as stream:
            await asyncio.to_thread(stream.recv, 1)
            await http.aclose()
            with pytest.raises(FetchError, match=CLOSED):
                await task

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        wanted.append(Wanted(f"https://127.0.0.1:{listener.getsockname()[1]}/api.json"))
        http = Http(SETTINGS)
        fetch = pool.submit(http.fetch, wanted[0])
        with listener.accept()[0] as stream:
            stream.recv(1)
            http.close()
            with pytest.raises(FetchError, match=CLOSED):
                fetch.result(timeout=60)
        asyncio.run(tasks())


def test_closing_ends_what_was_sent_over_a_client_that_was_given_and_leaves_that_open(hanging, wanted, pool):
    with httpx.Client() as given:
        http = Http(SETTINGS, client=given)
        fetch = pool.submit(http.fetch, wanted)
        hanging.wait_for(1, timeout=60)
        http.close()
        with pytest.raises(FetchError, match=CLOSED):
            fetch.result(timeout=60)
        hanging.heal()
        assert given.get(wanted.url).status_code == 200


def test_closing_ends_what_a_task_sent_over_a_client_that_was_given_and_leaves_that_open(hanging, wanted):
    async def main():
        async with httpx.AsyncClient() as given:
            http = AsyncHttp(SETTINGS, client=given)
            task = asyncio.ensure_future(http.fetch(wanted))
            await until_requests(hanging, 1)
            await http.aclose()
            with pytest.raises(FetchError, match=CLOSED):
                await task
            hanging.heal()
            assert (await given.get(wanted.url)).status_code == 200

    asyncio.run(main())


def test_who_looks_a_name_up_is_left_and_ends_before_it_asks(monkeypatch, hanging, pool):
    asked, found, real = threading.Event(), threading.Event(), socket.getaddrinfo

    def look_up(host, *args, **kwargs):
        asked.set()
        found.wait()
        return real("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    http = Http(SETTINGS)
    fetch = pool.submit(http.fetch, Wanted(hanging.url.replace("127.0.0.1", "models.test")))
    try:
        assert asked.wait(60)
        http.close()
        with pytest.raises(FetchError, match=CLOSED):
            fetch.result(timeout=60)
    finally:
        found.set()
    for thread in threading.enumerate():
        if thread.name == "modelmeta-fetch":
            thread.join(60)
    assert hanging.requests == []


def test_cancelling_a_handshake_leaves_nothing():
    async def main():
        http = AsyncHttp(SETTINGS)
        task = asyncio.ensure_future(http.fetch(wanted))
        with (await asyncio.to_thread(listener.accept))[0] as stream:
            await asyncio.to_thread(stream.recv, 1)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()
        await http.aclose()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        wanted = Wanted(f"https://127.0.0.1:{listener.getsockname()[1]}/api.json")
        asyncio.run(main())


def test_cancelling_a_fetch_cancels_it(hanging, wanted):
    async def main():
        http = AsyncHttp(SETTINGS)
        task = asyncio.ensure_future(http.fetch(wanted))
        await until_requests(hanging, 1)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        hanging.heal()
        assert (await http.fetch(wanted)).data
        await http.aclose()

    asyncio.run(main())


def test_nothing_is_fetched_after_closing(http, hanging, wanted):
    fetching = http()
    hanging.heal()
    assert fetching.fetch(wanted).data
    assert fetching.is_open is True
    hanging.clear()
    for _ in range(2):
        fetching.close()
        assert fetching.is_open is False
        with pytest.raises(FetchError, match=CLOSED):
            fetching.fetch(wanted)
    assert hanging.requests == []


def test_what_never_fetched_closes(http):
    fetching = http()
    assert fetching.is_open is False
    fetching.close()


def test_what_is_left_of_an_event_loop_that_is_over_can_be_closed_in_another(hanging, wanted):
    hanging.heal()
    http = AsyncHttp(SETTINGS)
    assert asyncio.run(http.fetch(wanted)).data
    asyncio.run(http.aclose())
    assert http.is_open is False


def test_a_fetch_that_ended_in_time_is_no_business_of_closing(hanging, wanted):
    hanging.fail(Fault.status(404))

    async def main():
        http = AsyncHttp(SETTINGS)
        with pytest.raises(FetchError, match="404"):
            await http.fetch(wanted)
        await http.aclose()

    asyncio.run(main())
