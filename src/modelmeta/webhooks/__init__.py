"""Webhooks: others are told over HTTP what a refresh changed, signed as Standard Webhooks, as often as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .delivery import Delivery
    from .hook import Hook
    from .sender import Outcome
    from .webhooks import Webhooks

__all__ = ["Delivery", "Hook", "Outcome", "Webhooks"]

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    from .._lazy import lazy_names

    __getattr__, __dir__ = lazy_names(__name__, {"Delivery": "delivery", "Hook": "hook", "Outcome": "sender", "Webhooks": "webhooks"})
