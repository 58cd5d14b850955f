"""The catalog of LLM models inside your process: every provider, model, limit, capability and price, typed, offline, in microseconds.

>>> from modelmeta import Registry
>>> Registry().get("anthropic/claude-opus-4-5").name
'Claude Opus 4.5 (latest)'

Every public name is importable from here and loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalog.catalog import Catalog
    from .catalog.checking import Misfit, MisfitKind
    from .catalog.compare import Comparison, ComparisonRow
    from .catalog.diff import Change, ChangeKind, ChangeSet, ModelChange
    from .catalog.explain import Explanation, Lack, NearMiss, Step
    from .catalog.leaderboard import ANY, Leaderboard, Standard, Standing, TextResult
    from .catalog.model_list import ModelList, Page
    from .catalog.naming.links import Evidence
    from .catalog.naming.resolve import Match, Resolution
    from .catalog.offerings import Offering, Offerings
    from .catalog.pareto import ParetoFront, Point
    from .catalog.price import Quote, QuoteLine
    from .catalog.query import Criteria, Query, Requirements
    from .catalog.ranking import Preference, Ranked, Ranking
    from .catalog.searching.search import Hit, Hits
    from .catalog.stats import Distribution, Stats
    from .errors import (
        AmbiguousModelError,
        DecodeError,
        InvalidRefError,
        MissingExtraError,
        MixedBenchmarkError,
        ModelMetaError,
        ModelNotFoundError,
        NoMatchError,
        ProviderNotFoundError,
        QueryError,
        SnapshotVersionError,
        SourceError,
        SourceNotFoundError,
        UnknownBenchmarkError,
        UnknownCapabilityError,
        UnknownModeError,
        UsageError,
    )
    from .records.cost import Cost, CostTier
    from .records.dates import PartialDate
    from .records.frozen import FrozenDict, FrozenList
    from .records.lab import Benchmark, LabModel, Link
    from .records.model import Experimental, Interleaved, Limit, Modalities, Mode, Model, ProviderOverride, ReasoningOption
    from .records.problem import Problem
    from .records.provider import Provider
    from .records.refs import ModelRef
    from .records.usage import Usage
    from .records.vocabulary import Capability, KnownModality, KnownStatus, KnownType, PriceState
    from .registry.catalogs import bundled_catalog, dump_catalog, load_catalog
    from .registry.registry import AsyncRegistry, Registry
    from .registry.status import RegistryStatus

__all__ = [
    "ANY",
    "AmbiguousModelError",
    "AsyncRegistry",
    "Benchmark",
    "Capability",
    "Catalog",
    "Change",
    "ChangeKind",
    "ChangeSet",
    "Comparison",
    "ComparisonRow",
    "Cost",
    "CostTier",
    "Criteria",
    "DecodeError",
    "Distribution",
    "Evidence",
    "Experimental",
    "Explanation",
    "FrozenDict",
    "FrozenList",
    "Hit",
    "Hits",
    "Interleaved",
    "InvalidRefError",
    "KnownModality",
    "KnownStatus",
    "KnownType",
    "LabModel",
    "Lack",
    "Leaderboard",
    "Limit",
    "Link",
    "Match",
    "Misfit",
    "MisfitKind",
    "MissingExtraError",
    "MixedBenchmarkError",
    "Modalities",
    "Mode",
    "Model",
    "ModelChange",
    "ModelList",
    "ModelMetaError",
    "ModelNotFoundError",
    "ModelRef",
    "NearMiss",
    "NoMatchError",
    "Offering",
    "Offerings",
    "Page",
    "ParetoFront",
    "PartialDate",
    "Point",
    "Preference",
    "PriceState",
    "Problem",
    "Provider",
    "ProviderNotFoundError",
    "ProviderOverride",
    "Query",
    "QueryError",
    "Quote",
    "QuoteLine",
    "Ranked",
    "Ranking",
    "ReasoningOption",
    "Registry",
    "RegistryStatus",
    "Requirements",
    "Resolution",
    "SnapshotVersionError",
    "SourceError",
    "SourceNotFoundError",
    "Standard",
    "Standing",
    "Stats",
    "Step",
    "TextResult",
    "UnknownBenchmarkError",
    "UnknownCapabilityError",
    "UnknownModeError",
    "Usage",
    "UsageError",
    "bundled_catalog",
    "dump_catalog",
    "load_catalog",
]

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    from ._lazy import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "ANY": "catalog.leaderboard",
            "AmbiguousModelError": "errors",
            "AsyncRegistry": "registry.registry",
            "Benchmark": "records.lab",
            "Capability": "records.vocabulary",
            "Catalog": "catalog.catalog",
            "Change": "catalog.diff",
            "ChangeKind": "catalog.diff",
            "ChangeSet": "catalog.diff",
            "Comparison": "catalog.compare",
            "ComparisonRow": "catalog.compare",
            "Cost": "records.cost",
            "CostTier": "records.cost",
            "Criteria": "catalog.query",
            "DecodeError": "errors",
            "Distribution": "catalog.stats",
            "Evidence": "catalog.naming.links",
            "Experimental": "records.model",
            "Explanation": "catalog.explain",
            "FrozenDict": "records.frozen",
            "FrozenList": "records.frozen",
            "Hit": "catalog.searching.search",
            "Hits": "catalog.searching.search",
            "Interleaved": "records.model",
            "InvalidRefError": "errors",
            "KnownModality": "records.vocabulary",
            "KnownStatus": "records.vocabulary",
            "KnownType": "records.vocabulary",
            "LabModel": "records.lab",
            "Lack": "catalog.explain",
            "Leaderboard": "catalog.leaderboard",
            "Limit": "records.model",
            "Link": "records.lab",
            "Match": "catalog.naming.resolve",
            "Misfit": "catalog.checking",
            "MisfitKind": "catalog.checking",
            "MissingExtraError": "errors",
            "MixedBenchmarkError": "errors",
            "Modalities": "records.model",
            "Mode": "records.model",
            "Model": "records.model",
            "ModelChange": "catalog.diff",
            "ModelList": "catalog.model_list",
            "ModelMetaError": "errors",
            "ModelNotFoundError": "errors",
            "ModelRef": "records.refs",
            "NearMiss": "catalog.explain",
            "NoMatchError": "errors",
            "Offering": "catalog.offerings",
            "Offerings": "catalog.offerings",
            "Page": "catalog.model_list",
            "ParetoFront": "catalog.pareto",
            "PartialDate": "records.dates",
            "Point": "catalog.pareto",
            "Preference": "catalog.ranking",
            "PriceState": "records.vocabulary",
            "Problem": "records.problem",
            "Provider": "records.provider",
            "ProviderNotFoundError": "errors",
            "ProviderOverride": "records.model",
            "Query": "catalog.query",
            "QueryError": "errors",
            "Quote": "catalog.price",
            "QuoteLine": "catalog.price",
            "Ranked": "catalog.ranking",
            "Ranking": "catalog.ranking",
            "ReasoningOption": "records.model",
            "Registry": "registry.registry",
            "RegistryStatus": "registry.status",
            "Requirements": "catalog.query",
            "Resolution": "catalog.naming.resolve",
            "SnapshotVersionError": "errors",
            "SourceError": "errors",
            "SourceNotFoundError": "errors",
            "Standard": "catalog.leaderboard",
            "Standing": "catalog.leaderboard",
            "Stats": "catalog.stats",
            "Step": "catalog.explain",
            "TextResult": "catalog.leaderboard",
            "UnknownBenchmarkError": "errors",
            "UnknownCapabilityError": "errors",
            "UnknownModeError": "errors",
            "Usage": "records.usage",
            "UsageError": "errors",
            "bundled_catalog": "registry.catalogs",
            "dump_catalog": "registry.catalogs",
            "load_catalog": "registry.catalogs",
        },
    )
