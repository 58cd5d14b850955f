"""What a rule can say, and how mistakes in it are told."""

from __future__ import annotations

import pickle
from datetime import date
from decimal import Decimal

import pytest

from modelmeta import PartialDate, Query, Usage
from modelmeta.catalog.policy.rule import Rule, read_rule
from modelmeta.errors import PolicyError
from modelmeta.records.problem import Mistakes


def read(raw):
    mistakes = Mistakes("the rule", PolicyError)
    rule = read_rule(raw, (), mistakes)
    mistakes.tell()
    return rule


def problems(raw):
    mistakes = Mistakes("the rule", PolicyError)
    assert read_rule(raw, ("deny", 0), mistakes) is None
    return {problem.path: problem.reason for problem in mistakes.problems}


def test_a_rule_is_written_in_many_forms_and_is_one_value():
    forms = [
        Rule("lab/*", license="MIT", capability="vision", provider="acme", max_input_cost=2),
        {"model": "lab/*", "license": ["mit"], "capability": ["vision"], "provider": {"acme"}, "max_input_cost": "2"},
    ]
    assert read(forms[0]) == read(forms[1])
    assert len({read(form) for form in forms}) == 1
    assert Rule("lab/*") == read("lab/*")
    assert Rule(capability="vision", max_input_cost=2) == read(Query("vision", max_input_cost=2))
    assert Rule(status="deprecated") == read(Query(status="deprecated"))


def test_a_rule_has_a_repr_that_makes_it_and_a_text_to_read():
    rule = Rule("a", "b", license={"mit", "apache-2.0"}, capability="vision", max_input_cost=2, open_weights=False)
    assert rule == eval(repr(rule), {"Rule": Rule, "Decimal": Decimal})  # noqa: S307  # it is our own text
    assert "model a, b, license apache-2.0, mit, capability vision, max_input_cost 2, open_weights no" == str(rule)


def test_a_rule_pickles():
    rule = Rule("a", usage=Usage(1), max_cost=3, released_after=date(2026, 1, 2))
    assert rule == pickle.loads(pickle.dumps(rule))
    assert PartialDate("2026-01-02") == rule.query.released_after


def test_patterns_are_in_their_order_and_each_once():
    assert ("b", "a") == Rule("b", "a", "b").models


@pytest.mark.parametrize(
    ("raw", "path", "said"),
    [
        ({"providr": "x"}, "$.deny[0].providr", "nothing called 'providr'; did you mean provider?"),
        ({"licence": "mit"}, "$.deny[0].licence", "did you mean license?"),
        ({"zz": 1}, "$.deny[0].zz", "; known are canonical, capability, "),
        ({5: 1}, "$.deny[0][5]", "nothing called 5; known are"),
        ({"a b": 1}, "$.deny[0]['a b']", "nothing called 'a b'"),
        ({"where": len}, "$.deny[0].where", "may change while the catalog does not"),
        ({"available": True}, "$.deny[0].available", "may change while the catalog does not"),
        ({"sort": "id"}, "$.deny[0].sort", "nothing called 'sort'"),
        ({"limit": 3}, "$.deny[0].limit", "nothing called 'limit'"),
        ({"model": ""}, "$.deny[0].model", "must be text, or several, not ''"),
        ({"model": {"a": 1}}, "$.deny[0].model", "must be text, or several"),
        ({"model": 5}, "$.deny[0].model", "must be text, or several, not 5"),
        ({"license": []}, "$.deny[0].license", "must be text, or several"),
        ({"capability": "visoin"}, "$.deny[0].capability", "cannot be 'visoin'; did you mean vision?"),
        ({"without": ["tool_cal"]}, "$.deny[0].without", "cannot be 'tool_cal'; did you mean tool_call?"),
        ({"status": "deprecatd"}, "$.deny[0].status", "did you mean deprecated?"),
        ({"type": "chatt"}, "$.deny[0].type", "did you mean chat?"),
        ({"input": "tex"}, "$.deny[0].input", "did you mean text?"),
        ({"output": 5}, "$.deny[0].output", "must be text, or several"),
        ({"max_input_cost": -1}, "$.deny[0].max_input_cost", "must be a price of 0 or more, not -1"),
        ({"open_weights": "yes"}, "$.deny[0].open_weights", "must be True or False"),
        ({"unknown": "maybe", "provider": "a"}, "$.deny[0].unknown", "must be one of exclude, include, only"),
        ({"usage": 5, "max_cost": 3}, "$.deny[0].usage", "must be a Usage"),
        ({"max_cost": 3}, "$.deny[0].max_cost", "max_cost needs usage"),
        ({}, "$.deny[0]", "says nothing; a rule about every model is '*'"),
        ({"unknown": "include"}, "$.deny[0]", "says nothing"),
        (3, "$.deny[0]", "a rule is a pattern, a mapping, a Query or a Rule, not 3"),
        ("", "$.deny[0].model", "must be text"),
        (Query(sort="id"), "$.deny[0].sort", "nothing called 'sort'"),
    ],
)
def test_a_mistake_is_told_with_its_path_and_what_would_be_right(raw, path, said):
    found = problems(raw)
    assert path in found
    assert said in found[path]


def test_every_mistake_of_a_rule_is_told_at_once():
    with pytest.raises(PolicyError, match=r"^the rule has 3 mistakes:\n  \$\.status: .*\n") as caught:
        Rule(status="gone", max_output_cost="free", input="smell")
    assert ["$.status", "$.max_output_cost", "$.input"] == [problem.path for problem in caught.value.problems]
    assert isinstance(caught.value, ValueError)
    assert caught.value.problems == pickle.loads(pickle.dumps(caught.value)).problems


def test_a_mistake_alone_is_told_as_one():
    with pytest.raises(PolicyError, match=r"^the rule has a mistake:"):
        Rule()
