"""What users know themselves and keep beside the catalog; a refresh does not touch it."""

from __future__ import annotations

from datetime import datetime

import attrs

from .lab import Benchmark
from .refs import ModelRef

__all__ = ["Note", "OwnBenchmark"]


@attrs.frozen(kw_only=True)
class OwnBenchmark:
    """A result of the user's own for one model. There is one for each model, name, metric, variant, harness and version."""

    ref: ModelRef
    benchmark: Benchmark
    written_at: datetime
    """When it was last written, in UTC."""

    @property
    def key(self) -> tuple[str | None, ...]:
        """What tells it from the model's other results."""
        result = self.benchmark
        return (result.name, result.metric, result.variant, result.harness, result.version)


@attrs.frozen(kw_only=True)
class Note:
    """A text of the user's about one model. There is one for each model and ``name``."""

    ref: ModelRef
    name: str
    text: str
    written_at: datetime
    """When it was last written, in UTC."""
