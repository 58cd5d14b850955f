"""LiteLLM's names of providers, where they are not models.dev's ids."""

from __future__ import annotations

import re

__all__ = ["LITELLM_PROVIDERS", "without_route"]

LITELLM_PROVIDERS: dict[str, tuple[str, ...]] = {
    "aiml": ("aimlapi",),
    "amazon_nova": ("nova",),
    "azure_ai": ("azure", "azure-cognitive-services"),
    "azure_text": ("azure",),
    "bedrock": ("amazon-bedrock",),
    "bedrock_converse": ("amazon-bedrock",),
    "bedrock_mantle": ("amazon-bedrock",),
    "cloudflare": ("cloudflare-workers-ai",),
    "codestral": ("mistral",),
    "cohere_chat": ("cohere",),
    "dashscope": ("alibaba", "alibaba-cn"),
    "friendliai": ("friendli",),
    "gemini": ("google",),
    "github": ("github-models",),
    "gradient_ai": ("digitalocean",),
    "lambda_ai": ("lambda",),
    "meta_llama": ("llama", "meta"),
    "moonshot": ("moonshotai", "moonshotai-cn"),
    "novita": ("novita-ai",),
    "nvidia_nim": ("nvidia",),
    "snowflake": ("snowflake-cortex",),
    "text-completion-codestral": ("mistral",),
    "text-completion-openai": ("openai",),
    "together_ai": ("togetherai",),
    "vercel_ai_gateway": ("vercel",),
    "vertex_ai": ("google-vertex", "google-vertex-anthropic"),
    "vertex_ai_beta": ("google-vertex", "google-vertex-anthropic"),
    "xiaomi_mimo": ("xiaomi",),
}
"""For each name the ids of the same provider, the usual one first."""

_ROUTE = re.compile(r"(?:(?:converse|converse_like|invoke|openai|[a-z]{2}(?:-gov)?-[a-z]+-\d|\d-month-commitment)/)+(?=[a-z0-9-]+\.)")


def without_route(model_id: str) -> str:
    """Return a Bedrock id without the API and the AWS region that LiteLLM puts before it (``converse/``, ``us-east-1/``)."""
    route = _ROUTE.match(model_id)
    return model_id[route.end() :] if route else model_id
