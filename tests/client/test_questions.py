"""Typed questions, in threads and in tasks, answered as a scan of the document would."""

from __future__ import annotations

from itertools import product

import pytest

from modelmeta import InvalidRefError, ModelNotFoundError, ProviderNotFoundError, QueryError, UnknownCapabilityError, load_catalog


def rows(document: dict) -> dict[str, dict]:
    """Return all rows by reference, in the order of references."""
    found = {
        f"{provider}/{key}": row | {"provider": provider}
        for provider, facts in document["providers"].items()
        for key, row in facts["models"].items()
    }
    return dict(sorted(found.items(), key=lambda item: item[0].split("/", 1)))


def refs(page) -> list[str]:
    return [str(model.ref) for model in page.items]


def test_a_page_has_what_a_scan_of_the_document_finds(asking, document):
    every, answers = rows(document), 0
    kinds = {"chat": ("chat", None), "embedding": ("embedding",), "image": ("image",)}
    for provider, capability, kind, limit in product(
        (None, "acme", "acme-copy-2", "hub.ai", "paint"), (None, "tool_call", "vision"), (None, *kinds), (1, 3, 100)
    ):
        expected = [
            ref
            for ref, row in every.items()
            if provider in {None, row["provider"]}
            and (kind is None or row.get("type") in kinds[kind])
            and (capability != "tool_call" or row.get("tool_call") is True)
            and (capability != "vision" or "image" in row.get("modalities", {}).get("input", ()))
        ]
        for number in {1, 2, -(-len(expected) // limit), 99}:
            if number:
                page = asking.list_models(number, limit, provider=provider, capability=capability, type=kind)
                assert expected[(number - 1) * limit : number * limit] == refs(page)
                assert (len(expected), number, limit) == (page.total, page.page, page.size)
                assert -(-len(expected) // limit) == page.pages
                answers += 1
    assert answers > 400


@pytest.mark.parametrize("criteria", [{}, {"provider": "acme"}, {"capability": "tool_call"}, {"provider": "acme-copy-3", "type": "chat"}])
def test_a_search_combines_with_all_else_and_is_paged_best_match_first(asking, document, criteria):
    every = rows(document)
    expected = {
        ref
        for ref, row in every.items()
        if "full" in f"{ref.split('/', 1)[1]} {row['name']}".lower()
        and criteria.get("provider") in {None, row["provider"]}
        and ("capability" not in criteria or row.get("tool_call") is True)
        and ("type" not in criteria or row.get("type") in {None, "chat"})
    }
    names = [name for key, name in criteria.items() if key == "capability"]
    best_first = load_catalog(document).search("full", *names, limit=1_000, **{k: v for k, v in criteria.items() if k != "capability"})
    found = []
    for number in range(1, len(expected) + 1):
        page = asking.list_models(number, 1, search="full", **criteria)
        assert (len(expected), len(expected)) == (page.total, page.pages)
        found += refs(page)

    assert expected
    assert expected == {*found}
    assert [str(hit.model.ref) for hit in best_first] == found


def test_search_models_is_a_search(asking):
    assert refs(asking.list_models(2, 2, search="full")) == refs(asking.search_models("full", 2, 2))
    assert asking.search_models("nothing-like-it-anywhere").total == 0
    assert asking.search_models("").total == 0


def test_by_default_a_page_is_the_first_of_batch_size(server, client, document):
    page = client(base_url=server.url, batch_size=5).list_models()
    assert list(rows(document))[:5] == refs(page)
    assert (page.page, page.size) == (1, 5)


@pytest.mark.parametrize("question", [lambda asked: asked.list_models(), lambda asked: asked.search_models("full")])
def test_an_empty_catalog_has_an_empty_page(server, client, question):
    server.serve({"acme": {"id": "acme", "name": "Acme", "models": {}}})
    page = question(client(base_url=server.url))
    assert (page.items, page.total, page.pages) == ((), 0, 0)


@pytest.mark.parametrize("value", [0, -1, 1.0, "1", True, [1]])
@pytest.mark.parametrize("name", ["page", "limit"])
def test_a_page_and_a_limit_are_whole_numbers_from_1(asking, name, value):
    for question in (
        asking.list_models,
        lambda **given: asking.search_models("full", **given),
        lambda **given: asking.list_provider_models("acme", **given),
    ):
        with pytest.raises(QueryError, match=f"^{name} must be a whole number of 1 or more") as raised:
            question(**{name: value})
        assert (name, value) == (raised.value.criterion, raised.value.value)


@pytest.mark.parametrize(
    ("criteria", "error"),
    [
        ({"capability": "telepathy"}, UnknownCapabilityError),
        ({"capability": 1}, QueryError),
        ({"provider": 1}, QueryError),
        ({"type": 1}, QueryError),
        ({"search": 1}, QueryError),
    ],
)
def test_what_cannot_be_asked_is_refused(asking, criteria, error):
    with pytest.raises(error):
        asking.list_models(**criteria)


def test_providers_are_those_of_the_document(asking, document):
    providers = asking.list_providers()
    assert sorted(document["providers"]) == [provider.id for provider in providers]
    for provider in providers:
        facts = document["providers"][provider.id]
        assert (facts["name"], len(facts["models"])) == (provider.name, provider.model_count)
        assert provider == asking.get_provider(provider.id)
        page = asking.list_provider_models(provider.id)
        assert [ref for ref, row in rows(document).items() if row["provider"] == provider.id] == refs(page)


def test_a_provider_that_is_not_there_is_told(asking):
    for question in (asking.get_provider, asking.list_provider_models):
        with pytest.raises(ProviderNotFoundError) as raised:
            question("acmee")
        assert "acme" in raised.value.suggestions


def test_a_model_is_the_one_of_its_row_slashes_and_all(asking, document):
    for ref, row in rows(document).items():
        model = asking.get_model(ref)
        assert ref == str(model.ref)
        assert row["name"] == model.name
        assert row.get("limit", {}).get("context") in {model.limit.context, 0}


@pytest.mark.parametrize(
    ("ref", "error"),
    [("acme/none", ModelNotFoundError), ("nobody/full", ModelNotFoundError), ("", InvalidRefError), (1, InvalidRefError)],
)
def test_a_model_that_is_not_there_is_told(asking, ref, error):
    for question in (asking.get_model, asking.get_benchmarks):
        with pytest.raises(error):
            question(ref)


def test_benchmarks_are_those_of_the_lab(asking, document):
    scores = [(result["name"], str(result["score"])) for result in document["models"]["lab/full"]["benchmarks"]]
    assert scores == [(result.name, str(result.score)) for result in asking.get_benchmarks("acme-plan/full")]
    assert asking.get_benchmarks("acme/bare") == ()
