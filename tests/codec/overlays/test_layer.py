"""A layer holds what can be said in JSON, frozen, and refuses everything else with its path."""

from __future__ import annotations

import pickle
from decimal import Decimal

import attrs
import pytest

from modelmeta import Layer, OverlayError


def mistakes(**parts):
    with pytest.raises(OverlayError) as caught:
        Layer("mine", **parts)
    return [str(problem) for problem in caught.value.problems]


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_layer_is_frozen_all_the_way_down():
    given = {"acme/m": {"cost": {"input": 1}, "tags": [{"a": (1, 2)}]}}
    layer = Layer("mine", given, {"acme": {"name": "Acme"}}, {"fast": "acme/m"})
    given["acme/m"]["tags"].append(2)

    assert layer.models == {"acme/m": {"cost": {"input": 1}, "tags": [{"a": [1, 2]}]}}
    assert hash(layer) == hash(pickle.loads(pickle.dumps(layer)))
    for change in (lambda: layer.models["acme/m"]["cost"].update(input=2), lambda: layer.models["acme/m"]["tags"].append(1)):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()
    assert layer.wins


def test_what_says_nothing_is_left_out():
    layer = Layer(
        "mine", {"a/b": {"name": None, "cost": {"input": None}, "limit": {"output": 0}, "provider": None, "status": "beta"}, "a/c": {}}
    )

    assert layer.models == {"a/b": {"status": "beta"}, "a/c": {}}


def test_a_float_means_what_it_prints_as():
    assert Layer("mine", {"a/b": {"cost": {"input": 0.1}}}).models["a/b"]["cost"]["input"] == Decimal("0.1")


def test_every_mistake_is_told():
    row = {"cost": 5, 3: 4, "x": {3: {1}}, "y": float("nan"), "z": 10**200}

    assert mistakes(models={"a/c": row}) == [
        "$.models['a/c'].cost: must be an object, not 5",
        "$.models['a/c']['3']: a field's name must be text",
        "$.models['a/c'].x['3']: a field's name must be text",
        "$.models['a/c'].x['3']: is nothing that JSON could say: {1}",
        "$.models['a/c'].y: a number beyond anything a catalog could mean",
        "$.models['a/c'].z: a number beyond anything a catalog could mean",
    ]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"models": {"m": {}}}, "$.models.m: 'm' is not a model reference: write provider/model, as in 'openai/gpt-5.5'"),
        ({"models": {5: {}}}, "$.models['5']: a model reference is text like 'openai/gpt-5.5', not 5"),
        ({"models": {"a/b": []}}, "$.models['a/b']: must be an object, not []"),
        ({"models": 5}, "$.models: must be an object, not 5"),
        ({"models": {"a/b": {"experimental": True}}}, "$.models['a/b'].experimental: must be an object, not True"),
        ({"models": {"a/b": {"deep": nested(100_000)}}}, "$.models['a/b']: nests too deep"),
        ({"providers": {"a/b": {}}}, "$.providers['a/b']: a provider's id must be text without '/', not 'a/b'"),
        ({"aliases": {"": "a/b"}}, "$.aliases['']: another name must be text"),
        ({"aliases": {"x": "y"}}, "$.aliases.x: 'y' is not a model reference: write provider/model, as in 'openai/gpt-5.5'"),
        ({"written_against": {"a": {}}}, "$.written_against.a: 'a' is not a model reference: write provider/model, as in 'openai/gpt-5.5'"),
    ],
)
def test_a_mistake_is_told_with_its_path(parts, told):
    assert mistakes(**parts) == [told]


def test_many_mistakes_are_all_counted_and_the_first_are_shown():
    with pytest.raises(OverlayError, match="the layer has 60 mistakes") as caught:
        Layer("mine", {f"{number}": {} for number in range(60)})
    assert len(caught.value.problems) == 60
    assert str(caught.value).splitlines()[-1] == "  and 10 more"


@pytest.mark.parametrize("name", ["", 5, None])
def test_a_layer_has_a_name(name):
    with pytest.raises(OverlayError, match="a layer's name is text"):
        Layer(name)


def test_a_layer_can_be_made_of_another():
    assert attrs.evolve(Layer("mine", {"a/b": {"name": "B"}}), wins=False).models == {"a/b": {"name": "B"}}
