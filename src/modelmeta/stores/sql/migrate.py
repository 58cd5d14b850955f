"""The numbered steps that bring a schema up to date."""

from __future__ import annotations

import os
import re
from functools import cache

import attrs

from .queries import FOLDER, read_file

__all__ = ["Migration", "migrations"]

_FILE = re.compile(r"([0-9]{4})_(\w+)\.sql")


@attrs.frozen
class Migration:
    """One step: after it, the schema is of version ``number``."""

    number: int
    name: str
    sql: str
    """What it executes: statements, each with its semicolon."""


@cache
def migrations(dialect: str) -> tuple[Migration, ...]:
    """Return the steps of *dialect*, in order."""
    names = sorted(os.listdir(os.path.join(FOLDER, dialect)))  # noqa: PTH118, PTH208  # as in read_file
    found = [match for match in map(_FILE.fullmatch, names) if match]
    return tuple(Migration(int(match[1]), match[2], read_file(f"{dialect}/{match[0]}")) for match in found)
