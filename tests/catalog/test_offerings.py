"""Who sells a model: the rows of its identity, cheapest first, each with its evidence and what sets it apart."""

from __future__ import annotations

import json
import pickle

import pytest

from modelmeta import AmbiguousModelError, ModelNotFoundError, Usage, load_catalog


@pytest.fixture(scope="module")
def sold():
    prices = {
        "lab/big-2": (2, 8),
        "cheap/lab/big-2": (1, 9),
        "cheap/lab/big-2:free": (0, 0),
        "token-plan/big-2": (0, 0),
        "dear/Big_2": (3, 1),
        "silent/big-2": None,
        "half/big-2": (2, None),
        "cloud/eu.anthropic.big-2-fp8-v1:0": (2, 8),
        "lab/big-latest": (2, 8),
        "lab/dated-1": (1, 1),
        "other/small-1": (5, 5),
    }
    canonical = {"dated-1": "lab/dated-1-20250101", "small-1": "lab/small-1"}
    providers: dict = {}
    for ref, price in prices.items():
        provider, _, model_id = ref.partition("/")
        row = {"id": model_id, "name": model_id, "canonical_model_id": canonical.get(model_id, "lab/big-2")}
        if price is not None:
            row["cost"] = {name: rate for name, rate in zip(("input", "output"), price, strict=True) if rate is not None}
        providers.setdefault(provider, {"id": provider, "name": provider, "models": {}})["models"][model_id] = row
    return load_catalog(json.dumps(providers).encode())


ORDER = [
    "cheap/lab/big-2:free",
    "token-plan/big-2",
    "cheap/lab/big-2",
    "half/big-2",
    "cloud/eu.anthropic.big-2-fp8-v1:0",
    "lab/big-2",
    "lab/big-latest",
    "dear/Big_2",
    "silent/big-2",
]


def refs(offers):
    return [str(offer.model.ref) for offer in offers]


@pytest.mark.parametrize("name", ["lab/big-2", "silent/big-2", "lab:big-latest", "dear/big-2", "big-2"])
def test_every_offer_of_a_model_is_listed_cheapest_first_whichever_is_asked_about(sold, name):
    assert ORDER == refs(sold.offerings(name))


def test_a_canonical_id_that_is_no_reference_has_offers():
    rows = {"b": "m-1", "c": "m_1"}
    catalog = load_catalog(
        {provider: {"id": provider, "models": {key: {"name": key, "canonical_model_id": "lab/m-1"}}} for provider, key in rows.items()}
    )
    assert ["b/m-1", "c/m_1"] == refs(catalog.offerings("lab/m-1"))


def test_offers_are_marked_with_what_sets_them_apart(sold):
    variants = {str(offer.model.ref): offer.variants for offer in sold.offerings("lab/big-2")}
    assert {
        "cheap/lab/big-2:free": ("free",),
        "cloud/eu.anthropic.big-2-fp8-v1:0": ("eu", "fp8"),
        "lab/big-latest": ("moving",),
    } == {ref: found for ref, found in variants.items() if found}
    assert ("moving",) == sold.offerings("lab/dated-1")[0].variants


def test_offers_say_their_evidence_and_price_state(sold):
    offers = sold.offerings("lab/big-2")
    assert {"canonical_model_id"} == {offer.evidence for offer in offers}
    assert {"lab/big-2"} == {offer.canonical for offer in offers}
    assert ["free", "plan", *["priced"] * 6, "unpriced"] == [offer.price_state for offer in offers]
    assert all(offer.quote is None for offer in offers)


def test_a_usage_orders_offers_by_what_it_costs(sold):
    usage = Usage(input_tokens=1_000, output_tokens=1_000)
    offers = sold.offerings("lab/big-2", usage=usage)

    assert sorted(ORDER) == sorted(refs(offers))
    assert [sold.price(ref, usage).total for ref in refs(offers)] == [offer.quote.total for offer in offers]
    assert ["cheap/lab/big-2:free", "token-plan/big-2", "dear/Big_2"] == refs(offers)[:3]
    assert ["half/big-2", "silent/big-2"] == refs(offers)[-2:]  # without an output price there is no total
    assert "unpriced" == offers[-2].price_state


def test_offers_show_as_a_table(sold):
    text = str(sold.offerings("lab/big-2"))
    assert ["model", "USD/M", "in", "USD/M", "out", "price", "variant", "evidence"] == text.splitlines()[0].split()
    assert ["cloud/eu.anthropic.big-2-fp8-v1:0", "2", "8", "priced", "eu,", "fp8", "canonical_model_id"] in [
        line.split() for line in text.splitlines()
    ]
    assert "0.005" in str(sold.offerings("other/small-1", usage=Usage(input_tokens=1_000)))
    assert "<table" in sold.offerings("lab/big-2")._repr_html_()


def test_a_long_list_shows_its_beginning_and_slices_are_lists_of_the_same_kind(catalog):
    offers = catalog.offerings("openai/gpt-5.5")
    assert len(offers) > 30
    assert f"30 of {len(offers)} offers" == offers.sheet().notes[0]
    assert (30, 1) == (len(offers.sheet().rows), len(offers[:1].sheet().rows))
    assert len(offers) + 1 == len(str(offers).splitlines())
    assert (type(offers), refs(offers)[:3]) == (type(offers[:3]), refs(offers[:3]))
    assert offers[-1] is offers[len(offers) - 1]


def test_asking_again_gives_the_same_offers(sold):
    assert sold.offerings("lab/big-2") is sold.offerings("dear/Big_2")
    assert sold.offerings("lab/big-2") == pickle.loads(pickle.dumps(sold.offerings("lab/big-2")))


def test_a_name_of_several_models_or_none_has_no_offers(sold, catalog):
    with pytest.raises(ModelNotFoundError):
        sold.offerings("lab/huge-2")
    rows = {"a": ("m-1", "lab/one"), "b": ("m-1", "lab/two")}
    catalog = load_catalog(
        {name: {"id": name, "models": {key: {"name": key, "canonical_model_id": lab}}} for name, (key, lab) in rows.items()}
    )
    with pytest.raises(AmbiguousModelError):
        catalog.offerings("m-1")


def test_every_model_is_among_its_own_offers_and_prices_ascend(catalog):
    for model in catalog:
        offers = catalog.offerings(model.ref)
        assert model.ref in {offer.model.ref for offer in offers}
        inputs = [offer.model.cost.input for offer in offers if offer.price_state != "unpriced" and offer.model.cost.input is not None]
        assert sorted(inputs) == inputs
