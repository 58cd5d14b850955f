"""The types a user sees. Never run: mypy and pyright check it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, assert_type

import httpx
import pandas as pd
import polars as pl

import modelmeta
from modelmeta import (
    ANY,
    AmbiguousModelError,
    AsyncClient,
    AsyncRegistry,
    AsyncSource,
    Benchmark,
    Budget,
    Catalog,
    Change,
    ChangeKind,
    ChangeSet,
    Client,
    Comparison,
    Cost,
    CostTier,
    Disagreement,
    Disagreements,
    Distribution,
    Drift,
    Duration,
    Entry,
    Evidence,
    Explanation,
    Fetched,
    FetchError,
    ForeignLayer,
    FrozenDict,
    Hits,
    LabModel,
    Lack,
    Layer,
    Leaderboard,
    Limit,
    Match,
    MemoryStore,
    Misfit,
    MixedBenchmarkError,
    Model,
    ModelChange,
    ModelList,
    ModelNotFoundError,
    ModelRef,
    NearMiss,
    NoMatchError,
    Note,
    Offering,
    Offerings,
    Origin,
    Overlay,
    OwnBenchmark,
    Page,
    ParetoFront,
    PartialDate,
    Point,
    Preference,
    PriceState,
    Problem,
    Provider,
    Query,
    Quote,
    Ranked,
    Ranking,
    Refresh,
    RefreshError,
    RefreshOutcome,
    RefreshReport,
    RefreshStatus,
    Registry,
    RegistryStatus,
    Requirements,
    Resolution,
    Revision,
    Settings,
    SettingsError,
    SettingsFields,
    Source,
    Standard,
    Standing,
    Stats,
    StatusError,
    Step,
    Store,
    Subscription,
    TextResult,
    Tier,
    Totals,
    Usage,
    Version,
    WhatIf,
    bundled_catalog,
    disagreements,
    dump_catalog,
    litellm_layer,
    load_catalog,
    openrouter_layer,
)

registry = Registry()
catalog = registry.catalog
assert_type(catalog, Catalog)
assert_type(bundled_catalog(), Catalog)
assert_type(load_catalog("api.json"), Catalog)
assert_type(load_catalog(b"{}"), Catalog)
assert_type(load_catalog({"openai": {}}), Catalog)
assert_type(dump_catalog(catalog), dict[str, Any])

model = registry.get("openai/gpt-5.5")
assert_type(model, Model)
assert_type(registry.get(ModelRef("openai", "gpt-5.5")), Model)
assert_type(registry.get("openai/gpt-5.5", None), Model | None)
assert_type(registry.get("openai/gpt-5.5", default=0), Model | int)
assert_type(catalog["openai/gpt-5.5"], Model)
assert_type(iter(catalog), Iterator[Model])
assert_type("openai/gpt-5.5" in catalog, bool)

assert_type(model.ref, ModelRef)
assert_type(model.limit, Limit)
assert_type(model.limit.context, int | None)
assert_type(model.cost, Cost | None)
assert_type(model.tool_call, bool | None)
assert_type(model.release_date, PartialDate | None)
assert_type(model.supports("vision"), bool | None)
assert_type(model.supports("a name editors do not know"), bool | None)
assert_type(model.capabilities, frozenset[str])
assert_type(model.price_state, PriceState)
if model.cost is not None:
    assert_type(model.cost.input, Decimal | None)
    assert_type(model.cost.tiers, tuple[CostTier, ...])
    assert_type(model.cost.modes["fast"], Cost)

assert_type(registry.provider("openai"), Provider)
assert_type(registry.providers(), tuple[Provider, ...])
assert_type(registry.models("openai"), ModelList)
assert_type(registry.lab_models, tuple[LabModel, ...])
assert_type(registry.problems, tuple[Problem, ...])

found = registry.filter("tool_call", "vision", min_context=200_000, max_input_cost="0.5", sort=("cost.input", "-limit.context"))
assert_type(found, ModelList)
assert_type(registry.filter(Query("tool_call"), provider={"openai"}, unknown="include"), ModelList)
assert_type(found.first(), Model | None)
assert_type(found[0], Model)
assert_type(found[:3], ModelList)
assert_type(found.refs, tuple[ModelRef, ...])
assert_type(found.page(1, 10), Page[Model])
assert_type(found.page(1, 10).items, tuple[Model, ...])
assert_type(found.to_dicts(), list[dict[str, Any]])
assert_type(found.to_pandas(), pd.DataFrame)
assert_type(found.to_polars(), pl.DataFrame)

usage = Usage(input_tokens=1_000) + Usage.from_openai({"prompt_tokens": 1})
assert_type(usage, Usage)
quote = registry.price("openai/gpt-5.5", usage, mode="fast")
assert_type(quote, Quote)
assert_type(quote.total, Decimal | None)
assert_type(quote.state, PriceState)
assert_type(quote.tier, CostTier | None)
assert_type(quote.lines[0].amount, Decimal | None)

comparison = registry.compare("openai/gpt-5.5", "anthropic/claude-opus-4-5", usage=usage)
assert_type(comparison, Comparison)
assert_type(comparison.models, tuple[Model, ...])
assert_type(comparison.missing, tuple[str, ...])
assert_type(comparison.rows[0].best, tuple[int, ...])

resolution = registry.resolve("claude-opus-4.5", prefer=("anthropic", "amazon-bedrock"))
assert_type(resolution, Resolution)
assert_type(registry.resolve(model.ref, prefer="openai").model, Model)
assert_type(resolution.match, Match)
assert_type(resolution.candidates, tuple[ModelRef, ...])

offers = registry.offerings(model.ref, usage=usage)
assert_type(offers, Offerings)
assert_type(offers[0], Offering)
assert_type(offers[0].canonical, str | None)
assert_type(offers[0].evidence, Evidence)
assert_type(offers[0].variants, tuple[str, ...])
assert_type(offers[0].quote, Quote | None)
assert_type(offers[0].price_state, PriceState)

needs: Requirements = {"min_context": 200_000, "provider": {"openai"}}
hits = registry.search("sonet 4.5", "tool_call", limit=3, **needs)
assert_type(hits, Hits)
assert_type(hits[0].model, Model)
assert_type(hits[0].score, float)
assert_type(hits[0].matched, tuple[str, ...])

explanation = registry.explain("tool_call", near=3, min_context=2_000_000)
assert_type(explanation, Explanation)
assert_type(explanation.matched, int)
assert_type(explanation.steps, tuple[Step, ...])
assert_type(explanation.steps[0].left, int)
assert_type(explanation.near_misses, tuple[NearMiss, ...])
assert_type(explanation.near_misses[0].lacks[0], Lack)

standard = Standard("SWE-Bench Pro", metric="resolve rate", harness=None, version=ANY)
newest: Preference = "newest"
assert_type(registry.select("vision", usage=usage, prefer="largest_context"), Model)
assert_type(registry.select(Query("vision"), prefer=standard), Model)
ranking = registry.rank("vision", prefer=newest, provider="openai", limit=3)
assert_type(ranking, Ranking)
assert_type(registry.rank(prefer="benchmark:SciCode"), Ranking)
assert_type(registry.rank(prefer=lambda model: len(model.name)), Ranking)
assert_type(ranking[0], Ranked)
assert_type(ranking[:2], tuple[Ranked, ...])
assert_type(ranking[0].model, Model)
assert_type(ranking[0].quote, Quote | None)
assert_type(ranking.best, Model | None)
assert_type(ranking.unknown, int)

front = registry.pareto("tool_call", x="price", y=standard, usage=usage)
assert_type(front, ParetoFront)
assert_type(front[0], Point)
assert_type(front[0].model, Model)
assert_type(front.x_unit, str | None)
assert_type((front.considered, front.unknown), tuple[int, int])

assert_type(registry.benchmarks("openai/gpt-5.5"), tuple[Benchmark, ...])
assert_type(registry.benchmarks("openai/gpt-5.5")[0].score, Decimal | str)
board = registry.leaderboard(standard, "tool_call", open_weights=True)
assert_type(registry.leaderboard("SciCode"), Leaderboard)
assert_type(board.standard, Standard)
assert_type(board[0], Standing)
assert_type(board[0].score, Decimal)
assert_type(board[0].lab_model, LabModel)
assert_type(board[0].models, tuple[ModelRef, ...])
assert_type(board.texts, tuple[TextResult, ...])

misfits = registry.check(
    "openai/gpt-5.5",
    usage=usage,
    capabilities=("tool_call", "a name editors do not know"),
    input="image",
    max_output=1_000,
    reasoning_effort="high",
    reasoning_budget=-1,
)
assert_type(misfits, tuple[Misfit, ...])
assert_type(misfits[0].kind, Literal["status", "capability", "modality", "effort", "budget", "input", "context", "output"])
assert_type(misfits[0].fits, int | tuple[str, ...] | tuple[int, int | None] | None)
assert_type(misfits[0].known, bool)

try:
    registry.get("claude-opus-4.5")
except AmbiguousModelError as error:
    assert_type(error.candidates, tuple[str, ...])
except ModelNotFoundError as error:
    assert_type(error.suggestions, tuple[str, ...])
except MixedBenchmarkError as error:
    assert_type(error.standards, tuple[object, ...])
except NoMatchError as error:
    assert_type(error.explanation, Any)
    assert_type(error.page, str)

assert_type(registry.stats(), Stats)
assert_type(registry.stats().context, Distribution)
layer = litellm_layer(catalog=registry)
assert_type(layer, ForeignLayer)
overlay = Overlay.parse({"models": {}}, name="mine", wins=False)
assert_type(overlay, Overlay)
assert_type(Overlay.load(Path("mine.toml")), Overlay)
assert_type(Overlay.of(models=[model], aliases={"fast": "openai/gpt-5.5"}), Overlay)
overlaid = Registry(overlays=[overlay, layer, Layer("x"), "mine.toml", Path("mine"), {"models": {}}])
assert_type(overlaid.overlays, tuple[Layer, ...])
assert_type(overlaid.upstream, Catalog)
assert_type(overlaid.origin("openai/gpt-5.5", "cost.input"), Origin)
assert_type(overlaid.overlay_drift(), tuple[Drift, ...])
assert_type(overlaid.overlay(overlay), ChangeSet)
assert_type(layer.new, FrozenDict[str, Any])
contradictions = disagreements(catalog, layer, openrouter_layer(b"{}"), tolerance=Decimal("0.05"))
assert_type(contradictions, Disagreements)
assert_type(contradictions[0], Disagreement)
assert_type(contradictions[:10], Disagreements)
changes = catalog.diff(registry)
assert_type(changes, ChangeSet)
assert_type(iter(changes), Iterator[Change])
assert_type(changes.price_changes[0].percent, Decimal | None)

status = registry.status()
assert_type(status, RegistryStatus)
assert_type((status.revision, status.source, status.models, status.providers), tuple[str, str, int, int])
assert_type((status.fetched_at, status.age, status.stale), tuple[datetime | None, timedelta | None, bool | None])
assert_type((status.last_refresh, status.next_refresh), tuple[datetime | None, datetime | None])
assert_type((status.last_error, status.held, status.consecutive_failures), tuple[str | None, str | None, int])

report = registry.refresh(force=True, providers={"openai"})
assert_type(registry.refresh(accept=report.revision), RefreshReport)
assert_type(registry.refresh(accept=True, providers=None), RefreshReport)
assert_type(report, RefreshReport)
assert_type(report.status, RefreshStatus)
assert_type((report.added, report.removed), tuple[tuple[ModelRef, ...], tuple[ModelRef, ...]])
assert_type(report.changed, tuple[ModelChange, ...])
assert_type(report.price_changes, tuple[Change, ...])
assert_type(report.changes, ChangeSet)
assert_type(report.problems, tuple[Problem, ...])
assert_type((report.reason, report.started_at, report.duration), tuple[str | None, datetime, timedelta])
if report.status == "held":
    assert_type(report.status, Literal["held"])

runs = registry.refreshes(limit=5)
assert_type(runs, tuple[Refresh, ...])
assert_type(runs[0].outcome, RefreshOutcome)
assert_type(runs[0].duration, timedelta | None)


def hear(change: Change) -> None:
    """Hear of a change."""
    assert_type(change.kind, ChangeKind)
    assert_type(change.path, str | None)
    assert_type(change.percent, Decimal | None)


with registry.subscribe(hear, kinds=("price", "removed"), models="openai/gpt-5.5") as subscription:
    assert_type(subscription, Subscription)
assert_type(registry.subscribe(hear, kinds="price", models={model.ref}), Subscription)

half_a_day: Duration = "12h"
fields: SettingsFields = {
    "refresh_interval": half_a_day,
    "timeout": 5,
    "deadline": timedelta(minutes=1),
    "max_retries": "2",
    "max_age": None,
}
settings = Settings(**fields)
assert_type(settings, Settings)
assert_type(Settings.from_env(), Settings)
assert_type(Settings.from_mapping({"refresh-interval": "12h"}), Settings)
assert_type(settings.replace(enabled=False), Settings)
assert_type((settings.refresh_interval, settings.max_age), tuple[timedelta, timedelta | None])
assert_type((settings.api_key, settings.max_shrink, settings.rate_limit), tuple[str | None, float, int])


class Ours:
    """A source, by what it has."""

    name = "ours"

    def fetch(self, validator: str | None) -> Fetched | None:
        """Return what is new."""
        return None if validator else Fetched(b"{}", "1", fetched_at=None)


class OursAwaited:
    """A source for tasks."""

    name = "ours"

    async def afetch(self, validator: str | None) -> Fetched | None:
        """Return what is new."""
        return None if validator else Fetched(b"{}")


source: Source = Ours()
awaited_source: AsyncSource = OursAwaited()
store: Store = MemoryStore()
assert_type(store.head(), Revision | None)
assert_type(store.load(), tuple[Revision, bytes] | None)
assert_type(store.versions("models", "openai/gpt-5.5"), tuple[Version, ...])
Registry(store=store, source=["https://models.dev", Path("catalog.json"), "catalog.json", Ours()], settings=settings, stale_after="2d")
Registry(source=(), client=httpx.Client(), enabled=False, auto_refresh=True)
AsyncRegistry(source=[OursAwaited(), Ours()], client=httpx.AsyncClient())

with Registry() as opened:
    assert_type(opened, Registry)
    assert_type(opened.revisions(), tuple[Revision, ...])
    assert_type(opened.as_of("2026-11-24"), Catalog)
    assert_type(opened.as_of(datetime.now(UTC)), Catalog)
    assert_type(opened.history("openai/gpt-5.5"), tuple[Change, ...])
    assert_type(opened.changes(since=date(2026, 11, 1), kinds="price"), tuple[Change, ...])
    assert_type(opened.prune(keep="90d"), int)
    assert_type(opened.put_note("openai/gpt-5.5", "our default"), Note)
    assert_type(opened.notes(), tuple[Note, ...])
    assert_type(opened.put_benchmark("openai/gpt-5.5", Benchmark(name="ours", score=Decimal("0.9"))), OwnBenchmark)
    assert_type(opened.own_benchmarks("openai/gpt-5.5"), tuple[OwnBenchmark, ...])
    assert_type(opened.ledger.record("openai/gpt-5.5", Usage(input_tokens=1), tags={"team": "search"}), Entry)
    assert_type(opened.ledger.entries(since="2026-11-01", tags=("batch",)), tuple[Entry, ...])
    assert_type(opened.ledger.totals(["day", "tag:team"]).whole.total, Decimal | None)
    assert_type(opened.ledger.what_if("openai/gpt-5.5", since=date(2026, 11, 1)), WhatIf)
    assert_type(opened.ledger.budget(100, print, per="month", thresholds=(0.8, 1)), Budget)
    assert_type(opened.stats().tiers, tuple[Tier, ...])
    opened.start()
    opened.stop()

with Client(settings, client=httpx.Client(), timeout="5s") as client:
    assert_type(client, Client)
    assert_type(client.catalog(), dict[str, Any])
    assert_type(client.api(), dict[str, Any])
    assert_type(client.models_json(), dict[str, Any])
    assert_type(client.list_models(2, 10, provider="openai", search="gpt", capability="vision", type="chat"), Page[Model])
    assert_type(client.get_model(ModelRef("openai", "gpt-5.5")), Model)
    assert_type(client.search_models("gpt"), Page[Model])
    assert_type(client.list_providers(), tuple[Provider, ...])
    assert_type(client.get_provider("openai"), Provider)
    assert_type(client.list_provider_models("openai", page=1), Page[Model])
    assert_type(client.get_benchmarks("openai/gpt-5.5"), tuple[Benchmark, ...])
    assert_type(client.logo("openai"), bytes)
    Registry(client=client)

try:
    registry.refresh()
except StatusError as error:
    assert_type((error.status, error.retry_after), tuple[int, float | None])
except FetchError as error:
    assert_type((error.url, error.source, error.attempts), tuple[str, str, int])
except RefreshError as error:
    assert_type(error.errors, tuple[Exception, ...])
except SettingsError as error:
    assert_type(error.key, str)


async def asynchronous() -> None:
    """Read in the same plain calls; await what touches the world."""
    async with AsyncRegistry() as opened:
        assert_type(opened, AsyncRegistry)
        assert_type(opened.get("openai/gpt-5.5"), Model)
        assert_type(opened.filter("vision"), ModelList)
        assert_type(opened.resolve("gpt-5.5", prefer="openai"), Resolution)
        assert_type(opened.select("vision"), Model)
        assert_type(await opened.refresh(providers="openai"), RefreshReport)
        assert_type(await opened.refreshes(), tuple[Refresh, ...])
        assert_type(await opened.as_of("2026-11-24"), Catalog)
        assert_type(await opened.history("openai/gpt-5.5"), tuple[Change, ...])
        assert_type(opened.ledger.record("openai/gpt-5.5", Usage(input_tokens=1)), Entry)
        assert_type(await opened.ledger.totals("day"), Totals)
        assert_type(opened.status(), RegistryStatus)
        assert_type(opened.subscribe(awaited), Subscription)
        await opened.start()
        await opened.stop()
    async with AsyncClient(base_url="https://mirror.example") as client:
        assert_type(client, AsyncClient)
        assert_type(await client.catalog(), dict[str, Any])
        assert_type(await client.list_models(), Page[Model])
        assert_type(await client.get_model("openai/gpt-5.5"), Model)
        assert_type(await client.list_providers(), tuple[Provider, ...])
        assert_type(await client.logo("openai"), bytes)
        AsyncRegistry(client=client)


async def awaited(change: Change) -> None:
    """Hear of a change, in a task."""
    assert_type(change.ref, ModelRef)


# What must be an error. An ignore that is not needed is one too, so these lines test themselves.
registry.filter(min_contex=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.filter(unknown="maybe")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
registry.search("sonet", sort="cost.input")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.explain(usag=usage)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.select(prefer=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
registry.resolve("gpt-5.5", "openai")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.pareto("vision", x="price")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.check("openai/gpt-5.5", max_output="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
registry.leaderboard(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Standard("SciCode", metric=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
registry.price("openai/gpt-5.5", 1_000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
registry.refresh(True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.subscribe(hear, kinds="prices")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Registry(refresh_intervall="12h")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Registry(client=httpx.AsyncClient())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Settings(timeout=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
modelmeta.Registri  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018  # to ask is enough
model.name = "x"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
