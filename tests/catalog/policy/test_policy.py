"""Policies as values, as mappings and as TOML files, and how mistakes in them are told."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta import FrozenDict, Query, SourceError, SourceNotFoundError
from modelmeta.catalog.policy.policy import Policy
from modelmeta.catalog.policy.rule import Rule
from modelmeta.catalog.query import Requirements
from modelmeta.errors import PolicyError
from modelmeta.testing.strategies import json_values

TOML = """
allow = ["anthropic/*", {provider = ["openai", "azure"], max_output_cost = 0.1}]
[[deny]]
status = "deprecated"
[[deny]]
license = "gpl*"
unknown = "include"
"""
PROFILES = """
[prod]
allow = ["anthropic/*"]
[dev]
deny = {open_weights = false}
[nothing]
allow = []
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "policy.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_one_rule_needs_no_list():
    for one in ("lab/*", {"model": "lab/*"}, Rule("lab/*")):
        assert Policy(allow=[one], deny=(one,)) == Policy(allow=one, deny=one)
    assert Policy(deny=[Query("vision")]) == Policy(deny=Query("vision"))


def test_a_policy_is_a_value():
    policy = Policy(allow=["lab/*", {"capability": "vision"}], deny={"status": "deprecated"})
    assert policy == Policy(allow=("lab/*", Query("vision")), deny=Rule(status="deprecated"))
    assert 1 == len({policy, pickle.loads(pickle.dumps(policy))})
    with pytest.raises(AttributeError):
        policy.allow = None


@pytest.mark.parametrize(
    ("policy", "says_nothing"),
    [(Policy(), True), (Policy(allow=[]), False), (Policy(deny="x"), False), (Policy(allow=None, deny=[]), True)],
)
def test_an_empty_list_of_what_is_allowed_says_something(policy, says_nothing):
    assert says_nothing is policy.says_nothing


def test_a_policy_is_loaded_from_toml_with_exact_numbers(written):
    expected = Policy(
        allow=["anthropic/*", {"provider": {"openai", "azure"}, "max_output_cost": Decimal("0.1")}],
        deny=[{"status": "deprecated"}, {"license": "gpl*", "unknown": "include"}],
    )
    assert expected == Policy.load(written(TOML)) == Policy.load(str(written(TOML)))
    assert Policy() == Policy.load(written(""))


def test_profiles_are_loaded_by_name(written):
    path = written(PROFILES)
    profiles = Policy.profiles(path)
    assert FrozenDict(prod=Policy(allow="anthropic/*"), dev=Policy(deny={"open_weights": False}), nothing=Policy(allow=[])) == profiles
    assert profiles["dev"] == Policy.load(path, profile="dev")
    assert profiles == Policy.profiles({"prod": {"allow": "anthropic/*"}, "dev": profiles["dev"], "nothing": {"allow": ()}})


def test_a_profile_that_is_not_there_is_told_with_the_nearest(written):
    with pytest.raises(PolicyError, match="has no profile 'prodd'; did you mean prod"):
        Policy.load(written(PROFILES), profile="prodd")
    with pytest.raises(PolicyError, match="known are dev, nothing, prod"):
        Policy.load(written(PROFILES), profile="zz")


def test_a_file_of_profiles_is_no_policy_and_says_how_to_name_one(written):
    with pytest.raises(PolicyError, match="nothing called 'prod'; a profile is loaded by its name, as in profile='prod'"):
        Policy.load(written(PROFILES))


def test_every_mistake_is_told_with_its_path():
    raw = {"prod": {"alow": ["x"], "deny": [{"providr": "x"}, 3]}, "dev": 3, "": {}, "ok": {"deny": "x"}}
    with pytest.raises(PolicyError, match=r"^the set of profiles has 5 mistakes") as caught:
        Policy.profiles(raw)
    assert ["$.prod.alow", "$.prod.deny[0].providr", "$.prod.deny[1]", "$.dev", "$['']"] == [
        problem.path for problem in caught.value.problems
    ]
    assert "did you mean allow?" in str(caught.value)
    with pytest.raises(PolicyError, match=r"\$\.allow\[1\]\.status.*\n.*\$\.deny\[0\]: a rule is a pattern") as caught:
        Policy(allow=["x", {"status": "gone"}], deny=5)
    assert 2 == len(caught.value.problems)


@pytest.mark.parametrize("text", [b"allow = ", b"\xff\xfe", b"x = " + b"[" * 5000, b"allow = " + b"9" * 5000, b"deny = 0x" + b"f" * 5000])
def test_what_is_no_toml_is_told(written, text):
    with pytest.raises(PolicyError, match=r"\$: policy.toml is not TOML"):
        Policy.load(written(text))


def test_a_file_that_cannot_be_read_is_told(tmp_path, written):
    with pytest.raises(SourceNotFoundError, match="there is no policy"):
        Policy.load(tmp_path / "none.toml")
    with pytest.raises(SourceError, match="cannot be read"):
        Policy.profiles(tmp_path)
    with pytest.raises(SourceError, match="larger than 1,048,576 bytes"):
        Policy.load(written(b"#" * (1 << 20) + b"#"))


@given(data=st.data())
def test_whatever_is_said_is_a_policy_or_told_as_mistakes(data):
    value = json_values()
    rule = value | st.dictionaries(st.sampled_from([*Requirements.__annotations__, "model", "license", "capability"]), value, max_size=3)
    rules = rule | st.lists(rule, max_size=3)
    said = data.draw(st.dictionaries(st.sampled_from(["allow", "deny", "x"]), rules, max_size=2) | value)
    try:
        told, policy = (), Policy.profiles({"p": said})["p"]
    except PolicyError as error:
        told, policy = error.problems, None
    assert bool(told) is (policy is None)
    assert all(problem.path.startswith("$.p") for problem in told)
    assert policy == pickle.loads(pickle.dumps(policy))


def test_a_byte_order_mark_is_no_mistake(written):
    assert Policy(deny="x") == Policy.load(written(b"\xef\xbb\xbfdeny = 'x'"))
