"""What ``modelmeta serve`` refuses before it serves."""

from __future__ import annotations

import subprocess
import sys

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


def test_neither_token_nor_store_is_in_a_repr():
    shown = repr(Serving(store="postgresql://me:hush@host/db", token="hush"))  # noqa: S106  # it opens nothing
    assert "hush" not in shown
    assert "sources=()" in shown


def test_its_help_loads_no_server():
    code = "import sys; from modelmeta.cli.main import cli\ntry: cli(['serve', '--help'])\nfinally: assert not {'fastapi', 'uvicorn'} & {*sys.modules}"
    assert 0 == subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode
