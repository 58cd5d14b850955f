"""How lists of models, and single ones, are told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import QueryError
from ...records.cost import Cost
from ...records.model import Model
from ...records.plain import to_dict
from ...records.refs import ModelRef
from ..parameters import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...catalog.model_list import ModelList
    from ..parameters import Paging

__all__ = ["paged", "showing"]

_BLANK = to_dict(Model(ref=ModelRef("provider", "model"), name="", cost=Cost()))
_FIELDS = [*_BLANK, *(f"{name}.{inner}" for name, facts in _BLANK.items() if isinstance(facts, dict) for inner in facts)]


def paged(found: ModelList, asked: Paging, show: Callable[[Model], Any] | None = None) -> dict[str, Any]:
    """Return the page of what was *found* that is asked for, and where it stands."""
    page = found.page(asked.page, asked.limit)
    return {
        "models": page.items if show is None else [*map(show, page.items)],
        "total": page.total,
        "page": page.page,
        "limit": page.size,
        "pages": page.pages,
    }


def showing(texts: list[str]) -> Callable[[Model], dict[str, Any]] | None:
    """Return what tells of a model only the fields that *texts* list, dotted ones within their objects; None if they list none: it is whole.

    Raises:
        QueryError: a model has no such field.
    """
    wanted = fields_of(texts)
    for path in wanted:
        if path not in _FIELDS:
            message = f"a model has no field {path!r:.100}; its fields are {', '.join(_FIELDS)}"
            raise QueryError(message, criterion="fields", value=path)
    return partial(_part, sorted(wanted, reverse=True)) if wanted else None


def _part(wanted: list[str], model: Model) -> dict[str, Any]:
    """Return only these fields of *model*; of an object and its parts, the parts come first."""
    whole = to_dict(model)
    chosen: dict[str, Any] = {"provider_id": whole["provider_id"], "id": whole["id"]}
    for path in wanted:
        name, _, inner = path.partition(".")
        if inner:
            chosen.setdefault(name, {})[inner] = (whole[name] or {}).get(inner)
        else:
            chosen[name] = whole[name]
    return chosen
