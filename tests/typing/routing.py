"""The types a router sees. Never run: mypy and pyright check it."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from modelmeta import (
    AsyncRegistry,
    Availability,
    Catalog,
    Cliff,
    Decision,
    Disagreements,
    Discovery,
    FallbackChain,
    Findings,
    FrozenDict,
    Headroom,
    Model,
    Policy,
    PolicyError,
    Problem,
    ProviderConfig,
    ProviderStats,
    Query,
    Recommendations,
    Registry,
    Rule,
    Runtime,
    Usage,
    permitted,
)

policy = Policy(allow=["anthropic/*", {"provider": "openai"}, Query("vision"), Rule("*:free")], deny={"status": "deprecated"})
assert_type(policy.deny, tuple[Rule, ...])
assert_type(Policy.load(Path("policy.toml"), profile="prod"), Policy)
assert_type(Policy.profiles({"prod": {"allow": []}}), FrozenDict[str, Policy])
try:
    Policy(allow=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
except PolicyError as error:
    assert_type(error.problems, tuple[Any, ...])

registry = Registry(policy=policy)
usage = Usage(input_tokens=1_000)
assert_type(registry.policy_check("openai/gpt-5.5"), Decision)
assert_type(registry.policy_check("openai/gpt-5.5").rule, Rule | None)
assert_type(permitted(registry.catalog, policy), Catalog)
assert_type(policy.doubts(registry), tuple[Problem, ...])
assert_type(registry.disagreements(tolerance=0.5), Disagreements)

assert_type(registry.available({"OPENAI_API_KEY": "sk"}), Availability)
assert_type(registry.runtime("openai/gpt-5.5", mode="fast"), Runtime)
registry.filter("vision", available=True)
registry.select(available={"OPENAI_API_KEY"})

chain = registry.fallback_chain("openai/gpt-5.5", different_provider=False, usage=usage, limit=3)
assert_type(chain, FallbackChain)
assert_type(chain[:2], FallbackChain)
assert_type(chain.models, tuple[Model, ...])
assert_type(registry.fits("openai/gpt-5.5", usage), bool | None)
assert_type(registry.headroom("openai/gpt-5.5", usage), Headroom)
assert_type(registry.max_output_for("openai/gpt-5.5", 1_000), int | None)
assert_type(registry.cliff("openai/gpt-5.5", usage), Cliff | None)
best = registry.recommend("vision", weights={"price": 2, "date": Decimal(1)}, provider="openai")
assert_type(best, Recommendations)
assert_type(best[0].model, Model)
assert_type(registry.lint(), Findings)
assert_type(registry.lint().counts, FrozenDict[str, int])


def heard(discovery: Discovery) -> None:
    assert_type(discovery.provider_id, str)


assert_type(registry.discover("openai", api_key="sk", protocol="openai", force=True), Discovery)
registry.keep_discovering("ollama", heard, every="1h").stop()
assert_type(registry.configure_provider("openai", weight=1.2, enabled=False), ProviderConfig)
assert_type(registry.provider_configs(), tuple[ProviderConfig, ...])
assert_type(registry.provider_stats("openai"), tuple[ProviderStats, ...])


async def tasks() -> None:
    async with AsyncRegistry(policy=policy, overlays={"aliases": {"fast": "openai/gpt-5.5"}}) as opened:
        assert_type(await opened.discover("openai"), Discovery)
        await opened.keep_discovering("openai", heard).stop()
        assert_type(await opened.configure_provider("openai", weight="2"), ProviderConfig)
        assert_type(await opened.provider_stats(), tuple[ProviderStats, ...])
        assert_type(opened.fits("fast", usage), bool | None)
        assert_type(opened.policy_check("fast"), Decision)
