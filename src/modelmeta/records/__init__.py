"""What we know: frozen, hashable values under upstream's own field names. No JSON, no clock, no IO."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    from .._lazy import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "Benchmark": "lab",
            "Capability": "vocabulary",
            "Cost": "cost",
            "CostTier": "cost",
            "Experimental": "model",
            "FrozenDict": "frozen",
            "FrozenList": "frozen",
            "Interleaved": "model",
            "KnownModality": "vocabulary",
            "KnownStatus": "vocabulary",
            "KnownType": "vocabulary",
            "LabModel": "lab",
            "Limit": "model",
            "Link": "lab",
            "Modalities": "model",
            "Mode": "model",
            "Model": "model",
            "ModelRef": "refs",
            "PartialDate": "dates",
            "PriceState": "vocabulary",
            "Problem": "problem",
            "Provider": "provider",
            "ProviderOverride": "model",
            "ReasoningOption": "model",
            "Usage": "usage",
        },
    )
