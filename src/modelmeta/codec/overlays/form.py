"""The authoring form: models.dev's own fields, and what an overlay says besides, each name and word checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, get_args

import attrs

from ...records.cost import RATES
from ...records.dates import PartialDate
from ...records.model import ProviderOverride, ReasoningOption
from ...records.refs import ModelRef
from ...records.vocabulary import KnownModality, KnownStatus, KnownType
from ..shape import known
from ..structure import Unreadable, structure_model, structure_provider
from .merging import frozen_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...records.problem import Mistakes
    from ..shape import Json
    from .merging import Path

__all__ = ["read_form"]

_PRICES = dict.fromkeys(RATES)
_COST = {**_PRICES, "tiers": [{**_PRICES, "tier": dict.fromkeys(("type", "size"))}], "context_over_200k": _PRICES}
_OVERRIDE = dict.fromkeys(known(ProviderOverride))
_MODEL: Json = {
    **dict.fromkeys(("id", "name", "description", "family", "type", "status", "canonical_model_id")),
    **dict.fromkeys(("knowledge", "release_date", "last_updated")),
    **dict.fromkeys(("attachment", "reasoning", "tool_call", "structured_output", "temperature", "open_weights")),
    **dict.fromkeys(("streaming", "code_generation")),
    "reasoning_options": [dict.fromkeys(known(ReasoningOption))],
    "interleaved": {"field": None},
    "modalities": dict.fromkeys(("input", "output")),
    "limit": dict.fromkeys(("context", "input", "output")),
    "cost": _COST,
    "provider": _OVERRIDE,
    "experimental": {"modes": {"*": {"cost": _COST, "provider": _OVERRIDE}}},
}
"""The fields of a model, and those within them; ``*`` is any name."""
_BESIDES = ("base_model", "base_model_omit", "written_against", "extra")
_PROVIDER: Json = dict.fromkeys(("id", "name", "env", "npm", "api", "doc"))
_TOP = ("name", "wins", "models", "providers", "aliases")

_WORDS = {
    ("status",): get_args(KnownStatus),
    ("type",): get_args(KnownType),
    ("modalities", "input"): get_args(KnownModality),
    ("modalities", "output"): get_args(KnownModality),
}
_DATES = ("knowledge", "release_date", "last_updated")
_FLAGS = ("streaming", "code_generation")


def read_form(tree: object, mistakes: Mistakes) -> dict[str, Any]:
    """Return the arguments of the layer that *tree* describes; *mistakes* hears of everything that is wrong with it."""
    form = _Form(mistakes)
    top = form.table(tree, ())
    form.names(top, dict.fromkeys(_TOP), ())
    for part in ("models", "providers", "aliases"):
        for key, value in form.table(top.get(part, {}), (part,)).items():
            getattr(form, f"read_{part}")(key, value)
    for key, kind, what in (("name", str, "text"), ("wins", bool, "true or false")):
        if key in top and not isinstance(top[key], kind):
            mistakes.wrong((key,), f"must be {what}, not {top[key]!r:.80}", top[key])
    return {**form.read, **{key: top[key] for key in ("name", "wins") if key in top}}


@attrs.define
class _Form:
    """One form on its way in."""

    mistakes: Mistakes
    read: dict[str, dict[str, Any]] = attrs.field(
        factory=lambda: {part: {} for part in ("models", "providers", "aliases", "written_against")}
    )

    def table(self, value: object, path: Path) -> Mapping[str, Any]:
        """Return *value* if it is a table."""
        if isinstance(value, Mapping):
            return value
        self.mistakes.wrong(path, f"must be a table, not {value!r:.80}", value)
        return {}

    def read_models(self, ref: str, raw: object, path: Path | None = None) -> None:
        """Read the fields of one model."""
        path = path or ("models", ref)
        try:
            parsed = ModelRef.parse(ref)
        except ValueError as error:
            self.mistakes.wrong(path, str(error), ref)
            return
        if ref in self.read["models"]:
            self.mistakes.wrong(path, "is there twice", raw)
        table = self.table(raw, path)
        self.names(table, {**_MODEL, **dict.fromkeys(_BESIDES)}, path)
        row = self._row(table, path, parsed.model_id, lambda row: structure_model(parsed, row, subscription=False))
        for key, valid, what in (
            ("base_model", lambda base: isinstance(base, str), "the reference of a model"),
            ("base_model_omit", _are_texts, "a list of fields, such as ['limit.input']"),
        ):
            if key in table and not valid(table[key]):
                self.mistakes.wrong((*path, key), f"must be {what}, not {table[key]!r:.80}", table[key])
        self.read["models"][ref] = {**row, **{key: table[key] for key in ("base_model", "base_model_omit") if key in table}}
        if "written_against" in table:
            here = (*path, "written_against")
            against = self.table(table["written_against"], here)
            self.names(against, _MODEL, here)
            self.read["written_against"][ref] = self._row(
                against, here, parsed.model_id, lambda row: structure_model(parsed, row, subscription=False)
            )

    def read_providers(self, provider_id: str, raw: object) -> None:
        """Read the fields of one provider, and the models that stand with it."""
        path: Path = ("providers", provider_id)
        if not provider_id or "/" in provider_id:
            self.mistakes.wrong(path, "a provider's id must be text without '/'", provider_id)
            return
        table = self.table(raw, path)
        self.names(table, {**_PROVIDER, "extra": None, "models": None}, path)
        head = {key: value for key, value in table.items() if key != "models"}
        self.read["providers"][provider_id] = self._row(head, path, provider_id, lambda row: structure_provider(provider_id, {**row}))
        for model_id, row in self.table(table.get("models", {}), (*path, "models")).items():
            self.read_models(f"{provider_id}/{model_id}", row, (*path, "models", model_id))

    def read_aliases(self, name: str, ref: object) -> None:
        """Read one other name."""
        try:
            ModelRef.parse(ref)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # it says what is wrong with what is no text
        except ValueError as error:
            self.mistakes.wrong(("aliases", name), str(error), ref)
        self.read["aliases"][name] = ref

    def names(self, value: object, fields: Any, path: Path) -> None:
        """Check the names of the fields in *value*, and of those within them."""
        if isinstance(fields, list) and isinstance(value, list):
            for number, item in enumerate(value):
                self.names(item, fields[0], (*path, number))
        elif isinstance(fields, dict) and isinstance(value, Mapping):
            for key, item in value.items():
                if key in fields or "*" in fields:
                    self.names(item, fields.get(key, fields.get("*")), (*path, key))
                else:
                    otherwise = "a fact of your own stands in the table extra" if "extra" in fields else ""
                    self.mistakes.wrong((*path, str(key)), f"is no field; {_meant(str(key), fields, otherwise)}", item)

    def _row(self, table: Mapping[str, Any], path: Path, own: str, structure: Callable[[Json], object]) -> Json:
        """Return what *table* says in upstream's shape, its values checked by *structure* and its words here."""
        said = {key: _text(value) if key in _DATES else value for key, value in table.items() if key not in _BESIDES}
        if said.pop("id", own) != own:
            self.mistakes.wrong((*path, "id"), f"must be {own!r} or left out", table["id"])
        try:
            row = dict(frozen_row(said, path, self.mistakes.wrong))
            extra = dict(frozen_row(self.table(table.get("extra", {}), (*path, "extra")), (*path, "extra"), self.mistakes.wrong, {}))
        except RecursionError:
            self.mistakes.wrong(path, "nests too deep", None)
            return {}
        try:
            structure(row)
        except Unreadable as error:
            for where, reason in ((error.path, error.reason), *error.others):
                self.mistakes.wrong((*path, *where), reason, said)
        self._words(row, path)
        for key in extra.keys() & {*_MODEL, *_PROVIDER, *_BESIDES}:
            self.mistakes.wrong((*path, "extra", key), "is a field of its own, and no extra", extra[key])
        return {**row, **extra}

    def _words(self, row: Json, path: Path) -> None:
        """Check what has few words to say it with."""
        for keys, words in _WORDS.items():
            value: Any = row
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            for word in value if isinstance(value, list) else [value]:
                if isinstance(word, str) and word not in words:
                    self.mistakes.wrong((*path, *keys), f"{word!r} is no word for it; {_meant(word, words)}", word)
        for key in _DATES:
            if isinstance(row.get(key), str) and not PartialDate(row[key]).is_possible:
                self.mistakes.wrong(
                    (*path, key), f"no calendar has the date {row[key]!r}; write it like '2026-11-24' or '2026-11'", row[key]
                )
        for key in _FLAGS:
            if not isinstance(row.get(key, True), bool):
                self.mistakes.wrong((*path, key), f"must be true or false, not {row[key]!r:.80}", row[key])


def _text(value: Any) -> Any:
    """Return a date of TOML as upstream writes it."""
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


def _meant(name: str, names: Iterable[str], otherwise: str = "") -> str:
    """Return the end of a message about a *name* that is none of *names*: the nearest of them, or else *otherwise* or all of them."""
    from difflib import get_close_matches  # noqa: PLC0415  # only a mistake needs it

    known = sorted(names)
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else otherwise or f"known are {', '.join(known)}"


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
