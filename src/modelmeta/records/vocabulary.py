"""The words of the field. Editors complete the known ones; upstream may invent more, so fields are ``Known | str``."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["Capability", "KnownModality", "KnownStatus", "KnownType", "PriceState"]

Capability: TypeAlias = Literal[
    "attachment",
    "reasoning",
    "tool_call",
    "structured_output",
    "temperature",
    "open_weights",
    "interleaved",
    "vision",
    "image_input",
    "audio_input",
    "video_input",
    "pdf_input",
    "image_output",
    "audio_output",
    "video_output",
    "streaming",
    "code_generation",
]
"""What a model can be asked to support."""

KnownModality: TypeAlias = Literal["text", "image", "audio", "video", "pdf"]
"""What goes in or comes out (upstream ``modalities``)."""

KnownStatus: TypeAlias = Literal["alpha", "beta", "deprecated"]
"""Where a model stands in its life (upstream ``status``); absent means generally available."""

KnownType: TypeAlias = Literal["chat", "image", "video", "embedding", "reranking", "decision", "transcription", "speech", "realtime"]
"""What kind of model it is (upstream ``type``); absent means chat."""

PriceState: TypeAlias = Literal["priced", "free", "plan", "unpriced"]
"""``priced``: rates are published. ``free``: published as 0. ``plan``: 0 because a subscription pays. ``unpriced``: nobody said."""
