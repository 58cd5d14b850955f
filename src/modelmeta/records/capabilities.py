"""What a model supports, as a question with three answers: yes, no, nobody said."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from ..errors import UnknownCapabilityError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Model

__all__ = ["ALIASES", "CAPABILITIES", "any_of", "capability_names"]

Answer = bool | None


def _modality(side: str, word: str) -> Callable[[Model], Answer]:
    words = attrgetter(f"modalities.{side}")

    def answer(model: Model) -> Answer:
        known = words(model)
        return word in known if known else None

    return answer


def _unsaid(name: str) -> Callable[[Model], Answer]:
    """Return the answer of a capability models.dev has no field for: an overlay or a later upstream may put it among the extras."""

    def answer(model: Model) -> Answer:
        value = model.extra.get(name)
        return value if isinstance(value, bool) else None

    return answer


def _interleaved(model: Model) -> Answer:
    return None if model.interleaved is None else bool(model.interleaved)


CAPABILITIES: dict[str, Callable[[Model], Answer]] = {
    **{name: attrgetter(name) for name in ("attachment", "reasoning", "tool_call", "structured_output", "temperature", "open_weights")},
    "interleaved": _interleaved,
    "vision": _modality("input", "image"),
    **{f"{word}_input": _modality("input", word) for word in ("image", "audio", "video", "pdf")},
    **{f"{word}_output": _modality("output", word) for word in ("image", "audio", "video")},
    **{name: _unsaid(name) for name in ("streaming", "code_generation")},
}
"""Each capability's name and the question behind it."""

ALIASES: dict[str, tuple[str, ...]] = {
    "function_calling": ("tool_call",),
    "tool_use": ("tool_call",),
    "json_mode": ("structured_output",),
    "image_generation": ("image_output",),
    "audio": ("audio_input", "audio_output"),
}
"""Other names people use, each with the capabilities of which any one satisfies it."""


def capability_names(name: object, criterion: str = "capabilities") -> tuple[str, ...]:
    """Return the capabilities *name* stands for; any one of them satisfies it.

    Raises:
        UnknownCapabilityError: nothing is called that.
    """
    if isinstance(name, str):
        if name in CAPABILITIES:
            return (name,)
        if name in ALIASES:
            return ALIASES[name]
    message = f"unknown capability {name!r}; the known ones are {', '.join(CAPABILITIES)}; also {', '.join(ALIASES)}"
    raise UnknownCapabilityError(message, criterion=criterion, value=name)


def any_of(answers: tuple[Answer, ...]) -> Answer:
    """Return True if any answer is, else None if any is unknown, else False."""
    if True in answers:
        return True
    return None if None in answers else False
