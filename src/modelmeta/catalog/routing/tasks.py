"""What models are often looked for, as criteria that models.dev's facts can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ...records.frozen import FrozenDict
from ..query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..leaderboard import Standard
    from ..query import Number

__all__ = ["TASKS", "Task", "Weights"]

Weights: TypeAlias = "Mapping[str | Standard, Number]"
"""How much each fact counts: ``"price"``, ``"context"``, ``"output"``, ``"date"``, another axis of ``pareto``, ``"benchmark:<name>"`` or a :class:`Standard`."""

_CHAT: Weights = FrozenDict({"price": 1, "context": 1, "output": 1, "date": 1})
_OTHER: Weights = FrozenDict({"price": 1, "date": 1})


@attrs.frozen
class Task:
    """A task by name: what a model must be known to have for it, and what counts how much among those that do."""

    query: Query
    weights: Weights


def _chat(*capabilities: str, weights: Weights = _CHAT, **criteria: Any) -> Task:
    return Task(Query(*capabilities, type="chat", **criteria), weights)


TASKS: Mapping[str, Task] = FrozenDict(
    {
        "agents": _chat("tool_call", "reasoning", min_context=128_000),
        "audio": _chat("audio_input"),
        "chat": _chat(output="text"),
        "documents": _chat("pdf_input"),
        "embedding": Task(Query(type="embedding"), FrozenDict({"price": 1, "context": 1, "date": 1})),
        "image-generation": Task(Query("image_output"), _OTHER),
        "long-context": _chat(min_context=1_000_000, weights=FrozenDict({**_CHAT, "context": 3})),
        "reasoning": _chat("reasoning"),
        "self-hosting": _chat("open_weights", weights=FrozenDict({"context": 1, "output": 1, "date": 1})),
        "speech": Task(Query(type="speech"), _OTHER),
        "structured-output": _chat("structured_output"),
        "tool-use": _chat("tool_call"),
        "transcription": Task(Query(type="transcription"), _OTHER),
        "video": _chat("video_input"),
        "vision": _chat("vision"),
    }
)
"""Every task by name. No task needs a judgement of quality: models.dev publishes benchmarks for few, and a weight can name one."""
