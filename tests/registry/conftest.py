"""A models.dev to refresh from, and registries of both colours that do."""

from __future__ import annotations

import copy
import inspect

import pytest

from modelmeta import AsyncRegistry, Registry, bundled_catalog, dump_catalog
from modelmeta.testing import FakeModelsDev

AWAITED = {
    *("refresh", "start", "stop", "refreshes", "revisions", "as_of", "history", "changes", "prune", "overlay"),
    *("put_note", "notes", "delete_note", "put_benchmark", "own_benchmarks", "delete_benchmark"),
}


class Either:
    """A registry of either colour: what an ``AsyncRegistry`` awaits is awaited of both, everything else is as it is."""

    def __init__(self, facade, **options):
        self.registry = facade(**options)

    def __getattr__(self, name):
        found = getattr(self.registry, name)

        async def call(*args, **options):
            result = found(*args, **options)
            return await result if inspect.isawaitable(result) else result

        return call if name in AWAITED else found

    async def close(self):
        """Close it, whatever that is called."""
        await self.registry.aclose() if isinstance(self.registry, AsyncRegistry) else self.registry.close()


@pytest.fixture(params=[Registry, AsyncRegistry], ids=["sync", "async"])
async def open_either(request):
    """Return the function that opens a registry, of threads or of tasks, which tries each request once. It is closed in the end."""
    opened = []

    def open_one(**options):
        opened.append(Either(request.param, **{"max_retries": 0, **options}))
        return opened[-1]

    yield open_one
    for registry in opened:
        await registry.close()


@pytest.fixture
async def settle(open_either):
    """Return the function that opens a registry and lets it read, unasked, what its source has: guards compare with that from then on."""

    async def settle_one(**options):
        registry = open_either(**options)
        await registry.refresh(accept=True)
        return registry

    return settle_one


@pytest.fixture(scope="session")
def thirty_providers():
    """A document of thirty providers and 1,099 models, which are not to be changed."""
    document = dump_catalog(bundled_catalog())
    return {provider_id: document[provider_id] for provider_id in list(document)[:30]}


@pytest.fixture
def upstream(thirty_providers):
    """A server of thirty providers."""
    with FakeModelsDev(thirty_providers) as server:
        yield server


@pytest.fixture
def edited():
    """Return the function that copies a document and sets some fields of one row."""

    def edit(document, ref, **fields):
        provider_id, _, model_id = ref.partition("/")
        document = copy.deepcopy(document)
        document[provider_id]["models"][model_id].update(fields)
        return document

    return edit
