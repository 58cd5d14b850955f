"""The public test kit."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given

from modelmeta import DecodeError, MissingExtraError, QueryError, load_catalog, testing
from modelmeta.testing import documents, scaled_document


@given(documents())
def test_documents_load(document):
    assert load_catalog(document).content.kind == "api.json"


@pytest.mark.parametrize("times", [1, 3])
def test_a_scaled_document_is_so_many_times_as_large(times):
    document = {"lab": {"id": "lab", "name": "Lab", "models": {"m": {"name": "M"}, "n": {"name": "N"}}}}
    catalog = load_catalog(scaled_document(document, times))
    assert (len(catalog), len(catalog.providers())) == (2 * times, times)
    assert catalog["lab/m"].name == "M"


def test_a_scaled_catalog_json_keeps_its_lab_models():
    document = {"models": {"lab/m": {"name": "M", "limit": {}}}, "providers": {"lab": {"name": "Lab", "models": {"m": {"name": "M"}}}}}
    catalog = load_catalog(scaled_document(document, 2))
    assert ([str(model.ref) for model in catalog], len(catalog.lab_models)) == (["lab/m", "lab-copy-2/m"], 1)


@pytest.mark.parametrize("times", [0, -1, 1.5, "2", True])
def test_a_document_is_scaled_a_whole_number_of_times(times):
    with pytest.raises(QueryError, match="times must be a whole number of 1 or more"):
        scaled_document({"lab": {"models": {}}}, times)


@pytest.mark.parametrize("document", [{}, {"lab": {}}, [], "x"])
def test_only_a_document_with_providers_is_scaled(document):
    with pytest.raises(DecodeError, match="only a document with providers"):
        scaled_document(document, 2)


@pytest.mark.parametrize("name", ["StoreSuite", "criteria", "documents"])
def test_without_hypothesis_a_strategy_says_what_to_install(uninstalled, name):
    uninstalled("hypothesis", again="modelmeta.testing.")
    with pytest.raises(MissingExtraError, match=rf'testing\.{name} needs hypothesis: pip install "modelmeta\[testing\]"') as caught:
        getattr(testing, name)
    assert caught.value.extra == "testing"


@pytest.mark.parametrize(
    "name", sorted(set(testing.__all__) - {"StoreSuite", "criteria", "documents", "json_texts", "json_values", "matches", "rows", "usages"})
)
def test_what_is_no_strategy_needs_no_hypothesis(uninstalled, name):
    uninstalled("hypothesis", again="modelmeta.testing.")
    assert getattr(testing, name).__name__ == name


def test_another_missing_package_is_not_taken_for_hypothesis(uninstalled):
    uninstalled("attrs", again="modelmeta.testing.")
    with pytest.raises(ModuleNotFoundError, match="attrs") as caught:
        testing.Request  # noqa: B018  # to ask is enough
    assert not isinstance(caught.value, MissingExtraError)


def test_a_strategy_is_found_after_the_module_of_its_name_was_imported():
    module = importlib.import_module("modelmeta.testing.strategies")
    assert testing.documents is module.documents


def test_the_kit_lists_its_names():
    assert dir(testing) == testing.__all__ == sorted(set(testing.__all__))
    with pytest.raises(AttributeError, match=r"module 'modelmeta\.testing' has no attribute 'document'"):
        testing.document  # noqa: B018  # to ask is enough
