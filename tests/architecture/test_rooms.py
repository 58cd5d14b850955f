"""The house of DESIGN: which room may import which, and how large modules and functions may grow."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent.parent / "src" / "modelmeta"

INWARDS = {
    *("errors", "settings", "display", "records", "codec", "catalog", "client", "sources", "stores", "registry"),
    *("_clock", "_deprecation", "_flow", "_forks", "_lazy", "_toml"),
}
MAY_IMPORT = {
    "errors": set(),
    "_lazy": set(),
    "_clock": set(),
    "_deprecation": set(),
    "_flow": set(),
    "_forks": set(),
    "_toml": set(),
    "settings": {"errors"},
    "display": set(),
    "records": {"errors", "display", "_lazy"},
    "codec": {"_forks", "_toml", "records", "errors"},
    "catalog": {"_forks", "_toml", "records", "errors", "display"},
    "client": {"_clock", "_flow", "errors", "settings"},
    "sources": {"_flow", "errors"},
    "stores": {"_forks", "records", "errors"},
    "registry": INWARDS,
    "metrics": INWARDS,
    "webhooks": INWARDS,
    "server": INWARDS | {"metrics", "webhooks"},
    "exports": INWARDS,
    "mcp": INWARDS,
    "integrations": INWARDS,
    "cli": INWARDS | {"exports", "mcp", "server", "webhooks"},
    "testing": INWARDS | {"cli"},
    "__init__": INWARDS,
    "__main__": {"cli"},
}
ONLY_IN = {
    "aiolimiter": {"client"},
    "cachetools": {"catalog", "registry", "server"},
    "cattrs": {"codec"},
    "click": {"cli"},
    "httpx": {"client", "registry", "webhooks"},
    "fastapi": {"server"},
    "genai_prices": {"integrations", "registry"},
    "hypothesis": {"testing"},
    "langchain_core": {"integrations"},
    "litellm": {"integrations"},
    "mcp": {"mcp"},
    "mcp_types": {"mcp"},
    "opentelemetry": {"registry"},
    "prometheus_client": {"metrics"},
    "standardwebhooks": {"webhooks"},
    "starlette": {"server"},
    "uvicorn": {"server"},
    "pandas": {"catalog"},
    "polars": {"catalog"},
    "psycopg": {"stores"},
    "pyarrow": {"catalog", "exports"},
    "pydantic_ai": {"integrations"},
    "pytest": {"testing"},
    "redis": {"stores"},
    "rich": {"cli", "display"},
    "sqlite3": {"stores"},
}
LONGEST_MODULE = 500
LONGEST_CONFTEST = 100
LONGEST_FUNCTION = 40
UNEXPLAINED = re.compile(r"# (noqa|type: ignore|pyright: ignore|pragma)\b[^#]*$")


def modules() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imported(path: Path) -> list[tuple[str, str]]:
    """Return what *path* imports: ("inside", room) or ("outside", top-level package)."""
    found = []
    depth = len(path.relative_to(SRC).parts) - 1
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [("outside", alias.name.partition(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append(("outside", str(node.module).partition(".")[0]))
        elif isinstance(node, ast.ImportFrom) and node.level > depth:
            found += [("inside", (node.module or alias.name).partition(".")[0]) for alias in node.names]
    return found


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines *function* has, its signature included and its docstring not."""
    first = function.body[0]
    explained = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) else 0
    return function.end_lineno - function.lineno + 1 - explained


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_a_room_imports_only_the_rooms_it_may(path):
    rooms = {name for where, name in imported(path) if where == "inside"}
    assert rooms - MAY_IMPORT[room(path)] - {room(path)} == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_a_library_is_used_only_in_its_room(path):
    outside = {name for where, name in imported(path) if where == "outside"}
    assert {name for name in outside & ONLY_IN.keys() if room(path) not in ONLY_IN[name]} == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_the_package_imports_itself_relatively(path):
    assert ("outside", "modelmeta") not in imported(path)


def test_every_room_has_its_rule():
    assert {room(path) for path in modules()} == MAY_IMPORT.keys()


def test_no_module_holds_two_things(root):
    long = {
        path.name: length
        for folder in ("src", "tests", "examples", "tools", "bench")
        for path in (root / folder).rglob("*.py")
        if (length := len(path.read_text().splitlines())) > (LONGEST_CONFTEST if path.name == "conftest.py" else LONGEST_MODULE)
    }
    assert long == {}


def test_no_function_does_two_things():
    """Its docstring, which may have much to explain, is not counted."""
    functions = [
        (f"{path.relative_to(SRC)}: {node.name}", node)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert {name: length for name, node in functions if (length := lines_of(node)) > LONGEST_FUNCTION} == {}


def test_every_exception_to_a_rule_says_why():
    lines = [(path.relative_to(SRC), line) for path in modules() for line in path.read_text().splitlines()]
    assert [(str(path), line.strip()) for path, line in lines if UNEXPLAINED.search(line)] == []


def test_tests_mirror_the_rooms(root):
    rooms = {path.name for path in SRC.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms - {path.name for path in (root / "tests").iterdir()} == set()
