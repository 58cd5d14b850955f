"""A snapshot, back in the form of the document it came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .shape import Json
    from .snapshot import Snapshot

__all__ = ["dump"]


def dump(snapshot: Snapshot, loads: Callable[[str], Any] = json.loads, row_loads: Callable[[str], Any] | None = None) -> Json:
    """Return the document *snapshot* was made of, each of its pieces as *loads* reads it, models as *row_loads* does if it is given."""
    reads = row_loads or loads
    heads: Json = dict(loads(snapshot.text("providers")))
    providers: Json = {provider_id: {**head, **({"models": {}} if "models" in head else {})} for provider_id, head in heads.items()}
    for row, ref in enumerate(snapshot.refs):
        provider_id, _, model_id = ref.partition("/")
        providers[provider_id]["models"][model_id] = reads(snapshot.line(row).decode().rstrip())
    lab_models: Json = dict(loads(snapshot.text("lab")))
    document: dict[str, Json] = {
        "api.json": providers,
        "models.json": lab_models,
        "catalog.json": {"models": lab_models, "providers": providers},
    }
    tree = document[snapshot.kind]
    for keys, raw in loads(snapshot.text("asides")):
        place: Any = tree
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = raw
    return tree
