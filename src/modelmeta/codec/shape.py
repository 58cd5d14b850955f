"""From upstream's shape of a row to that of our records.

A shaped row holds, by field name, what each record's constructor takes, still as plain JSON values. Two things stand on it:
``models_dev`` structures untrusted rows with cattrs; ``build`` makes records straight from rows that were found good before.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from ..records.cost import RATES
from ..records.model import Limit, Modalities, Model, ProviderOverride, ReasoningOption
from ..records.provider import Provider

if TYPE_CHECKING:
    from ..records.refs import ModelRef

__all__ = ["Json", "known", "modern", "shape_facts", "shape_model", "shape_provider", "split", "upstream_path"]

Json = dict[str, Any]


def known(cls: type, *without: str) -> frozenset[str]:
    """Return the names of the fields of *cls* that upstream has too."""
    return frozenset(field.name for field in attrs.fields(cls)) - {*without}


_MODEL = known(Model, "ref", "subscription", "extra")
_PROVIDER = known(Provider, "id", "extra", "model_count")
_LIMIT = known(Limit)
_MODALITIES = known(Modalities)
_OVERRIDE = known(ProviderOverride)
_REASONING = known(ReasoningOption)
_RATES = frozenset(RATES)
_INTERLEAVED = frozenset({"field", "name"})


def shape_model(ref: ModelRef, row: Json, *, subscription: bool) -> Json:
    """Return the facts of *row* by field of :class:`Model`; what has no field goes to ``extra`` under its dotted path.

    A row without a name goes by its id.
    """
    extra: Json = {}
    shaped = {"name": ref.model_id, **split(modern(row), _MODEL, "", extra), "ref": ref, "subscription": subscription}
    shape_facts(shaped, extra)
    override, options = shaped.get("provider"), shaped.get("reasoning_options")
    if isinstance(override, dict):
        shaped["provider"] = split(override, _OVERRIDE, "provider.", extra)
    if isinstance(options, list):
        shaped["reasoning_options"] = [
            split(option, _REASONING, f"reasoning_options.{number}.", extra) if isinstance(option, dict) else option
            for number, option in enumerate(options)
        ]
    experimental = shaped.get("experimental")
    if isinstance(experimental, dict):
        shaped["experimental"] = experimental = _experimental(experimental, extra)
    if isinstance(shaped.get("cost"), dict):
        shaped["cost"] = {**_cost(shaped["cost"], "cost.", extra), "modes": _mode_costs(experimental)}
    if isinstance(shaped.get("interleaved"), dict):
        interleaved = split(shaped["interleaved"], _INTERLEAVED, "interleaved.", extra)
        shaped["interleaved"] = {"field": interleaved.get("field", interleaved.get("name"))}
    if extra:
        shaped["extra"] = extra
    return shaped


def shape_facts(shaped: Json, extra: Json) -> None:
    """Shape, in place, the nested facts that a provider's model and a lab's have in common."""
    limit, modalities = shaped.get("limit"), shaped.get("modalities")
    if isinstance(limit, dict):
        shaped["limit"] = {name: _tokens(value) for name, value in split(limit, _LIMIT, "limit.", extra).items()}
    if isinstance(modalities, dict):
        shaped["modalities"] = split(modalities, _MODALITIES, "modalities.", extra)


def shape_provider(provider_id: str, head: Json) -> Json:
    """Return the facts of *head*, a provider without its models, by field of :class:`Provider`. One without a name goes by its id."""
    extra: Json = {}
    shaped = {"name": provider_id, **split(head, _PROVIDER, "", extra), "id": provider_id}
    return {**shaped, "extra": extra} if extra else shaped


def split(raw: Json, fields: frozenset[str], path: str, extra: Json) -> Json:
    """Return those of *fields* that *raw* says something about, and put what it says beyond them into *extra*. null says nothing."""
    if raw.keys() <= fields and None not in raw.values():
        return raw
    extra.update({path + key: value for key, value in raw.items() if key not in fields and (path or key != "id")})
    return {key: value for key, value in raw.items() if key in fields and value is not None}


def modern(row: Json) -> Json:
    """Return *row* with the field names upstream dropped in 2025 under those that replaced them."""
    if row.keys().isdisjoint(_DROPPED):
        return row
    row = dict(row)
    if "modalities" not in row and not row.keys().isdisjoint({"input_modalities", "output_modalities"}):
        row["modalities"] = {side: row.pop(f"{side}_modalities", None) for side in ("input", "output")}
    if "open" in row and "open_weights" not in row:
        row["open_weights"] = row.pop("open")
    flags = [status for status in _STATUSES if isinstance(row.get(status), bool)]
    if "status" not in row and flags:
        row["status"] = next((status for status in flags if row[status]), None)
        row = {key: value for key, value in row.items() if key not in flags}
    return row


_STATUSES = ("deprecated", "alpha", "beta")
_DROPPED = frozenset({"input_modalities", "output_modalities", "open", *_STATUSES})


_MOST_DIGITS = 100


def _tokens(value: Any) -> Any:
    """Return a token limit as an int; upstream writes 0 for unknown."""
    if isinstance(value, Decimal) and value.adjusted() < _MOST_DIGITS and value == value.to_integral_value():
        value = int(value)
    return None if value == 0 and type(value) is int else value


def _cost(raw: Json, path: str, extra: Json) -> Json:
    rates = split({key: value for key, value in raw.items() if key not in _TIERED}, _RATES, path, extra)
    tiers, legacy = raw.get("tiers"), raw.get("context_over_200k")
    if tiers in (None, []) and legacy is not None:
        tiers = [{**legacy, "tier": {"size": 200_000}}] if isinstance(legacy, dict) else [legacy]
    if isinstance(tiers, list):
        extra.update({f"{path}tiers.{number}": tier for number, tier in enumerate(tiers) if not _by_context(tier)})
        tiers = [_tier(tier, f"{path}tiers.{number}.", extra) for number, tier in enumerate(tiers) if _by_context(tier)]
    return rates if tiers is None else {**rates, "tiers": tiers}


_TIERED = frozenset({"tiers", "context_over_200k"})


def _by_context(tier: Any) -> bool:
    """Return whether *tier* begins at a size of context; one that begins by something else is nothing a record has a place for."""
    threshold = tier.get("tier") if isinstance(tier, dict) else None
    return not isinstance(threshold, dict) or threshold.get("type", "context") == "context"


def _tier(raw: Any, path: str, extra: Json) -> Any:
    if not isinstance(raw, dict):
        return raw
    threshold = raw.get("tier")
    if isinstance(threshold, dict):
        threshold = split(threshold, frozenset({"type", "size"}), f"{path}tier.", extra).get("size")
    return {**split({key: value for key, value in raw.items() if key != "tier"}, _RATES, path, extra), "size": threshold}


def _experimental(raw: Json, extra: Json) -> Json:
    shaped = split(raw, frozenset({"modes"}), "experimental.", extra)
    modes = shaped.get("modes")
    if isinstance(modes, dict):
        return {"modes": {name: _mode(mode, f"experimental.modes.{name}.", extra) for name, mode in modes.items()}}
    return shaped


def _mode(raw: Any, path: str, extra: Json) -> Any:
    if not isinstance(raw, dict):
        return raw
    mode = dict(split(raw, frozenset({"cost", "provider"}), path, extra))
    if isinstance(mode.get("cost"), dict):
        mode["cost"] = _cost(mode["cost"], f"{path}cost.", extra)
    if isinstance(mode.get("provider"), dict):
        mode["provider"] = split(mode["provider"], _OVERRIDE, f"{path}provider.", extra)
    return mode


def _mode_costs(experimental: Any) -> Json:
    modes = experimental.get("modes") if isinstance(experimental, dict) else None
    if not isinstance(modes, dict):
        return {}
    return {name: mode["cost"] for name, mode in modes.items() if isinstance(mode, dict) and "cost" in mode}


def upstream_path(row: Json, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return where upstream wrote what stands at *path* in the shaped *row*."""
    match path:
        case ("cost", "modes", name, *rest):
            return ("experimental", "modes", name, *_cost_path(row["experimental"]["modes"][name]["cost"], ("cost", *rest)))
        case ("experimental", "modes", name, "cost", *rest):
            return ("experimental", "modes", name, *_cost_path(row["experimental"]["modes"][name]["cost"], ("cost", *rest)))
        case ("cost", *rest):
            return _cost_path(row["cost"], ("cost", *rest))
        case ("open_weights",) if "open_weights" not in row:
            return ("open",)
        case ("modalities", side, *rest) if "modalities" not in row:
            return (f"{side}_modalities", *rest)
        case ("interleaved", "field") if "field" not in row["interleaved"]:
            return ("interleaved", "name")
        case _:
            return path


def _cost_path(cost: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    match path:
        case ("cost", "tiers", int() as place, *rest) if cost.get("tiers"):
            number, tier = [numbered for numbered in enumerate(cost["tiers"]) if _by_context(numbered[1])][place]
            if rest == ["size"]:
                rest = ["tier", "size"] if isinstance(tier.get("tier"), dict) else ["tier"]
            return ("cost", "tiers", number, *rest)
        case ("cost", "tiers", _, *rest):
            return ("cost", "context_over_200k", *rest)
        case _:
            return path
