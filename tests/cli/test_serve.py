"""What ``modelmeta serve`` refuses before it serves, and what its workers read besides what its store holds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import httpx
import pytest

from modelmeta.server.serve import Serving


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "2"], "2 workers need a store that they share; say which with --store, or in MODELMETA_STORE"),
        (["--refresh-interval", "soon"], "refresh_interval must be"),
        (["--store", "mysql://root:hush@host/db"], "there is no store for mysql://"),
        (["--source", "ftp://models.example"], "a source is an http or https address, a path or a Source, not ftp://"),
        (["--port", "65536"], "65536 is not in the range"),
        (["--workers", "0"], "0 is not in the range"),
        (["--rate-limit", "0"], "0 is not in the range"),
    ],
)
def test_what_cannot_be_served_is_refused_by_name(run, options, said):
    printed = run("serve", *options, exit_code=2)
    assert said in printed
    assert "hush" not in printed


def test_a_variable_that_cannot_be_used_is_refused_by_name(run, monkeypatch):
    monkeypatch.setenv("MODELMETA_TIMEOUT", "never")
    assert "MODELMETA_TIMEOUT must be" in run("serve", exit_code=2)


def test_without_the_extra_it_says_what_to_install(run, uninstalled, monkeypatch):
    import modelmeta.server as package  # noqa: PLC0415  # it has its modules as attributes, too

    monkeypatch.delattr(package, "serve", raising=False)
    uninstalled("uvicorn", "modelmeta.server.serve")
    assert 'serving needs uvicorn: pip install "modelmeta[server]"' in run("serve", exit_code=2)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_every_worker_reads_overlays_and_a_policy(store, tmp_path, workers):
    (tmp_path / "own.toml").write_text('[models."acme/own"]\nname = "Own"\n[models."acme/denied"]\nname = "Denied"\n')
    (tmp_path / "rules.toml").write_text('[prod]\ndeny = ["acme/denied"]\n')
    laid = ["--overlay", str(tmp_path / "own.toml"), "--policy", str(tmp_path / "rules.toml"), "--profile", "prod"]
    command = [sys.executable, "-m", "modelmeta", *laid, "serve", "--port", "0", "--workers", workers, "--store", store]
    environ = {**os.environ, "MODELMETA_ENABLED": "no"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environ) as process:
        url, begun, answered, asked = "", 0, set(), {}
        for line in process.stderr:
            if found := re.search(r"running on (http://\S+?)[ \"]", line):
                url = found[1]
            begun += "Application startup complete." in line
            if begun == int(workers) and url and not asked:
                asked = {response.headers["x-request-id"]: response for response in (httpx.get(f"{url}/api/v1/models") for _ in range(40))}
            answered |= {re.search(r'"process": (\d+)', line)[1] for each in asked if each in line}
            if asked and "modelmeta.server.access" in line and len(answered) == int(workers):
                break
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
    assert process.returncode == 0
    assert len(answered) == int(workers)
    read = [[model["id"] for model in response.json()["models"]] for response in asked.values()]
    assert read == [["own", "rocket"]] * len(asked)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--overlay", "missing.toml"], "there is no overlay 'missing.toml'"),
        (["--policy", "missing.toml"], "missing.toml"),
        (["--profile", "prod"], "say which file with --policy"),
    ],
)
def test_what_cannot_be_laid_over_is_refused_before_it_serves(run, options, said):
    assert said in run("serve", *options, exit_code=2)


def test_neither_token_nor_store_is_in_a_repr():
    shown = repr(Serving(store="postgresql://me:hush@host/db", token="hush"))  # noqa: S106  # it opens nothing
    assert "hush" not in shown
    assert "sources=()" in shown


def test_its_help_loads_no_server():
    code = "import sys; from modelmeta.cli.main import cli\ntry: cli(['serve', '--help'])\nfinally: assert not {'fastapi', 'uvicorn'} & {*sys.modules}"
    assert 0 == subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode
