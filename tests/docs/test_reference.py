"""The reference says what the code says: nothing is missing, nothing is of yesterday."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from hashlib import sha256

import attrs
import click
import pytest

from modelmeta import Query, Settings, bundled_catalog, errors, load_catalog
from modelmeta.cli.main import cli
from modelmeta.errors import ModelMetaError
from modelmeta.metrics import PrometheusMetrics
from modelmeta.records.capabilities import ALIASES, CAPABILITIES
from modelmeta.server.app import create_app


@pytest.fixture(scope="module")
def reference(root):
    return {path.stem: path.read_text() for path in (root / "docs" / "reference").glob("*.md")}


def sections(text: str, level: int) -> dict[str, str]:
    """Return what stands below each heading of a *level*, up to the next one of it or of a higher one."""
    _, *parts = re.split(rf"^(#{{1,{level}}}) (.+)\n", text, flags=re.MULTILINE)
    found = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {heading.strip("`"): below for marks, heading, below in found if len(marks) == level}


def every(command: click.Command = cli, *words: str):
    """Yield every command with the words that call it."""
    yield " ".join(["modelmeta", *words]), command
    for name, inner in getattr(command, "commands", {}).items():
        yield from every(inner, *words, name)


COMMANDS = dict(every())


def test_the_pages_are_as_the_tool_would_write_them(root):
    result = subprocess.run([sys.executable, root / "tools" / "reference.py", "--check"], capture_output=True, text=True, check=False)
    assert ("", "", 0) == (result.stdout, result.stderr, result.returncode)


def test_a_page_of_yesterday_is_named_and_then_written(root, tmp_path):
    (tmp_path / "tools").mkdir()
    tool = shutil.copy(root / "tools" / "reference.py", tmp_path / "tools")
    pages = shutil.copytree(root / "docs" / "reference", tmp_path / "docs" / "reference")
    today = (pages / "settings.md").read_text()
    (pages / "settings.md").write_text(today.replace("| `max_age` ", "| `age` "))

    def run(*arguments: str) -> tuple[int, str]:
        result = subprocess.run([sys.executable, tool, *arguments], capture_output=True, text=True, check=False)
        return result.returncode, result.stdout

    assert (1, "not as the code says: settings.md\n") == run("--check")
    assert (0, "written: settings.md\n") == run()
    assert today == (pages / "settings.md").read_text()


def test_every_error_has_a_section_in_the_order_of_the_tree_and_nothing_else_has(reference):
    drawn = re.findall(r"^    (?:│   |    |├── |└── )*(\w+)", errors.__doc__, re.MULTILINE)
    assert drawn == [*sections(reference["errors"], 2)]
    assert sorted(drawn) == sorted(errors.__all__)


@pytest.mark.parametrize("name", errors.__all__)
def test_the_section_of_an_error_has_its_meaning_cause_check_and_fix_its_bases_and_its_attributes(reference, name):
    section, cls = sections(reference["errors"], 2)[name], getattr(errors, name)
    assert ["Means", "Cause", "Check", "Fix"] == re.findall(r"^- \*\*(\w+):\*\* .", section, re.MULTILINE)
    bases = {base.__name__ for base in cls.__bases__} - {"Exception", "ModelMetaError"}
    assert {*bases, *vars(cls("what was wrong"))} - {*re.findall(r"`(\w+)`", section.partition("- **Means")[0])} == set()


@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_points_at_its_section(root, name):
    page, _, anchor = getattr(errors, name)("what was wrong").page.partition("#")
    assert anchor in {heading.lower() for heading in sections((root / "docs" / page).read_text(), 2)}


def test_an_error_of_somebody_else_points_at_the_section_of_ours_above_it():
    class ShopError(errors.StoreError, KeyError):
        pass

    assert errors.StoreError("").page == ShopError("").page
    with pytest.raises(AttributeError):
        ModelMetaError("").page = "elsewhere"


def test_every_setting_stands_with_its_variable_and_a_default_that_the_variable_takes(reference):
    table = re.findall(r"^\| `(\w+)` `(\w+)` \| [\w ,]+ \| `(.+?)` \| \w", reference["settings"], re.MULTILINE)
    assert [(name, f"MODELMETA_{name.upper()}") for name in attrs.fields_dict(Settings)] == [
        (name, variable) for name, variable, _ in table
    ]
    assert Settings() == Settings.from_env({variable: default for _, variable, default in table if default != "None"})


def test_every_variable_that_the_code_names_stands_on_the_page(root, reference):
    code = "".join(path.read_text() for path in (root / "src").rglob("*.py"))
    named = re.findall(r'"(_?(?:MODELMETA|PG|PROMETHEUS)_?[A-Z_]+)"', code) + re.findall(r'environ(?:\.\w+\(|\[)"(\w+)"', code)
    assert {"MODELMETA_STORE", "PGOPTIONS", "PROMETHEUS_MULTIPROC_DIR"} <= {*named}
    assert {*named} - {*re.findall(r"`(\w+)`", reference["settings"])} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_with_all_its_options(reference, name):
    section = (sections(reference["command-line"], 2) | sections(reference["command-line"], 3))[name]
    options = {word for param in COMMANDS[name].params if isinstance(param, click.Option) for word in (*param.opts, *param.secondary_opts)}
    assert options - {*re.findall(r"(?<=[`, /])--?\w[\w-]*", section)} == set()


def test_every_route_stands_with_all_its_parameters_and_answers(reference):
    told = sections(reference["rest-api"], 3)
    for path, methods in create_app(metrics=PrometheusMetrics()).openapi()["paths"].items():
        for method, operation in methods.items():
            section = told[f"{method.upper()} {path}"]
            assert {param["name"] for param in operation.get("parameters", [])} - {
                *re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
            } == set()
            assert operation["responses"].keys() == {*re.findall(r"\b\d{3}\b", section.partition("Answers ")[2])}


def test_every_link_within_a_page_of_the_reference_leads_to_one_heading(reference):
    for text in reference.values():
        anchors = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)", text, re.MULTILINE)]
        assert [link for link in re.findall(r"\]\(#([^)]+)\)", text) if anchors.count(link) != 1] == []


def test_every_criterion_stands_on_the_page(reference):
    table = re.findall(r"^\| `(\w+)`", sections(reference["criteria"], 2)["Criteria"], re.MULTILINE)
    assert sorted(table) == sorted({field.name for field in attrs.fields(Query)} - {"capabilities"})


def test_a_capability_is_what_upstream_says_in_the_field_that_the_page_names(reference):
    section = sections(reference["criteria"], 2)["Capabilities"]
    table = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*?) ?\|$", section, re.MULTILINE)
    assert [*CAPABILITIES] == [name for name, *_ in table]
    assert set(ALIASES) == {alias for *_, also in table for alias in re.findall(r"\w+", also)}
    for name, upstream, also in table:
        match re.findall(r"[\w.]+(?=`)", upstream):
            case [word, path]:
                _, side = path.split(".")
                row = {"modalities": {side: [word]}}
            case [field]:
                row = {field: True}
            case _:
                assert "no field" in upstream
                row = {name: True}
        model = load_catalog({"acme": {"models": {"rocket": {"name": "Rocket", **row}}}}).get("acme/rocket")
        assert {True} == {model.supports(word) for word in (name, *re.findall(r"\w+", also))}


def test_a_snapshot_is_made_as_its_page_says(reference):
    page, data = reference["snapshot-format"], bytes(bundled_catalog().content)
    head, _, body = data.partition(b"\n")
    header = json.loads(head)
    parts = dict.fromkeys(re.sub("^column:.+:", "column:<name>:", name) for name, _ in header["parts"])
    known = re.findall(r"^\| `(.+?)` \|", page, re.MULTILINE)
    facts = body[: sum(length for name, length in header["parts"] if not name.startswith("column:"))]
    checksum = header.pop("checksum")

    assert len(body) == sum(length for _, length in header["parts"])
    assert [name for name in known if name != "aliases"] == [*parts]
    assert header.keys() - {*re.findall(r"`(\w+)`", page)} == set()
    assert f"Version {header['version']} " in page
    assert sha256(facts).hexdigest() == header["digest"]
    assert sha256(json.dumps(header).encode() + body).hexdigest() == checksum
