"""Who sells models."""

from __future__ import annotations

import re
from typing import Any

import attrs

from .frozen import FrozenDict

__all__ = ["Provider", "sells_plan"]

_PLAN_ID = re.compile(r"(plan|pass|for-coding|copilot)(-|$)")
_PLAN_NAME = re.compile(r"\bDuo\b")


@attrs.frozen(kw_only=True)
class Provider:
    """A provider: upstream's facts under upstream's names.

    ``env`` names the environment variables that hold its credentials, ``npm`` its AI SDK package, ``api`` its base URL (which may hold
    ``${VARIABLES}``), ``doc`` its model page. ``extra`` holds upstream fields this release has no name for.
    """

    id: str
    name: str
    env: tuple[str, ...] = ()
    npm: str | None = None
    api: str | None = None
    doc: str | None = None
    extra: FrozenDict[str, Any] = attrs.field(factory=FrozenDict)
    model_count: int = 0
    """Derived: how many models of this provider the catalog holds."""

    @property
    def subscription(self) -> bool:
        """Derived: whether this provider sells a plan instead of tokens.

        Upstream has no field for it, so its own naming decides: an id with a part ending in ``plan``, ``pass``, ``for-coding`` or
        ``copilot``, or the word "Duo" in the name. A price of 0 there is paid for elsewhere and reads as ``plan``, not as ``free``.
        """
        return sells_plan(self.id, self.name)


def sells_plan(provider_id: str, name: str) -> bool:
    """Return whether a provider of this id and name sells a subscription plan; see :attr:`Provider.subscription`."""
    return bool(_PLAN_ID.search(provider_id) or _PLAN_NAME.search(name))
