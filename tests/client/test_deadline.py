"""Deadlines: whatever names, networks and servers do, a fetch ends in time and says so.

The servers here never come to an end by themselves, and each single read may take a minute: that a fetch ends at all shows its deadline.
"""

from __future__ import annotations

import socket
import threading

import pytest

from modelmeta import DeadlineError
from modelmeta.client.fetch import Wanted
from modelmeta.testing import Fault


@pytest.fixture
def wanted(server):
    return Wanted(f"{server.url}/api.json?type=all")


@pytest.fixture
def silent():
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.drip(0.02, headers=True), Fault.drip(0.02)], ids=repr)
def test_a_server_that_hangs_or_drips_is_left(http, server, wanted, fault):
    server.fail(fault)
    with pytest.raises(DeadlineError, match=r"within the deadline|did not answer in time") as raised:
        http(timeout=60, deadline=0.4, max_retries=3).fetch(wanted)
    assert (wanted.url, 1) == (raised.value.url, raised.value.attempts)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_says_nothing_is_left_also_during_the_handshake(http, silent, scheme):
    with pytest.raises(DeadlineError):
        http(timeout=60, deadline=0.4).fetch(Wanted(f"{scheme}://{silent}/api.json"))


def test_a_name_that_is_looked_up_forever_is_left(monkeypatch, http):
    found = threading.Event()

    def look_up(*_args, **_kwargs):
        found.wait()
        raise socket.gaierror(socket.EAI_NONAME, "nobody has it")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    fetching = http(timeout=60, deadline=0.4)
    try:
        with pytest.raises(DeadlineError):
            fetching.fetch(Wanted("http://models.test/api.json"))
    finally:
        found.set()


def test_a_single_read_takes_no_longer_than_its_timeout_and_is_tried_again(http, server, wanted):
    server.fail(Fault.hang(), times=1)
    assert http(timeout=0.5, deadline=60, max_retries=5).fetch(wanted).data
    assert len(server.requests) >= 2


def test_a_read_that_takes_too_long_is_told(http, server, wanted):
    server.fail(Fault.hang())
    with pytest.raises(DeadlineError, match="did not answer in time") as raised:
        http(timeout=0.1, deadline=60, max_retries=1).fetch(wanted)
    assert raised.value.attempts == 2


def test_the_deadline_is_one_of_all_attempts(http, server, wanted):
    server.fail(Fault.hang())
    with pytest.raises(DeadlineError):
        http(timeout=0.1, deadline=1, max_retries=20).fetch(wanted)
    assert len(server.requests) <= 10
