"""What looks wrong, kind by kind, and in the real documents beside their raw JSON."""

from __future__ import annotations

import gzip
import json
import re
from decimal import Decimal

import pytest
from hypothesis import given

from modelmeta import Catalog, ModelRef, PartialDate, load_catalog
from modelmeta.catalog.routing.lint import Finding, Findings, lint
from modelmeta.codec.models_dev import read_document
from modelmeta.codec.snapshot import Snapshot, encode
from modelmeta.testing.strategies import documents


def found(**models) -> list[tuple[str, str]]:
    catalog = load_catalog(
        {"acme": {"name": "Acme", "models": {name: {"id": name, "name": name, **facts} for name, facts in models.items()}}}
    )
    return [(finding.kind, finding.field) for finding in lint(catalog)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"limit": {"context": 10, "output": 11}}, [("output_above_context", "limit.output")]),
        ({"limit": {"context": 10, "output": 10, "input": 10}}, []),
        ({"limit": {"context": 10, "output": 5, "input": 11}}, [("input_above_context", "limit.input")]),
        ({"limit": {"context": 0, "output": 11}}, []),
        (
            {"cost": {"input": 2, "output": 4, "tiers": [{"input": 1, "output": 5, "tier": {"type": "context", "size": 9}}]}},
            [("tier_below_base", "cost.tiers.9.input")],
        ),
        ({"cost": {"input": 2, "output": 4, "context_over_200k": {"input": 2, "output": 4}}}, []),
        ({"cost": {"input": 2, "output": 4, "cache_read": 3}}, [("cache_above_input", "cost.cache_read")]),
        ({"cost": {"input": 2, "output": 4, "cache_read": 2}}, []),
        ({"release_date": "2025-02-31"}, [("impossible_date", "release_date")]),
        (
            {"release_date": "1970-01-01", "last_updated": "1970"},
            [("impossible_date", "last_updated"), ("impossible_date", "release_date")],
        ),
        ({"knowledge": "soon"}, [("impossible_date", "knowledge")]),
        ({"release_date": "2025-05-02", "last_updated": "2025-05-01"}, [("dates_in_disorder", "last_updated")]),
        ({"release_date": "2025-05-02", "last_updated": "2025-05"}, []),
        ({"knowledge": "2025-06", "release_date": "2025-05-02"}, []),
        ({"knowledge": "2025-06", "last_updated": "2025-05-02"}, [("dates_in_disorder", "last_updated")]),
        ({"release_date": "2025-02-31", "last_updated": "2020"}, [("impossible_date", "release_date")]),
        ({}, []),
    ],
)
def test_facts_that_cannot_be_together_are_found(facts, expected):
    assert expected == found(m=facts)


def test_a_tier_is_compared_with_the_one_below():
    tiers = [{"input": price, "output": 9, "tier": {"type": "context", "size": size}} for size, price in ((10, 4), (20, 3))]
    catalog = load_catalog({"acme": {"models": {"m": {"cost": {"input": 2, "output": 9, "tiers": tiers}}}}})
    [finding] = lint(catalog)
    assert {"cost.tiers.20.input": Decimal(3), "cost.tiers.10.input": Decimal(4)} == finding.values
    assert "input costs 3 in the tier of 20, 4 below it" == finding.why


def dated(fetched_at, **facts) -> list[str]:
    document = read_document({"acme": {"models": {"m": facts}}})
    return [finding.why for finding in lint(Catalog(Snapshot(encode(document, source="test", fetched_at=fetched_at))))]


def test_what_comes_after_the_facts_were_written_is_found_where_that_is_known():
    assert ["2026-01-03 is after the facts were written"] == dated("2026-01-01T12:00:00Z", release_date="2026-01-03")
    assert [] == dated("2026-01-01", release_date="2026-01-02")
    assert [] == dated("2026-01-01", release_date="2026-01")
    assert [] == dated(None, release_date="2999")


PAID = {"cost": {"input": 1, "output": 1}}
FREE = {"cost": {"input": 0, "output": 0}}


def test_what_is_free_where_most_is_paid_for_is_found_unless_it_says_so():
    assert [("free_at_paid_provider", "cost.input")] == found(a=PAID, b=PAID, c=FREE)
    assert [] == found(a=PAID, b=FREE)
    assert [] == found(a=PAID, b=PAID, **{"c:free": FREE})
    assert [] == found(a=PAID, b=PAID, c={**FREE, "name": "C (Free)"})
    assert [] == found(a=PAID, b=PAID, c={"cost": {"input": 0, "output": 1}}, d={})


def sellers(*prices) -> Findings:
    return lint(
        load_catalog({f"p{place}": {"models": {"m-1": {"cost": {"input": price, "output": 1}}}} for place, price in enumerate(prices)})
    )


def test_a_price_far_from_what_others_ask_is_found():
    [finding] = sellers(1, 2, 3, 1000)
    assert (ModelRef("p3", "m-1"), "price_jump", "cost.input", {"cost.input": Decimal(1000), "others": Decimal(2)}) == (
        finding.ref,
        finding.kind,
        finding.field,
        finding.values,
    )
    assert "input costs 1000, 500 times more than what 3 others ask: 2" == finding.why
    [finding] = sellers(1, 2, 0.001)
    assert "input costs 0.001, 1,000 times less than what 2 others ask: 1" == finding.why


def test_of_two_sellers_nobody_knows_which_is_wrong():
    assert ["p0", "p1"] == [finding.ref.provider_id for finding in sellers(1, 100)]
    assert "input costs 1, 100 times less than what the other seller asks: 100" == sellers(1, 100)[0].why
    assert () == sellers(1, 99) == sellers(5) == sellers(0, 5) == sellers(-1, -1)


def test_findings_are_counted_cut_and_shown():
    catalog = load_catalog(
        {"acme": {"models": {f"m{number}": {"limit": {"context": 1, "output": 2}, "release_date": "1970"} for number in range(20)}}}
    )
    findings = lint(catalog)
    assert {"impossible_date": 20, "output_above_context": 20} == findings.counts
    assert isinstance(findings[:2], Findings)
    assert isinstance(findings[0], Finding)
    assert "acme/m0  limit.output  output of 2 tokens is more than the context of 1" in re.sub("  +", "  ", str(findings))
    assert ["30 of 40 findings"] == findings.sheet().notes
    assert [] == findings.sheet(most=None).notes
    assert 40 == len({*findings})


@given(documents())
def test_every_finding_holds_the_values_it_is_judged_by(document):
    catalog = load_catalog(document)
    findings = lint(catalog)
    assert sorted(findings, key=lambda finding: finding.ref) == [*findings]
    for finding in findings:
        model = catalog[str(finding.ref)]
        for path, value in finding.values.items():
            match path.split("."):
                case ["cost", "tiers", size, rate]:
                    assert value in [getattr(tier, rate) for tier in model.cost.tiers if tier.size == int(size)]
                case [part, name]:
                    assert value == getattr(getattr(model, part), name)
                case ["others"]:
                    assert value > 0
                case [name]:
                    assert value == getattr(model, name)


def raw_findings(tree) -> set[tuple[str, str]]:
    """Return what the raw JSON has of limits and dates that cannot be."""
    wrong = set()
    for provider_id, provider in tree.items():
        for model_id, row in provider["models"].items():
            ref, limit = f"{provider_id}/{model_id}", row.get("limit", {})
            for side in ("input", "output"):
                if limit.get(side) and limit.get("context") and limit[side] > limit["context"]:
                    wrong.add((ref, f"limit.{side}"))
            for name in ("release_date", "last_updated", "knowledge"):
                if re.match(r"19|20(0|1[0-6])", row.get(name, "")) or re.search(r"-(1[3-9]|2\d)-|02-3", row.get(name, "")):
                    wrong.add((ref, name))
    return wrong


@pytest.mark.parametrize("day", ["2026-03-01", "2026-05-21", "2026-07-02", "2026-09-30"])
def test_real_documents_have_few_findings_and_those_their_json_has(shared_data, day):
    text = gzip.decompress((shared_data / f"api-{day}.json.gz").read_bytes())
    findings = lint(load_catalog(text))
    kinds = {"output_above_context", "input_above_context", "impossible_date"}
    assert raw_findings(json.loads(text)) == {(str(finding.ref), finding.field) for finding in findings if finding.kind in kinds}
    assert 0 < len(findings) < len(load_catalog(text)) / 15


def test_real_slips_are_found(catalog):
    findings = lint(catalog)
    assert {"helicone/mistral-nemo", "evroc/mistralai/Voxtral-Small-24B-2507"} == {
        str(finding.ref) for finding in findings if finding.kind == "price_jump"
    }
    assert PartialDate("1970-01-01") in {finding.values[finding.field] for finding in findings if finding.kind == "impossible_date"}
