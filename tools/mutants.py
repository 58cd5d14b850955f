"""Change the code in small ways and see whether its tests notice: ``python tools/mutants.py [names in [tool.mutants] of pyproject.toml …]``.

mutmut makes the changes, one at a time, and runs the tests that come through the changed function. It would first run every test there is, with
every function of the package wrapped, which takes most of an hour here; so each name in pyproject is a few modules and the tests that are about
them, and is worked on in a copy of its own, ``.mutants/<name>/``. What survived is written to ``.mutants/<name>.diff``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".mutants"
PLUGINS = ("pytest_asyncio.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
"""All others that are installed would be loaded again for each mutant."""


def prepare(work: Path, modules: list[str], tests: list[str]) -> None:
    """Make the copy in which *modules* are changed and *tests* are run."""
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, work / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", work)
    options = {
        "source_paths": ["src"],
        "only_mutate": [f"src/modelmeta/{module}" for module in modules],
        "pytest_add_cli_args": [*(f"-p{plugin}" for plugin in PLUGINS), "--hypothesis-profile=mutants"],
        "pytest_add_cli_args_test_selection": tests,
    }
    lines = [f"{option} =\n" + "".join(f"    {value}\n" for value in values) for option, values in options.items()]
    (work / "setup.cfg").write_text("[mutmut]\n" + "".join(lines), encoding="utf-8")


def mutmut(work: Path, *arguments: str) -> str:
    """Run mutmut in *work* and return what it printed last."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run(  # noqa: S603  # mutmut itself
        [sys.executable, "-m", "mutmut", *arguments], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        sys.exit(f"mutmut {' '.join(arguments)} failed in {work}:\n{ran.stdout[-4_000:]}{ran.stderr[-4_000:]}")
    return ran.stdout


def survivors(work: Path) -> list[str]:
    """Return the names of the mutants that no test noticed."""
    lines = (line.strip().rpartition(": ") for line in mutmut(work, "results").splitlines())
    return [name for name, _, verdict in lines if verdict in {"survived", "no tests", "suspicious"}]


def main(names: list[str]) -> None:
    """Work on the sets called *names*, all of them without any, and print the score of each."""
    sets = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutants"]
    for name in names or sets:
        work = FOLDER / name
        prepare(work, **sets[name])
        mutmut(work, "run", "--max-children", str(os.cpu_count()))
        mutmut(work, "export-cicd-stats")
        stats = json.loads((work / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
        left = survivors(work)
        diffs = "".join(f"# {mutant}\n{mutmut(work, 'show', mutant)}\n" for mutant in left)
        (FOLDER / f"{name}.diff").write_text(diffs, encoding="utf-8")
        total = stats["total"] - stats["skipped"]
        print(f"{name}: {total - len(left):,} of {total:,} mutants noticed, {(total - len(left)) / total:.1%}; {stats}", flush=True)  # noqa: T201  # what it is for


if __name__ == "__main__":
    main(sys.argv[1:])
