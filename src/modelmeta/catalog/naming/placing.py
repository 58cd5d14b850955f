"""Where rows of other sources belong among the models of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .index import NameIndex, Tightness
from .litellm import LITELLM_PROVIDERS, without_route
from .spelling import fold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog import Catalog

__all__ = ["Places"]


class Places:
    """Finds our references for other sources' names of one provider's models. Dates and regions must agree: other ones have other prices."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._own = {fold(provider_id): provider_id for provider_id in catalog.sellers}
        self._index = NameIndex(catalog)

    def providers(self, name: str) -> tuple[str, ...]:
        """Return our ids of the provider called *name*: its own id, but for capitals and separators, or those for LiteLLM's name of it.

        A shop for China is not the same as the one abroad.
        """
        own = self._own.get(fold(name))
        others = LITELLM_PROVIDERS.get(name.casefold(), ())
        return (own,) if own else tuple(other for other in others if other in self._catalog.sellers and not other.endswith("-cn"))

    def find(self, provider_id: str, model_id: str) -> tuple[int, tuple[str, ...]]:
        """Return the references at *provider_id* that *model_id* can mean, and how loosely they match: 0 is letter by letter."""
        bare = without_route(model_id) if provider_id == "amazon-bedrock" else model_id
        tightness, rows = self._index.tightest(bare, provider_id)
        if tightness > Tightness.TAIL:
            rows = ()
        return int(tightness), tuple(self._catalog.content.refs[row] for row in rows)

    def ids(self, provider_id: str) -> Iterable[str]:
        """Return the ids of all models of *provider_id*."""
        return (model.id for model in self._catalog.models(provider_id)) if provider_id in self._catalog.sellers else ()
