"""The page on upgrades says which versions of what is kept there are."""

from __future__ import annotations

import re

from modelmeta.codec.snapshot import VERSION
from modelmeta.stores.redis_server import FORMAT
from modelmeta.stores.sql.migrate import migrations


def test_the_page_has_the_versions_of_today(root):
    page = (root / "docs" / "explanation" / "upgrades.md").read_text()
    said = re.findall(r"^\| (?:\[(?=snapshot))?([a-zA-Z ]+)(?:\]\(\S+\))? \| (\d+) \|", page, re.MULTILINE)
    tables = {
        f"tables of {name}": str(migrations(dialect)[-1].number) for name, dialect in (("SQLite", "sqlite"), ("PostgreSQL", "postgres"))
    }
    assert {"snapshot": str(VERSION), "keys of Redis": str(FORMAT), **tables} == dict(said)
