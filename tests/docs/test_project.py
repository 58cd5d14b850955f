"""What the project says about itself is true."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from modelmeta.cli.main import cli

ROOT = Path(__file__).parent.parent.parent
TEXTS = [path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")] if path.name != "CHANGELOG.md"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("examples/*.py")), ids=lambda path: path.name)
def test_every_example_runs(path):
    result = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_our_pages_leads_somewhere(path):
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_command_has_its_line_in_the_how_to():
    text = (ROOT / "docs" / "howto" / "command-line.md").read_text()
    assert [name for name in cli.commands if f"`modelmeta {name}" not in text] == []


def test_the_readme_starts_with_two_commands_and_the_gate_runs_them():
    block = re.search(r"^```bash\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    compare, tests = block[1].splitlines()
    assert "-m modelmeta compare " in compare
    assert tests.endswith("nox -s tests")
    assert "README.md" in (ROOT / ".ci" / "run").read_text()


def test_the_base_install_stays_small():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in project["dependencies"]}
    assert names == {"aiolimiter", "attrs", "cachetools", "cattrs", "httpx"}
    extras = project["optional-dependencies"]
    assert extras["all"] == [f"modelmeta[{','.join(sorted(extras.keys() - {'all'}))}]"]


def test_the_snapshot_compresses_into_a_small_wheel(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(ROOT / "src" / "modelmeta" / "sources" / "models.snapshot", "models.snapshot")
    assert (tmp_path / "w.zip").stat().st_size < 1_000_000
