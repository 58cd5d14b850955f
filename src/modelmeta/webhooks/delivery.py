"""What became of a message, or is to become of it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import attrs

from ..codec.json_text import to_text

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Delivery", "DeliveryState"]

DeliveryState: TypeAlias = Literal["pending", "delivered", "dead"]

_TIMES = ("created_at", "at")


@attrs.frozen(kw_only=True)
class Delivery:
    """The message to one hook about one revision.

    ``id`` is the ``webhook-id`` that its receiver sees, the same in every attempt. ``attempts`` counts those begun, ``status`` and ``error`` are
    of the last one that ended. ``at`` is when a ``pending`` one is tried next, and when any other ended.
    """

    hook: str
    revision: str
    state: DeliveryState = "pending"
    attempts: int = 0
    status: int | None = None
    error: str | None = None
    created_at: datetime
    at: datetime

    @property
    def id(self) -> str:
        """The same in every attempt, and no other's."""
        return f"{self.hook}-{self.revision}"

    @property
    def number(self) -> int:
        """The number of its revision."""
        return int(self.revision.partition("-")[0])

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"id": self.id, **attrs.asdict(self, value_serializer=lambda _, __, value: _plain(value))}

    def to_text(self) -> str:
        """Return it as a store keeps it."""
        return to_text(self.to_dict())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what :meth:`to_text` made a text of."""
        kept = json.loads(text)
        del kept["id"]
        return cls(**{**kept, **{name: datetime.fromisoformat(kept[name]) for name in _TIMES}})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
