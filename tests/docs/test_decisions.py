"""Decisions are recorded in one form, and all of them are listed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "docs" / "explanation" / "decisions"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
FORM = re.compile(
    r"# (\d+)\. (.+)\n\nDecided on (\d{4}-\d\d-\d\d)\..*\n\n## Context\n\n(.+\n)+\n## Decision\n\n(.+\n)+\n## Consequences\n\n(.+\n)+"
)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_record_is_short_and_says_when_why_what_and_what_follows(path):
    text = path.read_text()
    match = FORM.fullmatch(text)
    assert match
    assert path.name[:4] == f"{int(match[1]):04}"
    assert date(2026, 11, 22) <= date.fromisoformat(match[3]) <= date.today()  # noqa: DTZ011  # a day, wherever one is
    assert len(text.splitlines()) <= 30


def test_the_index_lists_every_record_in_order_as_it_is_titled():
    listed = re.findall(r"^\| \[(\d+)\]\((.+?)\) \| (.+?) \| (\S+) \|$", (FOLDER / "index.md").read_text(), re.MULTILINE)
    recorded = [(*FORM.fullmatch(path.read_text()).groups()[:3], path.name) for path in RECORDS]
    assert [(number, name, title, day) for number, title, day, name in recorded] == listed
    assert [int(number) for number, *_ in listed] == [*range(1, len(listed) + 1)]
