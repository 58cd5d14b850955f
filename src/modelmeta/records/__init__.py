"""What we know: frozen, hashable values under upstream's own field names. No JSON, no clock, no IO."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cost import Cost, CostTier
    from .dates import PartialDate
    from .facts import Fact, Part, Version
    from .frozen import FrozenDict, FrozenList
    from .lab import Benchmark, LabModel, Link
    from .ledger import Entry
    from .model import Experimental, Interleaved, Limit, Modalities, Mode, Model, ProviderOverride, ReasoningOption
    from .own import Note, OwnBenchmark
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
    "Entry",
    "Experimental",
    "Fact",
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
    "Note",
    "OwnBenchmark",
    "Part",
    "PartialDate",
    "PriceState",
    "Problem",
    "Provider",
    "ProviderOverride",
    "ReasoningOption",
    "Usage",
    "Version",
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
            "Entry": "ledger",
            "Experimental": "model",
            "Fact": "facts",
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
            "Note": "own",
            "OwnBenchmark": "own",
            "Part": "facts",
            "PartialDate": "dates",
            "PriceState": "vocabulary",
            "Problem": "problem",
            "Provider": "provider",
            "ProviderOverride": "model",
            "ReasoningOption": "model",
            "Usage": "usage",
            "Version": "facts",
        },
    )
