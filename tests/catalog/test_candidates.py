"""Which models a question with an order of its own chooses from."""

from __future__ import annotations

import pytest

from modelmeta import Query, QueryError, Usage
from modelmeta.catalog.candidates import candidates

USAGE = Usage(input_tokens=1_000_000)
MODELS = {
    "dead": {"status": "deprecated", "cost": {"input": 1, "output": 1}},
    "new": {"status": "beta", "tool_call": True, "cost": {"input": 2, "output": 2}},
    "sound": {"tool_call": True, "cost": {"input": 3, "output": 3}},
    "worn": {"tool_call": True, "status": "deprecated", "cost": {"input": 4, "output": 4}},
}


@pytest.fixture
def acme(document):
    return document({key: {"id": key, "name": key, **facts} for key, facts in MODELS.items()})


def ids(found):
    return [model.id for model in found.models]


@pytest.mark.parametrize(
    ("capabilities", "criteria", "expected"),
    [
        ((), {}, ["new", "sound"]),
        (("tool_call",), {}, ["new", "sound"]),
        ((), {"exclude_deprecated": False}, ["dead", "new", "sound", "worn"]),
        ((), {"exclude_deprecated": True}, ["new", "sound"]),
        ((), {"status": "deprecated"}, ["dead", "worn"]),
        ((), {"status": {"deprecated", "beta"}, "exclude_deprecated": True}, ["new"]),
        ((Query("tool_call"),), {}, ["new", "sound"]),
        ((Query(status="deprecated"), "tool_call"), {}, ["worn"]),
        ((Query(status="deprecated"),), {"status": "beta"}, ["new"]),
        ((Query(exclude_deprecated=True),), {"exclude_deprecated": False}, ["dead", "new", "sound", "worn"]),
        ((Query(max_input_cost=2),), {"max_input_cost": 3}, ["new", "sound"]),
    ],
)
def test_deprecated_models_are_left_out_unless_asked_for(acme, capabilities, criteria, expected):
    assert expected == ids(candidates(acme, capabilities, criteria))


@pytest.mark.parametrize(
    ("capabilities", "criteria", "usage", "expected"),
    [
        ((), {}, None, ["new", "sound"]),
        ((), {"usage": USAGE}, USAGE, ["new", "sound"]),
        ((), {"usage": USAGE, "max_cost": 2}, USAGE, ["new"]),
        ((Query(usage=USAGE, max_cost=2),), {}, USAGE, ["new"]),
        ((Query(usage=USAGE, max_cost=2),), {"max_cost": 9}, USAGE, ["new", "sound"]),
        ((Query(usage=USAGE, max_cost=2),), {"usage": Usage()}, Usage(), ["new", "sound"]),
        ((Query("tool_call"),), {"usage": USAGE}, USAGE, ["new", "sound"]),
    ],
)
def test_a_usage_is_given_with_or_without_a_price_it_may_have(acme, capabilities, criteria, usage, expected):
    found = candidates(acme, capabilities, criteria)

    assert (usage, expected) == (found.usage, ids(found))


@pytest.mark.parametrize(
    ("capabilities", "criteria", "page"),
    [
        ((), {}, "abcd"),
        ((), {"limit": 2}, "ab"),
        ((), {"offset": 1}, "bcd"),
        ((), {"offset": 1, "limit": 2}, "bc"),
        ((), {"limit": 0}, ""),
        ((Query(limit=1, offset=2),), {}, "c"),
        ((Query(limit=1, offset=2),), {"offset": 0}, "a"),
    ],
)
def test_limit_and_offset_wait_for_the_answer(acme, capabilities, criteria, page):
    found = candidates(acme, capabilities, criteria)

    assert (["new", "sound"], page) == (ids(found), "abcd"[found.page])


@pytest.mark.parametrize(
    ("capabilities", "criteria", "criterion"),
    [
        ((), {"sort": "id"}, "sort"),
        ((Query(sort="id"),), {}, "sort"),
        ((), {"usage": 5}, "usage"),
        ((), {"usage": None, "max_cost": 1}, "usage"),
        ((), {"max_cost": 5}, "max_cost"),
        ((), {"limit": -1}, "limit"),
        ((), {"offset": "1"}, "offset"),
        ((), {"colour": "red"}, "colour"),
        (("telepathy",), {}, "capabilities"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(acme, capabilities, criteria, criterion):
    with pytest.raises(QueryError) as caught:
        candidates(acme, capabilities, criteria)

    assert criterion == caught.value.criterion


def test_the_criteria_given_are_left_as_they_were(acme):
    criteria = {"usage": USAGE, "limit": 1}

    candidates(acme, (), criteria)

    assert {"usage": USAGE, "limit": 1} == criteria
