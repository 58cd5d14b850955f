"""Catalogs small enough to reason about, real ones with lab facts, and the slow way to filter any of them."""

from __future__ import annotations

import gzip
import json
import sys
from functools import reduce
from pathlib import Path

import pytest

from modelmeta import Catalog, load_catalog
from modelmeta.testing.queries import matches

_SELECTED = {"exclude": {True}, "include": {True, None}, "only": {None}}


@pytest.fixture(scope="session")
def small_document() -> dict:
    """A catalog.json of six models among which every fact is once true, once false and once unsaid."""
    return json.loads(Path(__file__).with_name("small.json").read_text(encoding="utf-8"))


@pytest.fixture
def small(small_document) -> Catalog:
    """The catalog of ``small_document``, fresh."""
    return load_catalog(json.dumps(small_document).encode())


@pytest.fixture(scope="session")
def labs(shared_data) -> Catalog:
    """A real catalog.json of one day, with what labs say."""
    texts = {part: gzip.decompress((shared_data / f"{part}-2026-07-02.json.gz").read_bytes()) for part in ("models", "api")}
    return load_catalog(b'{"models":' + texts["models"] + b',"providers":' + texts["api"] + b"}")


@pytest.fixture(scope="session")
def scan():
    """Return the function that does what ``filter`` does, one model after the other."""

    def scanned(catalog: Catalog, *capabilities: str, **criteria) -> list[str]:
        selected = _SELECTED[criteria.get("unknown", "exclude")]
        asked = {"capabilities": capabilities, "lab_models": catalog.lab_models}
        models = sorted((model for model in catalog if matches(model, criteria, **asked) in selected), key=lambda model: model.ref)
        keys = criteria.get("sort", ())
        for key in reversed([keys] if isinstance(keys, str) else keys):
            known = [model for model in models if fact(model, key.removeprefix("-")) is not None]
            unknown = [model for model in models if fact(model, key.removeprefix("-")) is None]
            models = (
                sorted(known, key=lambda model: fact(model, key.removeprefix("-")), reverse=key.startswith("-")) + unknown
            )  # used at once
        first = criteria.get("offset", 0)
        return [str(model.ref) for model in models][first:][: criteria.get("limit")]

    def fact(model, path):
        if path in {"streaming", "code_generation"}:
            return model.extra.get(path)
        value = reduce(lambda value, name: value and getattr(value, name), path.split("."), model)
        return bool(value) if path == "interleaved" and value is not None else value

    return scanned


@pytest.fixture(scope="session")
def document():
    """Return the function that makes the catalog of one provider, ``acme``, from its models' facts by id."""

    def made(models: dict, provider: str = "acme", **facts) -> Catalog:
        return load_catalog(json.dumps({provider: {"id": provider, "name": provider.title(), **facts, "models": models}}).encode())

    return made


@pytest.fixture
def hurried():
    """Make threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
