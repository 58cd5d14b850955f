"""The ledger in every kind of store: many processes write into one, some of them are killed, and nothing is counted twice or lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelmeta import AsyncRegistry, Registry, Usage
from modelmeta.stores.by_url import open_store
from modelmeta.stores.redis import RedisStore
from modelmeta.testing.stores.samples import EVER, entry
from modelmeta.testing.strategies import usages

REF = "openai/gpt-5.5"
SOON = 60
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORKER = """
import sys
from modelmeta import Registry, Usage
registry = Registry(store=sys.argv[1])
told = []
registry.ledger.budget(1, told.append)
for line in sys.stdin:
    name, count = line.split()
    for number in range(int(count)):
        registry.ledger.record("openai/gpt-5.5", Usage(input_tokens=1_000), tags={"by": sys.argv[2], "name": f"{name}-{number}"})
    if name != "late":
        registry.ledger.flush()
    print("done", len(told), flush=True)
registry.close()
"""
LASTING = pytest.mark.parametrize("any_store", ["sqlite", "postgres", "redis"], indirect=True)


class Worker:
    """A process that records as many usages as it is told."""

    def __init__(self, url, name):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, "-c", WORKER, url, name], **pipes)

    def tell(self, line):
        """Let it record: a name, and how many."""
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self):
        """Return of how many crossings it was told, once it has done what it was told."""
        done, told = self.process.stdout.readline().split()
        assert done == "done"
        return int(told)

    def end(self):
        """Let it close its registry."""
        self.process.communicate(timeout=SOON)
        assert self.process.returncode == 0

    def kill(self):
        """End it at once."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start(any_store):
    started = []

    def start_one(name):
        started.append(Worker(any_store, name))
        return started[-1]

    yield start_one
    for worker in started:
        worker.kill()


@LASTING
def test_what_many_processes_record_is_all_there_and_one_of_them_tells_of_the_budget(any_store, start):
    workers = [start(str(number)) for number in range(3)]
    for round_number in range(3):
        for worker in workers:
            worker.tell(f"{round_number} 30")
        told = sum(worker.hear() for worker in workers)
        assert told == (round_number == 2)  # at $1: 200 usages of half a cent
    for worker in workers:
        worker.end()
    with Registry(store=any_store) as registry:
        totals = registry.ledger.totals("tag:by")
        assert [(row.key, row.count, row.total) for row in totals.rows] == [((str(number),), 90, Decimal("0.45")) for number in range(3)]
        assert len({each.id for each in registry.ledger.entries()}) == 270


@LASTING
def test_who_is_killed_loses_at_most_what_was_not_written(any_store, start):
    worker = start("killed")
    worker.tell("written 50")
    worker.hear()
    worker.tell("late 5")
    worker.hear()
    worker.kill()
    with Registry(store=any_store) as registry:
        names = {each.tags["name"] for each in registry.ledger.entries()}
    written, late = ({f"{name}-{number}" for number in range(count)} for name, count in (("written", 50), ("late", 5)))
    assert written <= names <= written | late
    assert names - written in (set(), late)  # a batch is written whole, or not at all


@LASTING
def test_who_is_killed_in_the_middle_of_writing_leaves_what_it_wrote_and_nothing_twice(any_store, start):
    for life in range(3):
        worker = start(str(life))
        worker.tell("written 3000")
        with closing(open_store(any_store)) as store:
            before = len(store.booked(0, EVER))
            while len(store.booked(0, EVER)) == before:
                pass
        worker.kill()
        with Registry(store=any_store) as registry:
            (row,) = registry.ledger.totals(tags={"by": str(life)}).rows
            names = [each.tags["name"] for each in registry.ledger.entries(tags={"by": str(life)})]
            assert 0 < row.count == len(names) <= 3_000
            assert {*names} == {f"written-{number}" for number in range(row.count)}  # the first of them, none left out
            assert row.total == row.count * Decimal("0.005")


@LASTING
def test_a_crossing_is_not_told_again_after_a_restart(any_store, start):
    worker = start("first")
    worker.tell("a 250")
    assert worker.hear() == 1
    worker.kill()
    worker = start("second")
    worker.tell("b 250")
    assert worker.hear() == 0


_amounts = st.none() | st.builds(Decimal.scaleb, st.integers(-(10**25), 10**25).map(Decimal), st.integers(-30, 10))
_made = st.builds(
    lambda ref, usage, total, minute, team: entry("", ref, minute, usage=usage, total=total, tags={"team": team} if team else {}),
    *(st.sampled_from(["a/m", "b/m"]), usages(), _amounts, st.integers(-3_000, 3_000), st.sampled_from(["", "x", "y"])),
)


@pytest.fixture
def opened(any_store):
    store = open_store(any_store)
    yield store
    store.close()


def test_sums_are_those_of_a_linear_scan_in_every_store_and_both_colours(opened):
    numbers = count()

    async def asked():
        async with AsyncRegistry(store=opened) as registry:
            return await registry.ledger.totals(["day", "tag:team"])

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(_made, min_size=1, max_size=12))
    def sums(made):
        opened.unbook(datetime.max.replace(tzinfo=UTC))
        opened.book([attrs.evolve(each, id=str(next(numbers))) for each in made])
        with closing(Registry(store=opened)) as registry:
            totals = registry.ledger.totals(["day", "tag:team"])
        for row in totals.rows:
            those = [each for each in made if (f"{each.at:%Y-%m-%d}", each.tags.get("team")) == row.key]
            known = [Fraction(each.total) for each in those if each.total is not None]
            assert (row.count, row.unpriced) == (len(those), len(those) - len(known))
            assert (row.total and Fraction(row.total)) == (sum(known) if known else None)
        assert sum(row.count for row in totals.rows) == len(made)
        assert asyncio.run(asked()) == totals

    sums()


def test_usages_are_found_by_time_in_every_store(opened):
    with closing(Registry(store=opened)) as registry:
        for hours in (30, -30, 0, 5):
            registry.ledger.record(REF, Usage(1), at=NOON + timedelta(hours=hours))
        day = registry.ledger.entries(since="2026-11-24", until="2026-11-24")
        assert [each.at for each in day] == [NOON, NOON + timedelta(hours=5)]
        assert registry.ledger.prune(before="2026-11-24") == 1
        assert len(registry.ledger.entries()) == 3


def test_redis_reads_past_an_entry_that_is_forgotten_meanwhile(redis_url):
    with closing(RedisStore(redis_url)) as store:
        store.book([entry(f"e{number}") for number in range(4)])
        with store._server.client() as redis:
            redis.hdel(store._keys.ledger, "e1")
        assert [each.id for each in store.booked(0, 2)] == ["e0", "e2"]
