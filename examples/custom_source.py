"""A catalog that your team keeps in a database, as a source of your own: ``python examples/custom_source.py``."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from modelmeta import Change, Fetched, Registry, Usage

SCHEMA = "CREATE TABLE catalog (version INTEGER PRIMARY KEY, published TEXT NOT NULL, document TEXT NOT NULL)"


class DatabaseSource:
    """The newest row of the table ``catalog``. What has ``name`` and ``fetch`` is a source; there is nothing to inherit from."""

    name = "the table catalog"  # for people: it stands in reports, logs and errors
    offline = True  # asked with ``enabled=False`` too

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def fetch(self, validator: str | None) -> Fetched | None:
        """Return the newest document, or None where that is the one *validator* came with. What is raised is a source that failed."""
        version, published = self.database.execute("SELECT version, published FROM catalog ORDER BY version DESC LIMIT 1").fetchone()
        if str(version) == validator:
            return None
        (document,) = self.database.execute("SELECT document FROM catalog WHERE version = ?", (version,)).fetchone()
        return Fetched(document.encode(), validator=str(version), fetched_at=datetime.fromisoformat(published))


def publish(database: sqlite3.Connection, published: str, price: float) -> None:
    """Write a document in models.dev's own form: providers by id, each with its models."""
    cost = {"input": price, "output": 3 * price}
    rocket = {"id": "rocket-1", "name": "Rocket 1", "tool_call": True, "limit": {"context": 256_000, "output": 32_000}, "cost": cost}
    document = {"acme": {"id": "acme", "name": "Acme", "env": ["ACME_API_KEY"], "models": {"rocket-1": rocket}}}
    database.execute("INSERT INTO catalog (published, document) VALUES (?, ?)", (published, json.dumps(document)))


def hear(change: Change) -> None:
    """Say what became dearer or cheaper."""
    print(f"  {change.ref}: {change.path} {change.before} -> {change.after}")


database = sqlite3.connect(":memory:")  # check_same_thread=False where a registry refreshes in the background: that is another thread
database.execute(SCHEMA)
usage = Usage(input_tokens=100_000, output_tokens=5_000)

with Registry(source=DatabaseSource(database), enabled=False) as registry, registry.subscribe(hear, kinds="price"):
    publish(database, "2026-11-01", price=2)
    print(registry.refresh())
    print(registry.price("acme/rocket-1", usage).total, "USD")

    print(registry.refresh())

    publish(database, "2026-11-15", price=1.5)
    print(registry.refresh())
    print(registry.price("acme/rocket-1", usage).total, "USD")
    print(f"as of {registry.status().fetched_at:%Y-%m-%d}")

database.close()
