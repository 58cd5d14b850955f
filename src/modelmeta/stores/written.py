"""Revisions, runs, notes, results and entries of the ledger as JSON, for stores that keep them whole. Every text comes back as it was, lone surrogates too."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from ..records.dates import PartialDate
from ..records.frozen import FrozenDict
from ..records.lab import Benchmark
from ..records.ledger import Entry
from ..records.own import Note, OwnBenchmark
from ..records.refs import ModelRef
from ..records.usage import Usage
from .store import Refresh, Revision

__all__ = ["read_benchmarks", "read_entry", "read_notes", "read_refresh", "read_revision", "write"]

_MICROSECOND = timedelta(microseconds=1)


def write(record: Revision | Refresh | Entry | Note | OwnBenchmark | list[Note] | list[OwnBenchmark]) -> bytes:
    """Return a record, or a list of them, as JSON in UTF-8."""
    return json.dumps(record, default=_plain, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, Decimal):
        return {"number": str(value)}  # a score may be text that looks like one
    return attrs.asdict(value, recurse=False)


def read_revision(data: bytes) -> Revision:
    """Return the revision that was written as *data*."""
    told = json.loads(data)
    told["validators"] = FrozenDict(told["validators"])
    told["scope"] = None if told["scope"] is None else tuple(told["scope"])
    told["confirmed_at"] = None if told["confirmed_at"] is None else datetime.fromisoformat(told["confirmed_at"])
    return Revision(**{**told, "committed_at": datetime.fromisoformat(told["committed_at"])})


def read_refresh(data: bytes) -> Refresh:
    """Return the run that was written as *data*."""
    told = json.loads(data)
    told["duration"] = None if told["duration"] is None else told["duration"] * _MICROSECOND
    return Refresh(**{**told, "started_at": datetime.fromisoformat(told["started_at"])})


def read_notes(data: bytes) -> list[Note]:
    """Return the notes that were written as *data*."""
    return [Note(**_own(told)) for told in json.loads(data)]


def read_benchmarks(data: bytes) -> list[OwnBenchmark]:
    """Return the results that were written as *data*."""
    return [OwnBenchmark(**{**_own(told), "benchmark": _result(told["benchmark"])}) for told in json.loads(data)]


def read_entry(data: bytes) -> Entry:
    """Return the entry of the ledger that was written as *data*."""
    told = json.loads(data)
    told |= {"ref": ModelRef(**told["ref"]), "usage": Usage(**told["usage"]), "at": datetime.fromisoformat(told["at"])}
    rates = FrozenDict({name: _number(rate) for name, rate in told["rates"].items()})
    return Entry(**{**told, "tags": FrozenDict(told["tags"]), "total": _number(told["total"]), "rates": rates})


def _number(told: dict[str, str] | None) -> Decimal | None:
    return None if told is None else Decimal(told["number"])


def _own(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "ref": ModelRef(**told["ref"]), "written_at": datetime.fromisoformat(told["written_at"])}


def _result(told: dict[str, Any]) -> Benchmark:
    score, date = told["score"], told["date"]
    told["score"] = score if isinstance(score, str) else Decimal(score["number"])
    return Benchmark(**{**told, "date": None if date is None else PartialDate(**date)})
