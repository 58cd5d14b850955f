"""What greets those who come: the list of examples, and the forms for issues."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))


def test_the_list_of_examples_has_each_once():
    listed = re.findall(r"^\| \[(.+?)\]\((.+?)\) \|", (ROOT / "examples" / "README.md").read_text(), re.MULTILINE)
    examples = [path for pattern in ("*.py", "*.ipynb", "data/*.py") for path in (ROOT / "examples").glob(pattern)]
    assert sorted(str(path.relative_to(ROOT / "examples")) for path in examples) == sorted(link for _, link in listed)
    assert all(text == link for text, link in listed)


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_has_what_the_host_of_the_repository_asks_of_one(path):
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "labels", "body"} == form.keys()
    questions = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in questions} <= {"input", "textarea"}
    assert len({part["id"] for part in questions}) == len(questions)
    assert all(part["attributes"]["label"] for part in questions)
    assert any(part.get("validations", {}).get("required") for part in questions)
    assert all(part["attributes"]["value"] for part in form["body"] if part["type"] == "markdown")
