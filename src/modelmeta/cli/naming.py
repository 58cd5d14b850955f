"""Names on the command line, which a shell can complete: of models and of providers, as the bundled snapshot has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click
from click.shell_completion import CompletionItem

from ..registry.catalogs import bundled_catalog

__all__ = ["PROVIDER", "REF"]


class _Name(click.types.StringParamType):
    """A name, taken as it stands."""

    def __init__(self, name: str, known: Callable[[], Iterable[str]]) -> None:
        self.name = name
        self._known = known

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the known names that begin so. No model is decoded for that."""
        del ctx, param  # names are the same everywhere
        return [CompletionItem(name) for name in self._known() if name.startswith(incomplete)]


def _refs() -> Iterable[str]:
    return bundled_catalog().content.refs


def _providers() -> Iterable[str]:
    return dict.fromkeys(ref.partition("/")[0] for ref in _refs())


REF = _Name("ref", _refs)
"""A reference of a model."""
PROVIDER = _Name("provider", _providers)
"""The id of a provider."""
