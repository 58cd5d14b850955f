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
    from .catalog.compare import Comparison, ComparisonRow
    from .catalog.diff import Change, ChangeKind, ChangeSet, ModelChange
    from .catalog.model_list import ModelList, Page
    from .catalog.price import Quote, QuoteLine
    from .catalog.query import Criteria, Query
    from .catalog.stats import Distribution, Stats
    from .errors import (
        DecodeError,
        InvalidRefError,
        MissingExtraError,
        ModelMetaError,
        ModelNotFoundError,
        ProviderNotFoundError,
        QueryError,
        SnapshotVersionError,
        SourceError,
        SourceNotFoundError,
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
    "Experimental",
    "FrozenDict",
    "FrozenList",
    "Interleaved",
    "InvalidRefError",
    "KnownModality",
    "KnownStatus",
    "KnownType",
    "LabModel",
    "Limit",
    "Link",
    "MissingExtraError",
    "Modalities",
    "Mode",
    "Model",
    "ModelChange",
    "ModelList",
    "ModelMetaError",
    "ModelNotFoundError",
    "ModelRef",
    "Page",
    "PartialDate",
    "PriceState",
    "Problem",
    "Provider",
    "ProviderNotFoundError",
    "ProviderOverride",
    "Query",
    "QueryError",
    "Quote",
    "QuoteLine",
    "ReasoningOption",
    "Registry",
    "RegistryStatus",
    "SnapshotVersionError",
    "SourceError",
    "SourceNotFoundError",
    "Stats",
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
            "Experimental": "records.model",
            "FrozenDict": "records.frozen",
            "FrozenList": "records.frozen",
            "Interleaved": "records.model",
            "InvalidRefError": "errors",
            "KnownModality": "records.vocabulary",
            "KnownStatus": "records.vocabulary",
            "KnownType": "records.vocabulary",
            "LabModel": "records.lab",
            "Limit": "records.model",
            "Link": "records.lab",
            "MissingExtraError": "errors",
            "Modalities": "records.model",
            "Mode": "records.model",
            "Model": "records.model",
            "ModelChange": "catalog.diff",
            "ModelList": "catalog.model_list",
            "ModelMetaError": "errors",
            "ModelNotFoundError": "errors",
            "ModelRef": "records.refs",
            "Page": "catalog.model_list",
            "PartialDate": "records.dates",
            "PriceState": "records.vocabulary",
            "Problem": "records.problem",
            "Provider": "records.provider",
            "ProviderNotFoundError": "errors",
            "ProviderOverride": "records.model",
            "Query": "catalog.query",
            "QueryError": "errors",
            "Quote": "catalog.price",
            "QuoteLine": "catalog.price",
            "ReasoningOption": "records.model",
            "Registry": "registry.registry",
            "RegistryStatus": "registry.status",
            "SnapshotVersionError": "errors",
            "SourceError": "errors",
            "SourceNotFoundError": "errors",
            "Stats": "catalog.stats",
            "UnknownCapabilityError": "errors",
            "UnknownModeError": "errors",
            "Usage": "records.usage",
            "UsageError": "errors",
            "bundled_catalog": "registry.catalogs",
            "dump_catalog": "registry.catalogs",
            "load_catalog": "registry.catalogs",
        },
    )
