"""Documents of several days, refreshed one after the other into every kind of store: each can be asked for later, the same to the letter."""

from __future__ import annotations

import copy
import gzip
import json
from random import Random
from time import perf_counter

import pytest

from modelmeta import Registry, dump_catalog, load_catalog

DAYS = ("2026-03-01", "2026-04-01", "2026-05-21", "2026-07-02", "2026-09-30")
EVERYWHERE = "openai/gpt-4o"
MOST_BYTES = 40_000_000
QUICK = 0.005


@pytest.fixture(scope="session")
def real_days(shared_data):
    """The documents that models.dev served on some days, and what changed from each to the next."""
    paths = [shared_data / f"api-{day}.json.gz" for day in DAYS]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        pytest.skip(f"not in {shared_data}: {', '.join(missing)}")
    return with_changes([json.loads(gzip.decompress(path.read_bytes())) for path in paths])


@pytest.fixture(scope="session")
def made_days(catalog):
    """Documents as models.dev might have served them, every second time the same, and what changed from each to the next."""
    document = dump_catalog(catalog)
    today = {provider_id: document[provider_id] for provider_id in ("openai", "anthropic", "google", "xai", "mistral")}
    return with_changes([today if number % 2 else another_day(today, Random(number)) for number in range(len(DAYS))])


def another_day(document, random):
    """Return *document* without one of its providers, and with some models gone, renamed or at another price."""
    document = copy.deepcopy(document)
    del document[random.choice(sorted(document.keys() - {"openai"}))]
    for provider in document.values():
        for model_id, row in list(provider["models"].items()):
            match random.randrange(30):
                case 0 if model_id != "gpt-4o":
                    del provider["models"][model_id]
                case 1:
                    row["name"] = f"{row['name']} {random.random()}"
                case 2:
                    row["cost"] = {"input": random.choice((0, 0.1, 1e-7)), "output": random.random()}
    document["openai"]["models"]["gpt-4o"]["cost"] = {"input": random.random()}
    return document


def with_changes(documents):
    """Return the documents, each with the changes from the one before, by model."""
    catalogs = [load_catalog({"acme": {"models": {}}}), *map(load_catalog, documents)]
    return [(document, told(before.diff(after))) for document, before, after in zip(documents, catalogs, catalogs[1:], strict=False)]


def told(changes):
    """Return what changed, by model."""
    by_model = {}
    for change in changes:
        by_model.setdefault(str(change.ref), set()).add((change.kind, change.path, repr(change.before), repr(change.after)))
    return by_model


def quickest(function):
    """Return what *function* returns, and the seconds that the quickest of some calls took."""
    times = []
    for _ in range(20):
        begun = perf_counter()
        result = function()
        times.append(perf_counter() - begun)
    return result, min(times)


@pytest.mark.parametrize("days", ["real_days", "made_days"])
def test_every_day_is_kept_to_the_letter_and_so_is_what_changed(any_store, days, request, tmp_path):
    days, revisions = request.getfixturevalue(days), []
    for number, (document, _) in enumerate(days):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document))
        with Registry(store=any_store, source=str(path)) as registry:
            report = registry.refresh(accept=True)
            size = sum(file.stat().st_size for file in tmp_path.glob("store.db*"))
            assert size < MOST_BYTES
        assert "updated" == report.status
        revisions.append(report.revision)

    with Registry(store=any_store) as registry:
        assert revisions == [revision.id for revision in registry.revisions()]
        changes = registry.changes()
        history, seconds = quickest(lambda: registry.history(EVERYWHERE))
        assert seconds < QUICK
        for revision, (document, changed) in zip(revisions, days, strict=True):
            assert dump_catalog(registry.as_of(revision)) == document
            assert told(change for change in changes if change.revision == revision) == changed
            assert told(change for change in history if change.revision == revision).get(EVERYWHERE) == changed.get(EVERYWHERE)
