"""What a commit writes: the versions of its pieces, and the tables of what is current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...records.lab import LabModel
from ...records.model import Model
from ...records.provider import Provider
from .columns import benchmark_row, key, model_row, provider_row, version_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...records.facts import Fact
    from ..store import Revision
    from .columns import Row

__all__ = ["commit_rows", "sync_rows"]


def commit_rows(facts: Sequence[Fact], revision: Revision) -> Iterator[tuple[str, list[Row]]]:
    """Yield what *revision*, which differs in *facts* from the one before, makes of the tables: queries, in order, each with its parameters."""
    told = [(version_row(fact, revision.number), fact.record) for fact in facts]
    models = [row for row, _ in told if "model_id" in row]
    others = [row for row, _ in told if "part" in row]
    yield "end_model_version", models
    yield "insert_model_version", [row for row in models if row["raw"] is not None]
    yield "end_part_version", others
    yield "insert_part_version", [row for row in others if row["raw"] is not None]

    heads = [{"provider_id": row["key"]} for row in others if row["part"] == "providers"]
    providers = [{**row, **provider_row(record)} for row, record in told if isinstance(record, Provider)]
    yield "delete_provider", heads
    yield "insert_provider", providers
    yield "name_provider", providers
    yield "delete_model", models
    yield "insert_model", [{**row, **model_row(record)} for row, record in told if isinstance(record, Model)]
    yield "count_provider", [{"provider_id": each} for each in sorted({row["provider_id"] for row in (*models, *heads)})]
    yield from sync_rows(revision)

    yield "delete_upstream_benchmarks", [{"model": row["key"]} for row in others if row["part"] == "labs"]
    yield (
        "put_benchmark",
        [
            {**benchmark_row(record.id, benchmark), "origin": "upstream", "written_at": revision.committed_at}
            for _, record in told
            if isinstance(record, LabModel)
            for benchmark in record.benchmarks
        ],
    )


def sync_rows(revision: Revision) -> Iterator[tuple[str, list[Row]]]:
    """Yield what it makes of the tables that *revision* was confirmed."""
    if revision.scope is None:
        yield "sync_providers", [{"confirmed_at": revision.confirmed_at}]
    else:
        yield "sync_provider", [{"confirmed_at": revision.confirmed_at, "provider_id": key(each)} for each in revision.scope]
