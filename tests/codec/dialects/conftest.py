"""Small catalogs to match foreign rows with, and foreign layers read as documents of their own."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from modelmeta import Catalog, ForeignLayer, genai_prices_layer, litellm_layer, load_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(2026, 11, 1)


@pytest.fixture(scope="session")
def ours() -> Callable[..., Catalog]:
    """Return the function that makes a catalog of references, with their rows where it matters what these say."""

    def made(*refs: str, **rows: Any) -> Catalog:
        document: dict[str, Any] = {}
        for ref, row in {**{ref: {} for ref in refs}, **rows}.items():
            provider_id, _, model_id = ref.partition("/")
            provider = document.setdefault(provider_id, {"id": provider_id, "name": provider_id, "models": {}})
            provider["models"][model_id] = {"id": model_id, "name": model_id, **row}
        return load_catalog(document)

    return made


@pytest.fixture(scope="session")
def as_catalog(ours) -> Callable[[ForeignLayer], Catalog]:
    """Return the function that reads everything a layer says as if upstream had said it."""
    return lambda layer: ours(**layer.with_new().models)


@pytest.fixture(scope="session")
def litellm(catalog) -> ForeignLayer:
    """What the installed LiteLLM says."""
    return litellm_layer(catalog=catalog)


@pytest.fixture(scope="session")
def genai_prices(catalog) -> ForeignLayer:
    """What the installed genai-prices says of the prices of one day."""
    return genai_prices_layer(catalog=catalog, day=DAY)
