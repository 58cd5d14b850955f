from __future__ import annotations

import pytest

from modelmeta import Catalog, Provider

PLANS = {
    "alibaba-coding-plan",
    "alibaba-coding-plan-cn",
    "alibaba-token-plan",
    "alibaba-token-plan-cn",
    "cline-pass",
    "github-copilot",
    "gitlab",
    "kimi-code-plan-cn",
    "kimi-code-plan-global",
    "kuae-cloud-coding-plan",
    "minimax-cn-coding-plan",
    "minimax-coding-plan",
    "scnet-token-plan",
    "stepfun-ai-step-plan",
    "stepfun-step-plan",
    "tencent-coding-plan",
    "tencent-token-plan",
    "umans-ai-coding-plan",
    "volcengine-coding-plan",
    "xiaomi-token-plan-ams",
    "xiaomi-token-plan-cn",
    "xiaomi-token-plan-sgp",
    "zai-coding-plan",
    "zhipuai-coding-plan",
}
"""The providers of the bundled data that sell a plan, found by reading the ids and names of all 225."""


def test_the_subscriptions_of_the_bundled_catalog_are_these(catalog: Catalog):
    assert {provider.id for provider in catalog.providers() if provider.subscription} == PLANS


def test_a_price_of_zero_reads_plan_at_these_and_free_everywhere_else(catalog: Catalog):
    states = {(model.provider_id in PLANS, model.price_state) for model in catalog}
    assert {(True, "plan"), (True, "priced"), (True, "unpriced"), (False, "free"), (False, "priced"), (False, "unpriced")} == states


@pytest.mark.parametrize(
    ("provider_id", "name", "expected"),
    [
        ("kimi-for-coding", "Kimi For Coding", True),
        ("firepass", "Fireworks (Firepass)", True),
        ("gitlab", "GitLab Duo", True),
        ("gitlab", "GitLab", False),
        ("planetscale", "PlanetScale", False),
        ("passage-ai", "Passage", False),
        ("openai", "OpenAI", False),
        ("duolingo", "Duolingo", False),
    ],
)
def test_a_subscription_is_told_by_whole_words_of_the_name(provider_id: str, name: str, expected):
    assert expected is Provider(id=provider_id, name=name).subscription
