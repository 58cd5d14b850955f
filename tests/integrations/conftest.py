"""LiteLLM with the catalog in it, imported once and without the network."""

from __future__ import annotations

import os
import warnings

import pytest

from modelmeta.integrations.litellm import register

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it is read when LiteLLM is imported, by whichever test comes first


@pytest.fixture(scope="session")
def litellm():
    """The package, and what its table had before anything was registered as ``own_names``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its dependencies
        import litellm  # noqa: PLC0415  # takes seconds

    litellm.own_names = frozenset(litellm.model_cost)
    return litellm


@pytest.fixture(scope="session")
def registered(litellm, catalog):
    """The report of the bundled catalog registered with LiteLLM."""
    return register(catalog)
