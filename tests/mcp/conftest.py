"""A catalog of a few models, as a file that a server in another process reads."""

from __future__ import annotations

import json

import pytest

ROCKET = {
    "name": "Rocket",
    "cost": {"input": 0.1, "output": 8, "tiers": [{"input": 0.3, "output": 9, "tier": {"type": "context", "size": 1000}}]},
    "limit": {"context": 1_000_000, "output": 4096},
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "release_date": "2026-05",
    "tool_call": True,
}
KITE = {"name": "Kite", "cost": {"input": 5, "output": 20}, "limit": {"context": 8192}, "status": "beta"}
DOCUMENT = {
    "acme": {
        "id": "acme",
        "name": "Acme",
        "env": ["ACME_API_KEY"],
        "api": "https://api.acme.example/v1",
        "npm": "@ai-sdk/openai-compatible",
        "models": {"rocket": ROCKET, "kite": KITE, "mystery": {"name": "Mystery"}},
    },
    "resale": {"id": "resale", "name": "Resale", "models": {"kite": {"name": "Kite", "cost": {"input": 4, "output": 20}}}},
}


@pytest.fixture
def document(tmp_path):
    """The path of the document."""
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    return tmp_path / "api.json"
