"""What the how-tos promise, where running their code blocks does not show it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import get_args

import pytest

from modelmeta import ChangeKind, errors
from modelmeta.testing import Fault


@pytest.fixture
def how_to(root):
    return lambda name: (root / "docs" / "howto" / f"{name}.md").read_text()


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_test_module_of_the_how_to_passes(how_to, tmp_path):
    (module,) = [block for block in blocks(how_to("test-your-application")) if block.count("\ndef test_") > 1]
    (tmp_path / "test_shop.py").write_text(module)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error::ResourceWarning", "test_shop.py"]

    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (0, "7 passed") == (result.returncode, (re.findall(r"\d+ passed", result.stdout) or [result.stdout])[0])


@pytest.mark.parametrize("name", ["choose-models", "overlays"])
def test_what_the_how_to_says_for_a_shell_runs_in_one(how_to, tmp_path, name):
    (session,) = re.findall(r"^```sh\n(.*?)^```", how_to(name), re.MULTILINE | re.DOTALL)
    command = f'modelmeta() {{ "{sys.executable}" -m modelmeta "$@"; }}\n{session}'
    result = subprocess.run(["bash", "-euc", command], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S607  # the one on the PATH
    assert (0, "") == (result.returncode, result.stderr)
    assert result.stdout


def test_the_how_to_plays_every_fault(how_to):
    faults = {name for name, value in vars(Fault).items() if isinstance(value, classmethod)}
    assert set() == faults - set(re.findall(r"Fault\.(\w+)\(", how_to("test-your-application")))


def test_the_how_to_names_every_kind_of_change(how_to):
    text = how_to("react-to-changes")
    assert [] == [kind for kind in get_args(ChangeKind) if f"`{kind}`" not in text]


def test_the_how_to_names_every_error_of_a_fetch(how_to):
    leaves = {kind.__name__ for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.FetchError)}
    assert set() == leaves - set(re.findall(r"`(\w+)`", how_to("client")))
