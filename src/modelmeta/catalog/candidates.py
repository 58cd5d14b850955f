"""The models among which a question that has an order of its own looks for its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..errors import QueryError
from ..records.usage import Usage
from .query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .catalog import Catalog
    from .model_list import ModelList
    from .query import Criteria

__all__ = ["Candidates", "candidates", "unpaged"]


@attrs.frozen
class Candidates:
    """What a query leaves to choose from: ``models``, the ``query`` they met, the ``usage`` to price them by, and ``page``.

    ``page`` is what ``limit`` and ``offset`` say; it is to be cut from the answer, once that is in its order.
    """

    models: ModelList
    query: Query
    usage: Usage | None
    page: slice


def candidates(catalog: Catalog, capabilities: tuple[Any, ...], criteria: Criteria) -> Candidates:
    """Return the models of *catalog* that have *capabilities* (names, or one query before them) and meet *criteria*.

    Deprecated models are left out unless ``status`` or ``exclude_deprecated`` is among *criteria* or in the query. ``usage`` may be given
    without ``max_cost``.

    Raises:
        QueryError: ``sort`` is given, a criterion does not exist, or a value is one it cannot have.
    """
    names, asked, page = unpaged(capabilities, criteria)
    usage = asked.get("usage")
    if "usage" in asked and not isinstance(usage, Usage):
        message = f"usage must be a Usage, not {usage!r}"
        raise QueryError(message, criterion="usage", value=usage)
    if "max_cost" not in asked:
        asked.pop("usage", None)
    if not asked.keys() & {"status", "exclude_deprecated"}:
        asked["exclude_deprecated"] = True
    query = Query(*names, **asked)
    return Candidates(catalog.filter(query), query, usage, page)


def unpaged(capabilities: tuple[Any, ...], criteria: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any], slice]:
    """Return *capabilities* and *criteria* without a query before them, ``limit`` and ``offset``, and the part of an answer these ask for.

    Raises:
        QueryError: ``sort`` is given, or ``limit`` or ``offset`` is no whole number of 0 or more.
    """
    asked = dict(criteria)
    if capabilities and isinstance(capabilities[0], Query):
        head, *names = capabilities
        capabilities, asked = (*head.capabilities, *names), {**head.given(), **criteria}
    if "sort" in asked:
        message = f"sort cannot be asked here, for the answer has an order of its own: leave out sort={asked['sort']!r}"
        raise QueryError(message, criterion="sort", value=asked["sort"])
    cut: Any = {name: asked.pop(name) for name in ("limit", "offset") if name in asked}
    page = Query(**cut)
    return capabilities, asked, slice(page.offset, None if page.limit is None else page.offset + page.limit)
