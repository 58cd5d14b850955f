"""What every test may ask for."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from modelmeta import Catalog, bundled_catalog

settings.register_profile("default", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("mutants", settings.get_profile("default"), max_examples=25, derandomize=True, database=None)
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


@pytest.fixture
def uninstalled(monkeypatch):
    """Return a function that makes importing a package fail as if it were not installed, also in modules whose names begin with *again*."""
    real = builtins.__import__

    def uninstall(package: str, again: str) -> None:
        def importing(name, *args, **kwargs):
            if name.partition(".")[0] == package:
                message = f"No module named {package!r}"
                raise ModuleNotFoundError(message, name=package)
            return real(name, *args, **kwargs)

        for name in [name for name in sys.modules if name.startswith(again)]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(builtins, "__import__", importing)

    return uninstall


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The bundled catalog, opened once."""
    return bundled_catalog()
