"""What a question about many models returns: an immutable sequence."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from decimal import Decimal

import pytest

from modelmeta import ModelList, ModelRef, Page, QueryError


@pytest.fixture
def models(small):
    return small.models()


def refs(models):
    return [str(model.ref) for model in models]


ORDER = ["acme/bare", "acme/embed", "acme/full", "acme/old", "acme-plan/full", "paint/draw"]


def test_a_model_list_is_a_sequence_of_models(small, models):
    assert isinstance(models, Sequence)
    assert isinstance(models, ModelList)
    assert len(models) == 6
    assert ORDER == refs(models) == refs(reversed(models))[::-1]
    assert small.get("acme/full") in models
    assert small.get("acme/full") not in models[:1]
    assert "acme/full" not in models
    assert models.index(small.get("acme/full")) == 2
    assert models.count(small.get("acme/old")) == 1


def test_a_place_gives_the_model_of_the_catalog(small, models):
    for place, ref in enumerate(ORDER):
        assert models[place] is small[ref]
        assert models[place - 6] is small[ref]
    for place in (6, -7):
        with pytest.raises(IndexError):
            models[place]
    with pytest.raises(TypeError):
        models["acme/full"]


@pytest.mark.parametrize(
    "cut", [slice(None), slice(2), slice(2, 4), slice(-2, None), slice(None, None, -1), slice(4, 1), slice(9, 99), slice(0, 6, 2)]
)
def test_a_slice_is_a_model_list(models, cut):
    for source in (models, models[:], models[::-1][::-1]):
        assert isinstance(source[cut], ModelList)
        assert ORDER[cut] == refs(source[cut])


def test_references_are_given_without_the_models(small, models):
    assert tuple(map(ModelRef.parse, ORDER)) == models.refs
    assert small.decoded == [None] * 6


def test_first_is_the_first_model_or_none(small, models):
    assert models.first() is small["acme/bare"]
    assert models[6:].first() is None


@pytest.mark.parametrize(
    ("number", "size", "items", "pages"),
    [
        (1, 4, ORDER[:4], 2),
        (2, 4, ORDER[4:], 2),
        (3, 4, [], 2),
        (2, 3, ORDER[3:], 2),
        (3, 3, [], 2),
        (1, 6, ORDER, 1),
        (1, 100, ORDER, 1),
        (6, 1, ORDER[5:], 6),
        (10**30, 10**30, [], 1),
    ],
)
def test_a_page_holds_its_part_of_the_whole(models, number, size, items, pages):
    page = models.page(number, size)

    assert (items, 6, number, size, pages) == (refs(page.items), page.total, page.page, page.size, page.pages)
    assert isinstance(page, Page)
    assert isinstance(page.items, tuple)


def test_pages_cover_everything_once(catalog):
    models = catalog.filter("vision", sort="name")
    pages = [models.page(number, 50) for number in range(1, models.page(1, 50).pages + 1)]

    assert list(models) == [model for page in pages for model in page.items]


def test_a_page_is_the_first_20_unless_said_otherwise(catalog):
    assert catalog.models().page(1, 20) == catalog.models().page()


def test_pages_of_nothing_are_empty(models):
    assert Page(items=(), total=0, page=1, size=20, pages=0) == models[6:].page()


@pytest.mark.parametrize("name", ["number", "size"])
@pytest.mark.parametrize("value", [0, -1, None, "1", 1.0, True, [1]])
def test_a_bad_page_is_refused(models, name, value):
    with pytest.raises(QueryError, match=f"{name} must be a whole number of 1 or more, not ") as caught:
        models.page(**{name: value})

    assert (name, value) == (caught.value.criterion, caught.value.value)


def test_equal_lists_hold_equal_models_in_the_same_order(small, models, document):
    assert models == small.filter() == models[:]
    assert hash(models) == hash(small.filter())
    assert models[:0] == models[6:]
    assert models != models[::-1]
    assert models != models[:5]
    assert models != list(models)
    assert len({models, small.filter(), models[:]}) == 1
    assert document({"a": {"name": "A"}}).models() != document({"a": {"name": "B"}}).models()
    assert document({"a": {"name": "A"}}).models() == document({"a": {"name": "A"}}).models()


def test_a_model_list_prints_how_many_and_which_come_first(models):
    assert repr(models) == "<ModelList of 6: acme/bare, acme/embed, acme/full, acme/old, acme-plan/full, …>"
    assert repr(models[:5]) == "<ModelList of 5: acme/bare, acme/embed, acme/full, acme/old, acme-plan/full>"
    assert repr(models[6:]) == "<ModelList of 0: >"


def test_a_model_list_cannot_be_changed(models):
    with pytest.raises(TypeError):
        models[0] = models[1]
    with pytest.raises(TypeError):
        del models[0]
    with pytest.raises(AttributeError):
        models.more = 1


def test_dicts_say_all_a_record_says(models):
    bare, full = models[0:3:2].to_dicts()

    assert {"provider_id": "acme", "id": "full", "name": "Full", "price_state": "priced"}.items() <= full.items()
    assert (bare["price_state"], bare["cost"], bare["tool_call"]) == ("unpriced", None, None)
    assert full["limit"] == {"context": 200_000, "input": 150_000, "output": 8_000}
    assert full["modalities"] == {"input": ["text", "image", "pdf", "audio"], "output": ["text"]}
    assert (full["release_date"], full["interleaved"]) == ("2025-06-15", {"field": "reasoning_content"})
    assert (Decimal(3), Decimal("0.3"), None) == (full["cost"]["input"], full["cost"]["cache_read"], full["cost"]["reasoning"])
    assert [(200_000, Decimal("22.5"))] == [(tier["size"], tier["output"]) for tier in full["cost"]["tiers"]]
    assert bare.keys() == full.keys()


def test_a_model_list_pickles_with_its_catalog(models):
    again = pickle.loads(pickle.dumps(models[1:4]))

    assert models[1:4] == again
    assert ORDER[1:4] == refs(again)


def test_nothing_is_a_falsy_list(models):
    assert models
    assert not models[6:]
