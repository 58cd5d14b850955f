"""How the server logs."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from modelmeta.server.front import ACCESS
from modelmeta.server.lines import Gathering, Lines

ASKED = {"request_id": "5fdd5de03d932338", "status": 200, "seconds": 0.00026}


class Stream:
    """Something to write to, that tells when it is."""

    def __init__(self):
        self.written, self.wrote = [], None

    def write(self, text):
        """Keep what is written."""
        self.written.append(text)
        if self.wrote is not None:
            self.wrote.set()

    def flush(self):
        """Do nothing."""


@pytest.fixture
def stream():
    return Stream()


@pytest.fixture
def log(stream):
    """A log, which comes to the stream."""
    logger = logging.Logger(ACCESS)  # noqa: LOG001  # one that is not shared
    handler = Gathering(stream)
    handler.setFormatter(Lines("%(message)s"))
    logger.addHandler(handler)
    return logger


def test_what_is_logged_in_an_event_loop_is_written_together(stream, log):
    async def work():
        stream.wrote = asyncio.Event()
        for number in range(3):
            log.info("GET /%d 200", number, extra=ASKED)
        assert [] == stream.written
        await stream.wrote.wait()

    asyncio.run(work())
    (together,) = stream.written
    assert ["GET /0 200", "GET /1 200", "GET /2 200"] == [json.loads(line)["message"] for line in together.splitlines()]


def test_what_is_logged_elsewhere_is_written_at_once(stream, log):
    for number in (1, 2):
        log.info("GET / 200", extra=ASKED)
        assert number == len(stream.written)


def test_what_was_not_written_yet_is_when_the_program_ends(stream, log):
    async def work():
        log.info("GET / 200", extra=ASKED)

    asyncio.run(work())
    assert [] == stream.written
    logging.shutdown([lambda: log.handlers[0]])
    assert 1 == len(stream.written)


def test_a_request_is_a_line_of_json(stream, log):
    log.info("%s %s %d", "GET", '/"\\ü\u2028', 404, extra={**ASKED, "status": 404})
    line = json.loads(stream.written[0])
    assert '{"level": "INFO", "logger": "modelmeta.server.access", "process": ' == stream.written[0].partition(str(line["process"]))[0]
    assert ('GET /"\\ü\u2028 404', 404, 0.00026, "5fdd5de03d932338") == (
        line["message"],
        line["status"],
        line["seconds"],
        line["request_id"],
    )
    assert line["timestamp"].endswith("+00:00")


def test_a_record_that_cannot_be_written_harms_nobody(stream, log, monkeypatch):
    seen = []
    monkeypatch.setattr(log.handlers[0], "handleError", seen.append)
    log.info("GET / 200")
    assert 1 == len(seen)
    assert [] == [*filter(None, stream.written)]
