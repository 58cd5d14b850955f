"""The ledger: each usage at the price of its moment, found again, added up, and supposed to have gone elsewhere."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import closing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import (
    AmbiguousModelError,
    AsyncLedger,
    AsyncRegistry,
    InvalidRefError,
    Ledger,
    ModelNotFoundError,
    ModelRef,
    QueryError,
    Registry,
    UnknownModeError,
    Usage,
    UsageError,
)
from modelmeta.stores.memory import MemoryStore
from modelmeta.testing import FakeClock, FakeModelsDev
from modelmeta.testing.stores.samples import entry
from modelmeta.testing.strategies import usages

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MILLION = Usage(input_tokens=1_000_000)
TIERED = {"input": 2, "output": 10, "cache_read": 0.5, "context_over_200k": {"input": 4, "output": 15}}
DOCUMENT = {
    "acme": {
        "models": {
            "rocket": {"cost": TIERED, "experimental": {"modes": {"fast": {"cost": {"input": 6, "output": 30}}}}},
            "glider": {"cost": {"input": 0.1, "output": 0.3}},
            "kite": {"name": "Kite"},
            "gift": {"cost": {"input": 0, "output": 0}},
        }
    },
    "emca": {"models": {"glider": {"cost": {"input": 7, "output": 7}}}},
}


class Both:
    """A ledger of either colour: what is awaited of one is awaited of both."""

    def __init__(self, registry):
        self.registry = registry

    def __getattr__(self, name):
        found = getattr(self.registry.ledger, name)
        if name in {"record", "budget"}:
            return found

        async def call(*args, **options):
            answer = found(*args, **options)
            return await answer if inspect.isawaitable(answer) else answer

        return call


@pytest.fixture
def server():
    with FakeModelsDev(DOCUMENT) as server:
        yield server


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture(params=[Registry, AsyncRegistry], ids=["sync", "async"])
async def ledger(request, server, clock):
    """The ledger of a registry of one colour, that reads four models."""
    registry = request.param(store=MemoryStore(), source=server.url, clock=clock, max_retries=0)
    report = registry.refresh(accept=True)
    if inspect.isawaitable(report):
        await report
    yield Both(registry)
    if isinstance(registry, AsyncRegistry):
        await registry.aclose()
    else:
        registry.close()


# Recording


async def test_an_entry_says_what_was_used_and_what_it_cost_then(ledger):
    usage = Usage(input_tokens=300_000, output_tokens=1_000, cache_read_tokens=100_000)
    made = ledger.record("acme/rocket", usage, tags={"team": "search"})
    assert (made.ref, made.usage, made.tags, made.at) == (ModelRef("acme", "rocket"), usage, {"team": "search"}, NOON)
    assert (made.total, made.state, made.tier, made.mode) == (Decimal("1.215"), "priced", 200_000, None)
    assert made.rates == {"input": 4, "output": 15, "cache_read": 4}
    assert made.revision == ledger.registry.status().revision
    assert await ledger.entries() == (made,)
    assert (made.number, (await ledger.entries())[0].number) == (None, 1)


async def test_its_total_is_that_of_a_quote(ledger):
    for mode in (None, "fast"):
        made, quote = ledger.record("acme/rocket", MILLION, mode=mode), ledger.registry.price("acme/rocket", MILLION, mode=mode)
        assert (made.total, made.mode, made.state) == (quote.total, mode, quote.state)


async def test_a_price_stays_what_it_was_when_prices_move(ledger, server):
    first = ledger.record("acme/glider", MILLION)
    server.serve({**DOCUMENT, "acme": {"models": {**DOCUMENT["acme"]["models"], "glider": {"cost": {"input": 0.2, "output": 0.3}}}}})
    report = ledger.registry.refresh(accept=True)
    report = await report if inspect.isawaitable(report) else report
    second = ledger.record("acme/glider", MILLION)
    assert [each.total for each in await ledger.entries()] == [Decimal("0.1"), Decimal("0.2")]
    assert (first.revision != second.revision, second.revision) == (True, report.revision)


async def test_what_is_not_priced_is_unpriced_and_what_is_free_is_0(ledger):
    assert attrs.astuple(ledger.record("acme/kite", MILLION))[5:7] == (None, "unpriced")
    assert attrs.astuple(ledger.record("acme/gift", MILLION))[5:7] == (0, "free")


async def test_a_usage_of_a_model_that_nobody_knows_is_not_lost(ledger):
    made = ledger.record("acme/new-today", MILLION, mode="fast")
    assert (made.ref, made.total, made.state, made.mode) == (ModelRef("acme", "new-today"), None, "unpriced", "fast")
    assert await ledger.entries(model="acme/new-today") == (made,)


async def test_another_spelling_is_recorded_as_the_model_it_means(ledger):
    assert ledger.record("acme:rocket", MILLION).ref == ledger.record(ModelRef("acme", "rocket"), MILLION).ref == ModelRef("acme", "rocket")


async def test_a_price_may_come_along(ledger):
    quote = attrs.evolve(ledger.registry.price("acme/rocket", MILLION, mode="fast"), total=Decimal("1.23"))
    made = ledger.record("acme/rocket", MILLION, quote=quote)
    assert (made.total, made.mode, made.revision) == (Decimal("1.23"), "fast", None)


async def test_a_price_of_something_else_does_not(ledger):
    quote = ledger.registry.price("acme/rocket", MILLION)
    for ref, usage, options in (
        ("acme/glider", MILLION, {}),
        ("acme/rocket", Usage(1), {}),
        ("acme/rocket", MILLION, {"mode": "fast"}),
    ):
        with pytest.raises(QueryError, match="the quote is to be that of the usage which is recorded, at acme/"):
            ledger.record(ref, usage, quote=quote, **options)
    with pytest.raises(QueryError) as caught:
        ledger.record("acme/rocket", MILLION, quote={})
    assert caught.value.criterion == "quote"


@pytest.mark.parametrize(
    ("error", "call"),
    [
        (InvalidRefError, lambda ledger: ledger.record("rockett", MILLION)),
        (InvalidRefError, lambda ledger: ledger.record(5, MILLION)),
        (AmbiguousModelError, lambda ledger: ledger.record("glider", MILLION)),
        (UnknownModeError, lambda ledger: ledger.record("acme/rocket", MILLION, mode="slow")),
        (UsageError, lambda ledger: ledger.record("acme/rocket", 1_000)),
        (UsageError, lambda ledger: ledger.record("acme/unknown", 1_000)),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, at="noon")),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, tags={"team": 5})),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, tags={"team": None})),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, tags={"": "x"})),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, tags=[5])),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, tags={"team": "x" * 1_001})),
        (QueryError, lambda ledger: ledger.record("acme/rocket", MILLION, tags=map(str, range(33)))),
    ],
)
async def test_what_cannot_be_recorded_is_refused(ledger, error, call):
    with pytest.raises(error):
        call(ledger)
    assert await ledger.entries() == ()


async def test_tags_are_texts_by_name_or_names(ledger):
    given = ({"team": "search", "batch": ""}, ("team", "batch"), "batch", {}, ())
    made = [ledger.record("acme/gift", MILLION, tags=tags).tags for tags in given]
    assert made == [{"team": "search", "batch": ""}, {"team": "", "batch": ""}, {"batch": ""}, {}, {}]


async def test_a_time_is_kept_in_utc(ledger):
    for at in (datetime(2026, 11, 24, 1), datetime(2026, 11, 24, 1, tzinfo=timezone(timedelta(hours=2)))):  # noqa: DTZ001  # it means UTC
        ledger.record("acme/gift", MILLION, at=at)
    assert [f"{each.at}" for each in await ledger.entries()] == ["2026-11-23 23:00:00+00:00", "2026-11-24 01:00:00+00:00"]


# Finding


@pytest.fixture
def days(ledger):
    """Usages of four noons, which were recorded in another order; the second is of another model."""
    made = {}
    for number in (2, 0, 3, 1):
        tags = {"team": "ab"[number % 2], **({"late": ""} if number > 1 else {})}
        made[number] = ledger.record("acme/glider" if number == 1 else "acme/rocket", MILLION, at=NOON + number * DAY, tags=tags)
    return [made[number] for number in range(4)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1, 2, 3]),
        ({"since": NOON + DAY}, [1, 2, 3]),
        ({"until": NOON + DAY}, [0]),
        ({"since": "2026-11-25", "until": "2026-11-26"}, [1, 2]),
        ({"since": date(2026, 11, 25), "until": "2026-11-26T12:00"}, [1]),
        ({"until": date.max}, [0, 1, 2, 3]),
        ({"tags": {"team": "b"}}, [1, 3]),
        ({"tags": "late"}, [2, 3]),
        ({"tags": ("late", "team")}, [2, 3]),
        ({"tags": {"team": "b", "late": ""}}, [3]),
        ({"tags": {"late": "x"}}, []),
        ({"tags": {"nobody's": ""}}, []),
        ({"model": "acme/glider"}, [1]),
        ({"model": ModelRef("acme", "rocket"), "since": "2026-11-26"}, [2, 3]),
    ],
)
async def test_usages_are_found_by_time_tags_and_model(ledger, days, asked, found):
    assert await ledger.entries(**asked) == tuple(days[number] for number in found)
    assert (await ledger.totals((), **asked)).whole.count == len(found)
    assert (await ledger.what_if("acme/gift", **asked)).count == len(found)


@pytest.mark.parametrize(
    ("criterion", "asked"), [("since", {"since": "noon"}), ("until", {"until": 5}), ("tags", {"tags": [1]}), ("tags", {"tags": {"a": 1}})]
)
async def test_what_cannot_be_asked_is_refused(ledger, criterion, asked):
    for question in (ledger.entries, ledger.totals, lambda **asked: ledger.what_if("acme/gift", **asked)):
        with pytest.raises(QueryError) as caught:
            await question(**asked)
        assert caught.value.criterion == criterion


async def test_what_is_no_reference_is_refused(ledger):
    with pytest.raises(InvalidRefError):
        await ledger.entries(model="rocket")


# Adding up


async def test_totals_are_by_model_by_default_the_dearest_first(ledger):
    for ref in ("acme/glider", "acme/kite", "acme/rocket", "acme/kite", "acme/glider"):
        ledger.record(ref, Usage(1_000_000, 1_000))
    totals = await ledger.totals()
    assert [(row.key, row.count, row.unpriced, row.total) for row in totals.rows] == [
        (("acme/rocket",), 1, 0, Decimal("4.015")),
        (("acme/glider",), 2, 0, Decimal("0.2006")),
        (("acme/kite",), 2, 2, None),
    ]
    assert (totals.whole.key, totals.whole.count, totals.whole.unpriced, totals.whole.total) == ((), 5, 2, Decimal("4.2156"))
    assert (totals.whole.tokens["input_tokens"], totals.whole.tokens["output_tokens"]) == (5_000_000, 5_000)
    assert (
        str(totals)
        == """\
model        usages  input tokens  output tokens  unpriced  USD
acme/rocket  1       1,000,000     1,000          0         4.015
acme/glider  2       2,000,000     2,000          0         0.2006
acme/kite    2       2,000,000     2,000          2         ?
total        5       5,000,000     5,000          2         4.2156

Without a price, and in no total: 2"""
    )
    assert "<td" in totals._repr_html_()


async def test_totals_are_by_several_things_in_the_order_of_days(ledger, days):
    totals = await ledger.totals(["day", "tag:late", "day"])
    assert totals.by == ("day", "tag:late")
    assert [row.key for row in totals.rows] == [("2026-11-24", None), ("2026-11-25", None), ("2026-11-26", ""), ("2026-11-27", "")]
    tokens = dict.fromkeys((field.name for field in attrs.fields(Usage)), 0) | {"input_tokens": 1_000_000}
    first = {"day": "2026-11-24", "tag:late": None, "count": 1, "unpriced": 0, "total": 4}
    assert totals.to_dicts()[0] == {**first, **tokens}


async def test_a_sum_of_all_is_one_line(ledger, days):
    assert (
        str(await ledger.totals(()))
        == "usages  input tokens  output tokens  unpriced  USD\n4       4,000,000     0              0         12.1"
    )


async def test_a_sum_of_nothing_is_0(ledger):
    totals = await ledger.totals()
    assert (totals.rows, totals.whole.count, totals.whole.total) == ((), 0, 0)


@pytest.mark.parametrize("by", ["cow", "tag:", "tag", 5, ["model", None]])
async def test_what_cannot_be_added_up_by_is_refused(ledger, by):
    with pytest.raises(QueryError, match="a ledger is added up by 'model', 'day' or 'tag:<name>', not"):
        await ledger.totals(by)


_amounts = st.none() | st.builds(Decimal.scaleb, st.integers(-(10**30), 10**30).map(Decimal), st.integers(-40, 20))
_tags = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y"]))
_made = st.builds(
    lambda ref, usage, total, minute, tags: entry("", ref, minute, usage=usage, total=total, tags=tags),
    *(st.sampled_from(["a/m", "a/n", "b/m"]), usages(), _amounts, st.integers(-3_000, 3_000), _tags),
)


@settings(max_examples=50)
@given(st.lists(_made, max_size=20), st.sets(st.sampled_from(["model", "day", "tag:a", "tag:b"])))
def test_totals_are_exact_sums_and_both_colours_agree(made, by):
    store = MemoryStore()
    store.book([attrs.evolve(each, id=str(number)) for number, each in enumerate(made)])
    keys = {"model": lambda each: str(each.ref), "day": lambda each: f"{each.at:%Y-%m-%d}"}
    of = [keys.get(name) or (lambda each, tag=name[-1]: each.tags.get(tag)) for name in by]
    with closing(Registry(store=store)) as registry:
        totals = registry.ledger.totals(by)
    for row in (*totals.rows, totals.whole):
        those = [each for each in made if row is totals.whole or tuple(key(each) for key in of) == row.key]
        known = [Fraction(each.total) for each in those if each.total is not None]
        assert (row.count, row.unpriced) == (len(those), len(those) - len(known))
        assert (None if row.total is None else Fraction(row.total)) == (sum(known) if known or not those else None)
        assert row.tokens == {field.name: sum(getattr(each.usage, field.name) for each in those) for field in attrs.fields(Usage)}
    assert sum(row.count for row in totals.rows) == len(made)
    assert len({row.key for row in totals.rows}) == len(totals.rows)
    assert asyncio.run(asked(store, by)) == totals


async def asked(store, by):
    async with AsyncRegistry(store=store) as registry:
        return await registry.ledger.totals(by)


# What if


async def test_what_if_prices_the_same_usages_at_another_model(ledger):
    for ref, usage in (
        ("acme/rocket", Usage(100_000, 1_000)),
        ("acme/rocket", Usage(300_000)),
        ("acme/gift", Usage(10)),
        ("acme/kite", Usage(10)),
        ("acme/gone", Usage(20)),
    ):
        ledger.record(ref, usage)
    supposed = await ledger.what_if("acme/glider")
    assert supposed.ref == ModelRef("acme", "glider")
    assert [(str(row.ref), row.count, row.unknown, row.did, row.would, row.difference) for row in supposed.rows] == [
        ("acme/rocket", 2, 0, Decimal("1.41"), Decimal("0.0403"), Decimal("-1.3697")),
        ("acme/gift", 1, 0, 0, Decimal("0.000001"), Decimal("0.000001")),
        ("acme/gone", 1, 1, None, None, None),
        ("acme/kite", 1, 1, None, None, None),
    ]
    assert (supposed.count, supposed.unknown, supposed.difference) == (5, 2, Decimal("-1.369699"))
    assert supposed.to_dicts()[0] == {
        "model": "acme/rocket",
        "count": 2,
        "unknown": 0,
        "did": Decimal("1.41"),
        "would": Decimal("0.0403"),
        "difference": Decimal("-1.3697"),
    }
    assert str(supposed).startswith("If it had been acme/glider\n\nmodel        usages  unknown  USD   would be  difference\n")
    assert str(supposed).endswith("\n\nWithout a price here or there, and in no sum: 2")


async def test_what_if_prices_by_the_tiers_of_the_other_model(ledger):
    for tokens in (200_000, 200_001):
        ledger.record("acme/gift", Usage(tokens))
    assert (await ledger.what_if("acme/rocket")).would == Decimal("0.4") + Decimal("0.800004")


async def test_what_if_knows_nothing_of_a_model_without_a_price(ledger):
    ledger.record("acme/rocket", MILLION)
    supposed = await ledger.what_if("acme/kite")
    assert (supposed.count, supposed.unknown, supposed.did, supposed.would, supposed.difference) == (1, 1, None, None, None)


async def test_what_if_of_nothing_is_nothing(ledger):
    supposed = await ledger.what_if("acme/rocket")
    assert (supposed.rows, supposed.count, supposed.did, supposed.would, supposed.difference) == ((), 0, 0, 0, 0)
    assert "sum" not in str(supposed)


async def test_what_if_needs_a_model_that_there_is(ledger):
    with pytest.raises(ModelNotFoundError):
        await ledger.what_if("acme/rockett")


# Forgetting


async def test_pruning_forgets_what_was_used_before(ledger, days):
    assert await ledger.prune(before="2026-11-26") == 2
    assert await ledger.entries() == tuple(days[2:])
    assert await ledger.prune(before=NOON) == 0
    for before in (None, "soon"):
        with pytest.raises(QueryError) as caught:
            await ledger.prune(before=before)
        assert caught.value.criterion == "before"


# Both colours


def test_the_two_ledgers_have_the_same_methods():
    names, others = ({name for name in vars(each) if not name.startswith("_")} for each in (Ledger, AsyncLedger))
    assert names - {"close", "ended"} == others
    for name in others:
        one, other = getattr(Ledger, name), getattr(AsyncLedger, name)
        assert inspect.signature(one) == inspect.signature(other)
        assert inspect.iscoroutinefunction(other) is (name not in {"record", "budget"})
        assert other.__doc__
