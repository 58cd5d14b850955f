"""The types a user sees. Never run: mypy and pyright check it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, assert_type

import modelmeta
from modelmeta import (
    AsyncRegistry,
    Catalog,
    Change,
    ChangeSet,
    Comparison,
    Cost,
    CostTier,
    Distribution,
    LabModel,
    Limit,
    Model,
    ModelList,
    ModelRef,
    Page,
    PartialDate,
    PriceState,
    Problem,
    Provider,
    Query,
    Quote,
    Registry,
    RegistryStatus,
    Stats,
    Usage,
    bundled_catalog,
    dump_catalog,
    load_catalog,
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

assert_type(registry.stats(), Stats)
assert_type(registry.stats().context, Distribution)
changes = catalog.diff(registry)
assert_type(changes, ChangeSet)
assert_type(iter(changes), Iterator[Change])
assert_type(changes.price_changes[0].percent, Decimal | None)
assert_type(registry.status(), RegistryStatus)

with Registry() as opened:
    assert_type(opened, Registry)


async def asynchronous() -> None:
    """Read in the same plain calls."""
    async with AsyncRegistry() as opened:
        assert_type(opened, AsyncRegistry)
        assert_type(opened.get("openai/gpt-5.5"), Model)
        assert_type(opened.filter("vision"), ModelList)


# What must be an error. An ignore that is not needed is one too, so these lines test themselves.
registry.filter(min_contex=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
registry.filter(unknown="maybe")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
registry.price("openai/gpt-5.5", 1_000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
modelmeta.Registri  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018
model.name = "x"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
