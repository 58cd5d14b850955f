"""Notes and results of the user's own: kept beside the catalog, whatever becomes of that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from modelmeta import Benchmark, InvalidRefError, ModelNotFoundError, ModelRef, Note, OwnBenchmark, QueryError
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev
from modelmeta.testing.stores.samples import HOSTILE, acme

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROCKET, GLIDER = ModelRef("acme", "rocket"), ModelRef("acme", "glider")
RACE = Benchmark(name="race", score=Decimal("1.50"), metric="seconds", variant="short", harness="track", version="2")


@pytest.fixture
def server():
    with FakeModelsDev(acme(rocket=1, glider=2)) as server:
        yield server


@pytest.fixture
async def registry(open_either, server):
    registry = open_either(source=server.url, clock=FakeClock(NOON))
    await registry.refresh(accept=True)
    return registry


@pytest.fixture
async def ask(registry):
    """Return the function that asks for all that is kept, or for that of one model."""

    async def asked(*ref):
        return (*await registry.notes(*ref), *await registry.own_benchmarks(*ref))

    return asked


def note(ref=ROCKET, text="fast", name=""):
    return Note(ref=ref, name=name, text=text, written_at=NOON)


async def test_what_is_put_is_returned_and_kept(registry, ask):
    assert await registry.put_note("acme/rocket", "fast") == note()
    assert await registry.put_note(ROCKET, "faster", name="team") == note(text="faster", name="team")
    own = OwnBenchmark(ref=ROCKET, benchmark=RACE, written_at=NOON)
    assert await registry.put_benchmark("acme/rocket", RACE) == own
    assert await ask() == await ask(ROCKET) == await ask("acme/rocket") == (note(), note(text="faster", name="team"), own)
    assert await ask("acme/glider") == await ask("acme/nobody knows") == ()


async def test_all_are_ordered_by_model_and_name(registry):
    for ref in (ROCKET, GLIDER):
        for name in ("b", "", "a"):
            await registry.put_note(ref, "text", name=name)
            await registry.put_benchmark(ref, Benchmark(name=name or "c", score=1))
    assert [(str(each.ref), each.name) for each in await registry.notes()] == [
        (ref, name) for ref in ("acme/glider", "acme/rocket") for name in ("", "a", "b")
    ]
    assert [(str(each.ref), each.benchmark.name) for each in await registry.own_benchmarks()] == [
        (ref, name) for ref in ("acme/glider", "acme/rocket") for name in "abc"
    ]


async def test_a_note_takes_the_place_of_the_one_with_its_name(registry):
    await registry.put_note(ROCKET, "fast", name="team")
    registry.world().clock.advance(60)
    await registry.put_note(ROCKET, "slow", name="team")
    assert await registry.notes() == (Note(ref=ROCKET, name="team", text="slow", written_at=NOON + timedelta(minutes=1)),)


@pytest.mark.parametrize("field", ["name", "metric", "variant", "harness", "version"])
async def test_a_result_takes_the_place_of_the_one_it_compares_with_and_of_no_other(registry, field):
    await registry.put_benchmark(ROCKET, RACE)
    again = attrs.evolve(RACE, score="disqualified", dataset="another", source="https://acme.example")
    await registry.put_benchmark(ROCKET, again)
    assert [own.benchmark for own in await registry.own_benchmarks()] == [again]

    other = attrs.evolve(RACE, **{field: "another"})
    await registry.put_benchmark(ROCKET, other)
    await registry.put_benchmark(GLIDER, again)
    assert len(await registry.own_benchmarks()) == 3
    assert {own.benchmark for own in await registry.own_benchmarks(ROCKET)} == {again, other}


async def test_what_is_deleted_is_gone_and_nothing_else(registry, ask):
    for ref in (ROCKET, GLIDER):
        for name in ("", "team"):
            await registry.put_note(ref, "fast", name=name)
        for version in ("1", "2"):
            await registry.put_benchmark(ref, attrs.evolve(RACE, version=version))
    before = await ask()
    assert [await registry.delete_note(ROCKET, name="team") for _ in range(2)] == [True, False]
    assert [await registry.delete_note("acme/glider") for _ in range(2)] == [True, False]
    assert [await registry.delete_benchmark(ROCKET, attrs.evolve(RACE, score=9)) for _ in range(2)] == [True, False]
    gone = [each for each in before if each not in await ask()]
    assert [(str(each.ref), getattr(each, "name", None)) for each in gone] == [
        ("acme/glider", ""),
        ("acme/rocket", "team"),
        ("acme/rocket", None),
    ]
    assert gone[-1].benchmark == RACE


async def test_no_refresh_and_no_pruning_touches_it(registry, server, ask):
    await registry.put_note(ROCKET, "fast")
    await registry.put_benchmark(ROCKET, RACE)
    before = await ask()
    for document in (acme(rocket=2), acme(glider=3), acme(kite=1)):
        server.serve(document)
        await registry.refresh(accept=True)
        assert await ask() == before
    await registry.prune(keep=1)
    assert await ask(ROCKET) == before

    assert await registry.delete_note(ROCKET)
    assert await registry.delete_benchmark(ROCKET, RACE)
    assert await ask() == ()


async def test_the_results_of_upstream_are_beside_it(open_either):
    labs = {"acme/rocket": {"name": "Rocket", "limit": {}, "benchmarks": [{"name": "race", "score": 3}]}}
    with FakeModelsDev(acme(rocket=1), lab_models=labs) as server:
        registry = open_either(source=server.url)
        await registry.refresh(accept=True)
        await registry.put_benchmark(ROCKET, Benchmark(name="race", score=1))
        assert [result.score for result in registry.benchmarks("acme/rocket")] == [3]
        assert [own.benchmark.score for own in await registry.own_benchmarks()] == [1]


async def test_every_text_comes_back_as_it_was(registry):
    for number, text in enumerate(HOSTILE):
        await registry.put_note(ROCKET, text, name=text)
        await registry.put_benchmark(ROCKET, Benchmark(name=text, score=text, version=str(number)))
    assert sorted((each.name, each.text) for each in await registry.notes()) == sorted((text, text) for text in {*HOSTILE})
    assert sorted(own.benchmark.score for own in await registry.own_benchmarks()) == sorted(HOSTILE)
    assert all([await registry.delete_note(ROCKET, name=text) for text in {*HOSTILE}])


@pytest.mark.parametrize(
    "put", [lambda registry, ref: registry.put_note(ref, "x"), lambda registry, ref: registry.put_benchmark(ref, RACE)]
)
async def test_only_of_models_in_the_catalog_something_new_is_kept(registry, ask, put):
    with pytest.raises(ModelNotFoundError) as caught:
        await put(registry, "acme/rockett")
    assert caught.value.suggestions[0] == "acme/rocket"
    with pytest.raises(InvalidRefError):
        await put(registry, 5)
    assert await ask() == ()


@pytest.mark.parametrize(
    ("criterion", "call"),
    [
        ("text", lambda registry: registry.put_note(ROCKET, 5)),
        ("text", lambda registry: registry.put_note(ROCKET, None)),
        ("name", lambda registry: registry.put_note(ROCKET, "text", name=None)),
        ("benchmark", lambda registry: registry.put_benchmark(ROCKET, {"name": "race", "score": 1})),
        ("benchmark", lambda registry: registry.delete_benchmark(ROCKET, "race")),
    ],
)
async def test_what_is_no_note_and_no_result_is_refused(registry, ask, criterion, call):
    with pytest.raises(QueryError) as caught:
        await call(registry)
    assert caught.value.criterion == criterion
    assert await ask() == ()


@pytest.mark.parametrize("ref", ["rocket", "", 5, None], ids=repr)
async def test_what_is_no_reference_has_none(registry, ref):
    calls = [lambda: registry.delete_note(ref), lambda: registry.delete_benchmark(ref, RACE)]
    if ref is not None:  # of all
        calls += [lambda: registry.notes(ref), lambda: registry.own_benchmarks(ref)]
    for call in calls:
        with pytest.raises(InvalidRefError):
            await call()


async def test_those_who_share_a_store_share_what_they_know(open_either, server):
    store = MemoryStore()
    one, other = (open_either(store=store, source=server.url, clock=FakeClock(NOON)) for _ in range(2))
    await one.refresh(accept=True)
    await other.refresh()
    await one.put_note(ROCKET, "fast")
    assert await other.notes() == (note(),)
    assert await other.delete_note(ROCKET)
    assert await one.notes() == ()
