"""What every test may ask for."""

from __future__ import annotations

import builtins
import gc
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from modelmeta import Catalog, bundled_catalog

settings.register_profile("default", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("mutants", settings.get_profile("default"), max_examples=25, derandomize=True, database=None)
settings.load_profile("default")

ROOT = Path(__file__).parent.parent
CHROMIUM = Path("/usr/bin/chromium")


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


@pytest.fixture(scope="module")  # while it is there, no event loop can run in this thread
def browser():
    """Debian's chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"chromium is not installed: there is no {CHROMIUM}; apt-get install chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # few tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def pytest_collection_finish() -> None:
    """Spare the garbage collector, which many tests call, the walk through all that pytest and the packages under test keep."""
    gc.collect()
    gc.freeze()
