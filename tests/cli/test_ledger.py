"""The command about the ledger, in a pipe and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from modelmeta import Registry, Usage


@pytest.fixture
def used(store):
    """The address of a store in which four usages were recorded."""
    with Registry(store=store) as registry:
        for day, ref, tags in (
            (1, "acme/rocket", {"team": "a"}),
            (2, "acme/rocket", {"team": "b\x1b[2J"}),
            (2, "acme/kite", {}),
            (3, "acme/rocket", "a"),
        ):
            registry.ledger.record(ref, Usage(1_000_000), tags=tags, at=datetime(2025, 11, day, 12, tzinfo=UTC))
    return store


def test_totals_are_by_model_unless_said_otherwise(run, used):
    assert (
        run("ledger", "--store", used)
        == """\
model        usages  input tokens  output tokens  unpriced  USD
acme/rocket  3       3,000,000     0              0         7.5
acme/kite    1       1,000,000     0              1         ?
total        4       4,000,000     0              1         8
""".replace("8\n", "7.5\n\nWithout a price, and in no total: 1\n")
    )
    assert "2025-11-02  b\\x1b[2J  1 " in run("ledger", "--store", used, "--by", "day", "--by", "tag:team")


def test_usages_are_narrowed_by_time_tags_and_model(run, used):
    def count(*options):
        return sum(row["count"] for row in json.loads(run("ledger", "--store", used, "--json", *options)))

    assert [count(), count("--since", "2025-11-02"), count("--since", "2025-11-02", "--until", "2025-11-02")] == [4, 3, 2]
    assert [count("--tag", "team"), count("--tag", "team=a"), count("--tag", "a="), count("--tag", "a", "--tag", "team")] == [2, 1, 1, 0]
    assert count("--model", "acme/kite") == 1


def test_what_if_is_told_by_model(run, used):
    rows = json.loads(run("ledger", "--store", used, "--what-if", "acme/rocket", "--json"))
    assert [(row["model"], row["would"], row["difference"], row["unknown"]) for row in rows] == [
        ("acme/rocket", 7.5, 0, 0),
        ("acme/kite", None, None, 1),
    ]
    assert "would be" in run("ledger", "--store", used, "--what-if", "acme/rocket")


def test_what_cannot_be_asked_is_refused_in_words(run, used):
    assert "it takes no --by" in run("ledger", "--store", used, "--what-if", "acme/rocket", "--by", "day", exit_code=2)
    assert "a ledger is added up by" in run("ledger", "--store", used, "--by", "cow", exit_code=2)
    assert "is no time" in run("ledger", "--store", used, "--since", "cow", exit_code=2)
    assert "this command is about a store" in run("ledger", exit_code=2)
