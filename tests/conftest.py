"""What every test may ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from modelmeta import Catalog, bundled_catalog

settings.register_profile("default", deadline=None, max_examples=100)
settings.load_profile("default")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real models.dev documents, which only the project's own workshop has."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the folder of real documents is not here: {folder}")
    return folder


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The bundled catalog, opened once."""
    return bundled_catalog()
