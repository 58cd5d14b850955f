"""What is known about a model whoever sells it: the entries of models.json."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs

from .dates import PartialDate
from .frozen import FrozenDict
from .model import Limit, Modalities
from .vocabulary import KnownType

__all__ = ["Benchmark", "LabModel", "Link"]


@attrs.frozen(kw_only=True)
class Benchmark:
    """A published result. ``score`` is a number in the unit of ``metric``, or upstream's text where it published no number.

    Two results compare only where ``name``, ``metric``, ``harness`` and ``version`` agree.
    """

    name: str
    score: Decimal | str
    metric: str | None = None
    harness: str | None = None
    variant: str | None = None
    dataset: str | None = None
    version: str | None = None
    source: str | None = None
    date: PartialDate | None = None


@attrs.frozen(kw_only=True)
class Link:
    """A page about a model, or where its weights are."""

    url: str
    label: str | None = None
    type: str | None = None


@attrs.frozen(kw_only=True)
class LabModel:
    """A model as its lab describes it, independent of any provider (upstream models.json). ``id`` reads ``lab/model``."""

    id: str
    name: str
    description: str | None = None
    family: str | None = None
    type: KnownType | str | None = None
    attachment: bool | None = None
    reasoning: bool | None = None
    tool_call: bool | None = None
    structured_output: bool | None = None
    temperature: bool | None = None
    knowledge: PartialDate | None = None
    release_date: PartialDate | None = None
    last_updated: PartialDate | None = None
    modalities: Modalities = attrs.field(factory=Modalities)
    open_weights: bool | None = None
    limit: Limit = attrs.field(factory=Limit)
    license: str | None = None
    links: tuple[Link, ...] = ()
    weights: tuple[Link, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()
    extra: FrozenDict[str, Any] = attrs.field(factory=FrozenDict)
