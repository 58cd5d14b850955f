"""Memory: what unpacks to 600 MB is refused long before it does."""

from __future__ import annotations

import subprocess
import sys

import pytest

from modelmeta.testing import Fault

MOST_MB = 400

SCRIPT = """
import asyncio, pathlib, re, sys
from modelmeta import AsyncClient, Client, TooLargeError
from modelmeta.client.fetch import Wanted

url, colour = sys.argv[1:]

async def awaited():
    async with AsyncClient(base_url=url) as client:
        await client.catalog()

def called():
    with Client(base_url=url) as client:
        client.catalog()

try:
    asyncio.run(awaited()) if colour == "tasks" else called()
except TooLargeError as error:
    # not getrusage: that counts the process which this one was forked from
    print(re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1], error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the peak of memory")
def test_a_gzip_bomb_takes_little_memory(server, colour):
    server.fail(Fault.bomb())
    ran = subprocess.run([sys.executable, "-c", SCRIPT, server.url, colour], capture_output=True, text=True, timeout=120, check=True)
    peak, error = ran.stdout.split(maxsplit=1)

    assert "answered with more than 67,108,864 bytes" in error
    assert len(server.requests) == 1
    assert int(peak) < MOST_MB * 1024
