"""What shells complete: asked of a real bash, and of click's own classes for the others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import get_completion_class

from modelmeta.cli.main import cli
from modelmeta.codec.snapshot import Snapshot

BASH = shutil.which("bash")
CASES = [
    (["show", "openai/gpt-5.5-p"], ["openai/gpt-5.5-pro"]),
    (["compare", "openai/gpt-5.5", "anthropic/claude-opus-4-5"], ["anthropic/claude-opus-4-5", "anthropic/claude-opus-4-5-20251101"]),
    (["list", "--provider", "openro"], ["openrouter"]),
    (["discover", "anthrop"], ["anthropic"]),
    (["runtime", "nobody/nothing"], []),
    (["disag"], ["disagreements"]),
    (["providers", "se"], ["set"]),
    (["recommend", "spe"], ["speech"]),
    (["completion", "z"], ["zsh"]),
    (["watch", "--ki"], ["--kind"]),
]


def bash(script: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run([BASH, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "PATH": path}).stdout


@pytest.mark.parametrize(("typed", "completed"), CASES, ids=lambda value: " ".join(value))
def test_bash_completes(typed, completed):
    words = " ".join(["modelmeta", *typed])
    script = f'eval "$(modelmeta completion bash)"; COMP_WORDS=({words}); COMP_CWORD={len(typed)}; _modelmeta_completion modelmeta'
    assert bash(f'{script}; printf "%s\\n" "${{COMPREPLY[@]}}"').split() == completed


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.parametrize(("typed", "completed"), CASES, ids=lambda value: " ".join(value))
def test_zsh_and_fish_complete(monkeypatch, shell, typed, completed):
    monkeypatch.setenv("COMP_WORDS", " ".join(["modelmeta", *(typed if shell == "zsh" else typed[:-1])]))
    monkeypatch.setenv("COMP_CWORD", str(len(typed)) if shell == "zsh" else typed[-1])
    told = get_completion_class(shell)(cli, {}, "modelmeta", "_MODELMETA_COMPLETE").complete()
    names = told.split("\n")[1::3] if shell == "zsh" else [line.partition(",")[2].partition("\t")[0] for line in told.splitlines()]
    assert names == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_every_shell_asks_modelmeta(run, shell):
    assert f"_MODELMETA_COMPLETE={shell}_complete" in run("completion", shell)


def test_another_shell_is_refused(run):
    assert "'bash', 'zsh', 'fish'" in run("completion", "tcsh", exit_code=2)


def test_completing_decodes_no_model(monkeypatch):
    monkeypatch.setattr(Snapshot, "model", lambda *_: pytest.fail("a model was decoded"))
    monkeypatch.setenv("COMP_WORDS", "modelmeta show openai/")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert "openai/gpt-5.5" in get_completion_class("bash")(cli, {}, "modelmeta", "_MODELMETA_COMPLETE").complete()


def test_every_model_can_be_completed(monkeypatch, catalog):
    monkeypatch.setenv("COMP_WORDS", "modelmeta show ")
    monkeypatch.setenv("COMP_CWORD", "2")
    told = get_completion_class("bash")(cli, {}, "modelmeta", "_MODELMETA_COMPLETE").complete()
    assert [line.partition(",")[2] for line in told.splitlines()] == list(map(str, catalog.models().refs))
