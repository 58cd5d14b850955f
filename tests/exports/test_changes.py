"""What changed through Arrow: the history of a store and the difference of two catalogs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from modelmeta import MissingExtraError, Registry, load_catalog
from modelmeta.exports import changes_table
from modelmeta.testing import FakeClock

ROCKET = {
    "name": "Rocket",
    "cost": {"input": 2, "output": 8},
    "limit": {"context": 1000},
    "modalities": {"input": ["text"]},
    "tool_call": False,
}
DAYS = [
    {"rocket": ROCKET},
    {"rocket": {**ROCKET, "cost": {"input": 2.5, "output": 8}, "limit": {"context": 2000}}, "kite": {"name": "Kite"}},
    {"rocket": {**ROCKET, "status": "beta", "tool_call": True, "modalities": {"input": ["text", "image"]}}},
]
SCHEMA = {
    "revision": pa.string(),
    "at": pa.timestamp("us", tz="UTC"),
    **dict.fromkeys(["kind", "provider_id", "id", "path", "before", "after"], pa.string()),
    **dict.fromkeys(["before_number", "after_number", "percent"], pa.decimal128(38, 24)),
}


@pytest.fixture
def lived(tmp_path):
    """The registry of a store with three days, its changes and the clock they were made by."""
    clock = FakeClock(datetime(2025, 11, 1, 12, tzinfo=UTC))
    with Registry(store=f"sqlite:///{tmp_path}/catalog.db", source=tmp_path / "api.json", clock=clock) as registry:
        for models in DAYS:
            (tmp_path / "api.json").write_text(json.dumps({"acme": {"name": "Acme", "models": models}}))
            registry.refresh(accept=True)
            clock.advance(timedelta(days=1))
        yield registry


def test_a_table_of_changes_says_what_the_changes_say(lived):
    changes = lived.changes()
    rows = changes_table(changes).to_pylist()

    assert {"added", "removed", "price", "limit", "capability", "status"} <= {change.kind for change in changes}
    for change, row in zip(changes, rows, strict=True):
        assert (change.revision, change.at, change.kind, change.path) == (row["revision"], row["at"], row["kind"], row["path"])
        assert (change.ref.provider_id, change.ref.model_id) == (row["provider_id"], row["id"])
        assert change.percent == row["percent"]
        for side in ("before", "after"):
            value, number = getattr(change, side), row[f"{side}_number"]
            said = None if row[side] is None else json.loads(row[side], parse_float=Decimal)
            assert ([*value] if isinstance(value, tuple) else value) == said
            assert number == (value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None)


def test_the_history_of_a_model_is_asked_in_sql(lived):
    moves = changes_table(lived.history("acme/rocket"))
    found = duckdb.sql("""SELECT before_number, after_number FROM moves WHERE path = 'cost.input' AND "at" > '2025-11-01' ORDER BY "at\"""")

    assert moves.num_rows
    assert [(2, Decimal("2.5")), (Decimal("2.5"), 2)] == found.fetchall()


def test_what_differs_between_two_catalogs_is_a_table_too():
    old, new = (load_catalog({"acme": {"name": "Acme", "models": models}}) for models in DAYS[:2])
    frame = pl.DataFrame(changes_table(old.diff(new)))

    assert [("added", "kite", None), ("price", "rocket", "cost.input"), ("limit", "rocket", "limit.context")] == frame.select(
        "kind", "id", "path"
    ).rows()
    assert frame["at"].null_count() == len(frame)


def test_no_changes_are_a_table_without_rows():
    table = changes_table([])

    assert dict(zip(table.schema.names, table.schema.types, strict=True)) == SCHEMA
    assert table.num_rows == 0


def test_without_the_extra_it_says_what_to_install(uninstalled):
    uninstalled("pyarrow", again="modelmeta.never")

    with pytest.raises(MissingExtraError, match=r'pip install "modelmeta\[arrow\]"'):
        changes_table([])
