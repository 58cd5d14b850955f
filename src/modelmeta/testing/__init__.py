"""For your tests and ours: a models.dev that fails on command, a clock that obeys, hypothesis strategies, an oracle, catalogs of any size.

The strategies (``criteria``, ``documents``, ``json_texts``, ``json_values``, ``rows``, ``usages``) and ``matches``, the oracle for filters,
need hypothesis, and ``StoreSuite``, every test that a store passes, needs pytest too: ``pip install "modelmeta[testing]"``. All else needs
nothing more than modelmeta.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clock import FakeClock
    from .damage import repriced, shrunk
    from .faults import Fault
    from .providers import FakeProvider
    from .queries import criteria, matches
    from .scale import scaled_document
    from .server import FakeModelsDev, Request
    from .stores.suite import StoreSuite
    from .strategies import documents, json_texts, json_values, rows, usages

__all__ = [
    "FakeClock",
    "FakeModelsDev",
    "FakeProvider",
    "Fault",
    "Request",
    "StoreSuite",
    "criteria",
    "documents",
    "json_texts",
    "json_values",
    "matches",
    "repriced",
    "rows",
    "scaled_document",
    "shrunk",
    "usages",
]

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    from .._lazy import lazy_names
    from ..errors import MissingExtraError

    _get, __dir__ = lazy_names(
        __name__,
        {
            "FakeClock": "clock",
            "FakeModelsDev": "server",
            "FakeProvider": "providers",
            "Fault": "faults",
            "Request": "server",
            "StoreSuite": "stores.suite",
            "criteria": "queries",
            "documents": "strategies",
            "json_texts": "strategies",
            "json_values": "strategies",
            "matches": "queries",
            "repriced": "damage",
            "rows": "strategies",
            "scaled_document": "scale",
            "shrunk": "damage",
            "usages": "strategies",
        },
    )

    def __getattr__(name: str) -> object:
        try:
            return _get(name)
        except ModuleNotFoundError as error:
            if error.name not in {"hypothesis", "pytest"}:
                raise
            message = f'modelmeta.testing.{name} needs {error.name}: pip install "modelmeta[testing]"'
            raise MissingExtraError(message, extra="testing") from error
