"""Make a release: ``python tools/release.py <version> [<path or url of a models.dev document>]``, within ``nox -s release``.

The first run of a version sets it, builds the changelog, makes the snapshot of the document, and ends: what it did is read, mended and
committed by a person. The second builds wheel and sdist of that commit into ``dist/``, checks them, tries the wheel in environments of its
own, and writes ``dist/provenance.json``. Nothing is tagged, pushed or uploaded.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from datetime import UTC, date, datetime
from hashlib import sha256
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from packaging.version import Version

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
SNAPSHOT = Path("src", "modelmeta", "sources", "models.snapshot")
OLDEST = 90
"""A release does not bring facts older than so many days, as if they were news."""
VERSIONED = {"pyproject.toml": r'(?m)^(version = ")[^"]+(")$', "deploy/Dockerfile": r'(modelmeta\[\S+\]==)[^"]+(")'}
"""Where the version stands, and between what."""
FIRST_ANSWER = "import modelmeta; print(modelmeta.Registry().get('openai/gpt-5.5').limit.context)"


def with_version(text: str, pattern: str, version: str) -> str:
    """Return *text* with *version* in the one place that *pattern* finds."""
    changed, times = re.subn(pattern, rf"\g<1>{version}\g<2>", text)
    if times != 1:
        message = f"the version stands {times} times where it should stand once"
        raise ValueError(message)
    return changed


def snapshot_head(data: bytes) -> dict[str, Any]:
    """Return what the snapshot in *data* says of itself: its version, its digest, how old it is, and of how much."""
    head = json.loads(data.partition(b"\n")[0])
    return {key: head[key] for key in ("version", "digest", "fetched_at", "models", "providers")}


def objection(version: str, current: str, fetched_at: str, today: date) -> str | None:
    """Return why *version* cannot follow *current* with facts of *fetched_at*, None where it can."""
    if str(Version(version)) != version:
        return f"{version} is written {Version(version)}"
    if Version(version) < Version(current):
        return f"{version} is before {current}"
    age = (today - date.fromisoformat(fetched_at[:10])).days
    if age > OLDEST:
        return f"the bundled facts are {age} days old, more than {OLDEST}: name a document, by its path or URL"
    return None


def provenance(folder: Path, version: str, commit: str, snapshot: dict[str, Any], tools: dict[str, str], at: datetime) -> dict[str, Any]:
    """Return what was built in *folder*, of what, with what and when."""
    files = [path for path in sorted(folder.iterdir()) if path.name != "provenance.json"]
    return {
        "name": "modelmeta",
        "version": version,
        "commit": commit,
        "built_at": at.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "tools": tools,
        "snapshot": snapshot,
        "files": {path.name: {"sha256": sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size} for path in files},
    }


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run *command*, show what it prints, and return it; end where it fails."""
    print("$", *command, flush=True)  # noqa: T201  # a command reports what it does
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  # our own
    print(done.stdout, end="", flush=True)  # noqa: T201
    if done.returncode:
        sys.exit(f"this failed with exit code {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout.strip()


def prepare(version: str, document: str | None) -> None:
    """Set the version, build the changelog and make the snapshot, in the working tree."""
    for name, pattern in VERSIONED.items():
        path = ROOT / name
        path.write_text(with_version(path.read_text(), pattern, version))
    run(sys.executable, "-m", "towncrier", "build", "--yes", "--version", version)
    if document is not None:
        run(sys.executable, "tools/snapshot.py", document)


def build(version: str) -> None:
    """Build, check and try the files of the commit that is checked out, which has *version*."""
    commit, epoch = run("git", "rev-parse", "HEAD"), run("git", "log", "-1", "--format=%ct")
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--no-isolation", SOURCE_DATE_EPOCH=epoch)
    wheel, sdist = next(DIST.glob("*.whl")), next(DIST.glob("*.tar.gz"))
    run(sys.executable, "-m", "check_wheel_contents", wheel)
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    with tempfile.TemporaryDirectory() as name:
        for extra in ("", "[cli]"):
            try_out(Path(name) / f"base{extra}", f"{wheel}{extra}", version, command=bool(extra))
    tools = {name: installed(name) for name in ("build", "hatchling", "twine", "check-wheel-contents")}
    said = provenance(DIST, version, commit, snapshot_head((ROOT / SNAPSHOT).read_bytes()), tools, datetime.now(UTC))
    (DIST / "provenance.json").write_text(json.dumps(said, indent=2) + "\n")


def try_out(folder: Path, requirement: str, version: str, *, command: bool) -> None:
    """Install *requirement* in an environment of its own, and ask it; by its command too, where it has one."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement)
    run(python, "-I", "-W", "error", "-c", FIRST_ANSWER, cwd=folder)
    if command and version not in run(folder / "bin" / "modelmeta", "--version", cwd=folder):
        sys.exit(f"the command is not of version {version}")
    if command:
        run(folder / "bin" / "modelmeta", "compare", "openai/gpt-5.5", "anthropic/claude-opus-4-5", cwd=folder)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="the version to release, such as 0.2.0")
    parser.add_argument("document", nargs="?", help="path or URL of the models.dev document to bundle, of which the snapshot is made anew")
    arguments = parser.parse_args()
    if run("git", "status", "--porcelain"):
        parser.error("something is not committed: a release is made of a commit")
    current = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    today = datetime.now(UTC).date()
    fetched_at = today.isoformat() if arguments.document else snapshot_head((ROOT / SNAPSHOT).read_bytes())["fetched_at"]
    if reason := objection(arguments.version, current, fetched_at, today):
        parser.error(reason)
    if arguments.document or arguments.version != current or [*ROOT.glob("changelog.d/*.md")]:
        prepare(arguments.version, arguments.document)
        print(f"Read what changed, mend it, commit it, and run this again as: nox -s release -- {arguments.version}")  # noqa: T201
    else:
        build(arguments.version)
        print(f"In dist/ is {arguments.version}. To tag and to upload it is for you.")  # noqa: T201


if __name__ == "__main__":
    main()
