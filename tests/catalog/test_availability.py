"""Which providers can be called with the variables that are set."""

from __future__ import annotations

import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import Query, QueryError, bundled_catalog, load_catalog
from modelmeta.catalog.availability import availability, is_available, key_of
from modelmeta.catalog.calling import Calling
from modelmeta.catalog.catalog import Catalog

SECRET = "sk-0123456789-not-for-your-eyes"  # noqa: S105  # it opens nothing
GOOGLE = ("GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY")
BEDROCK = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK")


class Asked(Catalog, Calling):
    """A catalog that is asked what can be called."""


def head(provider, *env, **facts):
    return {provider: {"id": provider, "name": provider, "env": list(env), "models": {"m": {"id": "m", "name": "M"}}, **facts}}


CATALOG = load_catalog(
    {
        **head("one", "ONE_KEY"),
        **head("two", "TWO_NAME", "TWO_KEY"),
        **head("there", "THERE_HOST", "THERE_KEY", api="https://${THERE_HOST}/v1"),
        **head("unsaid", "UNSAID_KEY", api="https://${UNSAID_HOST}/v1"),
        **head("google", *GOOGLE),
        **head("amazon-bedrock", *BEDROCK),
        **head("open"),
    }
)
EVERY = {provider.id for provider in CATALOG.providers()}


@pytest.mark.parametrize(
    ("names", "ready", "unsure"),
    [
        ((), {"open"}, set()),
        (("ONE_KEY",), {"open", "one"}, set()),
        (("TWO_KEY",), {"open"}, {"two"}),
        (("TWO_KEY", "TWO_NAME"), {"open", "two"}, set()),
        (("THERE_KEY",), {"open"}, set()),
        (("THERE_HOST",), {"open"}, {"there"}),
        (("THERE_HOST", "THERE_KEY"), {"open", "there"}, set()),
        (("UNSAID_KEY",), {"open"}, set()),
        (("UNSAID_KEY", "UNSAID_HOST"), {"open", "unsaid"}, set()),
        *((name, {"open", "google"}, set()) for name in [(name,) for name in GOOGLE]),
        (("AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK"), {"open", "amazon-bedrock"}, set()),
        (("AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), {"open", "amazon-bedrock"}, set()),
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), {"open"}, set()),
    ],
)
def test_a_provider_can_be_called_when_its_variables_are_set(names, ready, unsure):
    env = dict.fromkeys(names, SECRET)
    found = availability(CATALOG, env)
    assert {provider.id for provider in found.providers} == ready
    assert {provider.id for provider in found.unsure} == unsure
    assert found.missing.keys() == EVERY - ready
    assert {model.provider_id for model in found.models} == ready
    assert found == availability(CATALOG, {*names})
    for unknown, expected in {"exclude": ready, "include": ready | unsure, "only": unsure}.items():
        assert {model.provider_id for model in CATALOG.filter(available=env, unknown=unknown)} == expected
        assert {model.provider_id for model in CATALOG.filter(available={*names}, unknown=unknown)} == expected


def test_an_empty_variable_is_not_set():
    assert availability(CATALOG, {"ONE_KEY": ""}).missing["one"] == ("ONE_KEY",)
    assert list(CATALOG.filter(provider="one", available={"ONE_KEY": ""})) == []


def test_os_environ_is_read_when_it_is_asked(monkeypatch):
    for name in [name for provider in CATALOG.providers() for name in provider.env]:
        monkeypatch.delenv(name, raising=False)
    query = Query(available=True, provider={"one", "two"})
    assert [len(CATALOG.filter(query)), len(CATALOG.rank(query))] == [0, 0]
    assert {model.provider_id for model in CATALOG.filter(available=False)} == EVERY - {"open"}
    monkeypatch.setenv("ONE_KEY", SECRET)
    assert [model.provider_id for model in CATALOG.filter(query)] == ["one"]
    assert [ranked.model.provider_id for ranked in CATALOG.rank(query)] == ["one"]
    assert CATALOG.select(query).provider_id == "one"
    assert [hit.model.provider_id for hit in CATALOG.search("m", available=True, provider="one")] == ["one"]
    assert {model.provider_id for model in CATALOG.filter(available=False)} == EVERY - {"open", "one"}
    monkeypatch.delenv("ONE_KEY")
    assert [len(CATALOG.filter(query)), len(CATALOG.rank(query))] == [0, 0]


def test_an_explanation_says_which_variables_are_not_set():
    misses = [
        miss for miss in CATALOG.explain(available={"TWO_KEY": SECRET}, provider={"one", "two"}).near_misses if "open" not in str(miss)
    ][:2]
    assert [str(miss) for miss in misses] == ["two/m: TWO_NAME not set", "one/m: ONE_KEY not set"]
    assert [miss.lacks[0].unknown for miss in misses] == [True, False]
    (step, *_) = [step for step in CATALOG.explain(available={"TWO_KEY"}).steps if step.name == "available"]
    assert (step.passed, step.failed, step.unknown) == (1, 5, 1)


def test_what_can_be_called_is_no_miss_of_what_cannot(monkeypatch):
    monkeypatch.setenv("ONE_KEY", SECRET)
    (miss, *_) = [miss for miss in CATALOG.explain(available=False, provider="one").near_misses if miss.model.provider_id == "one"]
    assert str(miss) == "one/m: its variables are set"


def test_values_are_kept_nowhere():
    env = {"ONE_KEY": SECRET, "TWO_KEY": SECRET}
    found = availability(CATALOG, env)
    query = Query(available=env)
    shown = [repr(found), str(found), repr(query), repr(CATALOG.explain(query)), str(CATALOG.explain(query)), str(query.given())]
    shown += [repr(vars(CATALOG.matching)), repr(vars(CATALOG.ranking)), repr(CATALOG.rank(query))]
    assert not any(SECRET in text for text in shown)
    assert SECRET.encode() not in pickle.dumps(query)
    assert query == Query(available={"ONE_KEY", "TWO_KEY"}) == pickle.loads(pickle.dumps(query))
    assert eval(repr(query)) == query  # noqa: S307  # that is what a repr is for
    assert repr(found) == "<Availability: 2 providers, 1 unsure, 2 models>"
    assert "two" in str(found)
    assert "TWO_NAME" in found._repr_html_()


@pytest.mark.parametrize("value", [5, "ONE_KEY", [f"ONE_KEY={SECRET}"], [("ONE_KEY", SECRET)], {1}])
def test_what_is_no_environment_is_refused_unseen(value):
    with pytest.raises(QueryError, match=r"available must be True, False, an environment") as caught:
        CATALOG.filter(available=value)
    assert SECRET not in repr(vars(caught.value)) + str(caught.value)


@pytest.mark.parametrize("value", [5, "ONE_KEY"])
def test_what_is_no_environment_is_refused(value):
    with pytest.raises(QueryError, match="env is a mapping"):
        availability(CATALOG, value)


def test_only_variables_of_providers_are_read():
    class Watched(dict):
        read = []  # noqa: RUF012  # one test's own

        def get(self, name, default=None):
            self.read.append(name)
            return super().get(name, default)

    env = Watched(HOME="/root", ONE_KEY=SECRET)
    availability(CATALOG, env)
    assert {*Watched.read} == {name for provider in CATALOG.providers() for name in provider.env} | {"UNSAID_HOST"}


@given(st.sets(st.sampled_from(sorted({name for provider in bundled_catalog().providers() for name in provider.env}))))
def test_on_the_real_catalog_more_variables_make_no_provider_less_available(names):
    catalog = bundled_catalog()
    order = [False, None, True]
    for provider in catalog.providers():
        before = is_available(provider, ())
        after = is_available(provider, names)
        assert order.index(after) >= order.index(before)
        assert is_available(provider, provider.env) is True or "$" in (provider.api or "")


def test_a_catalog_answers_by_os_environ(monkeypatch):
    monkeypatch.setenv("ONE_KEY", SECRET)
    catalog = Asked(CATALOG.content)
    assert "one" in {provider.id for provider in catalog.available().providers}
    assert catalog.available(os.environ) == catalog.available()


@pytest.mark.parametrize(
    ("provider", "env", "key"),
    [
        ("one", {"ONE_KEY": "a"}, "a"),
        ("one", {"ONE_KEY": ""}, None),
        ("two", {"TWO_NAME": "a", "TWO_KEY": "b"}, None),
        ("there", {"THERE_HOST": "a", "THERE_KEY": "b"}, "b"),
        ("google", {"GEMINI_API_KEY": "c", "GOOGLE_API_KEY": ""}, "c"),
        ("google", {}, None),
        ("open", {}, None),
    ],
)
def test_the_key_is_in_the_only_variable_that_can_hold_it(provider, env, key):
    assert key_of(CATALOG.provider(provider), env) == key
