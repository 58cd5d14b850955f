"""Documents that are sound to the eye and wrong at heart, to see what is held back."""

from __future__ import annotations

from itertools import islice
from typing import Any

from ..records.cost import RATES
from .site import Json, parts

__all__ = ["repriced", "shrunk"]


def shrunk(document: Json, providers: int = 5) -> Json:
    """Return a copy of *document* that lost all *providers* but the first so many, as after a build that went wrong.

    Args:
        document: a parsed api.json or catalog.json, which stays as it is. The lab models of the latter are all kept.
        providers: how many are left.

    >>> from modelmeta.testing import shrunk
    >>> shrunk({"acme": {"models": {}}, "emca": {"models": {}}}, providers=1)
    {'acme': {'models': {}}}
    """
    sellers, lab_models = parts(document)
    left = dict(islice(sellers.items(), providers))
    return left if lab_models is None else {**document, "providers": left}


def repriced(document: Json, factor: float = 1000) -> Json:
    """Return a copy of *document* in which every rate is *factor* times what it was, as when a price is given in another unit.

    Rates are those of models, of their tiers and of their modes; the sizes at which tiers begin are not.

    Args:
        document: a parsed api.json or catalog.json, which stays as it is.
        factor: what to multiply by.

    >>> from modelmeta.testing import repriced
    >>> repriced({"acme": {"models": {"rocket": {"cost": {"input": 2.5}}}}}, factor=2)
    {'acme': {'models': {'rocket': {'cost': {'input': 5.0}}}}}
    """
    sellers, lab_models = parts(document)
    dear = {
        key: {**facts, "models": {model: _scaled(row, factor, within=False) for model, row in facts["models"].items()}}
        for key, facts in sellers.items()
    }
    return dear if lab_models is None else {**document, "providers": dear}


def _scaled(value: Any, factor: float, *, within: bool) -> Any:
    """Return a copy of a row, or a part of one, with other rates *within* ``cost``."""
    if isinstance(value, list):
        return [_scaled(item, factor, within=within) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item * factor
        if within and key in RATES and type(item) in {int, float}
        else _scaled(item, factor, within=within or key == "cost")
        for key, item in value.items()
    }
