"""What a workload costs at many models at once, against the quote of each."""

from __future__ import annotations

import decimal
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from threading import Barrier

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modelmeta import Usage, bundled_catalog, load_catalog
from modelmeta.catalog.price import quote
from modelmeta.catalog.price_book import PriceBook
from modelmeta.records.cost import RATES
from modelmeta.testing.queries import usages

CATALOG = bundled_catalog()
MODELS = tuple(CATALOG)
EVERYTHING = range(len(MODELS))
DISTINCT = tuple({model.cost: row for row, model in enumerate(MODELS)}.values())
SIZES = sorted({tier.size for model in MODELS if model.cost for tier in model.cost.tiers})


def in_usd(book, rows, usage):
    return [None if total is None else book.in_usd(total) for total in book.totals(rows, usage)]


def quoted(catalog, usage):
    return [quote(model, usage).total for model in catalog]


def sold(tables, provider="acme"):
    """Return the catalog of models ``m0``, ``m1``, … that cost what *tables* say, as JSON text or as what makes it."""
    texts = [table if isinstance(table, str) else json.dumps(table) for table in tables]
    models = ",".join(f'"m{number:05}":{{"cost":{text}}}' for number, text in enumerate(texts))
    return load_catalog(f'{{"{provider}":{{"id":"{provider}","models":{{{models}}}}}}}'.encode())


@pytest.mark.parametrize(
    "usage",
    [
        Usage(),
        Usage(1_000, 1_000),
        Usage(0, 1),
        Usage(1_000_003, 7),
        Usage(31_999, 977, cache_read_tokens=30_000, reasoning_tokens=977),
        Usage(300_001, 9_999, cache_write_tokens=300_001, output_audio_tokens=1),
        Usage(10**18, 10**18, cache_read_tokens=1, cache_write_tokens=2, input_audio_tokens=3, reasoning_tokens=4, output_audio_tokens=5),
    ],
)
def test_every_model_costs_what_it_is_quoted(usage):
    totals = in_usd(CATALOG.price_book, EVERYTHING, usage)

    assert quoted(CATALOG, usage) == totals
    assert None in totals
    assert any(totals) == (usage != Usage())


@settings(max_examples=40)
@given(usages(*SIZES, *(size + 1 for size in SIZES)))
def test_any_usage_costs_what_it_is_quoted_at_every_price_table(usage):
    assert [quote(MODELS[row], usage).total for row in DISTINCT] == in_usd(CATALOG.price_book, DISTINCT, usage)


def test_every_tier_begins_above_its_size():
    tiered = [row for row in DISTINCT if MODELS[row].cost and MODELS[row].cost.tiers]
    assert len(tiered) > 50
    for size in SIZES:
        for tokens in (size - 1, size, size + 1):
            usage = Usage(tokens, 1_000, cache_read_tokens=tokens // 3, input_audio_tokens=tokens // 5, reasoning_tokens=1)
            assert [quote(MODELS[row], usage).total for row in tiered] == in_usd(CATALOG.price_book, tiered, usage)


TABLES = {
    "tiers": {
        "input": 1,
        "output": 2,
        "tiers": [
            {"input": 30, "output": 40, "tier": {"type": "context", "size": 2_000}},
            {"input": 10, "output": 20, "cache_read": 5, "tier": {"type": "context", "size": 1_000}},
        ],
    },
    "holed": {"input": 1, "output": 2, "tiers": [{"output": 9, "tier": {"type": "context", "size": 10}}]},
    "late": {"cache_read": 1, "tiers": [{"input": 3, "output": 4, "tier": {"type": "context", "size": 10}}]},
    "half": {"input": 1, "tiers": [{"input": 3, "output": 4, "tier": {"type": "context", "size": 10}}]},
    "audio": {"input": 1, "output": 2, "input_audio": 10, "output_audio": 20, "reasoning": 5, "cache_write": 3, "cache_read": 0},
    "spoken": {"output": 4, "cache_write": 3},
    "free": {"input": 0, "output": 0},
    "none": {},
}


@pytest.mark.parametrize(
    ("key", "usage", "total"),
    [
        ("tiers", Usage(1_000, 1_000), "0.003"),
        ("tiers", Usage(1_001, 1_000), "0.03001"),
        ("tiers", Usage(2_000, cache_read_tokens=1_000), "0.015"),
        ("tiers", Usage(2_001, cache_read_tokens=2_001), "0.06003"),
        ("holed", Usage(10), "0.00001"),
        ("holed", Usage(11), None),
        ("holed", Usage(11, cache_read_tokens=11), None),
        ("late", Usage(10), None),
        ("late", Usage(11, cache_read_tokens=11), None),
        ("late", Usage(), None),
        ("half", Usage(10), "0.00001"),
        ("half", Usage(10, 1), None),
        ("half", Usage(10, 1, reasoning_tokens=1), None),
        ("half", Usage(11, 1), "0.000037"),
        ("audio", Usage(7, 9, input_audio_tokens=1, cache_read_tokens=2, cache_write_tokens=3), "0.000038"),
        ("audio", Usage(0, 9, output_audio_tokens=1, reasoning_tokens=2), "0.000042"),
        ("spoken", Usage(2, 1, cache_write_tokens=2), "0.00001"),
        ("spoken", Usage(2, 1, cache_write_tokens=1), None),
        ("spoken", Usage(2, 1, cache_write_tokens=1, cache_read_tokens=1), None),
        ("spoken", Usage(2, 1, cache_write_tokens=1, input_audio_tokens=1), None),
        ("spoken", Usage(0, 5, reasoning_tokens=2, output_audio_tokens=2), "0.00002"),
        ("free", Usage(2_000, 10), "0"),
        ("none", Usage(), None),
        ("none", Usage(5, 5), None),
    ],
)
def test_the_rules_by_hand(key, usage, total):
    catalog = sold(TABLES.values())

    found = in_usd(PriceBook(catalog), range(len(TABLES)), usage)

    assert (total and Decimal(total)) == found[[*TABLES].index(key)]
    assert quoted(catalog, usage) == found


def test_a_model_without_any_price_table_has_no_price(document):
    catalog = document({"bare": {"id": "bare"}})

    assert [None] == in_usd(PriceBook(catalog), range(1), Usage())


def test_a_plan_costs_nothing_and_what_it_prices_all_the_same():
    catalog = sold([{"input": 0, "output": 0}, {"input": 1, "output": 2}], provider="acme-coding-plan")
    assert ["plan", "priced"] == [model.price_state for model in catalog]

    assert [0, Decimal("0.003")] == in_usd(PriceBook(catalog), range(2), Usage(1_000, 1_000))


HOSTILE = (
    "0.049999999999999996",
    "1e-7",
    "1E+3",
    "0.10",
    "0e5",
    "5e-21",
    "0.00000000000000000001",
    "0.000000000000000000001",
    "123456789012345678901234567890.123456789012345678901234567890",
    "1e300",
    "1e-300",
)
RATE_TEXTS = (
    st.sampled_from(HOSTILE)
    | st.integers(0, 100).map(str)
    | st.decimals(0, 50, places=6).map(str)
    | st.builds("{}.{}e{}".format, st.integers(0, 10**30), st.integers(0, 10**30), st.integers(-60, 60))
)


def table_texts(*more):
    rates = st.fixed_dictionaries({}, optional=dict.fromkeys(RATES, RATE_TEXTS))
    return rates.map(lambda table: ",".join([f'"{name}":{rate}' for name, rate in table.items()] + list(more)))


def tiered_texts(sizes):
    tiers = [table_texts(f'"tier":{{"type":"context","size":{size}}}').map("{{{}}}".format) for size in sizes]
    return st.tuples(*tiers).map(lambda texts: f'"tiers":[{",".join(texts)}]')


COSTS = st.lists(st.sampled_from([10, 1_000, 2_000, 200_000]), max_size=3, unique=True).flatmap(
    lambda sizes: st.tuples(table_texts(), tiered_texts(sizes)).map(lambda parts: f"{{{','.join(filter(None, parts))}}}")
)


@settings(max_examples=200)
@given(st.lists(COSTS, max_size=6), usages(0, 10, 11, 1_000, 1_001, 2_000, 2_001, 200_000, 200_001, 10**18))
@example([f'{{"input":{rate},"output":{rate}}}' for rate in HOSTILE], Usage(7, 3))
def test_any_price_table_is_billed_as_it_is_quoted(tables, usage):
    catalog = sold(tables)

    assert quoted(catalog, usage) == in_usd(PriceBook(catalog), range(len(tables)), usage)


@pytest.mark.parametrize("rate", HOSTILE)
def test_a_rate_is_billed_to_its_last_digit(rate):
    book = PriceBook(sold([f'{{"input":{rate},"output":1}}']))

    assert [(7 * Fraction(rate) + 3) / 10**6] == in_usd(book, range(1), Usage(7, 3))


def test_whole_totals_read_without_an_exponent():
    book = PriceBook(sold([{"input": 1_000, "output": 0}, {"input": 0, "output": 0}, {"input": 0.5, "output": 0}]))

    assert ["1000", "0", "0.5"] == list(map(str, in_usd(book, range(3), Usage(10**6))))


def test_totals_come_in_the_order_of_the_rows_asked_for():
    rows = [7, 3, 3, 5_000, 0]
    expected = [quote(MODELS[row], Usage(300_000, 2_000)).total for row in rows]

    assert expected == in_usd(CATALOG.price_book, rows, Usage(300_000, 2_000))
    assert [] == CATALOG.price_book.totals((), Usage(1))
    assert [] == PriceBook(sold([])).totals(range(0), Usage(1))


def test_lists_that_come_and_go_are_not_taken_for_one_another():
    """A list's identity is free for another once it is gone, and more come than are remembered."""
    book = PriceBook(CATALOG)
    expected = quoted(CATALOG, Usage(1_000, 1_000))

    for row in range(0, len(MODELS), 20):
        assert expected[row : row + 3] == in_usd(book, [*EVERYTHING[row : row + 3]], Usage(1_000, 1_000))


class Counted(list):
    """A list that counts how often somebody goes through it."""

    turns = 0

    def __iter__(self):
        self.turns += 1
        return super().__iter__()


def test_a_list_is_gone_through_once_a_row_read_once_and_an_equal_table_kept_once(monkeypatch):
    catalog, asked = sold([{"input": number % 3} for number in range(30)]), []
    monkeypatch.setattr(catalog, "at", lambda row: asked.append(row) or type(catalog).at(catalog, row))
    book, rows, others = PriceBook(catalog), Counted(range(20)), Counted(range(10, 30))

    first, again, other = (in_usd(book, which, Usage(7)) for which in (rows, rows, others))

    assert (1, [*range(30)], 3) == (rows.turns, asked, len(book._tables))
    assert (first, other) == (quoted(catalog, Usage(7))[:20], quoted(catalog, Usage(7))[10:])
    assert again == first


@pytest.mark.parametrize(
    "context",
    [decimal.Context(prec=3), decimal.Context(prec=1, traps=[decimal.Inexact, decimal.Rounded, decimal.FloatOperation])],
    ids=["three digits", "one digit, trapped"],
)
def test_the_callers_decimal_context_changes_nothing(context):
    usage = Usage(999_999_999_999_999_999, 123_456_789_012_345_678, cache_read_tokens=1)
    expected = [quote(MODELS[row], usage).total for row in DISTINCT]

    with decimal.localcontext(context):
        found = in_usd(PriceBook(CATALOG), DISTINCT, usage)

    assert expected == found


def test_many_threads_at_once_get_what_one_gets(hurried):
    count, threads = 1_500, 8
    lacking = [{"input": number + 1} for number in range(count)]
    catalog = sold([{**table, "tiers": [{"output": 1, "tier": {"type": "context", "size": 40}}]} for table in lacking])
    usages = [Usage(40), Usage(50), Usage(50, 1), Usage(40, 1)]
    expected = [quoted(catalog, usage) for usage in usages]
    book, together = PriceBook(catalog), Barrier(threads)

    def work(number):
        together.wait()
        usage, parts = usages[number % 4], [range(first, first + 30) for first in range(0, count, 30)]
        turned = parts[number * 6 :] + parts[: number * 6]
        return {part: in_usd(book, part, usage) for part in turned}

    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(work, range(threads)))

    for number, answer in enumerate(answers):
        assert expected[number % 4] == [total for first in range(0, count, 30) for total in answer[range(first, first + 30)]]
