"""Which models a provider's own list names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modelmeta import AmbiguousModelError, ModelNotFoundError, bundled_catalog
from modelmeta.catalog.naming.listing import match_list

CATALOG = bundled_catalog()


def named(catalog, provider, *ids):
    rows, unknown = match_list(catalog, provider, ids)
    return {catalog.at(row).id: model_id for row, model_id in rows.items()}, unknown


def rockets(document, *ids, released="2025-01-02"):
    return document({model_id: {"id": model_id, "name": model_id, "release_date": released} for model_id in ids})


def test_a_dated_id_names_the_row_with_that_date_and_the_one_without(document):
    catalog = rockets(document, "rocket-1", "rocket-1-20250102", "rocket-1-mini", "rocket-2")
    assert named(catalog, "acme", "rocket-1-20250102") == ({"rocket-1": "rocket-1-20250102", "rocket-1-20250102": "rocket-1-20250102"}, [])


def test_the_latest_date_names_the_row_without_one_unless_that_is_listed(document):
    catalog = rockets(document, "rocket-1", "rocket-1-20250102", "rocket-1-20250301")
    both = ["rocket-1-20250301", "rocket-1-20250102"]
    assert named(catalog, "acme", *both)[0]["rocket-1"] == "rocket-1-20250301"
    assert named(catalog, "acme", *both, "rocket-1")[0]["rocket-1"] == "rocket-1"


def test_an_id_without_a_date_names_no_row_of_a_date_beside_it(document):
    catalog = rockets(document, "rocket-1", "rocket-1-20250102")
    assert named(catalog, "acme", "rocket-1") == ({"rocket-1": "rocket-1"}, [])


def test_what_makes_another_offer_is_another_model(document):
    catalog = rockets(document, "rocket-1")
    assert named(catalog, "acme", "rocket-1:free", "rocket-1-fp8", "rocket") == ({}, ["rocket-1:free", "rocket-1-fp8", "rocket"])


def test_what_could_name_several_rows_names_none(document):
    catalog = rockets(document, "lab-a/rocket-1", "lab-b/rocket-1")
    assert named(catalog, "acme", "rocket-1") == ({}, ["rocket-1"])


def test_another_providers_models_are_not_named(document):
    assert named(rockets(document, "rocket-1"), "nobody", "rocket-1") == ({}, ["rocket-1"])


@given(st.data())
def test_an_id_names_what_resolve_says_it_means(data):
    provider = data.draw(st.sampled_from(["openai", "anthropic", "openrouter", "amazon-bedrock", "vercel"]))
    own = [model.id for model in CATALOG.models(provider)]
    change = data.draw(
        st.sampled_from([str, str.upper, lambda text: text.replace("-", "_"), lambda text: f"{text}-20250615", lambda text: text[:-1]])
    )
    ids = list(dict.fromkeys(map(change, data.draw(st.lists(st.sampled_from(own), max_size=5)))))
    rows, unknown = match_list(CATALOG, provider, ids)

    assert {CATALOG.at(row).id for row in rows} >= {*ids} & {*own}
    assert {*unknown} <= {*ids} - {*own}
    for row, model_id in rows.items():
        assert CATALOG.at(row).provider_id == provider
        assert model_id in ids
    for model_id in unknown:
        try:
            meant = CATALOG.resolve(f"{provider}/{model_id}").model
        except (AmbiguousModelError, ModelNotFoundError):
            continue
        assert meant.provider_id != provider
