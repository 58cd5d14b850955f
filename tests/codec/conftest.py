"""What the codec's tests share: real documents, real rows, and one row read in every way there is."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import strategies as st

from modelmeta import Model, dump_catalog, load_catalog

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent.parent.parent.parent / "shared" / "data"
NEWEST = "api-2026-09-30.json.gz"
PAIR = ("api-2026-07-02.json.gz", "models-2026-07-02.json.gz")
NAMES = [*sorted(path.name for path in FOLDER.glob("*.json.gz")), "catalog-2026-07-02.json"] if FOLDER.is_dir() else [NEWEST]

SAMPLE: dict[str, Any] = {
    "id": "sample",
    "name": "Sample",
    "family": "sample",
    "attachment": True,
    "reasoning": True,
    "reasoning_options": [{"type": "effort", "values": [None, "low"]}, {"type": "budget_tokens", "min": -1, "max": 1024}],
    "tool_call": True,
    "interleaved": {"field": "reasoning_content"},
    "temperature": False,
    "knowledge": "2025-11",
    "release_date": "2026-03-05",
    "last_updated": "2026-03-05",
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "open_weights": False,
    "limit": {"context": 400000, "input": 272000, "output": 128000},
    "cost": {
        "input": 2.5,
        "output": 15,
        "cache_read": 0.25,
        "tiers": [{"input": 5, "output": 22.5, "tier": {"type": "context", "size": 272000}}],
    },
    "experimental": {"modes": {"fast": {"cost": {"input": 6}, "provider": {"body": {"service_tier": "priority"}}}}},
    "provider": {"shape": "responses"},
    "status": "beta",
}


class RealDocument(NamedTuple):
    """A document that models.dev served, by the name of its file."""

    name: str
    data: bytes


@pytest.fixture(scope="session", params=NAMES)
def real(request, shared_data) -> RealDocument:
    """Every real document there is, one after the other."""
    name = request.param
    if name.startswith("catalog"):
        providers, models = (gzip.decompress((shared_data / part).read_bytes()) for part in PAIR)
        return RealDocument(name, b'{"models":' + models + b',"providers":' + providers + b"}")
    return RealDocument(name, gzip.decompress((shared_data / name).read_bytes()))


@pytest.fixture(scope="session")
def real_rows() -> st.SearchStrategy[dict[str, Any]]:
    """A strategy of real rows, one of each shape in the newest document, or of a sample where that is absent."""
    rows = [SAMPLE]
    if (FOLDER / NEWEST).is_file():
        providers = json.loads(gzip.decompress((FOLDER / NEWEST).read_bytes()))
        every = [row for provider in providers.values() for row in provider["models"].values()]
        rows = list({(*sorted(row), *sorted(row.get("cost", ()))): row for row in every}.values())
    return st.integers(0, len(rows) - 1).map(lambda number: copy.deepcopy(rows[number]))


@pytest.fixture(scope="session")
def read_model() -> Callable[[dict[str, Any]], Model]:
    """Return a function that reads one row, checks that nothing is lost or refused, and returns its model."""

    def read(row: dict[str, Any]) -> Model:
        document = {"lab": {"id": "lab", "name": "Lab", "models": {"m": row}}}
        catalog = load_catalog(json.dumps(document).encode())
        assert [problem for problem in catalog.problems if problem.kind == "quarantined"] == []
        assert document == dump_catalog(catalog)
        model = catalog.get("lab/m")
        assert [model] == list(load_catalog(bytes(catalog.content)))
        return model

    return read
