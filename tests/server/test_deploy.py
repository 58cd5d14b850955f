"""The files to deploy with say what the program understands."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import yaml
from fastapi.testclient import TestClient

from modelmeta import AsyncRegistry
from modelmeta.cli.main import cli
from modelmeta.cli.serve import serve
from modelmeta.server.app import create_app


def understood(arguments):
    """Return what ``serve`` makes of *arguments*; an option that it does not know is an error."""
    return serve.make_context("serve", [*arguments], parent=click.Context(cli)).params


def test_the_dockerfile_is_linted_and_installs_this_version(root):
    path = root / "deploy" / "Dockerfile"
    linted = subprocess.run([Path(sys.executable).with_name("hadolint"), path], capture_output=True, text=True, check=False)
    assert (0, "") == (linted.returncode, linted.stdout)
    assert [version("modelmeta")] == re.findall(r"modelmeta\[\S+\]==([\w.]+)", path.read_text())
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", path.read_text(), re.MULTILINE)
    assert "0.0.0.0" == understood(json.loads(entry)[2:])["host"]  # noqa: S104  # within a container


def test_the_compose_file_gives_options_that_exist_and_no_token(root):
    (service,) = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())["services"].values()
    assert (2, "6h", 6_000) == tuple(understood(service["command"])[name] for name in ("workers", "refresh_interval", "rate_limit"))
    assert service["environment"]["MODELMETA_TOKEN"].startswith("${MODELMETA_TOKEN:?")


def test_the_unit_gives_options_that_exist_and_no_token(root):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(root / "deploy" / "modelmeta.service")
    program, command, *options = shlex.split(unit["Service"]["ExecStart"])
    assert ("modelmeta", "serve", 2) == (Path(program).name, command, understood(options)["workers"])
    assert "--token" not in options


def test_the_pods_give_options_that_exist_ask_what_is_answered_and_hold_no_secret(root):
    deployment, service = yaml.safe_load_all((root / "deploy" / "kubernetes.yaml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert (2, "6h") == tuple(understood(container["args"])[name] for name in ("workers", "refresh_interval"))
    assert [version("modelmeta")] == re.findall(r":([\d.]+)$", container["image"])
    assert {"MODELMETA_STORE", "MODELMETA_TOKEN"} == {variable["name"] for variable in container["env"] if "valueFrom" in variable}
    assert not [variable for variable in container["env"] if "value" in variable]
    with TestClient(create_app(AsyncRegistry())) as client:
        assert [200, 200] == [client.get(container[probe]["httpGet"]["path"]).status_code for probe in ("livenessProbe", "readinessProbe")]
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]


def test_the_how_to_names_every_file_of_deploy(root):
    pages = "".join((root / "docs" / "howto" / f"{name}.md").read_text() for name in ("deploy", "monitoring"))
    assert [] == [path.name for path in (root / "deploy").iterdir() if f"deploy/{path.name}`" not in pages]


def test_the_how_to_lists_every_option(root):
    text = (root / "docs" / "howto" / "serve.md").read_text()
    options = {name for option in serve.params for name in option.opts}
    assert options == {name for line in re.findall(r"^\| (`--.*?) \|", text, re.MULTILINE) for name in re.findall(r"--[\w-]+", line)}
