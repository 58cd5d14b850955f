"""One catalog, many threads, and what travels between processes."""

from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from modelmeta import Catalog, Query, Usage, bundled_catalog

THREADS = 32


def at_once(work):
    """Return what *work* of the thread's number returns in each of 32 threads that begin together."""
    barrier = Barrier(THREADS)

    def begin(number):
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


REFS = ["openai/gpt-5.5", "anthropic/claude-opus-4-5", "google/gemini-2.5-pro", "github-copilot/gpt-5-mini", "nobody/nothing"]
QUERIES = [
    {"min_context": 200_000, "max_input_cost": 1, "sort": "cost.input"},
    {"provider": {"openai", "anthropic", "google"}, "sort": ("-release_date", "name")},
    {"usage": Usage(300_000, 2_000), "max_cost": "0.02", "provider": ["openai", "azure"]},
    {"unknown": "only", "knowledge_after": "2025", "without": "audio"},
]


def everything(catalog, number):
    """Ask *catalog* a bit of everything, each thread in another order."""
    answers = {}
    for step in range(4):
        match (step + number) % 4:
            case 0:
                answers["get"] = [catalog.get(ref, None) for ref in REFS]
            case 1:
                answers["filter"] = [catalog.filter("tool_call", **asked).refs for asked in QUERIES]
            case 2:
                answers["price"] = [catalog.price(ref, Usage(300_000, 2_000)) for ref in REFS[:4]]
            case 3:
                answers["models"] = list(catalog)
    answers["rest"] = (catalog.stats(), catalog.compare(*REFS), catalog.providers(), catalog.lab_models, catalog.problems)
    return answers


@pytest.mark.usefixtures("hurried")
def test_32_threads_get_the_answers_one_thread_gets():
    catalog = bundled_catalog()
    expected = everything(bundled_catalog(), 0)

    for answers in at_once(lambda number: everything(catalog, number)):
        assert expected == answers


@pytest.mark.usefixtures("hurried")
def test_32_threads_get_the_same_objects():
    catalog = bundled_catalog()
    results = at_once(lambda number: [catalog.at(row) for row in sorted(range(len(catalog)), key=lambda row: (row * (number + 1)) % 977)])

    by_ref = {str(model.ref): model for model in results[0]}
    assert len(catalog) == len(by_ref)
    for models in results:
        assert all(by_ref[str(model.ref)] is model for model in models)
    assert all(catalog.get(ref) is model for ref, model in by_ref.items())


@pytest.mark.usefixtures("hurried")
def test_32_threads_may_ask_your_own_question():
    catalog = bundled_catalog()
    expected = [model for model in bundled_catalog() if model.open_weights and "image" in model.modalities.input]

    for models in at_once(lambda _: catalog.filter("vision", where=lambda model: model.open_weights)):
        assert expected == list(models)


def test_a_catalog_pickles_with_all_its_facts(catalog, small):
    for one in (catalog, small):
        again = pickle.loads(pickle.dumps(one))
        assert isinstance(again, Catalog)
        assert list(one) == list(again)
        assert one.providers() == again.providers()
        assert (one.lab_models, one.problems) == (again.lab_models, again.problems)
        assert (one.content.digest, one.content.fetched_at, repr(one)) == (again.content.digest, again.content.fetched_at, repr(again))
        assert one.filter("vision", sort="cost.input") == again.filter("vision", sort="cost.input")


def test_a_catalog_copies(small):
    for again in (copy.copy(small), copy.deepcopy(small)):
        assert list(small) == list(again)


def test_a_model_pickles_by_itself(catalog):
    for ref in REFS[:4]:
        assert catalog[ref] == pickle.loads(pickle.dumps(catalog[ref]))
        assert hash(catalog[ref]) == hash(pickle.loads(pickle.dumps(catalog[ref])))


def test_a_pickled_query_selects_the_same(catalog):
    for asked in QUERIES:
        query = Query("tool_call", **asked)
        assert catalog.filter(query) == catalog.filter(pickle.loads(pickle.dumps(query)))


def test_a_comparison_and_its_stats_pickle(catalog):
    comparison, stats = catalog.compare(*REFS, usage=Usage(1_000)), catalog.stats()

    assert comparison == pickle.loads(pickle.dumps(comparison))
    assert str(comparison) == str(pickle.loads(pickle.dumps(comparison)))
    assert stats == pickle.loads(pickle.dumps(stats))
