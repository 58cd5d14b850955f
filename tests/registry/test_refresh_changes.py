"""What a refresh changes, what it says of that, and what it leaves as it was."""

from __future__ import annotations

import copy
from collections import Counter
from decimal import Decimal

import pytest

from modelmeta import dump_catalog
from modelmeta.testing import FakeModelsDev

REF = "anthropic/claude-opus-4-5"


def every_row(document, change):
    """Return a copy of *document* with *change* made to each row."""
    document = copy.deepcopy(document)
    for facts in document.values():
        for row in facts["models"].values():
            change(row)
    return document


def facts_of(changes):
    return {(change.kind, change.path, change.before, change.after) for change in changes}


async def test_a_field_that_is_rolled_out_to_every_row_is_metadata_and_no_price(settle, upstream, thirty_providers):
    registry = await settle(source=upstream.url)
    upstream.serve(every_row(thirty_providers, lambda row: row.update(carbon={"grams": 5})))
    report = await registry.refresh()
    assert (report.status, len(report.changed), report.added, report.removed) == ("updated", 1_099, (), ())
    assert Counter(change.kind for change in report.changes) == {"metadata": 1_099}
    assert {change.path for change in report.changes} == {"extra.carbon.grams"}
    assert report.price_changes == ()
    assert registry.get(REF).extra == {"carbon": {"grams": 5}}


@pytest.mark.parametrize(
    ("fields", "changes"),
    [
        ({"cost": {"input": 6, "output": 25}}, {("price", "cost.input", 5, 6)}),
        ({"cost": {"input": 5}}, {("price", "cost.output", 25, None)}),
        ({"limit": {"context": 1_000_000, "output": 64_000}}, {("limit", "limit.context", 200_000, 1_000_000)}),
        ({"tool_call": False}, {("capability", "tool_call", True, False)}),
        (
            {"modalities": {"input": ["text"], "output": ["text"]}},
            {("capability", "modalities.input", ("text", "image", "pdf"), ("text",))},
        ),
        ({"status": "deprecated"}, {("status", "status", None, "deprecated")}),
        ({"name": "Another"}, {("metadata", "name", "Claude Opus 4.5", "Another")}),
        ({"status": "beta", "name": "Another"}, {("status", "status", None, "beta"), ("metadata", "name", "Claude Opus 4.5", "Another")}),
    ],
)
async def test_a_change_is_told_field_by_field(settle, upstream, thirty_providers, edited, fields, changes):
    plain = edited(
        thirty_providers, REF, name="Claude Opus 4.5", cost={"input": 5, "output": 25}, limit={"context": 200_000, "output": 64_000}
    )
    upstream.serve(plain)
    registry = await settle(source=upstream.url)
    upstream.serve(edited(plain, REF, **fields))
    report = await registry.refresh()
    assert [str(change.ref) for change in report.changed] == [REF]
    assert facts_of(report.changes) == changes
    assert len(report.price_changes) == sum(kind == "price" for kind, *_ in changes)


async def test_a_price_says_by_how_many_percent_it_moved(settle, upstream, thirty_providers, edited):
    upstream.serve(edited(thirty_providers, REF, cost={"input": 5, "output": 25}))
    registry = await settle(source=upstream.url)
    upstream.serve(edited(thirty_providers, REF, cost={"input": 4, "output": 30}))
    moves = {change.path: change.percent for change in (await registry.refresh()).price_changes}
    assert moves == {"cost.input": Decimal(-20), "cost.output": Decimal(20)}


async def test_what_upstream_removes_is_removed(settle, upstream, thirty_providers):
    registry = await settle(source=upstream.url)
    document = copy.deepcopy(thirty_providers)
    del document["anthropic"]["models"]["claude-opus-4-5"]
    gone = document.pop("302ai")
    upstream.serve(document)
    report = await registry.refresh()
    assert report.status == "updated"
    assert {str(ref) for ref in report.removed} == {REF, *(f"302ai/{model}" for model in gone["models"])}
    assert REF not in registry.catalog
    assert dump_catalog(registry.catalog)["providers"] == document


async def test_nothing_new_leaves_the_very_same_catalog(settle, upstream):
    registry = await settle(source=upstream.url)
    catalog = registry.catalog
    for options in ({}, {"force": True}, {"accept": True}):
        report = await registry.refresh(**options)
        assert (report.status, bool(report.changes), report.revision) == ("unchanged", False, registry.status().revision)
        assert registry.catalog is catalog


async def test_the_same_facts_written_otherwise_leave_the_very_same_catalog(settle, upstream, thirty_providers):
    registry = await settle(source=upstream.url)
    catalog = registry.catalog
    upstream.serve(every_row(dict(reversed(thirty_providers.items())), lambda row: row.update(dict(reversed(list(row.items()))))))
    assert (await registry.refresh()).status == "unchanged"
    assert registry.catalog is catalog


async def test_models_that_did_not_change_stay_the_same_objects(settle, upstream, thirty_providers, edited):
    registry = await settle(source=upstream.url)
    before = {str(model.ref): model for model in registry.catalog}
    upstream.serve(edited(thirty_providers, REF, name="Another"))
    await registry.refresh()
    after = {str(model.ref): model for model in registry.catalog}
    assert [ref for ref in after if before[ref] is not after[ref]] == [REF]


async def test_a_catalog_that_was_pinned_stays_as_it_was(settle, upstream, thirty_providers, edited):
    registry = await settle(source=upstream.url)
    pinned, model = registry.catalog, registry.get(REF)
    upstream.serve(edited(thirty_providers, REF, name="Another"))
    await registry.refresh()
    assert pinned.get(REF) is model
    assert (model.name, registry.get(REF).name) == (pinned.get(REF).name, "Another")
    assert {change.path for change in pinned.diff(registry.catalog)} == {"name"}


async def test_models_of_a_provider_that_became_a_subscription_are_made_anew(settle):
    def acme(name):
        return {"acme": {"id": "acme", "name": name, "models": {"m": {"id": "m", "cost": {"input": 0, "output": 0}}}}}

    with FakeModelsDev(acme("Acme")) as server:
        registry = await settle(source=server.url)
        model = registry.get("acme/m")
        server.serve(acme("Acme Duo"))
        report = await registry.refresh()
    assert (report.status, registry.get("acme/m") is model) == ("updated", False)
    assert (model.price_state, registry.get("acme/m").price_state) == ("free", "plan")


async def test_a_row_that_breaks_is_set_aside_and_the_rest_lives(settle, upstream, thirty_providers, edited):
    registry = await settle(source=upstream.url)
    upstream.serve(edited(thirty_providers, REF, limit="many"))
    report = await registry.refresh()
    assert (report.status, [str(ref) for ref in report.removed]) == ("updated", [REF])
    assert len(report.problems) == 1
    assert report.problems == registry.problems
    assert "claude-opus-4-5" in report.problems[0].path
    upstream.serve(thirty_providers)
    report = await registry.refresh()
    assert ([str(ref) for ref in report.added], report.problems) == ([REF], ())


async def test_what_came_is_read_the_same_after_any_number_of_updates(settle, upstream, thirty_providers, edited):
    registry = await settle(source=upstream.url)
    for number in range(5):
        document = edited(thirty_providers, REF, name=f"Name {number}", limit={"context": 10 + number})
        upstream.serve(document)
        assert (await registry.refresh()).status == "updated"
        assert dump_catalog(registry.catalog) == {"models": {}, "providers": document}
