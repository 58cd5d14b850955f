"""Named queries, as SQL files beside this module hold them."""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FOLDER", "read_file", "read_queries"]

FOLDER = os.path.dirname(__file__)  # noqa: PTH120  # as in read_file

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_COMMENT = re.compile(r"^--.*$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z]\w*)")


@cache
def read_queries(dialect: str) -> Mapping[str, str]:
    """Return the queries of *dialect* by name: those all dialects share, and its own, which come first where both have one.

    A file holds blocks that begin with ``-- name: …``, one statement each. Parameters are written ``:name``, and come out as the driver of
    the dialect takes them.
    """
    queries = {**_read("queries.sql"), **_read(f"{dialect}/queries.sql")}
    if dialect == "postgres":
        return {name: _PARAMETER.sub(r"%(\1)s", sql.replace("%", "%%")) for name, sql in queries.items()}
    return queries


def _read(path: str) -> dict[str, str]:
    _, *blocks = _NAME.split(read_file(path))
    return {name: _COMMENT.sub("", sql).strip().removesuffix(";") for name, sql in zip(blocks[::2], blocks[1::2], strict=True)}


def read_file(path: str) -> str:
    """Return the text of a file in this folder."""
    with open(os.path.join(FOLDER, path), encoding="utf-8") as file:  # noqa: PTH118, PTH123  # pathlib costs opening a store more than it gives here
        return file.read()
