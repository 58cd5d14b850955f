"""Looking up models and providers, and what is said when there are none."""

from __future__ import annotations

import json
import re

import pytest

from modelmeta import (
    AmbiguousModelError,
    Catalog,
    InvalidRefError,
    LabModel,
    Model,
    ModelMetaError,
    ModelNotFoundError,
    ModelRef,
    Provider,
    ProviderNotFoundError,
    bundled_catalog,
    load_catalog,
)

NO_REFS = [None, 5, 1.5, True, "", b"openai/gpt-5.5", ["openai/gpt-5.5"], ("openai", "gpt-5.5"), {}, object()]


def test_a_model_is_got_by_its_reference_as_text_or_as_a_value(catalog):
    model = catalog.get("openai/gpt-5.5")

    assert str(model.ref) == "openai/gpt-5.5"
    assert model is catalog.get("openai/gpt-5.5")
    assert model is catalog.get(ModelRef("openai", "gpt-5.5"))
    assert model is catalog["openai/gpt-5.5"]
    assert model is catalog[ModelRef("openai", "gpt-5.5")]


def test_every_model_is_the_same_object_however_it_is_reached(catalog):
    models = list(catalog)

    assert len(catalog) == len(models)
    for place, (ref, model) in enumerate(zip(catalog.content.refs, models, strict=True)):
        assert model is catalog.get(ref) is catalog.models()[place]
        assert ref == str(model.ref)
        assert ref in catalog
        assert model.ref in catalog


def test_iteration_and_references_are_in_order(catalog):
    refs = [model.ref for model in catalog]

    assert sorted(refs) == refs
    assert len(set(refs)) == len(refs)


@pytest.mark.parametrize("ref", ["openai", "openai/gpt-5.5 ", "openai//gpt-5.5", ModelRef("openai", "nope")])
def test_what_is_no_name_of_a_model_is_not_found(catalog, ref):
    assert ref not in catalog
    with pytest.raises(ModelNotFoundError):
        catalog.get(ref)


@pytest.mark.parametrize("name", ["OpenAI/GPT-5.5", "openai:gpt-5.5", "gpt-5.5@openai", ModelRef("openai", "GPT 5.5")])
def test_a_model_is_got_by_other_names_that_mean_no_other_but_only_its_reference_is_in_the_catalog(catalog, name):
    assert catalog.get("openai/gpt-5.5") is catalog.get(name) is catalog[name] is catalog.get(name, None)
    assert name not in catalog


def test_a_name_of_several_models_is_got_by_none(catalog):
    assert catalog.get("gpt-5.5", None) is None
    with pytest.raises(AmbiguousModelError) as caught:
        catalog.get("gpt-5.5")
    assert caught.value.candidates[0] == "openai/gpt-5.5"
    assert caught.value.name == "gpt-5.5"


@pytest.mark.parametrize("value", NO_REFS)
def test_nothing_but_a_reference_is_in_a_catalog(catalog, value):
    assert value not in catalog


@pytest.mark.parametrize("value", NO_REFS)
def test_what_cannot_be_a_reference_is_refused(catalog, value):
    for ask in (catalog.get, catalog.__getitem__, lambda ref: catalog.get(ref, None)):
        with pytest.raises(InvalidRefError, match=r"a model reference is text like 'openai/gpt-5\.5', not ") as caught:
            ask(value)
        assert caught.value.value is value
        assert repr(value) in str(caught.value)


def test_a_default_stands_in_for_a_model_that_does_not_exist(catalog):
    assert catalog.get("nobody/nothing", None) is None
    assert catalog.get("nobody/nothing", 5) == 5
    assert catalog.get(ModelRef("nobody", "nothing"), default="fallback") == "fallback"
    assert catalog["openai/gpt-5.5"] is catalog.get("openai/gpt-5.5", None)


def test_a_missing_model_is_a_key_error_that_says_what_was_asked_for(catalog):
    with pytest.raises(KeyError) as caught:
        catalog["openai/gpt5.5"]

    assert isinstance(caught.value, ModelMetaError)
    assert caught.value.ref == "openai/gpt5.5"
    assert "no model is called 'openai/gpt5.5'; did you mean openai/gpt-5.5, " in str(caught.value)
    assert ", ".join(caught.value.suggestions) in str(caught.value)


def suggestions(catalog, ref):
    with pytest.raises(ModelNotFoundError) as caught:
        catalog.get(ref)
    assert all(name in catalog for name in caught.value.suggestions)
    assert len(caught.value.suggestions) <= 5
    return caught.value.suggestions


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("openai/gpt5.5", "openai/gpt-5.5"),
        ("openai/gpt-55", "openai/gpt-5.5"),
        ("openai/gtp-5.5", "openai/gpt-5.5"),
        ("opnai/gpt-5.5", "openai/gpt-5.5"),
        ("antropic/claude-opus-4-5", "anthropic/claude-opus-4-5"),
        ("anthropic/claude-opus-4-5-", "anthropic/claude-opus-4-5"),
        ("anthropic/opus-claude-4-5", "anthropic/claude-opus-4-5"),
        ("google/gemini-25-pro", "google/gemini-2.5-pro"),
    ],
)
def test_a_typo_is_answered_with_what_was_meant_first(catalog, wrong, meant):
    assert meant == suggestions(catalog, wrong)[0]


@pytest.mark.parametrize("bare", ["gpt5.5", "claude-opus-45", "gemini-25-pro", "deepseek-v32"])
def test_a_bare_id_misspelt_is_answered_with_references_that_end_in_it(catalog, bare):
    found = suggestions(catalog, bare)

    assert len(found) == 5
    assert bare.replace(".", "").replace("-", "") in {re.sub(r"\W", "", name.rpartition("/")[2]) for name in found}


@pytest.mark.parametrize("nonsense", ["qqqqzzzzqqqq", "/", "漢字", "::::"])
def test_what_looks_like_nothing_is_answered_with_no_suggestion(catalog, nonsense):
    assert suggestions(catalog, nonsense) == ()
    with pytest.raises(ModelNotFoundError) as caught:
        catalog.get(nonsense)
    assert f"no model is called {nonsense!r}" == str(caught.value)


def test_an_empty_catalog_suggests_nothing(document):
    assert suggestions(document({}), "openai/gpt-5.5") == ()


def test_a_provider_is_looked_up_by_id(catalog):
    openai = catalog.provider("openai")

    assert isinstance(openai, Provider)
    assert (openai.id, openai.name, openai.env) == ("openai", "OpenAI", ("OPENAI_API_KEY",))
    assert openai.model_count == sum(model.provider_id == "openai" for model in catalog)
    assert openai is catalog.provider("openai")


def test_providers_are_all_there_ordered_by_id(catalog):
    providers = catalog.providers()

    assert isinstance(providers, tuple)
    assert len(providers) == 225
    assert sorted(provider.id for provider in providers) == [provider.id for provider in providers]
    assert {model.provider_id for model in catalog} == {provider.id for provider in providers if provider.model_count}
    assert len(catalog) == sum(provider.model_count for provider in providers)


@pytest.mark.parametrize(("wrong", "meant"), [("opnai", "openai"), ("OpenAI", "openai"), ("antropic", "anthropic"), ("goggle", "google")])
def test_a_provider_that_does_not_exist_is_answered_with_the_nearest(catalog, wrong, meant):
    for ask in (catalog.provider, catalog.models):
        with pytest.raises(ProviderNotFoundError, match=f"no provider has the id '{wrong}'; did you mean {meant}") as caught:
            ask(wrong)
        assert meant == caught.value.suggestions[0]
        assert isinstance(caught.value, KeyError)


@pytest.mark.parametrize("value", [value for value in NO_REFS if value is not None])
def test_what_cannot_be_a_provider_id_is_refused(catalog, value):
    for ask in (catalog.provider, catalog.models):
        with pytest.raises(InvalidRefError, match="a provider id is text like 'openai', not ") as caught:
            ask(value)
        assert caught.value.value is value


def test_models_are_all_or_those_of_one_provider(catalog):
    assert list(catalog) == list(catalog.models())
    assert [model for model in catalog if model.provider_id == "mistral"] == list(catalog.models("mistral"))
    assert list(load_catalog({"acme": {"id": "acme", "models": {}}}).models("acme")) == []


def test_lab_models_are_what_the_document_says_ordered_by_id(small, catalog):
    assert [lab.id for lab in small.lab_models] == ["lab/full", "paint/draw"]
    assert all(isinstance(lab, LabModel) for lab in small.lab_models)
    assert small.lab_models[0].license == "MIT"
    assert catalog.lab_models == ()


def test_problems_are_what_could_not_be_read_ordered_by_path(catalog):
    odd = load_catalog(json.dumps({"b": {"models": {"m": {"tool_call": "yes"}, "n": {}}}, "a": 5}).encode())

    assert [problem.path for problem in odd.problems] == ["$.a", "$.b.models.m.tool_call"]
    assert [str(model.ref) for model in odd] == ["b/n"]
    assert catalog.problems == ()


def test_a_catalog_is_its_own_catalog_and_says_what_it_is(catalog, small):
    assert catalog is catalog.catalog
    assert repr(catalog) == "<Catalog: 8,337 models of 225 providers, api.json of 2026-09-30>"
    assert repr(small) == "<Catalog: 6 models of 3 providers, catalog.json of an unknown day>"


def test_two_catalogs_of_the_same_facts_hold_equal_models():
    one, other = bundled_catalog(), bundled_catalog()

    assert one is not other
    assert one["openai/gpt-5.5"] is not other["openai/gpt-5.5"]
    assert one["openai/gpt-5.5"] == other["openai/gpt-5.5"]
    assert isinstance(one, Catalog)
    assert isinstance(one["openai/gpt-5.5"], Model)
