"""Processes that share a store, and a server for them to refresh from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from modelmeta.testing import FakeModelsDev


def document(number, models=20):
    """Return a catalog.json of which half is different for each *number*, of ten providers of so many *models*, or not quite."""
    random = Random(number)
    row = {"tool_call": True, "limit": {"context": 200_000, "output": 32_000}, "modalities": {"input": ["text"], "output": ["text"]}}
    providers = {
        f"provider-{place}": {
            "name": f"Provider {place} {random.randrange(3)}",
            "models": {
                f"model-{model}": {**row, "name": f"Model {model}", "cost": {"input": random.randrange(1, 3), "output": place}}
                for model in range(models)
                if random.random() < 0.9
            },
        }
        for place in range(10)
    }
    labs = {f"lab/model-{model}": {"name": f"Model {model}", "benchmarks": [{"name": "race", "score": number}]} for model in range(10)}
    return {"models": labs, "providers": providers}


@pytest.fixture(name="document", scope="session")
def document_():
    """Return the function that makes a document."""
    return document


@pytest.fixture
def server():
    """A server of the first document."""
    with FakeModelsDev(document(0)) as server:
        yield server


class Worker:
    """A process of ``worker.py``, what it is told, and what was ``heard`` of it."""

    def __init__(self, store, source):
        command = [sys.executable, Path(__file__).parent / "worker.py", store, source]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.heard = []

    def tell(self, line):
        """Send a line."""
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self, event):
        """Wait for *event*, and return what it was about."""
        while True:
            line = self.process.stdout.readline()
            assert line, f"it ended before it was {event}: {self.heard}"
            self.heard.append(json.loads(line))
            if self.heard[-1][0] == event:
                return self.heard[-1][1]

    def kill(self):
        """Kill it, and hear the last it said."""
        self.process.kill()
        with self.process as process:
            if not process.stdout.closed:
                self.heard += [json.loads(line) for line in process.stdout if line.endswith("\n")]


@pytest.fixture
def start(any_store, server):
    """Return what starts a process on the store and the server."""
    started = []

    def start_one():
        started.append(Worker(any_store, server.url))
        return started[-1]

    yield start_one
    for worker in started:
        worker.kill()
