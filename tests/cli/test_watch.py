"""``modelmeta watch``, in a process of its own, on a store that other processes commit to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from modelmeta import Registry
from modelmeta.testing import FakeModelsDev

PATIENCE = 60
ROCKET = {"name": "Rocket", "cost": {"input": 2.5, "output": 8}, "limit": {"context": 1000}}


def document(**rocket):
    return {"acme": {"name": "Acme", "models": {"rocket": {**ROCKET, **rocket}}}}


@contextmanager
def watching(store, *options, **environ):
    """Start it, wait until it watches, and end it by Ctrl-C; what it said goes into ``said``."""
    command = [sys.executable, "-m", "modelmeta", "watch", "--store", store, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environ}) as process:
        try:
            process.begun = process.stderr.readline()
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.rest, process.said = process.communicate(timeout=PATIENCE)


@pytest.fixture
def store(tmp_path):
    """The address of a store that holds the document."""
    (tmp_path / "next.json").write_text(json.dumps(document()))
    with Registry(store=f"sqlite:///{tmp_path}/catalog.db", source=tmp_path / "next.json") as registry:
        registry.refresh(accept=True)
    return f"sqlite:///{tmp_path}/catalog.db"


def commit(store, tmp_path, **rocket):
    (tmp_path / "next.json").write_text(json.dumps(document(**rocket)))
    command = [sys.executable, "-m", "modelmeta", "refresh", "--store", store, "--source", str(tmp_path / "next.json")]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)


def test_what_another_process_commits_is_told_as_it_comes(store, tmp_path):
    with watching(store) as process:
        commit(store, tmp_path, cost={"input": 5, "output": 8})
        assert process.stdout.readline() == "price acme/rocket cost.input: 2.5 -> 5 (+100.0 %)\n"
        commit(store, tmp_path, cost={"input": 5, "output": 8}, status="beta")
        assert process.stdout.readline() == "status acme/rocket status: ? -> beta\n"
    assert process.begun.startswith("Watching from revision 1-")
    assert (process.returncode, process.rest, process.said) == (0, "", "")


def test_as_json_every_change_is_a_line_and_kinds_are_narrowed(store, tmp_path):
    with watching(store, "--json", "--kind", "limit", "--model", "acme/rocket") as process:
        commit(store, tmp_path, cost={"input": 5, "output": 8}, limit={"context": 2000})
        told = json.loads(process.stdout.readline())
    assert told == {"kind": "limit", "ref": "acme/rocket", "path": "limit.context", "before": 1000, "after": 2000, "percent": 100}
    assert (process.returncode, process.rest) == (0, "")


def test_what_an_overlay_says_moves_only_with_it(store, tmp_path):
    (tmp_path / "own.toml").write_text('[models."acme/rocket"]\ncost = { input = 1 }\n')
    with watching(store, "--overlay", str(tmp_path / "own.toml")) as process:
        commit(store, tmp_path, cost={"input": 5, "output": 9})
        assert process.stdout.readline() == "price acme/rocket cost.output: 8 -> 9 (+12.5 %)\n"
    assert (process.returncode, process.rest) == (0, "")


def test_with_a_source_it_refreshes_the_store_itself_and_says_what_goes_wrong(store, run):
    with FakeModelsDev(document()) as upstream:
        environ = {"MODELMETA_REFRESH_INTERVAL": "1s", "MODELMETA_MAX_RETRIES": "0"}
        with watching(store, "--source", upstream.url, **environ) as process:
            assert upstream.wait_for(1, timeout=PATIENCE)
            upstream.serve(document(limit={"context": 3000}))
            assert process.stdout.readline() == "limit acme/rocket limit.context: 1,000 -> 3,000 (+200.0 %)\n"
            upstream.close()
            told = process.stderr.readline()
    assert "refresh failed" in told
    assert "Traceback" not in process.said
    assert process.returncode == 0
    assert len(json.loads(run("history", "--store", store, "--json"))) == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["watch"], "only what is kept can be watched; say which with --store"),
        (["watch", "--store", "sqlite:///{}/no/catalog.db"], "no/catalog.db"),
        (["watch", "--store", "sqlite:///{}/catalog.db", "--model", "rocket"], "rocket"),
    ],
    ids=["no store", "a store that is not there", "a model that is none"],
)
def test_what_cannot_be_watched_is_told_at_once(run, tmp_path, options, said):
    assert said in run(*(option.format(tmp_path) for option in options), exit_code=2)
