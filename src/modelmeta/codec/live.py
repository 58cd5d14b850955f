"""What providers' live lists of models say, in the four dialects there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import attrs

from ..errors import DecodeError
from ..records.frozen import FrozenDict
from ..records.problem import Problem, json_path
from .json_text import parse
from .structure import show
from .unpack import to_utf8

if TYPE_CHECKING:
    from .shape import Json

__all__ = ["DIALECTS", "Dialect", "LivePage", "read_page"]

Dialect: TypeAlias = Literal["openai", "anthropic", "google", "ollama"]
"""Whose list it is like: OpenAI's ``/models``, Anthropic's ``/v1/models``, Google's ``/v1beta/models``, Ollama's ``/api/tags``."""

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

_LONGEST_ID = 1_000
_MOST_TOKENS = 10**12


@attrs.frozen
class LivePage:
    """One page of a list: the facts it says of each model, in upstream's shape by id; what could not be read; and the page ``after``, if any."""

    models: FrozenDict[str, FrozenDict[str, Any]]
    problems: tuple[Problem, ...]
    after: str | None


def read_page(data: bytes, dialect: Dialect, source: str) -> LivePage:
    """Return what *data*, one page of a list in this *dialect* from *source*, says. Of rows with the same id the first counts.

    Raises:
        DecodeError: it is no such page.
    """
    tree = parse(to_utf8(data, source), source)
    name = "models" if dialect in {"google", "ollama"} else "data"
    page: Json = {name: tree} if isinstance(tree, list) and dialect == "openai" else tree if isinstance(tree, dict) else {}
    rows = page.get(name, [] if dialect == "google" and not page.keys() - {"nextPageToken"} and isinstance(tree, dict) else None)
    if not isinstance(rows, list):
        message = f"{source} answered with no list of models: {dialect}'s has a list called {name}"
        raise DecodeError(message, source=source)
    models: dict[str, FrozenDict[str, Any]] = {}
    problems = []
    for number, row in enumerate(rows):
        model_id = _id(row, dialect)
        if model_id is None:
            problems.append(Problem(json_path(name, number), f"is no model with an id, but {show(row)}", row))
        else:
            models.setdefault(model_id, _facts(row, model_id, dialect))
    return LivePage(FrozenDict(models), tuple(problems), _after(page, dialect, source))


def _id(row: Any, dialect: Dialect) -> str | None:
    found = row.get("name" if dialect in {"google", "ollama"} else "id") if isinstance(row, dict) else None
    model_id = found.removeprefix("models/") if isinstance(found, str) and dialect == "google" else found
    return model_id if isinstance(model_id, str) and 0 < len(model_id) <= _LONGEST_ID else None


def _facts(row: Json, model_id: str, dialect: Dialect) -> FrozenDict[str, Any]:
    """Return what *row* says that upstream has a field for: a name for people, and limits."""
    name = row.get({"anthropic": "display_name", "google": "displayName"}.get(dialect, "name"))
    limits = {limit: row.get(field) for field, limit in _LIMITS.get(dialect, {}).items()}
    known = {limit: tokens for limit, tokens in limits.items() if type(tokens) is int and 0 < tokens < _MOST_TOKENS}
    facts: Json = {"name": name if isinstance(name, str) and 0 < len(name) <= _LONGEST_ID else model_id}
    return FrozenDict({**facts, **({"limit": FrozenDict(known)} if known else {})})


_LIMITS: dict[Dialect, dict[str, str]] = {
    "openai": {"max_model_len": "context"},
    "google": {"inputTokenLimit": "input", "outputTokenLimit": "output"},
}
"""The fields that say how many tokens fit, by what we call them; the first is vLLM's."""


def _after(page: Json, dialect: Dialect, source: str) -> str | None:
    """Return what to ask the next page by; None where this is the last."""
    if dialect == "google":
        after, more = page.get("nextPageToken"), bool(page.get("nextPageToken"))
    else:
        after, more = page.get("last_id"), page.get("has_more") is True
    if more and not (isinstance(after, str) and after):
        message = f"{source} says that there are more models, but not where"
        raise DecodeError(message, source=source)
    return after if more else None
