"""How lists of models, and single ones, are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import QueryError
from ...records.plain import to_dict
from ..parameters import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...catalog.model_list import ModelList
    from ...records.model import Model
    from ..parameters import Paging

__all__ = ["paged", "shown"]


def paged(found: ModelList, asked: Paging, show: Callable[[Model], Any] = to_dict) -> dict[str, Any]:
    """Return the page of what was *found* that is asked for, and where it stands."""
    page = found.page(asked.page, asked.limit)
    return {
        "models": [*map(show, page.items)],
        "total": page.total,
        "page": asked.page,
        "limit": asked.limit,
        "pages": -(-page.total // asked.limit),
    }


def shown(model: Model, fields: list[str]) -> dict[str, Any]:
    """Return *model*, or of it only the *fields*, dotted ones within their objects.

    Raises:
        QueryError: a model has no such field.
    """
    whole = to_dict(model)
    wanted = fields_of(fields)
    if not wanted:
        return whole
    chosen: dict[str, Any] = {"provider_id": whole["provider_id"], "id": whole["id"]}
    for path in wanted:
        *way, last = path.split(".")
        source: Any = whole
        target = chosen
        for name in way:
            source = source.get(name) if isinstance(source, dict) else None
            target = target.setdefault(name, {})
        if path.partition(".")[0] not in whole:
            message = f"a model has no field {path!r:.100}; its fields are {', '.join(whole)}"
            raise QueryError(message, criterion="fields", value=path)
        target[last] = source.get(last) if isinstance(source, dict) else None
    return chosen
