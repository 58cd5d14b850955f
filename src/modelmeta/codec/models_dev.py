"""models.dev's documents: api.json, models.json and catalog.json, today's and yesterday's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..errors import DecodeError
from ..records.problem import Problem, json_path
from ..records.refs import ModelRef
from .structure import Unreadable, show, structure_lab_model, structure_model, structure_provider

if TYPE_CHECKING:
    from ..records.lab import LabModel
    from ..records.model import Model
    from ..records.provider import Provider
    from .shape import Json

__all__ = ["PART", "Aside", "Document", "Kind", "read_document", "read_head", "read_lab_models", "read_model"]

Kind: TypeAlias = Literal["api.json", "models.json", "catalog.json"]

PART: dict[Kind, list[str]] = {"api.json": ["providers"], "models.json": ["models"], "catalog.json": []}
"""Which part of a catalog.json a document of each kind is: the keys that lead there."""

Aside: TypeAlias = tuple[list[str], Any]
"""Something set aside: the keys that lead to it from the top of the document, and what stood there."""


@attrs.define
class Document:
    """A document taken apart: what could be read, beside the JSON it was read from.

    ``heads`` are the providers' own facts, with an empty ``models`` where they had one; ``asides`` is what could not be read, so that nothing
    is lost. ``aliases`` are other names of models, which no document of upstream's has.
    """

    kind: Kind
    heads: dict[str, Json] = attrs.field(factory=dict)
    rows: dict[ModelRef, Json] = attrs.field(factory=dict)
    models: dict[ModelRef, Model] = attrs.field(factory=dict)
    lab_rows: dict[str, Json] = attrs.field(factory=dict)
    problems: list[Problem] = attrs.field(factory=list)
    asides: list[Aside] = attrs.field(factory=list)
    aliases: dict[str, str] = attrs.field(factory=dict)

    def set_aside(self, keys: list[str], raw: Any, reason: str, path: tuple[str | int, ...] = ()) -> None:
        """Record that what stands at *keys* cannot be read; *path* leads on from there to the value at fault."""
        self.asides.append((keys, raw))
        self.problems.append(Problem(json_path(*keys, *path), reason, raw))


def read_document(tree: object, source: str | None = None) -> Document:
    """Take a parsed models.dev document apart.

    Raises:
        DecodeError: *tree* is none.
    """
    name = source or "the document"
    if not isinstance(tree, dict):
        message = f"{name} is not a models.dev document: its top level is {type(tree).__name__}, not an object"
        raise DecodeError(message, source=source)
    match _kind(tree):
        case "catalog.json":
            document = Document("catalog.json")
            _read_providers(document, tree["providers"], ["providers"])
            read_lab_models(document, tree["models"], ["models"])
            for key in tree.keys() - {"providers", "models"}:
                document.set_aside([key], tree[key], "catalog.json has no such part")
        case "api.json":
            document = Document("api.json")
            _read_providers(document, tree, [])
        case "models.json":
            document = Document("models.json")
            read_lab_models(document, tree, [])
        case _:
            message = f"{name} is not a models.dev document: no provider with models, and no model of a lab, is in it"
            raise DecodeError(message, source=source)
    return document


def _kind(tree: Json) -> Kind | None:
    if isinstance(tree.get("providers"), dict) and isinstance(tree.get("models"), dict) and "id" not in tree["providers"]:
        return "catalog.json"
    rows = [value for value in tree.values() if isinstance(value, dict)]
    if any(isinstance(row.get("models"), dict) for row in rows):
        return "api.json"
    return "models.json" if any("modalities" in row or "limit" in row for row in rows) else None


def _read_providers(document: Document, tree: Json, base: list[str]) -> None:
    for provider_id, raw in tree.items():
        keys = [*base, provider_id]
        if not isinstance(raw, dict):
            document.set_aside(keys, raw, "a provider must be an object")
        elif not provider_id or "/" in provider_id:
            document.set_aside(keys, raw, "a provider's id must be text without '/'")
        else:
            _read_provider(document, provider_id, raw, keys)


def _read_provider(document: Document, provider_id: str, raw: Json, keys: list[str]) -> None:
    provider = read_head(document, provider_id, {key: value for key, value in raw.items() if key != "models"}, keys)
    models = raw.get("models")
    if isinstance(models, dict):
        document.heads[provider_id]["models"] = {}
        for model_id, row in models.items():
            read_model(document, ModelRef(provider_id, model_id), row, [*keys, "models", model_id], subscription=provider.subscription)
    elif "models" in raw:
        document.set_aside([*keys, "models"], models, "a provider's models must be an object")


def read_head(document: Document, provider_id: str, head: Json, keys: list[str]) -> Provider:
    """Add a provider, everything but its models, to *document*: fields that cannot be read are set aside. Return it."""
    while True:
        try:
            provider = structure_provider(provider_id, head)
        except Unreadable as error:
            field = str(error.path[0])
            document.set_aside([*keys, field], head.pop(field), error.reason, error.path[1:])
        else:
            document.heads[provider_id] = head
            return provider


def read_model(document: Document, ref: ModelRef, row: Any, keys: list[str], *, subscription: bool) -> None:
    """Add a model to *document*, or set its row aside."""
    if not ref.model_id:
        document.set_aside(keys, row, "a model's id must not be empty")
        return
    try:
        model = structure_model(ref, row, subscription=subscription)
    except Unreadable as error:
        document.set_aside(keys, row, error.reason, error.path)
        return
    document.rows[ref] = row
    document.models[ref] = model
    _look_for_oddities(document, ref.model_id, row, model, keys)


def read_lab_models(document: Document, tree: Json, base: list[str]) -> None:
    """Add lab models to *document*, or set their rows aside."""
    for lab_id, row in tree.items():
        keys = [*base, lab_id]
        try:
            model = structure_lab_model(lab_id, row)
        except Unreadable as error:
            document.set_aside(keys, row, error.reason, error.path)
            continue
        document.lab_rows[lab_id] = row
        _look_for_oddities(document, lab_id, row, model, keys)


def _look_for_oddities(document: Document, row_id: str, row: Json, model: Model | LabModel, keys: list[str]) -> None:
    if row.get("id", row_id) != row_id:
        document.problems.append(
            Problem(json_path(*keys, "id"), f"says {show(row['id'])} under the key {show(row_id)}; the key is used", row["id"], "odd")
        )
    for field in ("knowledge", "release_date", "last_updated"):
        date = getattr(model, field)
        if date is not None and not date.is_possible:
            document.problems.append(Problem(json_path(*keys, field), f"no calendar has the date {show(date.text)}", date.text, "odd"))
