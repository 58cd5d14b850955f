"""A price history as a data frame: ``pip install "modelmeta[arrow]" polars``, then ``python examples/data/polars_history.py``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from modelmeta import Registry
from modelmeta.exports import changes_table
from modelmeta.testing import FakeClock

PRICES = [(3, 12), (3, 10), (2, 10), (2.5, 10)]  # what acme/rocket-1 costs each week, in and out

with TemporaryDirectory() as folder:
    document, clock = Path(folder) / "api.json", FakeClock(datetime(2026, 10, 1, 6, tzinfo=UTC))
    with Registry(store=f"sqlite:///{folder}/catalog.db", source=document, clock=clock) as registry:  # a month goes by
        for price_in, price_out in PRICES:
            rocket = {"id": "rocket-1", "name": "Rocket 1", "cost": {"input": price_in, "output": price_out}}
            document.write_text(json.dumps({"acme": {"id": "acme", "name": "Acme", "models": {"rocket-1": rocket}}}))
            registry.refresh(accept=True)
            clock.advance(timedelta(weeks=1))
        changes = pl.DataFrame(changes_table(registry.changes(kinds="price")))

moves = changes.select(pl.col("at").dt.date(), "path", pl.col("before_number", "after_number", "percent").cast(pl.Float64))
for day, path, before, after, percent in moves.rows():
    print(f"{day}  {path:11} {before:5.2f} -> {after:5.2f}  {percent:+6.1f} %")
