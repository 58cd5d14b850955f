"""What a release sets, refuses and says of itself."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from modelmeta import bundled_catalog

ROOT = Path(__file__).parent.parent.parent
TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def release():
    spec = importlib.util.spec_from_file_location("release", ROOT / "tools" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_version_is_set_wherever_it_stands_and_nothing_else_changes(release):
    for name, pattern in release.VERSIONED.items():
        text = (ROOT / name).read_text()
        changed = release.with_version(text, pattern, "7.8.9")
        assert [line for line in changed.splitlines() if "7.8.9" in line] == [
            line for line, before in zip(changed.splitlines(), text.splitlines(), strict=True) if line != before
        ]
        assert changed.count("7.8.9") == 1
    project = release.with_version((ROOT / "pyproject.toml").read_text(), release.VERSIONED["pyproject.toml"], "7.8.9")
    assert tomllib.loads(project)["project"]["version"] == "7.8.9"


def test_a_version_that_stands_nowhere_is_an_error(release):
    with pytest.raises(ValueError, match="stands 0 times"):
        release.with_version("", release.VERSIONED["pyproject.toml"], "7.8.9")


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.10.0", "1.0.0rc1"])
def test_what_comes_after_or_is_prepared_already_may_be_released(release, version):
    assert release.objection(version, "0.1.0", "2026-11-01", TODAY) is None


@pytest.mark.parametrize(
    ("version", "reason"), [("0.1.0rc1", "is before"), ("0.0.9", "is before"), ("v0.2", "is written 0.2"), ("0.2.00", "is written")]
)
def test_what_comes_before_or_is_misspelt_may_not(release, version, reason):
    assert reason in release.objection(version, "0.1.0", "2026-11-01", TODAY)


def test_facts_may_be_so_old_and_no_older(release):
    oldest = TODAY - timedelta(days=release.OLDEST)
    assert release.objection("0.2.0", "0.1.0", oldest.isoformat(), TODAY) is None
    assert "91 days old" in release.objection("0.2.0", "0.1.0", (oldest - timedelta(days=1)).isoformat(), TODAY)


def test_a_release_says_what_it_is_made_of(release, tmp_path):
    (tmp_path / "modelmeta.whl").write_bytes(b"a wheel")
    (tmp_path / "provenance.json").write_text("of the release before")
    head = release.snapshot_head((ROOT / release.SNAPSHOT).read_bytes())

    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    said = json.loads(json.dumps(release.provenance(tmp_path, "0.2.0", "abc", head, {"build": "1.2"}, at)))

    assert {"modelmeta.whl": {"sha256": sha256(b"a wheel").hexdigest(), "bytes": 7}} == said["files"]
    assert ("0.2.0", "abc", "2026-11-25T12:00:00+00:00") == (said["version"], said["commit"], said["built_at"])
    catalog = bundled_catalog()
    assert (catalog.content.digest, len(catalog)) == (said["snapshot"]["digest"], said["snapshot"]["models"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", said["snapshot"]["fetched_at"])
