"""The project's tasks: ``nox -l`` lists them, ``nox -s tests`` proves the library."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"
nox.options.error_on_external_run = True
nox.options.sessions = ["tests", "lint", "typing", "docs", "examples"]

PYPROJECT = nox.project.load_toml("pyproject.toml")


def _runs(version: str) -> bool:
    """Return whether this machine can run Python *version*."""
    found = shutil.which(f"python{version}")
    return found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0  # noqa: S603  # a Python that is on the PATH


PYTHONS = [version for version in nox.project.python_versions(PYPROJECT) if _runs(version)]
FREE_THREADED = [version for version in ("3.13t", "3.14t") if _runs(version)]


def _install(session: nox.Session, *groups: str, extras: str = "[all]") -> None:
    session.install(*nox.project.dependency_groups(PYPROJECT, *groups), f".{extras}")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests on every supported Python that is here; the branches of src must be covered in full."""
    _install(session, "tests")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", "tests")
    session.run("coverage", "run", "-m", "pytest", "README.md", "docs", "src")  # each block of a page goes on from those before it
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("towncrier", "build", "--draft", "--version", "next", silent=True)


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types, ours and those a user sees."""
    _install(session, "typing")
    session.install("nox")
    session.run("mypy")
    session.run("pyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session
def docs(session: nox.Session) -> None:
    """Run every code block of the README, the docs and the docstrings."""
    _install(session, "tests")
    session.run("pytest", "README.md", "docs", "src")


@nox.session
def examples(session: nox.Session) -> None:
    """Run every example on a base install, without extras, and then those of ``examples/data/`` with what they name."""
    session.install(".")
    for example in sorted(Path("examples").glob("*.py")):
        session.run("python", str(example), silent=True)
    session.install(".[arrow]", "duckdb", "polars")
    for example in sorted(Path("examples/data").glob("*.py")):
        session.run("python", str(example), silent=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure against peers and baselines; see docs/performance.md. ``--quick`` proves that the scripts run."""
    _install(session, extras="[testing]")
    session.run("python", "bench/run.py", *session.posargs)


@nox.session
def lives(session: nox.Session) -> None:
    """Let registries live 200 random lives on every store, beside a simple model (20 minutes); see docs/howto/withstand.md."""
    _install(session, "tests")
    session.run("pytest", "tests/stores/whole", "-x", env={"MODELMETA_LIVES": "200"})


@nox.session(python=[*PYTHONS, *FREE_THREADED])
def stress(session: nox.Session) -> None:
    """Let threads, tasks and 1,000 users ask while the catalog changes (5 minutes for each Python, those without a lock too)."""
    readers = ["tests/registry/test_readers.py", "-x"]
    if str(session.python) in FREE_THREADED:  # where not every extra can be installed
        session.install(".", "hypothesis", "pytest", "pytest-asyncio", "pytest-timeout", "sybil")
        session.run("pytest", *readers, env={"MODELMETA_SWAPS": "500", "PYTHON_GIL": "0"})
        return
    _install(session, "tests")
    users = {"MODELMETA_USERS": "100 1000", "MODELMETA_STRESS": "60"}
    session.run(
        "pytest", *readers, "tests/server/api/test_stress.py", "--show-capture=stdout", "-rP", env={"MODELMETA_SWAPS": "500", **users}
    )


@nox.session
def chaos(session: nox.Session) -> None:
    """Let upstream, stores, disk and clock fail at random while all is in use (5 minutes for each store)."""
    _install(session, "tests")
    session.run("pytest", "tests/stores/outages/test_chaos.py", "--show-capture=stdout", "-rP", env={"MODELMETA_CHAOS": "300"})


@nox.session
def day(session: nox.Session) -> None:
    """Let a day pass in ten minutes, with three servers of which one is killed every minute; ``--minutes``, ``--hours``, ``--store``."""
    _install(session, "tests")
    session.run("python", "tests/stores/fleet/day.py", *session.posargs)


@nox.session
def snapshot(session: nox.Session) -> None:
    """Make the bundled snapshot: ``nox -s snapshot -- <path or url of a models.dev document> [--date YYYY-MM-DD]``."""
    session.install("-e", ".")
    session.run("python", "tools/snapshot.py", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel and hold it to its size."""
    session.install("build")
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--wheel", "--outdir", folder, silent=True)
        (built,) = Path(folder).glob("*.whl")
        size = built.stat().st_size
    session.log(f"{built.name}: {size:,} bytes")
    if size >= LARGEST_WHEEL:
        session.error(f"the wheel must stay under {LARGEST_WHEEL:,} bytes")


LARGEST_WHEEL = 1_500_000
