"""A virtual environment for each library, so that none pays for another's packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".nox" / "bench-environments" / f"{sys.version_info.major}.{sys.version_info.minor}"


def ours(folder: Path, extra: str = "", *beside: str) -> Path:
    """Return the interpreter of a fresh environment in *folder* with modelmeta in it, built as a wheel: what users get, and what is *beside* it."""
    return _make(folder / "environments" / "-".join([f"modelmeta{extra}", *beside]), f"{ROOT}{extra}", *beside)


def peer(package: str) -> Path:
    """Return the interpreter of an environment with *package* in it, kept from one run to the next."""
    folder = PEERS / package
    finished = folder / "finished"
    if not finished.exists():
        _make(folder, package)
        finished.touch()
    return _python(folder)


def version(python: Path, package: str) -> str:
    """Return which version of *package* is installed beside *python*."""
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    return subprocess.run([python, "-c", code, package], check=True, capture_output=True, text=True).stdout.strip()


def _make(folder: Path, *requirements: str) -> Path:
    print(f"installing: {folder.name}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    command = [_python(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    installed = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if installed.returncode:
        sys.exit(f"{' and '.join(requirements)} cannot be installed:\n{installed.stderr}")
    return _python(folder)


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"
