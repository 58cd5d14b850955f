"""A year of real documents, one after the other: what the reports say is what a plain walk over the raw JSON says."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from decimal import Decimal

import pytest

from modelmeta import load_catalog
from modelmeta.testing import FakeModelsDev

DAYS = ("2026-03-01", "2026-04-01", "2026-05-21", "2026-07-02", "2026-09-30")
NO_RATES = {"tiers", "context_over_200k", "tier"}


@pytest.fixture(scope="module")
def documents(shared_data):
    """The documents as bytes, by day."""
    return {day: gzip.decompress((shared_data / f"api-{day}.json.gz").read_bytes()) for day in DAYS}


def rows(data):
    document = json.loads(data, parse_float=Decimal)
    return {f"{provider}/{model}": row for provider, facts in document.items() for model, row in facts["models"].items()}


def rates(row):
    """Return every price of a raw row under the path a change has."""
    costs = {"cost": row.get("cost", {})}
    modes = row.get("experimental", {}).get("modes", {})
    costs |= {f"experimental.modes.{name}.cost": mode["cost"] for name, mode in modes.items() if "cost" in mode}
    tables = dict(costs)
    for path, cost in costs.items():
        tiers = {tier["tier"]["size"]: tier for tier in cost.get("tiers", [])} or {200_000: cost.get("context_over_200k", {})}
        tables |= {f"{path}.tiers.{size}": tier for size, tier in tiers.items()}
    return {f"{path}.{name}": rate for path, table in tables.items() for name, rate in table.items() if name not in NO_RATES}


def prices_that_moved(before, after):
    moved = {}
    for ref in before.keys() & after.keys():
        was, now = rates(before[ref]), rates(after[ref])
        moved |= {(ref, path): (was.get(path), now.get(path)) for path in was.keys() | now.keys() if was.get(path) != now.get(path)}
    return moved


async def test_two_real_documents_are_reported_as_they_differ(settle, documents):
    old, new = rows(documents["2026-07-02"]), rows(documents["2026-09-30"])
    with FakeModelsDev(documents["2026-07-02"]) as server:
        registry = await settle(source=server.url)
        assert set(old) == {str(model.ref) for model in registry.catalog}
        server.serve(documents["2026-09-30"])
        report = await registry.refresh()

    assert report.status == "updated"
    assert [len(new.keys() - old.keys()), len(old.keys() - new.keys())] == [4_144, 1_083]
    assert sum(old[ref] != new[ref] for ref in old.keys() & new.keys()) == 4_193
    assert {str(ref) for ref in report.added} == new.keys() - old.keys()
    assert {str(ref) for ref in report.removed} == old.keys() - new.keys()
    assert {str(change.ref) for change in report.changed} == {ref for ref in old.keys() & new.keys() if old[ref] != new[ref]}

    moved = prices_that_moved(old, new)
    assert moved == {(str(change.ref), change.path): (change.before, change.after) for change in report.price_changes}
    assert Counter(path for _, path in moved) == Counter(change.path for change in report.price_changes)
    assert len(moved) == len(report.price_changes) == 2_110
    assert "4,144 added, 1,083 removed, 4,193 changed, 2,110 prices" in str(report)

    run = (await registry.refreshes())[0]
    assert (run.added, run.removed, run.changed, run.price_changes, run.outcome) == (4_144, 1_083, 4_193, 2_110, "updated")
    assert {str(model.ref) for model in registry.catalog} == set(new)
    assert {provider.id for provider in registry.providers()} == set(json.loads(documents["2026-09-30"]))


async def test_five_real_documents_in_order_trip_no_guard(settle, documents):
    with FakeModelsDev(documents[DAYS[0]]) as server:
        registry = await settle(source=server.url)
        before = rows(documents[DAYS[0]])
        for day in DAYS[1:]:
            after = rows(documents[day])
            server.serve(documents[day])
            report = await registry.refresh()
            assert (report.status, len(report.added), len(report.removed)) == (
                "updated",
                len(after.keys() - before.keys()),
                len(before.keys() - after.keys()),
            )
            assert len(prices_that_moved(before, after)) == len(report.price_changes)
            assert (registry.status().models, registry.status().providers) == (len(after), len(json.loads(documents[day])))
            assert load_catalog(documents[day]).problems == report.problems
            before = after


@pytest.mark.parametrize(("day", "status"), [("2026-05-21", "held"), ("2026-07-02", "updated"), ("2026-09-30", "updated")])
async def test_a_document_that_misses_half_of_what_the_wheel_knows_is_held_over_it(open_either, documents, catalog, day, status):
    known = set(catalog.content.refs)
    gone = len(known - rows(documents[day]).keys())
    assert (gone > len(known) / 2) is (status == "held")
    with FakeModelsDev(documents[day]) as server:
        registry = open_either(source=server.url)
        report = await registry.refresh()
    assert (report.status, len(report.removed)) == (status, gone)
    assert report.reason == (f"{gone:,} of 8,337 models are gone, more than 50%" if gone > len(known) / 2 else None)
