"""A catalog that is the next revision of another: what did not change stays the same object, what answered questions is there already."""

from __future__ import annotations

import gc
import json
import weakref
from functools import cached_property
from typing import Any

import pytest

from modelmeta import Catalog, load_catalog
from modelmeta.codec.update import Seen, read_update

FREE = {"cost": {"input": 0, "output": 0}}
DOCUMENT = {
    "acme": {"name": "Acme", "models": {"a": {"name": "A"}, "b": {"name": "B"}, "c": FREE}},
    "beta": {"name": "Beta", "models": {"a": FREE, "z": {"name": "Z"}}},
}
ENGINES = {name for name, value in vars(Catalog).items() if isinstance(value, cached_property)}
ASKED = {
    "counts": lambda catalog: catalog.stats(),
    "labs": lambda catalog: catalog.lab_models,
    "links": lambda catalog: catalog.links,
    "matching": lambda catalog: catalog.filter("tool_call"),
    "names": lambda catalog: catalog.resolve("acme/a"),
    "offers": lambda catalog: catalog.offerings("acme/a"),
    "price_book": lambda catalog: catalog.price_book,
    "ranking": lambda catalog: catalog.rank(),
    "searching": lambda catalog: catalog.search("z"),
    "sellers": lambda catalog: catalog.providers(),
}
"""What makes a catalog build each of the things that answer questions."""


def opened(document: Any) -> Catalog:
    """Return the catalog of *document*, none of whose models is decoded yet."""
    return load_catalog(bytes(load_catalog(document).content))


def following(earlier: Catalog, document: Any) -> Catalog:
    """Return the catalog of *document* as the next revision of *earlier*, the way a refresh makes it."""
    new, _ = read_update(json.dumps(document).encode(), earlier.content, Seen(), source="test")
    return Catalog(new, earlier=earlier)


def built(catalog: Catalog) -> set[str]:
    """Return what answers questions in *catalog* already."""
    return {*vars(catalog)} & ENGINES


def edited(ref: str, **fields: Any) -> Any:
    """Return the document with other *fields* in one row."""
    document = json.loads(json.dumps(DOCUMENT))
    provider, _, model = ref.partition("/")
    document[provider]["models"].setdefault(model, {}).update(fields)
    return document


@pytest.mark.parametrize("make", [following, lambda earlier, document: Catalog(opened(document).content, earlier=earlier)])
def test_a_model_that_was_touched_and_did_not_change_is_the_same_object(make):
    old = opened(DOCUMENT)
    models = {ref: old[ref] for ref in ("acme/a", "acme/b", "beta/z")}
    new = make(old, edited("acme/b", name="New"))
    assert [True, False, True] == [models[ref] is new[ref] for ref in models]
    assert ("B", "New") == (models["acme/b"].name, new["acme/b"].name)


def test_models_nobody_touched_are_decoded_when_they_are_touched():
    old = opened(DOCUMENT)
    old.get("acme/a")
    new = following(old, edited("acme/b", name="New"))
    assert ["acme/a"] == [str(model.ref) for model in new.decoded if model is not None]
    assert list(opened(edited("acme/b", name="New"))) == list(new)


def test_rows_are_found_where_they_stand_now():
    old = opened(DOCUMENT)
    models = list(old)
    document = edited("acme/aa", name="AA")
    del document["acme"]["models"]["a"], document["beta"]["models"]["z"]
    new = following(old, {"aaa": {"models": {"x": {}}}, **document})
    assert ["aaa/x", "acme/aa", "acme/b", "acme/c", "beta/a"] == [str(model.ref) for model in new]
    assert [model for model in models if str(model.ref) in new] == [model for model in new if any(model is old for old in models)]
    assert "acme/a" not in new


@pytest.mark.parametrize(("before", "after"), [("Beta", "Beta Duo"), ("Beta Duo", "Beta")])
def test_models_of_a_provider_that_begins_or_ceases_to_sell_a_plan_are_others(before: str, after: str):
    old = opened({**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": before}})
    models = list(old)
    new = following(old, {**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": after}})
    assert [True] * 3 + [False] * 2 == [one is other for one, other in zip(models, new, strict=True)]
    assert [after == "Beta Duo"] * 2 == [model.subscription for model in list(new)[3:]]
    assert list(opened({**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": after}})) == list(new)


def test_a_provider_that_changes_otherwise_leaves_its_models_the_same_objects():
    old = opened(DOCUMENT)
    models = list(old)
    new = following(old, {**DOCUMENT, "beta": {**DOCUMENT["beta"], "name": "Beta Inc."}})
    assert all(one is other for one, other in zip(models, new, strict=True))
    assert new.provider("beta").name == "Beta Inc."


def test_nothing_is_built_that_nobody_asked_for():
    assert set() == built(following(opened(DOCUMENT), edited("acme/b", name="New")))


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_what_answered_questions_before_is_there_before_anybody_asks(engine: str):
    old = opened(DOCUMENT)
    ASKED[engine](old)
    new = following(old, edited("acme/new", name="New"))
    assert {engine} <= built(old) <= built(new) <= built(old) | {"sellers"}
    assert getattr(new, engine) is not getattr(old, engine)


def test_what_is_there_before_anybody_asks_answers_as_if_made_for_the_occasion(catalog):
    old = opened({"none": {"models": {}}})
    questions = [
        lambda one: one.filter("vision", sort="cost.input", limit=20).refs,
        lambda one: one.search("opus"),
        lambda one: one.resolve("openai/gpt-5.5"),
        lambda one: one.providers(),
        lambda one: one.lab_models,
        lambda one: one.stats(),
    ]
    for question in questions[:2]:
        question(old)
    new = Catalog(catalog.content, earlier=old)
    assert [question(catalog) for question in questions] == [question(new) for question in questions]


def test_the_earlier_catalog_is_not_kept_alive():
    old = opened(DOCUMENT)
    for ask in ASKED.values():
        ask(old)
    model = old["acme/a"]
    gone = [weakref.ref(old), weakref.ref(old.content)]
    new = following(old, edited("acme/b", name="New"))
    del old
    gc.collect()
    assert [None, None] == [ref() for ref in gone]
    assert model is new["acme/a"]


def test_a_peek_keeps_nothing_and_gives_what_is_kept():
    catalog = opened(DOCUMENT)
    assert catalog.peek(0) == catalog.peek(0)
    assert catalog.peek(0) is not catalog.peek(0)
    assert {None} == {*catalog.decoded}
    assert catalog.at(0) is catalog.peek(0)


@pytest.mark.timeout(30)
def test_a_fork_decodes_although_another_thread_was_decoding_when_it_was_made():
    catalog = opened(DOCUMENT)
    catalog._decoding.acquire()
    catalog.forked()
    assert catalog.get("acme/a").name == "A"
