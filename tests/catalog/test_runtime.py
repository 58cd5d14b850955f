"""How a model is called, as far as the data say."""

from __future__ import annotations

import pytest

from modelmeta import QueryError, UnknownModeError, bundled_catalog, load_catalog
from modelmeta.catalog.calling import Calling
from modelmeta.catalog.catalog import Catalog


class Asked(Catalog, Calling):
    """A catalog that is asked how models are called."""


MODES = {
    "fast": {"provider": {"headers": {"beta": "fast"}, "body": {"speed": "fast"}}},
    "dear": {"cost": {"input": 9, "output": 9}},
    "far": {"provider": {"api": "https://far.test", "npm": "@ai-sdk/google", "headers": {"own": "mode's"}}},
}
DOCUMENT = {
    "acme": {
        "id": "acme",
        "name": "Acme",
        "env": ["ACME_HOST", "ACME_KEY"],
        "npm": "@ai-sdk/openai-compatible",
        "api": "https://${ACME_HOST}/v1/${ACME_HOST}",
        "models": {
            "plain/one": {"id": "plain/one", "name": "Plain"},
            "own": {
                "id": "own",
                "name": "Own",
                "provider": {
                    "npm": "@ai-sdk/anthropic",
                    "shape": "responses",
                    "headers": {"own": "model's", "a": "b"},
                    "body": {"x": {"y": 1}},
                },
                "experimental": {"modes": MODES},
            },
        },
    },
    "bare": {"id": "bare", "name": "Bare", "models": {"m": {"id": "m", "name": "M"}}},
}
CATALOG = Asked(load_catalog(DOCUMENT).content)


def test_a_model_is_called_as_its_provider_says():
    runtime = CATALOG.runtime("acme/plain/one")
    assert (runtime.model, runtime.base_url, runtime.npm) == (
        "plain/one",
        "https://${ACME_HOST}/v1/${ACME_HOST}",
        "@ai-sdk/openai-compatible",
    )
    assert (runtime.protocol, runtime.shape, runtime.mode) == ("openai", None, None)
    assert (runtime.env, runtime.variables) == (("ACME_HOST", "ACME_KEY"), ("ACME_HOST",))
    assert (runtime.headers, runtime.body) == ({}, {})


def test_what_the_model_says_comes_before_what_its_provider_says():
    runtime = CATALOG.runtime("acme/own")
    assert (runtime.protocol, runtime.shape, runtime.base_url) == ("anthropic", "responses", "https://${ACME_HOST}/v1/${ACME_HOST}")
    assert runtime.headers == {"own": "model's", "a": "b"}
    assert runtime.body == {"x": {"y": 1}}


def test_what_a_mode_says_comes_first():
    fast, dear, far = (CATALOG.runtime("acme/own", mode=mode) for mode in MODES)
    assert fast.headers == {"own": "model's", "a": "b", "beta": "fast"}
    assert fast.body == {"x": {"y": 1}, "speed": "fast"}
    assert dear.headers == {"own": "model's", "a": "b"}
    assert (far.protocol, far.base_url, far.headers["own"], far.mode) == ("google", "https://far.test", "mode's", "far")


def test_what_nobody_said_is_unknown():
    runtime = CATALOG.runtime("bare/m")
    assert (runtime.base_url, runtime.protocol, runtime.npm, runtime.env, runtime.variables) == (None, None, None, (), ())
    assert runtime.address({}) is None


def test_the_address_is_filled_in(monkeypatch):
    runtime = CATALOG.runtime("acme/plain/one")
    assert runtime.address({"ACME_HOST": "h"}) == "https://h/v1/h"
    monkeypatch.setenv("ACME_HOST", "e")
    assert runtime.address() == "https://e/v1/e"
    for env in ({}, {"ACME_HOST": ""}):
        with pytest.raises(QueryError, match="needs the variable ACME_HOST, which is not set"):
            runtime.address(env)


@pytest.mark.parametrize(
    ("ref", "mode", "known"), [("acme/own", "slow", "it has dear, far, fast"), ("bare/m", "fast", "it has none"), ("bare/m", [], "none")]
)
def test_a_mode_that_is_none_is_refused(ref, mode, known):
    with pytest.raises(UnknownModeError, match=known):
        CATALOG.runtime(ref, mode=mode)


def test_it_shows_itself():
    text = str(CATALOG.runtime("acme/own", mode="fast").sheet())
    assert "headers.beta" in text
    assert "body.speed" in text


def test_on_the_real_catalog_every_model_says_how_it_is_called_by_its_own_row():
    catalog = Asked(bundled_catalog().content)
    for model in catalog:
        runtime = catalog.runtime(model.ref)
        seller, own = catalog.provider(model.provider_id), model.provider
        assert runtime.model == model.id
        assert runtime.npm == ((own and own.npm) or seller.npm)
        assert runtime.base_url == ((own and own.api) or seller.api)
        assert runtime.protocol is not None or (runtime.npm or "").partition("/")[0] != "@ai-sdk" or runtime.npm == "@ai-sdk/gateway"
