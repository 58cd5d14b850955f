"""LiteLLM's names of providers, where they are not models.dev's ids."""

from __future__ import annotations

import re

__all__ = ["LITELLM_PROVIDERS", "without_route"]

LITELLM_PROVIDERS: dict[str, tuple[str, ...]] = {
    "aiml": ("aimlapi",),
    "amazon-nova": ("nova",),
    "azure-ai": ("azure", "azure-cognitive-services"),
    "azure-text": ("azure",),
    "bedrock": ("amazon-bedrock",),
    "bedrock-converse": ("amazon-bedrock",),
    "bedrock-mantle": ("amazon-bedrock",),
    "cloudflare": ("cloudflare-workers-ai",),
    "codestral": ("mistral",),
    "cohere-chat": ("cohere",),
    "dashscope": ("alibaba", "alibaba-cn"),
    "friendliai": ("friendli",),
    "gemini": ("google",),
    "github": ("github-models",),
    "gradient-ai": ("digitalocean",),
    "lambda-ai": ("lambda",),
    "meta-llama": ("llama", "meta"),
    "moonshot": ("moonshotai", "moonshotai-cn"),
    "novita": ("novita-ai",),
    "nvidia-nim": ("nvidia",),
    "snowflake": ("snowflake-cortex",),
    "text-completion-codestral": ("mistral",),
    "text-completion-openai": ("openai",),
    "together-ai": ("togetherai",),
    "vercel-ai-gateway": ("vercel",),
    "vertex-ai": ("google-vertex", "google-vertex-anthropic"),
    "vertex-ai-beta": ("google-vertex", "google-vertex-anthropic"),
    "xiaomi-mimo": ("xiaomi",),
}
"""For each name, with ``-`` for ``_``, the ids of the same provider, the usual one first."""

_ROUTE = re.compile(r"(?:(?:converse|converse_like|invoke|openai|[a-z]{2}(?:-gov)?-[a-z]+-\d|\d-month-commitment)/)+(?=[a-z0-9-]+\.)")


def without_route(model_id: str) -> str:
    """Return a Bedrock id without the API and the AWS region that LiteLLM puts before it (``converse/``, ``us-east-1/``)."""
    route = _ROUTE.match(model_id)
    return model_id[route.end() :] if route else model_id
