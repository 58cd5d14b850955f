"""Where to go when a model does not answer, beside a scan of all models that sorts them into rungs."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import ModelNotFoundError, QueryError, Usage, UsageError, load_catalog
from modelmeta.catalog.axes import DEFAULT_USAGE
from modelmeta.catalog.price import quote
from modelmeta.catalog.routing.chain import FallbackChain, fallback_chain
from modelmeta.catalog.routing.room import fits
from modelmeta.testing.queries import usages

LIMIT = {"context": 200_000, "output": 8_000}
BASE = {"family": "big", "tool_call": True, "limit": LIMIT, "modalities": {"input": ["text"], "output": ["text"]}}


def row(price, **facts):
    return {**BASE, **({} if price is None else {"cost": {"input": price, "output": price}}), **facts}


SOLD = {
    "lab": {
        "big-2": row(5, canonical_model_id="lab/big-2"),
        "big-2-20250101": row(5, canonical_model_id="lab/big-2-20250101"),
        "big-3": row(4, canonical_model_id="lab/big-3"),
    },
    "cloud": {
        "us.big-2": row(6, canonical_model_id="lab/big-2"),
        "dated": row(3, canonical_model_id="lab/big-2-20250101"),
        "big-2-fp8": row(1, canonical_model_id="lab/big-2", tool_call=None),
        "big-3": row(None, canonical_model_id="lab/big-3"),
        "small": row(1, family="big", limit={"context": 100_000, "output": 8_000}),
    },
    "router": {
        "lab/big-2": row(4, canonical_model_id="lab/big-2", limit={}),
        "lab/big-2:free": row(0, canonical_model_id="lab/big-2", tool_call=False),
        "old/big-2": row(2, canonical_model_id="lab/big-2", status="deprecated"),
        "tiny-context": row(2, canonical_model_id="lab/big-2", limit={"context": 1_000, "output": 1_000}),
        "other": row(2, family="else"),
        "mute": row(2, family="else", tool_call=None),
        "picture": row(2, family="else", type="image"),
        "wide": row(3, family="else", limit={"context": 400_000, "output": 9_000}),
    },
}


@pytest.fixture(scope="module")
def sold():
    return load_catalog(
        {
            key: {"name": key, "models": {name: {"id": name, "name": name, **facts} for name, facts in rows.items()}}
            for key, rows in SOLD.items()
        }
    )


def steps(chain) -> list[tuple[str, str]]:
    return [(fallback.likeness, str(fallback.model.ref)) for fallback in chain]


def test_offers_of_the_model_come_first_then_other_dates_its_family_and_what_can_do_the_same(sold):
    assert [
        ("model", "cloud/big-2-fp8"),
        ("model", "router/tiny-context"),
        ("model", "router/lab/big-2"),
        ("model", "cloud/us.big-2"),
        ("version", "cloud/dated"),
        ("family", "cloud/big-3"),
        ("capabilities", "router/other"),
        ("capabilities", "router/wide"),
    ] == steps(fallback_chain(sold, "lab/big-2"))


def test_what_is_not_as_good_is_there_when_it_need_not_be(sold):
    chain = fallback_chain(sold, "lab/big-2", same_capabilities=False)
    assert ("model", "router/lab/big-2:free") == steps(chain)[0]
    assert ("family", "cloud/small") in steps(chain)
    assert "capabilities" not in {fallback.likeness for fallback in chain}


def test_the_same_provider_is_there_when_it_may_be(sold):
    chain = fallback_chain(sold, "lab/big-2", different_provider=False)
    assert [("version", "lab/big-2-20250101"), ("family", "lab/big-3")] == [step for step in steps(chain) if step[1].startswith("lab/")]
    assert "lab/big-2" not in {str(ref) for ref in chain.refs}


def test_what_does_not_fit_the_usage_is_left_out_and_the_rest_is_priced_by_it(sold):
    usage = Usage(50_000, 5_000)
    chain = fallback_chain(sold, "lab/big-2", usage=usage)
    assert "router/tiny-context" not in {str(ref) for ref in chain.refs}
    assert all(fallback.quote == quote(fallback.model, usage) for fallback in chain)
    assert {None} == {fallback.quote for fallback in fallback_chain(sold, "lab/big-2")}


def test_reasons_say_what_is_alike_and_what_nobody_says(sold):
    reasons = {str(fallback.model.ref): fallback.reasons for fallback in fallback_chain(sold, "lab/big-2", usage=Usage(50_000, 5_000))}
    assert ("sells the same model, by canonical_model_id", "is fp8", "nobody says whether it has tool_call") == reasons["cloud/big-2-fp8"]
    assert ("sells the same model, by canonical_model_id", "nobody says whether the usage fits") == reasons["router/lab/big-2"]
    assert ("sells lab/big-2-20250101, the same model by another date, by canonical_model_id",) == reasons["cloud/dated"]
    assert ("is of the family big",) == reasons["cloud/big-3"]
    assert ("has the same capabilities, context and output, or more",) == reasons["router/other"]
    loose = fallback_chain(sold, "lab/big-2", same_capabilities=False)
    assert ("sells the same model, by canonical_model_id", "is free", "has no tool_call") == loose[0].reasons


def test_a_model_that_nobody_links_and_that_has_no_family_has_its_capabilities_in_common(sold):
    alone = load_catalog(
        {"a": {"models": {"x": {"tool_call": True}}}, "b": {"models": {"y": {"tool_call": True}, "z": {"tool_call": False}}}}
    )
    assert [("capabilities", "b/y")] == steps(fallback_chain(alone, "a/x"))


def test_a_chain_is_cut_and_sliced_and_shown(sold):
    chain = fallback_chain(sold, "lab/big-2", limit=3, usage=Usage(1_000))
    assert 3 == len(chain) == len(chain.models)
    assert FallbackChain(chain[:2]) == chain[:2]
    assert isinstance(chain[:2], FallbackChain)
    assert chain == pickle.loads(pickle.dumps(chain))
    assert re.match(r"model +USD +likeness +reasons\ncloud/big-2-fp8 +0.001 +same model +sells", str(chain))
    assert ["1 of 3 fallbacks"] == chain.sheet(most=1).notes
    assert "USD" not in str(fallback_chain(sold, "lab/big-2"))
    assert () == fallback_chain(sold, "lab/big-2", limit=0)


def test_what_cannot_be_asked_is_refused(sold):
    with pytest.raises(QueryError, match="limit must be"):
        fallback_chain(sold, "lab/big-2", limit=-1)
    with pytest.raises(UsageError):
        fallback_chain(sold, "lab/big-2", usage=5)
    with pytest.raises(ModelNotFoundError):
        fallback_chain(sold, "nobody/x")


def scanned(catalog, model, usage, *, same_capabilities, different_provider):
    """Return the steps of the chain of *model*, every model looked at once."""
    needs = model.capabilities - {"open_weights"}
    priced = DEFAULT_USAGE if usage is None else usage
    undated = re.compile(r"-20\d\d-?\d\d-?\d\d$|-default$")
    canonical = {offer.model.ref: offer.canonical for other in catalog for offer in catalog.offerings(other.ref) if offer.model == other}
    same = [offer.model.ref for offer in catalog.offerings(model.ref)]
    rungs = {"model": [], "version": [], "family": [], "capabilities": []}
    for other in catalog:
        if other.ref == model.ref or other.status == "deprecated" or (different_provider and other.provider_id == model.provider_id):
            continue
        lacks = [other.supports(name) for name in needs]
        room = True if usage is None else fits(other, usage)
        own, its = canonical[model.ref], canonical[other.ref]
        offer = room is not False and not (same_capabilities and False in lacks)
        wide = all(
            most is None or (had is not None and had >= most)
            for most, had in ((model.limit.context, other.limit.context), (model.limit.output, other.limit.output))
        )
        able = room is True and (not same_capabilities or (wide and all(lacks))) and (other.type or "chat") == (model.type or "chat")
        if other.ref in same:
            if offer:
                rungs["model"].append(other)
                continue
        elif own and its and undated.sub("", its.casefold()) == undated.sub("", own.casefold()) and offer:
            rungs["version"].append(other)
            continue
        if able and model.family is not None and other.family == model.family:
            rungs["family"].append(other)
        elif able and same_capabilities:
            rungs["capabilities"].append(other)
    total = {other.ref: quote(other, priced).total for other in catalog}
    for likeness in ("family", "capabilities"):
        rungs[likeness].sort(key=lambda other: (total[other.ref] is None, total[other.ref] or 0, other.price_state == "plan", other.ref))
    order = [offer.model.ref for offer in catalog.offerings(model.ref, usage=usage)]
    rungs["model"].sort(key=lambda other: order.index(other.ref))
    return rungs


@settings(max_examples=60)
@given(data=st.data())
def test_a_chain_holds_exactly_what_a_scan_sorts_into_its_rungs(small_document, sold, data):
    catalog = data.draw(st.sampled_from([load_catalog(small_document), sold]))
    model = catalog.get(data.draw(st.sampled_from(sorted(catalog.rows))))
    usage = data.draw(st.none() | usages(100, 1_000, 100_000))
    how = {name: data.draw(st.booleans()) for name in ("same_capabilities", "different_provider")}
    expected = scanned(catalog, model, usage, **how)
    chain = fallback_chain(catalog, model.ref, usage=usage, **how)
    found = {likeness: [fallback.model for fallback in chain if fallback.likeness == likeness] for likeness in expected}
    for rungs in (expected, found):
        rungs["version"].sort(key=lambda one: one.ref)
    assert expected == found
    assert sorted(chain, key=lambda fallback: [*expected].index(fallback.likeness)) == list(chain)


def test_a_real_model_goes_to_its_clouds_before_anything_else(catalog):
    chain = fallback_chain(catalog, "anthropic/claude-opus-4-5", limit=60)
    providers = {
        likeness: {fallback.model.provider_id for fallback in chain if fallback.likeness == likeness} for likeness in ("model", "version")
    }
    assert {"azure", "openrouter"} <= providers["model"]
    assert {"amazon-bedrock", "google-vertex"} <= providers["version"]
    assert "anthropic" not in providers["model"] | providers["version"]
