"""What we know: frozen, hashable values under upstream's own field names. No JSON, no clock, no IO."""

from __future__ import annotations

from .cost import Cost, CostTier
from .dates import PartialDate
from .frozen import FrozenDict, FrozenList
from .lab import Benchmark, LabModel, Link
from .model import Experimental, Interleaved, Limit, Modalities, Mode, Model, ProviderOverride, ReasoningOption
from .problem import Problem
from .provider import Provider
from .refs import ModelRef
from .usage import Usage
from .vocabulary import Capability, KnownModality, KnownStatus, KnownType, PriceState

__all__ = [
    "Benchmark",
    "Capability",
    "Cost",
    "CostTier",
    "Experimental",
    "FrozenDict",
    "FrozenList",
    "Interleaved",
    "KnownModality",
    "KnownStatus",
    "KnownType",
    "LabModel",
    "Limit",
    "Link",
    "Modalities",
    "Mode",
    "Model",
    "ModelRef",
    "PartialDate",
    "PriceState",
    "Problem",
    "Provider",
    "ProviderOverride",
    "ReasoningOption",
    "Usage",
]
