"""The questions of a router are the same plain calls wherever a catalog can be read."""

from __future__ import annotations

import inspect

import pytest

from modelmeta import Usage
from modelmeta.catalog.routing import chain, cliff, lint, recommend, room
from modelmeta.catalog.routing.routing import Routing

OPUS, USAGE = "anthropic/claude-opus-4-5", Usage(100_000, 1_000)


class Router(Routing):
    """Something that reads a catalog."""

    def __init__(self, catalog):
        self.catalog = catalog


@pytest.mark.parametrize(
    ("name", "asked", "answer"),
    [
        (
            "fallback_chain",
            {"ref": OPUS, "usage": USAGE, "limit": 5},
            lambda catalog: chain.fallback_chain(catalog, OPUS, usage=USAGE, limit=5),
        ),
        ("fits", {"ref": OPUS, "usage": USAGE}, lambda catalog: room.fits(catalog.get(OPUS), USAGE)),
        ("headroom", {"ref": OPUS, "usage": USAGE}, lambda catalog: room.headroom(catalog.get(OPUS), USAGE)),
        ("max_output_for", {"ref": OPUS, "input_tokens": 5}, lambda catalog: room.max_output_for(catalog.get(OPUS), 5)),
        ("cliff", {"ref": "openai/gpt-5.5", "usage": USAGE}, lambda catalog: cliff.cliff(catalog.get("openai/gpt-5.5"), USAGE)),
        (
            "recommend",
            {"task": "vision", "weights": {"price": 1}, "provider": "openai"},
            lambda catalog: recommend.recommend(catalog, "vision", weights={"price": 1}, criteria={"provider": "openai", "limit": 10}),
        ),
        ("lint", {}, lint.lint),
    ],
)
def test_a_method_asks_the_function_of_the_catalog(catalog, name, asked, answer):
    assert answer(catalog) == getattr(Router(catalog), name)(**asked)


def test_every_question_is_among_those():
    asked = {"fallback_chain", "fits", "headroom", "max_output_for", "cliff", "recommend", "lint"}
    assert asked == {name for name, value in vars(Routing).items() if inspect.isfunction(value)}
