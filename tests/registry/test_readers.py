"""A thousand readers while the catalog is swapped fifty times: each sees one revision or the other, never both.

``MODELMETA_SWAPS=1000`` swaps so often instead.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from modelmeta import AsyncRegistry, Registry, Usage
from modelmeta.sources.source import Fetched

READERS = 1_000
SWAPS = int(os.environ.get("MODELMETA_SWAPS", "50"))
THREADS = 64
PAUSE = 0.05
ROUNDS = 3
ROWS = 12
REFS = [f"acme/rocket-{number}" for number in range(ROWS)]
MILLION = Usage(input_tokens=1_000_000)


def document(price):
    """Return a document in which everything says what *price* it is of: each model's name, price, limit and capability."""
    rows = {
        f"rocket-{number}": {
            "id": f"rocket-{number}",
            "name": f"Edition{price} Rocket {number}",
            "cost": {"input": price, "output": price},
            "limit": {"context": price * 1_000, "output": 10},
            "tool_call": price == 1,
        }
        for number in range(ROWS)
    }
    return json.dumps({"acme": {"id": "acme", "name": f"Acme {price}", "models": rows}}).encode()


class Shelf:
    """A source that has the one document and the other in turn."""

    name = "the shelf"

    def __init__(self):
        self.asked = 0

    def fetch(self, validator):
        """Return the next document."""
        del validator
        self.asked += 1
        return Fetched(document(1 + self.asked % 2))


def edition(model):
    """Return the price that a model is of, if all it says is of one."""
    (price,) = {int(model.name[7]), model.cost.input, model.cost.output, Decimal(model.limit.context) / 1_000, 2 - bool(model.tool_call)}
    return price


def one_edition(models, number=None):
    """Return the one price that all of these models are of."""
    (price,) = {edition(model) for model in models}
    assert number in {None, len(models)}
    return price


def pin(registry):
    """Ask one catalog several things."""
    one, other = random.sample(REFS, 2)
    catalog = registry.catalog
    price = edition(catalog.get(one))
    assert price == edition(catalog.get(other)) == one_edition(catalog.filter(), ROWS)
    assert f"Acme {price}" == catalog.provider("acme").name
    assert price == catalog.price(other, MILLION).total
    assert (catalog.content.digest, catalog.content.refs) == (DIGESTS[price], [*catalog.rows])


def compare(registry):
    """Ask for a table of two models that say the same."""
    compared = registry.compare(*random.sample(REFS, 2), usage=MILLION)
    assert one_edition(compared.models, 2)
    said = {row.field: row.values for row in compared.rows}
    assert all(said[field][0] == said[field][1] for field in ("cost.input", "limit.context", "tool_call"))


def afford(registry):
    """Ask who meets a criterion that only one revision meets, at a price."""
    affordable = registry.filter("tool_call", usage=MILLION, max_cost=1)
    assert len(affordable) in {0, ROWS}
    assert not affordable or one_edition(affordable) == 1


def rank(registry):
    """Ask for an order, and the price of each."""
    ranking = registry.rank(usage=MILLION)
    assert one_edition([ranked.model for ranked in ranking], ROWS) == ranking[0].quote.total


QUESTIONS = [
    pin,
    compare,
    afford,
    rank,
    lambda registry: edition(registry.get(random.choice(REFS))),
    lambda registry: one_edition(registry.models("acme"), ROWS),
    lambda registry: one_edition([hit.model for hit in registry.search("rocket", limit=ROWS)]),
]
"""The answer to each must be of one revision."""


def read(registry):
    random.choice(QUESTIONS)(registry)


DIGESTS = {}


@pytest.fixture(autouse=True)
def digests():
    """Learn the digests of the two revisions from a registry that nobody else reads."""
    with Registry(source=Shelf()) as registry:
        for _ in range(2):
            registry.refresh(accept=True)
            DIGESTS[edition(registry.get(REFS[0]))] = registry.catalog.content.digest
    assert len(set(DIGESTS.values())) == 2


@pytest.fixture
def small_stacks():
    before = threading.stack_size(512 * 1024)
    yield
    threading.stack_size(before)


def test_in_threads(small_stacks):
    errors, rounds, over = [], [0] * READERS, threading.Event()

    def keep_reading(number):
        try:
            for _ in range(ROUNDS):
                over.wait(random.uniform(0, SWAPS * PAUSE))
                read(registry)
                rounds[number] += 1
        except BaseException as error:  # noqa: BLE001  # shown by the test
            errors.append(error)

    with Registry(source=Shelf()) as registry:
        registry.refresh(accept=True)
        threads = [threading.Thread(target=keep_reading, args=(number,)) for number in range(READERS)]
        for thread in threads:
            thread.start()
        statuses = []
        for _ in range(SWAPS):
            over.wait(PAUSE)
            statuses.append(registry.refresh().status)
        over.set()
        for thread in threads:
            thread.join()

    assert errors == []
    assert [ROUNDS] * READERS == rounds
    assert ["updated"] * SWAPS == statuses


async def test_in_tasks():
    rounds = [0] * READERS

    async def keep_reading(number):
        for _ in range(ROUNDS):
            await asyncio.sleep(random.uniform(0, SWAPS * PAUSE))
            read(registry)
            rounds[number] += 1

    async with AsyncRegistry(source=Shelf()) as registry:
        await registry.refresh(accept=True)
        tasks = [asyncio.create_task(keep_reading(number)) for number in range(READERS)]
        statuses = []
        for _ in range(SWAPS):
            await asyncio.sleep(PAUSE)
            statuses.append((await registry.refresh()).status)
        await asyncio.gather(*tasks)

    assert [ROUNDS] * READERS == rounds
    assert ["updated"] * SWAPS == statuses


@pytest.fixture
def restless():
    """Let threads take turns a hundred times as often as they do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(before / 100)
    yield
    sys.setswitchinterval(before)


def read_without_rest(registry, over):
    while not over.is_set():
        read(registry)


async def read_in_tasks(registry, over):
    async def keep_reading():
        while not over.is_set():
            read(registry)
            await asyncio.sleep(0)

    await asyncio.gather(*(keep_reading() for _ in range(READERS)))


def test_in_threads_that_never_rest_and_in_tasks_beside_them(restless):
    over = threading.Event()
    with Registry(source=Shelf()) as registry, ThreadPoolExecutor(THREADS + 1) as pool:
        registry.refresh(accept=True)
        readers = [
            pool.submit(asyncio.run, read_in_tasks(registry, over)),
            *(pool.submit(read_without_rest, registry, over) for _ in range(THREADS)),
        ]
        try:
            statuses = [registry.refresh().status for _ in range(SWAPS // 16)]
        finally:
            over.set()
        assert [None] * len(readers) == [reader.result() for reader in readers]

    assert ["updated"] * (SWAPS // 16) == statuses
