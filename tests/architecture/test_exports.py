"""What is public: the names of ``modelmeta`` and ``modelmeta.records``, and that nothing heavy comes with them."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import modelmeta
import modelmeta.records

SRC = Path(modelmeta.__file__).parent
HEAVY = {
    *(
        "aiolimiter",
        "anyio",
        "asyncio",
        "cachetools",
        "cattrs",
        "click",
        "concurrent",
        "hypothesis",
        "httpcore",
        "httpx",
        "rich",
        "socket",
        "sqlite3",
        "ssl",
    ),
    *("email", "http", "urllib", "logging", "unittest", "importlib.metadata", "importlib.resources"),
}


def loaded_by(code: str) -> set[str]:
    """Return the modules a fresh interpreter has loaded after *code* and not before."""
    script = f"import sys; before = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


@pytest.mark.parametrize("package", [modelmeta, modelmeta.records], ids=lambda package: package.__name__)
def test_public_names_are_sorted_unique_and_importable(package):
    assert package.__all__ == sorted(set(package.__all__))
    for name in package.__all__:
        assert getattr(package, name) is not None


@pytest.mark.parametrize("package", [modelmeta, modelmeta.records], ids=lambda package: package.__name__)
def test_type_checkers_see_the_names_that_exist(package):
    """Everything imported under TYPE_CHECKING is public, and everything public is imported there."""
    tree = ast.parse(Path(package.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name))
    seen = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert sorted(seen) == package.__all__
    for name, module in seen.items():
        assert getattr(package, name) is getattr(importlib.import_module(f"{package.__name__}.{module}"), name)


@pytest.mark.parametrize("package", [modelmeta, modelmeta.records], ids=lambda package: package.__name__)
def test_dir_lists_the_public_names(package):
    assert dir(package) == package.__all__


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'modelmeta' has no attribute 'Registri'"):
        modelmeta.Registri  # noqa: B018  # to ask is enough


def test_every_record_is_public_at_the_top():
    assert set(modelmeta.records.__all__) <= set(modelmeta.__all__)


@pytest.mark.parametrize("path", sorted(SRC.rglob("*.py")), ids=lambda path: str(path.relative_to(SRC)))
def test_a_module_defines_what_it_lists(path):
    tree = ast.parse(path.read_text())
    listed = [node for node in tree.body if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"]
    if path.name == "__init__.py" and not listed:
        assert len(tree.body) == 1
        return
    names = ast.literal_eval(listed[0].value)
    module = importlib.import_module(".".join(["modelmeta", *path.relative_to(SRC).with_suffix("").parts]).removesuffix(".__init__"))
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(module, name)] == []


def test_importing_the_package_loads_nothing_else():
    assert {name for name in loaded_by("import modelmeta") if name.partition(".")[0] == "modelmeta"} == {"modelmeta", "modelmeta._lazy"}


@pytest.mark.parametrize("code", ["import modelmeta", "from modelmeta import Registry; Registry()"])
def test_nothing_heavy_is_loaded_by_importing_or_constructing(code):
    assert loaded_by(code) & HEAVY == set()


def test_nothing_heavy_is_loaded_by_the_first_answer():
    assert loaded_by("from modelmeta import Registry; Registry().get('openai/gpt-5.5')") & HEAVY == set()


def test_the_first_answer_loads_nothing_that_other_questions_need():
    loaded = loaded_by("from modelmeta import Registry; Registry().get('openai/gpt-5.5')")
    rooms = {name.removeprefix("modelmeta.") for name in loaded if name.startswith(("modelmeta.catalog.", "modelmeta.display."))}
    assert {"catalog.calling", "catalog.catalog", "catalog.reading", "catalog.routing", "catalog.routing.routing", "display.shown"} == rooms


def test_constructing_opens_no_file_and_starts_no_thread():
    code = """
import sys, threading
from modelmeta import AsyncRegistry, Registry
seen = []
sys.addaudithook(lambda event, args: seen.append(event) if event in {"open", "socket.connect", "socket.__new__"} else None)
Registry(), AsyncRegistry()
assert not seen, seen
assert threading.active_count() == 1
"""
    assert loaded_by(code) is not None
