"""What a registry reads besides upstream."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from modelmeta import (
    Change,
    Layer,
    ModelNotFoundError,
    ModelRef,
    Origin,
    Overlay,
    OverlayError,
    QueryError,
    RefreshError,
    Registry,
    SourceNotFoundError,
    Usage,
    bundled_catalog,
    dump_catalog,
)
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev
from modelmeta.testing.stores.samples import acme

ROCKET = ModelRef("acme", "rocket")
MINE = Overlay.parse(
    """
name = "mine"
models."acme/rocket".cost = { input = 0.5, output = 1 }
models."acme/rocket".streaming = true
models."acme/rocket".extra.latency_ms = 120
models."lab/own" = { base_model = "acme/rocket", limit.context = 9 }
providers.lab = {}
aliases.fast = "lab/own"
"""
)


@pytest.fixture
def server():
    with FakeModelsDev(acme(rocket=1, kite=2)) as server:
        yield server


def price(reading, ref="acme/rocket"):
    return reading.get(ref).cost.input


async def test_without_overlays_upstream_itself_is_read(open_either):
    registry = open_either()

    assert registry.overlays == ()
    assert registry.catalog is registry.upstream
    assert registry.overlay_drift() == ()
    assert registry.origin("openai/gpt-5.5", "cost.input").layer == "bundled"


async def test_overlays_are_read_and_upstream_is_kept(open_either, server):
    registry = open_either(source=server.url, overlays=MINE)
    report = await registry.refresh(accept=True)

    assert price(registry) == Decimal("0.5")
    assert registry.get("acme/rocket").supports("streaming") is True
    assert registry.get("acme/rocket").extra["latency_ms"] == 120
    assert (registry.resolve("fast").match, str(registry.get("fast").ref)) == ("alias", "lab/own")
    assert registry.price("acme/rocket", Usage(input_tokens=2_000_000)).total == 1
    assert (len(registry.catalog), registry.status().models, len(registry.upstream)) == (3, 3, 2)
    assert "3 models" in repr(registry.registry)
    assert price(registry.upstream) == 1
    assert dump_catalog(registry.upstream)["providers"] == acme(rocket=1, kite=2)
    assert registry.overlays == (MINE,)
    (revision,) = await registry.revisions()
    assert (revision.id, revision.models, revision.digest) == (report.revision, 2, registry.upstream.content.digest)


async def test_overlays_stay_over_a_refresh_and_subscribers_hear_what_changed_in_what_is_read(open_either, server):
    registry, heard = open_either(source=server.url, overlays=[MINE]), []
    await registry.refresh(accept=True)
    untouched = registry.get("acme/kite")
    registry.subscribe(heard.append)
    server.serve(acme(rocket=3, kite=2))
    report = await registry.refresh()

    assert [str(change.path) for change in report.price_changes] == ["cost.input", "cost.output"]
    assert heard == []
    assert price(registry) == Decimal("0.5")
    assert registry.get("acme/kite") is untouched
    assert [change.path for change in await registry.history("acme/rocket")] == [None, "cost.input", "cost.output"]
    server.serve(acme(rocket=3, kite=5))
    await registry.refresh()
    assert heard[0] == Change("price", ModelRef("acme", "kite"), "cost.input", Decimal(2), Decimal(5))
    assert {str(change.ref) for change in heard} == {"acme/kite"}


async def test_overlays_stay_over_what_others_commit_and_over_what_was(open_either, server):
    store, clock = MemoryStore(), FakeClock(datetime(2026, 11, 24, 12, tzinfo=UTC))
    one = open_either(store=store, source=server.url, overlays=MINE, clock=clock)
    first = await one.refresh(accept=True)
    server.serve(acme(kite=4))
    with Registry(store=store, source=server.url, clock=clock, max_retries=0) as other:
        other.refresh(accept=True)
        await one.refresh()

        assert (price(one, "acme/kite"), price(other, "acme/kite")) == (4, 4)
        assert price(one) == Decimal("0.5")
        assert one.get("fast").name == "own"
        then = await one.as_of(first.revision)
        assert (price(then), price(then, "acme/kite")) == (Decimal("0.5"), 2)
        assert then is await one.as_of(first.revision)
        assert await one.as_of((await one.revisions())[-1]) is one.catalog
        assert price(other.as_of(first.revision)) == 1
    again = open_either(store=store, overlays=MINE)
    assert (again.get("fast").limit.context, again.upstream.content.digest) == (9, one.upstream.content.digest)
    store.close()


async def test_the_origin_of_every_fact_is_known(open_either, server):
    registry = open_either(source=server.url, overlays=MINE)
    report = await registry.refresh(accept=True)

    def origin(field, ref="acme/rocket"):
        return registry.origin(ref, field)

    assert origin("cost.input") == Origin("mine", Decimal("0.5"), None, ROCKET)
    assert origin("extra.latency_ms") == origin("latency_ms") == Origin("mine", 120, None, ROCKET)
    assert origin("streaming") == Origin("mine", True, None, ROCKET)
    assert origin("cost.cache_read") == Origin(None)
    assert origin("name", "acme/rocket").layer == "upstream"
    assert origin("name", "acme/rocket").revision == report.revision
    assert origin("canonical_model_id", "fast") == Origin("upstream", "acme/rocket", report.revision, ROCKET)
    assert origin("limit.context", "fast") == Origin("mine", 9, None, ModelRef("lab", "own"))
    for field, message in {
        "cost": "holds several facts",
        "cots.input": "there is no field 'cots.input'; did you mean cost",
        "cost.inptu": "there is no field 'cost.inptu'; did you mean input",
        "name.first": "there is no field 'name.first'",
    }.items():
        with pytest.raises(QueryError, match=message):
            origin(field)
    with pytest.raises(ModelNotFoundError):
        origin("name", "acme/nothing")


def test_the_origin_of_tiers_modes_and_what_has_no_field_is_known():
    base = {"cost": {"tiers": [{"input": 7, "tier": {"size": 100}}]}, "experimental": {"modes": {"fast": {"cost": {"input": 9}}}}}
    layer = Layer("mine", {"openai/gpt-5.5": {**base, "limit": {"images": 3}, "quality": {"elo": 5}, "reasoning_options": []}})
    registry = Registry(overlays=layer)

    def origin(field):
        found = registry.origin("openai/gpt-5.5", field)
        return found.layer, found.value

    assert origin("cost.tiers.100.input") == ("mine", 7)
    assert origin("cost.tiers.200.input") == (None, None)
    assert origin("cost.modes.fast.input") == origin("experimental.modes.fast.cost.input") == ("mine", 9)
    assert origin("limit.images") == origin("extra.limit.images") == ("mine", 3)
    assert origin("quality") == ("mine", {"elo": 5})
    assert origin("reasoning_options") == ("mine", ())
    assert origin("nobody_says") == (None, None)
    assert origin("cost.tiers")[0] == "mine"
    assert origin("limit.context")[0] == "bundled"


async def test_an_overlay_whose_upstream_moved_is_found(open_either, server):
    overlay = {"models": {"acme/rocket": {"cost": {"input": 0.5}, "written_against": {"cost": {"input": 1}}}}}
    registry = open_either(source=server.url, overlays=overlay)
    await registry.refresh(accept=True)
    assert registry.overlay_drift() == ()
    server.serve(acme(rocket=3))
    await registry.refresh(accept=True)

    (drift,) = registry.overlay_drift()
    assert (drift.overlay, drift.ref, drift.field, drift.before, drift.now) == ("overlay", ROCKET, "cost.input", 1, 3)


async def test_an_overlay_can_be_laid_replaced_and_taken_back_while_reading(open_either, server):
    registry, heard = open_either(source=server.url), []
    first = await registry.refresh(accept=True)
    registry.subscribe(heard.append)
    changes = await registry.overlay(MINE)

    assert [*changes] == heard
    assert {(change.kind, str(change.ref)) for change in heard} >= {("added", "lab/own"), ("price", "acme/rocket")}
    assert price(await registry.as_of(first.revision)) == Decimal("0.5")
    await registry.overlay({"name": "over", "models": {"acme/rocket": {"cost": {"input": 7}}}})
    assert (price(registry), [layer.name for layer in registry.overlays]) == (7, ["mine", "over"])
    await registry.overlay(Layer("over", {"acme/rocket": {"cost": {"input": 8}}}))
    assert price(registry) == 8
    await registry.overlay(Layer("over"))
    await registry.overlay(Layer("mine"))
    assert registry.catalog is registry.upstream
    assert price(await registry.as_of(first.revision)) == 1
    with pytest.raises(OverlayError):
        await registry.overlay({"models": {"acme/rocket": {"cots": 1}}})
    await registry.close()
    with pytest.raises(RefreshError):
        await registry.overlay(MINE)


async def test_notes_can_be_put_on_private_models(open_either):
    registry = open_either(overlays=Layer("mine", {"lab/own": {"cost": {"input": 3}}}, {"lab": {}}))

    assert (await registry.put_note("lab/own", "ours")).ref == ModelRef("lab", "own")


def test_the_ledger_charges_negotiated_prices():
    with Registry(overlays={"models": {"openai/gpt-5.5": {"cost": {"input": 3}}}}) as registry:
        entry = registry.ledger.record("openai/gpt-5.5", Usage(input_tokens=1_000_000 // 10))

        assert entry.total == Decimal("0.3")


def test_overlays_are_given_in_many_forms(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text('models."openai/gpt-5.5".cost.input = 4')
    overlays = Registry(overlays=[path, {"name": "two"}, Layer("three"), MINE]).overlays

    assert [overlay.name for overlay in overlays] == ["prices", "two", "three", "mine"]
    assert Registry(overlays=str(path)).get("openai/gpt-5.5").cost.input == 4
    assert Registry(overlays=({},)).catalog.content.digest == bundled_catalog().content.digest


@pytest.mark.parametrize(
    ("overlays", "message"),
    [
        (5, "overlays are a sequence of overlays, layers, paths or mappings, not 5"),
        ([5], "an overlay is an Overlay, a Layer, a path or a mapping, not 5"),
        ([Layer("a"), Layer("a")], "an overlay cannot be called 'a': another one is"),
        ([Layer("upstream")], "an overlay cannot be called 'upstream': what is no overlay is"),
        ({"nme": "x"}, "is no field; did you mean name"),
    ],
)
def test_what_is_no_overlay_is_refused_when_a_registry_is_made(overlays, message):
    with pytest.raises(OverlayError, match=message):
        Registry(overlays=overlays)


def test_a_missing_file_is_told_of_when_a_registry_is_made(tmp_path):
    with pytest.raises(SourceNotFoundError):
        Registry(overlays=tmp_path / "nothing.toml")


def test_a_catalog_with_overlays_pickles_with_its_aliases():
    catalog = Registry(overlays={"aliases": {"fast": "openai/gpt-5.5"}}).catalog

    assert pickle.loads(pickle.dumps(catalog)).get("fast").ref == ModelRef("openai", "gpt-5.5")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_reads_the_same_and_can_be_overlaid():
    with Registry(overlays=Layer("mine", {"openai/gpt-5.5": {"cost": {"input": 4}}})) as registry:
        registry.get("openai/gpt-5.5")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                before = price(registry, "openai/gpt-5.5")
                registry.overlay(Layer("mine", {"openai/gpt-5.5": {"cost": {"input": 3}}}))
                code = int((before, price(registry, "openai/gpt-5.5")) != (4, 3))
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
