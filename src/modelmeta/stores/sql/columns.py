"""Records as rows of columns, and back.

A column holds what somebody may ask for with SQL. Where it cannot hold a value as it is, it holds something near, and the column ``exact`` of
the row keeps the value as JSON: reading gives back what was written, whatever it was. ``models`` and ``providers`` have ``raw`` for that.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from ...records.capabilities import CAPABILITIES
from ...records.columns import fact_at
from ...records.cost import RATES
from ...records.dates import PartialDate
from ...records.facts import Version
from ...records.frozen import FrozenDict
from ...records.lab import Benchmark
from ...records.ledger import Entry
from ...records.own import Note, OwnBenchmark
from ...records.refs import ModelRef
from ...records.usage import Usage
from ..store import Refresh, Revision

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ...records.facts import Fact
    from ...records.model import Model
    from ...records.provider import Provider

__all__ = [
    "Row",
    "benchmark_row",
    "entry_row",
    "key",
    "model_row",
    "own_row",
    "provider_row",
    "read_benchmark",
    "read_entry",
    "read_note",
    "read_refresh",
    "read_revision",
    "read_version",
    "refresh_row",
    "revision_row",
    "version_row",
]

Row: TypeAlias = dict[str, Any]
"""Values by column."""

_LONGEST_KEY = 400
"""In bytes of UTF-8. An index of PostgreSQL holds 2,700 a row, and that of benchmarks has six keys."""
_UNHELD = re.compile("[\0\ud800-\udfff]")
"""What a database cannot hold in a text."""
_LARGEST = 2**63 - 1
"""The largest whole number a column holds."""
_FARTHEST = 400
"""How far from its point a number in a column may have a digit."""
_WORDS = frozenset({"metric", "variant", "harness", "version"})
"""Keys that need not be there: the empty text stands for that."""


def key(text: str) -> str:
    """Return what stands for *text* where a column has an index: *text* itself, or where that is too long or no database could hold it, its
    beginning, ``…`` and its SHA-256.
    """  # noqa: D205  # one sentence, of two lines
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= _LONGEST_KEY and not _UNHELD.search(text) and text[-65:-64] != "…":
        return text
    from hashlib import sha256  # noqa: PLC0415  # few keys need it

    return f"{_clean(text).encode()[: _LONGEST_KEY - 67].decode(errors='ignore')}…{sha256(data).hexdigest()}"


def version_row(fact: Fact, number: int) -> Row:
    """Return the row of ``model_versions`` or ``part_versions`` that begins with revision *number*."""
    if fact.part == "models":
        provider_id, _, model_id = fact.key.partition("/")
        return _exact({"provider_id": provider_id, "model_id": model_id, "number": number, "raw": fact.raw}, {"provider_id", "model_id"})
    return _exact({"part": fact.part, "key": fact.key, "number": number, "raw": fact.raw}, {"key"})


def read_version(row: Row) -> Version:
    """Return the version that a row of ``model_versions`` or ``part_versions`` is."""
    told = _told(row)
    name = told["key"] if "part" in told else f"{told['provider_id']}/{told['model_id']}"
    return Version(told.get("part", "models"), name, told["raw"], told["valid_from"], told["valid_to"])


def model_row(model: Model) -> Row:
    """Return what the row of ``models`` that *model* is says, apart from when it was seen."""
    facts = {name: fact_at(model, path) for name, path in _MODEL.items()}
    answers = {name: answer(model) for name, answer in _CAPABILITIES.items()}
    words = {f"{side}_modalities": getattr(model.modalities, side) for side in ("input", "output")}
    lists = {name: json.dumps(each) if each else None for name, each in words.items()}
    return _near({**facts, **answers, **lists}, {"provider_id", "model_id"})


def provider_row(provider: Provider) -> Row:
    """Return what the row of ``providers`` that *provider* is says, apart from what is counted."""
    facts = {name: getattr(provider, name) for name in ("name", "npm", "api", "doc")}
    return _near({"provider_id": provider.id, **facts, "env": json.dumps(provider.env)}, {"provider_id"})


def revision_row(revision: Revision) -> Row:
    """Return the row of ``revisions`` that *revision* is."""
    scope = None if revision.scope is None else json.dumps(revision.scope)
    return _exact({**_fields(revision), "validators": json.dumps(revision.validators), "scope": scope}, {"id"})


def read_revision(row: Row) -> Revision:
    """Return the revision that a row of ``revisions`` is."""
    told = _told(row)
    told["validators"] = FrozenDict(json.loads(told["validators"]))
    told["scope"] = None if told["scope"] is None else tuple(json.loads(told["scope"]))
    told["confirmed_at"] = None if told["confirmed_at"] is None else _time(told["confirmed_at"])
    return Revision(**{**told, "committed_at": _time(told["committed_at"])})


def refresh_row(refresh: Refresh) -> Row:
    """Return the row of ``refreshes`` that *refresh* is."""
    seconds = None if refresh.duration is None else refresh.duration.total_seconds()
    return _exact({**_fields(refresh), "duration": seconds}, {"id"})


def read_refresh(row: Row) -> Refresh:
    """Return the run that a row of ``refreshes`` is."""
    told = _told(row)
    told["duration"] = None if told["duration"] is None else timedelta(seconds=told["duration"])
    return Refresh(**{**told, "started_at": _time(told["started_at"])})


def own_row(own: Note | OwnBenchmark) -> Row:
    """Return the row of ``notes`` or ``benchmarks`` that *own* is."""
    if isinstance(own, Note):
        return _exact({"model": str(own.ref), "name": own.name, "text": own.text, "written_at": own.written_at}, {"model", "name"})
    return {**benchmark_row(str(own.ref), own.benchmark), "origin": "user", "written_at": own.written_at}


def read_note(row: Row) -> Note:
    """Return the note that a row of ``notes`` is."""
    told = _told(row)
    return Note(ref=_ref(told.pop("model")), written_at=_time(told.pop("written_at")), **told)


def benchmark_row(model: str, benchmark: Benchmark) -> Row:
    """Return what the row of ``benchmarks`` that a result of *model* is says, apart from whose it is."""
    number, text = (None, benchmark.score) if isinstance(benchmark.score, str) else (benchmark.score, None)
    date = None if benchmark.date is None else benchmark.date.text
    return _exact({**_fields(benchmark), "score": number, "score_text": text, "date": date, "model": model}, {"model", "name", *_WORDS})


def read_benchmark(row: Row) -> OwnBenchmark:
    """Return the user's result that a row of ``benchmarks`` is."""
    told = _told(row)
    ref, written_at = _ref(told.pop("model")), _time(told.pop("written_at"))
    number, text, date = told.pop("score"), told.pop("score_text"), told.pop("date")
    score = Decimal(str(number)) if text is None else text
    return OwnBenchmark(
        ref=ref, benchmark=Benchmark(score=score, date=None if date is None else PartialDate(date), **told), written_at=written_at
    )


def entry_row(entry: Entry) -> Row:
    """Return the row of ``ledger`` that *entry* is, apart from its number."""
    facts = {name: getattr(entry, name) for name in ("id", "at", "total", "state", "tier", "mode", "revision")}
    told = {name: json.dumps(getattr(entry, name), default=str) for name in ("tags", "rates")}
    return _exact({**facts, **told, **_fields(entry.usage), "model": str(entry.ref)}, {"id", "model"})


def read_entry(row: Row) -> Entry:
    """Return the entry that a row of ``ledger`` is."""
    told = _told(row)
    usage = Usage(**{name: told.pop(name) for name in _TOKENS})
    rates = {name: None if rate is None else Decimal(rate) for name, rate in json.loads(told["rates"]).items()}
    told["total"] = None if told["total"] is None else Decimal(str(told["total"]))
    told |= {
        "ref": _ref(told.pop("model")),
        "at": _time(told["at"]),
        "tags": FrozenDict(json.loads(told["tags"])),
        "rates": FrozenDict(rates),
    }
    return Entry(usage=usage, **told)


_TOKENS = tuple(field.name for field in attrs.fields(Usage))
_MODEL = {
    "provider_id": "ref.provider_id",
    "model_id": "ref.model_id",
    **{name: name for name in ("name", "family", "type", "status", "description", "price_state", "canonical_model_id")},
    **{name: f"{name}.text" for name in ("release_date", "last_updated", "knowledge")},
    "context": "limit.context",
    "input_limit": "limit.input",
    "output_limit": "limit.output",
    **{f"cost_{rate}": f"cost.{rate}" for rate in RATES},
}
"""Columns of ``models``, and where in a model their facts stand. Those of its capabilities have the capabilities' names."""
_CAPABILITIES = {name: answer for name, answer in CAPABILITIES.items() if name not in {"image_input", "streaming", "code_generation"}}
"""``vision`` is the first of these under another name, and upstream says nothing of the others."""


def _near(facts: Row, keys: Collection[str]) -> Row:
    """Return *facts* as columns can hold them: *keys* short enough for an index, other texts without what no text holds, numbers within bounds."""
    return {name: key(value or "") if name in keys else _HELD.get(type(value), _same)(value) for name, value in facts.items()}


def _exact(facts: Row, keys: Collection[str]) -> Row:
    """Return *facts* as columns can hold them, and as ``exact`` those that they cannot, None where they can all."""
    row = _near(facts, keys)
    lost = {name: value for name, value in facts.items() if _is_lost(name, value, row[name])}
    return {**row, "exact": json.dumps(lost, default=str) if lost else None}


def _told(row: Row) -> Row:
    """Return the facts that were written as *row*."""
    told = {name: None if name in _WORDS and value == "" else value for name, value in row.items() if name != "exact"}
    return told if row["exact"] is None else {**told, **json.loads(row["exact"])}


def _clean(text: str) -> str:
    return _UNHELD.sub("\N{REPLACEMENT CHARACTER}", text)


def _same(value: Any) -> Any:
    return value


def _whole(number: int) -> int | None:
    return number if abs(number) <= _LARGEST else None


def _near_point(number: Decimal) -> Decimal | None:
    """Return *number* if all its digits are near its point."""
    is_near = number.is_finite() and abs(number.adjusted()) <= _FARTHEST and int(number.as_tuple().exponent) >= -_FARTHEST
    return number if is_near else None


_HELD: dict[type, Callable[[Any], Any]] = {str: _clean, int: _whole, Decimal: _near_point}
"""What a column holds in place of a value of that type."""


def _is_lost(name: str, value: Any, held: Any) -> bool:
    """Return whether reading what a column *held* would not give *value* again."""
    if isinstance(value, Decimal):
        return held is None or abs(value) > _LARGEST or str(value) not in {str(float(value)), str(int(value))}
    return (held != value and value is not None) or (value == "" and name in _WORDS)


def _fields(record: Any) -> Row:
    return attrs.asdict(record, recurse=False)


def _ref(text: str) -> ModelRef:
    provider_id, _, model_id = text.partition("/")
    return ModelRef(provider_id, model_id)


def _time(value: datetime | str) -> datetime:
    """Return a time, which SQLite keeps as text."""
    return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)
