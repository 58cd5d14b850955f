"""A registry with a policy reads as if there were no other models."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from modelmeta import AsyncRegistry, Layer, ModelNotFoundError, Policy, PolicyError, Registry, bundled_catalog
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeModelsDev
from modelmeta.testing.stores.samples import acme

CHEAP = Policy(allow={"max_input_cost": 2}, deny="acme/kite")


@pytest.fixture
def server():
    with FakeModelsDev(acme(rocket=1, kite=2, plane=3)) as server:
        yield server


def refs(reading):
    return {str(model.ref) for model in reading.models()}


async def test_every_refresh_is_judged_anew(open_either, server):
    registry, heard = open_either(source=server.url, policy=CHEAP), []
    await registry.refresh(accept=True)
    assert refs(registry) == {"acme/rocket"}
    rocket = registry.get("acme/rocket")
    registry.subscribe(heard.append)
    server.serve(acme(rocket=1, kite=1, plane=2))
    report = await registry.refresh(accept=True)

    assert refs(registry) == {"acme/rocket", "acme/plane"}
    assert registry.get("acme/rocket") is rocket
    assert [(change.kind, str(change.ref)) for change in heard] == [("added", "acme/plane")]
    assert {str(change.ref) for change in report.price_changes} == {"acme/kite", "acme/plane"}
    assert refs(registry.upstream) == {"acme/rocket", "acme/kite", "acme/plane"}
    assert registry.status().models == 2


async def test_it_is_over_what_was_and_what_others_commit(open_either, server):
    store = MemoryStore()
    registry = open_either(store=store, source=server.url, policy=CHEAP)
    first = await registry.refresh(accept=True)
    server.serve(acme(rocket=5, plane=1))
    with Registry(store=store, source=server.url) as other:
        other.refresh(accept=True)
        await registry.refresh()

        assert (refs(registry), refs(other)) == ({"acme/plane"}, {"acme/rocket", "acme/plane"})
        assert refs(await registry.as_of(first.revision)) == {"acme/rocket"}
        assert len(other.as_of(first.revision)) == 3
    store.close()


async def test_it_judges_what_overlays_say(open_either, server):
    registry = open_either(source=server.url, policy=CHEAP, overlays=Layer("mine", {"acme/plane": {"cost": {"input": 1}}}))
    await registry.refresh(accept=True)
    assert refs(registry) == {"acme/rocket", "acme/plane"}
    assert registry.origin("acme/plane", "cost.input").layer == "mine"
    changes = await registry.overlay({"name": "dear", "models": {"acme/rocket": {"cost": {"input": 9}}}})

    assert [(change.kind, str(change.ref)) for change in changes] == [("removed", "acme/rocket")]
    assert refs(registry) == {"acme/plane"}
    assert [layer.name for layer in registry.overlays] == ["mine", "dear"]
    assert registry.policy_check("acme/rocket").reason == "no rule allows it"
    await registry.overlay(Layer("dear"))
    assert refs(registry) == {"acme/rocket", "acme/plane"}


async def test_the_rule_that_decided_is_told_of_allowed_and_denied_models(open_either, server):
    registry = open_either(source=server.url, policy=CHEAP)
    await registry.refresh(accept=True)

    assert {ref: (registry.policy_check(ref).allowed, registry.policy_check(ref).place) for ref in refs(registry.upstream)} == {
        "acme/rocket": (True, "allow[0]"),
        "acme/kite": (False, "deny[0]"),
        "acme/plane": (False, None),
    }
    with pytest.raises(ModelNotFoundError):
        registry.policy_check("acme/nothing")


async def test_without_a_policy_everything_is_allowed(open_either):
    for policy in (None, Policy()):
        registry = open_either(policy=policy)
        assert registry.catalog is registry.upstream
        decision = registry.policy_check("openai/gpt-5.5")
        assert (decision.allowed, decision.rule) == (True, None)


def test_what_is_no_policy_is_refused_when_a_registry_is_made():
    with pytest.raises(PolicyError, match=r"a policy is a Policy, not dict; Policy\.load reads a file"):
        Registry(policy={"allow": []})


async def test_async_with_judges_in_a_thread(monkeypatch):
    asked = []
    monkeypatch.setattr(Policy, "says_nothing", property(lambda _: asked.append(threading.current_thread())))
    async with AsyncRegistry(policy=Policy(allow={"provider": "openai"})) as registry:
        assert {provider.id for provider in registry.providers()} == {"openai"}
    assert asked
    assert threading.main_thread() not in asked


async def test_what_fills_gaps_contradicts_upstream(open_either):
    theirs = Layer("theirs", {"openai/gpt-5.5": {"cost": {"input": 10}}}, wins=False)
    mine = Layer("mine", {"openai/gpt-5.5": {"cost": {"input": 1}}})
    registry = open_either(overlays=[theirs, mine])

    (found,) = registry.disagreements()
    assert (str(found.ref), found.field, found.ours, found.theirs, found.source) == (
        "openai/gpt-5.5",
        "cost.input",
        bundled_catalog().get("openai/gpt-5.5").cost.input,
        Decimal(10),
        "theirs",
    )
    assert [one.source for one in registry.disagreements(mine)] == ["mine"]
    assert registry.disagreements(tolerance=1) == ()
