"""How a model is called, as far as the data say."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..display.sheet import Sheet
from ..display.shown import Shown
from ..errors import QueryError
from ..records.frozen import FrozenDict
from ..records.refs import ModelRef
from .modes import mode_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..records.model import Model, ProviderOverride
    from ..records.provider import Provider

__all__ = ["Protocol", "Runtime", "filled", "protocol_of", "runtime_of", "variables_in"]

Protocol: TypeAlias = Literal["openai", "anthropic", "google", "google-vertex", "anthropic-vertex", "bedrock", "azure", "cohere", "ollama"]
"""A family of APIs: whose requests and answers an address understands. Upstream has no package for ``ollama``."""

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PROTOCOLS: dict[str, Protocol] = {
    "@ai-sdk/openai": "openai",
    "@ai-sdk/openai-compatible": "openai",
    "@ai-sdk/anthropic": "anthropic",
    "@ai-sdk/google": "google",
    "@ai-sdk/google-vertex": "google-vertex",
    "@ai-sdk/google-vertex/anthropic": "anthropic-vertex",
    "@ai-sdk/amazon-bedrock": "bedrock",
    "@ai-sdk/amazon-bedrock/mantle": "openai",
    "@ai-sdk/azure": "azure",
    "@ai-sdk/cohere": "cohere",
    "@ai-sdk/cerebras": "openai",
    "@ai-sdk/deepinfra": "openai",
    "@ai-sdk/groq": "openai",
    "@ai-sdk/mistral": "openai",
    "@ai-sdk/perplexity": "openai",
    "@ai-sdk/togetherai": "openai",
    "@ai-sdk/vercel": "openai",
    "@ai-sdk/xai": "openai",
    "@openrouter/ai-sdk-provider": "openai",
}
"""What the packages speak that upstream names; those whose documentation does not say are not here."""


@attrs.frozen(kw_only=True)
class Runtime(Shown):
    """How a model is called: what the data say, and nothing else.

    What upstream says of a mode comes first, then what it says of the model, then of the provider, field by field.
    """

    ref: ModelRef
    model: str
    """What goes into the request's ``model``."""
    base_url: str | None
    """Where to send it; may hold ``${VARIABLES}``, see ``address``. None where upstream leaves it to the package."""
    protocol: Protocol | None
    """Whose API that is, by the package; None where that is not known."""
    shape: str | None = None
    """Which API of several that is (``responses``, ``completions``). None where upstream does not say."""
    npm: str | None
    """The AI SDK package that calls it."""
    env: tuple[str, ...]
    """The variables that hold the provider's credentials, as upstream lists them: it does not say whether all are needed."""
    mode: str | None = None
    """The mode of the model that was asked for."""
    headers: FrozenDict[str, Any] = attrs.field(factory=FrozenDict)
    """More headers to send."""
    body: FrozenDict[str, Any] = attrs.field(factory=FrozenDict)
    """More fields to send."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that ``base_url`` needs."""
        return variables_in(self.base_url)

    def address(self, env: Mapping[str, str] | None = None) -> str | None:
        """Return ``base_url`` with its variables filled in from *env*, by default ``os.environ``.

        Raises:
            QueryError: one of them is not set.
        """
        return None if self.base_url is None else filled(self.base_url, os.environ if env is None else env)

    def sheet(self) -> Sheet:
        """Return each fact in a row."""
        from ..display.text import as_text  # noqa: PLC0415  # only who shows it needs it

        facts = {name: getattr(self, name) for name in ("base_url", "model", "protocol", "shape", "npm", "env", "mode")}
        more = {f"{part}.{key}": value for part in ("headers", "body") for key, value in getattr(self, part).items()}
        return Sheet(header=["fact", str(self.ref)], rows=[[name, as_text(value)] for name, value in {**facts, **more}.items()])


def runtime_of(provider: Provider, model: Model, mode: str | None) -> Runtime:
    """Return how *model* of *provider* is called; see ``Catalog.runtime``."""
    of_mode = None if mode is None else mode_of(model, mode).provider
    says = [part for part in (of_mode, model.provider) if part is not None]
    npm = _first([*says, provider], "npm")
    return Runtime(
        ref=model.ref,
        model=model.id,
        base_url=_first([*says, provider], "api"),
        protocol=protocol_of(npm),
        shape=_first(says, "shape"),
        npm=npm,
        env=provider.env,
        mode=mode,
        headers=_all(says, "headers"),
        body=_all(says, "body"),
    )


def protocol_of(npm: str | None) -> Protocol | None:
    """Return whose API the package *npm* speaks, None where that is not known."""
    return _PROTOCOLS.get(npm or "")


def variables_in(address: str | None) -> tuple[str, ...]:
    """Return the variables that stand in *address* as ``${NAME}``."""
    return tuple(dict.fromkeys(_VARIABLE.findall(address or "")))


def filled(address: str, env: Mapping[str, str]) -> str:
    """Return *address* with its variables filled in from *env*.

    Raises:
        QueryError: one of them is not set.
    """
    if lacking := [name for name in variables_in(address) if not env.get(name)]:
        message = f"{address} needs the variable {' and '.join(lacking)}, which is not set"
        raise QueryError(message, criterion="env", value=tuple(lacking))
    return _VARIABLE.sub(lambda match: env[match[1]], address)


def _first(says: list[Any], name: str) -> str | None:
    return next((value for part in says if (value := getattr(part, name)) is not None), None)


def _all(says: list[ProviderOverride], name: str) -> FrozenDict[str, Any]:
    return FrozenDict({key: value for part in reversed(says) for key, value in (getattr(part, name) or {}).items()})
