"""Which providers a program can call: those whose variables are set. Of variables only names are kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..errors import QueryError
from ..records.frozen import FrozenDict
from .runtime import variables_in

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Mapping

    from ..records.provider import Provider
    from .catalog import Catalog
    from .model_list import ModelList

__all__ = ["Availability", "availability", "is_available", "key_of", "missing_of", "names_set"]

_GOOGLE = ("GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY")
_BEDROCK = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK")
_WAYS: dict[frozenset[str], tuple[frozenset[str], ...]] = {
    frozenset(_GOOGLE): tuple(frozenset({name}) for name in _GOOGLE),
    frozenset(_BEDROCK): (frozenset(_BEDROCK[:3]), frozenset(_BEDROCK[2:])),
}
"""The lists of upstream that hold alternatives, with what is enough of each, as the providers' own documentation says."""


@attrs.frozen(kw_only=True, repr=False)
class Availability(Shown):
    """Which providers can be called with the variables that are set.

    ``providers`` are those whose variables are set. ``missing`` has, for every other one, by id, the variables that are not. Upstream lists
    variables without saying whether all of them are needed: a provider of which some are set and some are not is ``unsure``, unless its
    address needs one that is not. Google, whose three variables are names of one key, and Bedrock, which takes a token or a pair of keys, are
    known. ``models`` are all models of ``providers``.

    A variable that is empty is not set. Whether a key is valid, and what files and profiles hold, nobody looks at.
    """

    providers: tuple[Provider, ...]
    unsure: tuple[Provider, ...]
    missing: FrozenDict[str, tuple[str, ...]]
    models: ModelList

    def sheet(self) -> Sheet:
        """Return the providers that can be called, and those that perhaps can, with what is missing."""
        ready = [[provider.id, "yes", ""] for provider in self.providers]
        unsure = [[provider.id, "?", ", ".join(self.missing[provider.id])] for provider in self.unsure]
        total = len(self.providers) + len(self.missing)
        return Sheet(
            title=f"{len(self.providers)} of {total} providers can be called: {len(self.models):,} models",
            header=["provider", "available", "not set"],
            rows=[*ready, *unsure],
        )

    def __str__(self) -> str:
        return str(self.sheet())

    def __repr__(self) -> str:
        return f"<Availability: {len(self.providers)} providers, {len(self.unsure)} unsure, {len(self.models):,} models>"


def availability(catalog: Catalog, env: Mapping[str, str] | Collection[str] | None) -> Availability:
    """Return which providers of *catalog* can be called with what is set in *env*; see ``Catalog.available``."""
    if env is not None and (isinstance(env, str) or not hasattr(env, "__contains__") or not hasattr(env, "__iter__")):
        message = f"env is a mapping of variables such as os.environ, or the names of those that are set, not {type(env).__name__}"
        raise QueryError(message, criterion="env", value=type(env).__name__)
    sellers = catalog.sellers.values()
    present = names_set(sellers, os.environ if env is None else env)
    states = [(provider, is_available(provider, present)) for provider in sellers]
    return Availability(
        providers=tuple(provider for provider, state in states if state),
        unsure=tuple(provider for provider, state in states if state is None),
        missing=FrozenDict({provider.id: missing_of(provider, present) for provider, state in states if not state}),
        models=catalog.filter(available=present),
    )


def names_set(providers: Collection[Provider], env: Mapping[str, str] | Collection[str]) -> frozenset[str]:
    """Return which of the variables of *providers* are set in *env*, and not empty; no value is kept, and no other one read."""
    wanted = {name for provider in providers for name in _needs(provider)}
    lookup = getattr(env, "get", None)
    return frozenset(name for name in wanted if (lookup(name) if lookup is not None else name in env))


def is_available(provider: Provider, present: Container[str]) -> bool | None:
    """Return whether *provider* can be called where *present* are set; None where the data do not say whether the rest is needed."""
    if ways := _WAYS.get(frozenset(provider.env)):
        return any(all(name in present for name in way) for way in ways)
    lacking = missing_of(provider, present)
    if not lacking:
        return True
    return False if len(lacking) == len(_needs(provider)) or not {*lacking}.isdisjoint(variables_in(provider.api)) else None


def missing_of(provider: Provider, present: Container[str]) -> tuple[str, ...]:
    """Return the variables of *provider* that are not among *present*; of alternatives, all of them."""
    return tuple(name for name in _needs(provider) if name not in present)


def key_of(provider: Provider, env: Mapping[str, str]) -> str | None:
    """Return the key of *provider*: what the only variable in *env* holds that can be it. None where several can, or none is set."""
    in_address = variables_in(provider.api)
    names = [name for name in provider.env if name not in in_address]
    if {*names} == {*_GOOGLE}:
        names = [name for name in names if env.get(name)][:1]
    return (env.get(names[0]) or None) if len(names) == 1 else None


def _needs(provider: Provider) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*provider.env, *variables_in(provider.api))))
