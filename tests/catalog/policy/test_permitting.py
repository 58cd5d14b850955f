"""A catalog of only what is allowed answers as one that never knew of the rest."""

from __future__ import annotations

import gc
import pickle
import weakref
from functools import cached_property

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Catalog, ModelNotFoundError, ProviderNotFoundError, Usage, dump_catalog, load_catalog
from modelmeta.catalog.policy.permitting import permitted
from modelmeta.catalog.policy.policy import Policy
from modelmeta.records.columns import COLUMNS
from modelmeta.testing.strategies import documents

ENGINES = {name for name, value in vars(Catalog).items() if isinstance(value, cached_property)}
NO_ACME = Policy(deny={"provider": "acme"})


def without(document: dict, refs: set[str]) -> dict:
    """Return the providers of *document* without the models that are not *refs*."""
    kept = {
        key: {**head, "models": {model_id: row for model_id, row in head["models"].items() if f"{key}/{model_id}" in refs}}
        for key, head in document.items()
    }
    return {key: head for key, head in kept.items() if head["models"]}


@given(document=documents(), data=st.data())
def test_it_is_the_catalog_of_the_document_without_the_rest(document, data):
    whole = load_catalog({**document, "sure": {"models": {"one": {}, "two": {}}}})
    providers = data.draw(st.sets(st.sampled_from(sorted(whole.sellers))))
    for ref in data.draw(st.lists(st.sampled_from(sorted(whole.rows)), max_size=3)):
        whole.get(ref)
    some = permitted(whole, Policy(allow=[{"provider": providers}] if providers else []))
    kept = {ref for ref in whole.rows if ref.partition("/")[0] in providers}
    less = without(dump_catalog(whole), kept)
    assert less == dump_catalog(some)
    assert [*some] == [whole[ref] for ref in whole.rows if ref in kept]
    assert all(some[ref] is whole[ref] for ref in kept)
    if less:
        again = load_catalog(less)
        assert (again.content.digest, [*again], again.problems) == (some.content.digest, [*some], some.problems)
    assert load_catalog(bytes(some.content)).content.digest == some.content.digest
    some.content.verify()
    for name, answer in COLUMNS.items():
        column = some.column(name)
        assert [None if answer(model) == () else answer(model) for model in some] == [column[row] for row in range(len(some))]


def test_every_read_follows(small):
    part = permitted(small, NO_ACME)
    gone = {ref for ref in small.rows if ref.startswith("acme/")}
    assert gone
    assert {*small.rows} - gone == {*part.rows}
    assert all(ref not in part for ref in gone)
    assert "acme" in small.sellers
    with pytest.raises(ProviderNotFoundError):
        part.provider("acme")
    for ref in gone:
        with pytest.raises(ModelNotFoundError):
            part.get(ref)
        assert part.get(ref, None) is None
    for answer in (part.filter(), part.models(), part.rank(exclude_deprecated=False)):
        assert len(part) == len(answer)
    assert not gone & {str(hit.model.ref) for hit in part.search("acme", limit=100)}
    assert {provider.id: provider.model_count for provider in part.providers()} == dict(part.stats().by_provider)
    assert len(part) == part.explain("vision").total


def test_a_lab_whose_models_nobody_may_sell_is_not_there(small):
    assert {"lab/full", "paint/draw"} == {lab.id for lab in small.lab_models}
    assert {"paint/draw"} == {lab.id for lab in permitted(small, Policy(allow={"provider": "paint"})).lab_models}
    assert () == permitted(small, Policy(allow=[])).lab_models


def test_nothing_is_left_of_a_policy_that_allows_nothing(small):
    nothing = permitted(small, Policy(allow=[]))
    assert (0, (), (), ()) == (len(nothing), nothing.providers(), nothing.lab_models, nothing.problems)
    assert () == tuple(nothing.filter("vision"))
    assert 0 == len(load_catalog(bytes(nothing.content)))


def test_a_policy_that_says_nothing_leaves_the_catalog_as_it_is(small):
    assert small is permitted(small, Policy())


def test_what_is_the_same_model_is_so_without_those_who_told(catalog):
    policy = Policy(allow=[{"provider": {"openrouter", "vercel", "poe", "cortecs"}}])
    part = permitted(catalog, policy)
    linked = 0
    for ref in part.rows:
        everywhere = [offer for offer in catalog.offerings(ref) if offer.model.provider_id in {"openrouter", "vercel", "poe", "cortecs"}]
        assert everywhere == list(part.offerings(ref))
        linked += everywhere[0].evidence != "canonical_model_id"
    assert linked
    row = part.rows["openrouter/anthropic/claude-opus-4.5"]
    assert catalog.links.infer(catalog.rows["openrouter/anthropic/claude-opus-4.5"]) == part.links.infer(row)


def test_models_are_shared_whoever_is_asked_first(small):
    part = permitted(small, NO_ACME)
    ref = next(iter(part.rows))
    assert part[ref] is small[ref]
    other = [*part.rows][-1]
    assert small[other] is part[other]
    assert [*part.content._decoded] == [model.ref for model in small]
    assert len(part.content._decoded) == len(small)


def test_what_was_permitted_before_is_built_again_before_anybody_asks(small):
    before = permitted(small, NO_ACME)
    usage = Usage(1_000)
    before.filter("vision"), before.offerings(next(iter(before.rows)), usage=usage), before.search("full")
    asked = {*vars(before)} & ENGINES
    after = permitted(small, Policy(deny={"status": "deprecated"}), earlier=before)
    assert asked <= {*vars(after)}
    assert not {*vars(permitted(small, NO_ACME))} & (ENGINES - {"sellers", "labs"})


def test_it_pickles_without_what_is_denied(small):
    part = permitted(small, NO_ACME)
    data = pickle.dumps(part)
    again = pickle.loads(data)
    assert ([*part], part.content.digest, part.sellers) == ([*again], again.content.digest, again.sellers)
    assert b"acme/" not in data


def test_a_policy_on_what_a_policy_left_takes_away_more(small):
    both = permitted(permitted(small, NO_ACME), Policy(deny={"open_weights": True}))
    at_once = permitted(small, Policy(deny=[{"provider": "acme"}, {"open_weights": True}]))
    assert at_once.content.digest == both.content.digest
    assert [*at_once] == [*both]


def test_a_permitted_catalog_is_freed_while_the_whole_one_lives(small):
    part = permitted(small, NO_ACME)
    part.offerings(next(iter(part.rows)))
    gone = weakref.ref(part)
    del part
    gc.collect()
    assert gone() is None
