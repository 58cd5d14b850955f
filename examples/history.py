"""Bill each call by the prices of its day, from a catalog that remembers them: ``python examples/history.py``."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from modelmeta import Registry, Usage
from modelmeta.testing import FakeClock

PRICES = {date(2026, 10, 1): 3, date(2026, 10, 9): 2, date(2026, 10, 20): 2.5}  # what acme/rocket-1 costs from which day on
CALLS = [(date(2026, 10, day), Usage(input_tokens=40_000 * day, output_tokens=1_000 * day)) for day in range(1, 32)]


def publish(path: Path, price: float) -> None:
    """Write a document in models.dev's own form: providers by id, each with its models."""
    rocket = {"id": "rocket-1", "name": "Rocket 1", "cost": {"input": price, "output": 4 * price}}
    path.write_text(json.dumps({"acme": {"id": "acme", "name": "Acme", "models": {"rocket-1": rocket}}}))


with TemporaryDirectory() as folder:
    document, store = Path(folder) / "api.json", f"sqlite:///{folder}/catalog.db"

    clock = FakeClock(datetime(2026, 10, 1, 6, tzinfo=UTC))  # a month goes by: a refresh each morning
    with Registry(store=store, source=document, clock=clock) as registry:
        for day, _ in CALLS:
            if day in PRICES:
                publish(document, PRICES[day])
            registry.refresh()
            clock.advance(timedelta(days=1))

    with Registry(store=store) as registry:  # another process, when the bill is due
        for change in registry.changes(kinds="price"):
            print(f"{change.at:%Y-%m-%d}  {change.ref}  {change.path} {change.before} -> {change.after}")
        billed = sum((registry.as_of(day).price("acme/rocket-1", usage).total or Decimal(0) for day, usage in CALLS), Decimal(0))
        today = sum((registry.price("acme/rocket-1", usage).total or Decimal(0) for _, usage in CALLS), Decimal(0))
        print(f"{billed:.2f} USD by the prices of each day; {today:.2f} USD by those of today")
        outcomes = [run.outcome for run in registry.refreshes(limit=100)]
        print(
            f"{len(registry.revisions())} revisions from {len(outcomes)} refreshes, {outcomes.count('unchanged')} of which found nothing new"
        )
