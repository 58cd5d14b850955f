from __future__ import annotations

import copy
import json
import operator
import pickle
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from modelmeta import FrozenDict, FrozenList
from modelmeta.records.frozen import freeze
from modelmeta.testing.strategies import json_values

if TYPE_CHECKING:
    from collections.abc import Callable

DICT_MUTATORS: list[Callable[[Any], object]] = [
    lambda frozen: operator.setitem(frozen, "a", 2),
    lambda frozen: operator.delitem(frozen, "a"),
    lambda frozen: operator.ior(frozen, {"b": 2}),
    lambda frozen: frozen.clear(),
    lambda frozen: frozen.pop("a"),
    lambda frozen: frozen.pop("zzz", None),
    lambda frozen: frozen.popitem(),
    lambda frozen: frozen.setdefault("b", 2),
    lambda frozen: frozen.update({"b": 2}),
    lambda frozen: frozen.update(b=2),
]
LIST_MUTATORS: list[Callable[[Any], object]] = [
    lambda frozen: operator.setitem(frozen, 0, 2),
    lambda frozen: operator.setitem(frozen, slice(None), []),
    lambda frozen: operator.delitem(frozen, 0),
    lambda frozen: operator.iadd(frozen, [2]),
    lambda frozen: operator.imul(frozen, 2),
    lambda frozen: frozen.append(2),
    lambda frozen: frozen.clear(),
    lambda frozen: frozen.extend([2]),
    lambda frozen: frozen.insert(0, 2),
    lambda frozen: frozen.pop(),
    lambda frozen: frozen.remove(1),
    lambda frozen: frozen.reverse(),
    lambda frozen: frozen.sort(),
]


@pytest.mark.parametrize("mutate", DICT_MUTATORS)
def test_a_frozen_dict_refuses_every_change_and_says_how_to_go_on(mutate: Callable[[Any], object]):
    frozen = FrozenDict({"a": 1})
    with pytest.raises(TypeError, match=r"FrozenDict cannot be changed.*dict\(\.\.\.\)"):
        mutate(frozen)
    assert frozen == {"a": 1}


@pytest.mark.parametrize("mutate", LIST_MUTATORS)
def test_a_frozen_list_refuses_every_change_and_says_how_to_go_on(mutate: Callable[[Any], object]):
    frozen = FrozenList([1])
    with pytest.raises(TypeError, match=r"FrozenList cannot be changed.*list\(\.\.\.\)"):
        mutate(frozen)
    assert frozen == [1]


HARMLESS = {"__init__", "__reversed__", "__sizeof__", "copy", "fromkeys"}


@pytest.mark.parametrize(
    ("frozen", "methods"),
    [
        (FrozenDict({"a": 1}), vars(dict).keys() - vars(MappingProxyType).keys() - HARMLESS),
        (FrozenList([1]), vars(list).keys() - vars(tuple).keys() - HARMLESS),
    ],
)
def test_whatever_the_builtin_has_beyond_its_unchangeable_sibling_is_refused(frozen: object, methods: set[str]):
    assert methods >= {"__setitem__", "__delitem__", "pop", "clear"}
    for method in methods:
        with pytest.raises(TypeError, match="cannot be changed"):
            getattr(frozen, method)()


@given(json_values())
def test_freezing_keeps_value_text_and_json(value: object):
    frozen = freeze(value)
    assert value == frozen
    assert repr(value) == repr(frozen)
    assert json.dumps(value) == json.dumps(frozen)


@given(json_values())
def test_what_is_frozen_hashes_by_content(value: object):
    one, other = freeze(value), freeze(json.loads(json.dumps(value)))
    assert len({one, other}) == 1


@given(json_values())
def test_what_is_frozen_pickles_and_copies_frozen(value: object):
    frozen = freeze(value)
    for twin in (pickle.loads(pickle.dumps(frozen)), copy.copy(frozen), copy.deepcopy(frozen)):
        assert (type(frozen), frozen, hash(frozen)) == (type(twin), twin, hash(twin))


def test_freezing_reaches_the_bottom_and_leaves_the_original_alone():
    value = {"a": [{"b": [1]}]}
    frozen = freeze(value)
    value["a"][0]["b"].append(2)
    assert frozen == {"a": [{"b": [1]}]}
    assert [FrozenDict, FrozenList, FrozenDict, FrozenList] == [
        type(frozen),
        type(frozen["a"]),
        type(frozen["a"][0]),
        type(frozen["a"][0]["b"]),
    ]


def test_a_copy_of_what_is_frozen_may_be_changed():
    assert {"a": 1, "b": 2} == dict(FrozenDict({"a": 1})) | {"b": 2} == FrozenDict({"a": 1}) | {"b": 2}
    assert sorted(FrozenList([1, 2]), reverse=True) == [2, 1]


def test_frozen_containers_carry_no_attributes():
    for frozen in (FrozenDict(), FrozenList()):
        with pytest.raises(AttributeError):
            frozen.note = 1
