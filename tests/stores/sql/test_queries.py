"""SQL is written as SQL: in files, with parameters, and never put together from values."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import modelmeta
from modelmeta.stores.sql.queries import read_file, read_queries

STORES = Path(modelmeta.__file__).parent / "stores"
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|WHERE|VALUES|FROM|PRAGMA|NOTIFY|LISTEN|SET)\b")
DIALECTS = ("sqlite", "postgres")


def texts(node):
    """Return the literal texts within *node*."""
    return " ".join(each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def formats(node):
    """Return whether *node* puts a text together from values."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.Mod, ast.Add))
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"format", "join", "replace", "format_map"}
    )


@pytest.mark.parametrize("path", sorted(STORES.rglob("*.py")), ids=lambda path: str(path.relative_to(STORES)))
def test_no_sql_is_put_together_from_values(path):
    tree = ast.parse(path.read_text())
    assert [ast.unparse(node) for node in ast.walk(tree) if formats(node) and SQL.search(texts(node))] == []


@pytest.mark.parametrize(
    "code", ['f"SELECT {x}"', '"DELETE FROM x WHERE y = %s" % z', '"SELECT " + x', '"SET {}".format(x)', '" ".join(["UPDATE", x])']
)
def test_sql_that_is_put_together_would_be_found(code):
    node = ast.parse(code, mode="eval").body
    assert formats(node)
    assert SQL.search(texts(node))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_query_the_stores_name_is_there(dialect):
    queries = read_queries(dialect)
    called = {
        argument.value
        for name in ("sql/store.py", "sql/current.py", {"sqlite": "sqlite.py", "postgres": "postgres.py"}[dialect])
        for node in ast.walk(ast.parse((STORES / name).read_text()))
        if isinstance(node, (ast.Call, ast.Yield, ast.Tuple))
        for argument in ast.walk(node)
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and re.fullmatch(r"[a-z]+(_[a-z]+)*", argument.value)
    }
    assert {"head", "insert_model", "delete_upstream_benchmarks", "mark_crashed", "has_migrations"} <= called & queries.keys()
    assert queries.keys() - called == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_has_what_all_share_and_what_is_its_own(dialect):
    shared, own = (
        set(re.findall(r"^-- name: (\w+)$", read_file(path), re.MULTILINE)) for path in ("queries.sql", f"{dialect}/queries.sql")
    )
    assert read_queries(dialect).keys() == shared | own
    assert {"has_migrations", "lease", "take_lease"} <= own


def test_parameters_are_written_as_the_driver_takes_them():
    assert "VALUES (:version, :name, :applied_at)" in read_queries("sqlite")["migrated"]
    assert "VALUES (%(version)s, %(name)s, %(applied_at)s)" in read_queries("postgres")["migrated"]
    for sql in read_queries("postgres").values():
        assert not re.search(r"(?<!:):[a-z]", sql)
        assert re.sub(r"%%|%\(\w+\)s", "", sql).count("%") == 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_query_is_one_statement(dialect):
    assert [name for name, sql in read_queries(dialect).items() if ";" in sql or "--" in sql] == []
