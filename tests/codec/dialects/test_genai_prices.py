"""genai-prices' data as a layer: hand-made rows, hostile ones, and the data of the installed package, priced beside it."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from modelmeta import DecodeError, MissingExtraError, Usage, genai_prices_layer

DAY = date(2026, 11, 1)
OURS = {"aws": "amazon-bedrock", "fireworks": "fireworks-ai", "novita": "novita-ai", "together": "togetherai", "x-ai": "xai"}


def data(*models, provider="openai", **facts):
    return [{"id": provider, "name": provider, "models": [*models], **facts}]


def model(model_id="m", prices=None, **facts):
    return {"id": model_id, "match": {"equals": model_id}, "prices": prices or {"input_mtok": 1}, **facts}


@pytest.fixture
def read(ours):
    """Return the function that reads one model of OpenAI's, known as ``openai/m``."""
    return lambda **facts: genai_prices_layer(data(model(**facts)), catalog=ours("openai/m"), day=DAY)


def test_a_row_says_what_upstream_would_in_upstreams_words(read):
    prices = {
        "input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]},
        "output_mtok": Decimal("15.0"),
        "cache_read_mtok": Decimal("0.3"),
        "cache_write_mtok": Decimal("3.75"),
        "output_reasoning_mtok": 16,
        "input_audio_mtok": 40,
        "output_audio_mtok": 80,
        "web_searches_kcount": 10,
    }
    layer = read(prices=prices, name="M", description="A model.", context_window=200000, deprecated=True, price_comments="…")
    rates = {"input": 3, "output": 15, "cache_read": Decimal("0.3"), "cache_write": Decimal("3.75"), "reasoning": 16}
    rates |= {"input_audio": 40, "output_audio": 80}
    expected = {
        "name": "M",
        "description": "A model.",
        "limit": {"context": 200_000},
        "status": "deprecated",
        "cost": {**rates, "tiers": [{**rates, "input": 6, "tier": {"type": "context", "size": 200_000}}]},
    }
    assert {"openai/m": expected} == layer.models
    assert ("genai-prices", DAY, False, ()) == (layer.name, layer.day, layer.wins, layer.problems)
    assert {"price_comments": 1, "prices.web_searches_kcount": 1, "provider.name": 1} == layer.ignored


def test_each_price_has_its_own_steps(read):
    prices = {
        "input_mtok": {"base": 1, "tiers": [{"start": 100, "price": 2}, {"start": 300, "price": 4}]},
        "output_mtok": {"base": 5, "tiers": [{"start": 200, "price": 6}]},
        "cache_read_mtok": 0,
    }
    tiers = read(prices=prices).models["openai/m"]["cost"]["tiers"]
    assert [(100, 2, 5, 0), (200, 2, 6, 0), (300, 4, 6, 0)] == [
        (tier["tier"]["size"], tier["input"], tier["output"], tier["cache_read"]) for tier in tiers
    ]


@pytest.mark.parametrize(
    ("day", "price"), [("2026-01-01", 3), ("2026-01-31", 3), ("2026-02-01", 2), ("2026-09-30", 1), ("2026-11-01", 1), ("2025-01-01", 3)]
)
def test_of_dated_prices_the_one_in_force_counts(ours, day, price):
    prices = [
        {"prices": {"input_mtok": 3}, "constraint": {"start_date": "2026-01-01"}},
        {"prices": {"input_mtok": 2}, "constraint": {"start_date": "2026-02-01"}},
        {"prices": {"input_mtok": 1}, "constraint": {"start_date": "2026-09-30"}},
    ]
    layer = genai_prices_layer(data(model(prices=prices)), catalog=ours("openai/m"), day=date.fromisoformat(day))
    assert price == layer.models["openai/m"]["cost"]["input"]


def test_without_a_day_it_is_today(ours):
    before = datetime.now(UTC).date()
    layer = genai_prices_layer(data(model()), catalog=ours("openai/m"))
    assert before <= layer.day <= datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("hours", "price"),
    [
        ((("16:30:00Z", "00:30:00Z"),), 1),
        ((("00:30:00Z", "16:30:00Z"),), 2),
        ((("01:00:00Z", "04:00:00Z"), ("06:00:00+00:00", "10:00:00+00:00")), 1),
        ((("01:00", "10:00"), ("10:00", "19:00")), 2),
        ((("23:00:00-04:00", "23:59:00-05:00"),), 1),
    ],
)
def test_of_prices_that_change_with_the_hour_the_one_for_most_of_the_day_counts(read, hours, price):
    timed = [
        {"prices": {"input_mtok": number}, "constraint": {"start_time": start, "end_time": end}}
        for number, (start, end) in enumerate(hours, 2)
    ]
    layer = read(prices=[{"prices": {"input_mtok": 1}}, *timed])
    assert {"input": price} == layer.models["openai/m"]["cost"]
    assert len(timed) == len(layer.problems)
    assert {"a price at certain hours of the day only, not for most of it"} == {problem.reason for problem in layer.problems}


def test_prices_that_hold_at_no_hour_of_the_day_leave_the_first_to_count(ours):
    prices = [{"prices": {"input_mtok": number}, "constraint": {"start_date": f"2027-01-0{number}"}} for number in (1, 2)]
    layer = genai_prices_layer(data(model(prices=prices)), catalog=ours("openai/m"), day=DAY)
    assert ({"input": 1}, ()) == (layer.models["openai/m"]["cost"], layer.problems)


def test_variants_are_modes_that_inherit_what_they_do_not_change(read):
    variants = [
        {"when": {"processing": "batch"}, "prices": {"input_mtok": Decimal("0.5")}},
        {"when": {"processing": "batch"}, "prices": {"input_mtok": 9, "output_mtok": 2}},
        {"when": {"service_tier": "priority"}, "prices": {"input_mtok": 7}, "constraint": {"start_date": "2027-01-01"}},
        {"when": {"route": "eu"}, "prices": {"input_mtok": 7}},
        {"when": {"processing": "batch", "route": "eu"}, "prices": {"input_mtok": 7}},
    ]
    prices = {"input_mtok": {"base": 1, "tiers": [{"start": 100, "price": 2}]}, "output_mtok": 4}
    layer = read(prices=prices, price_variants=variants)
    assert {"batch": {"cost": {"input": Decimal("0.5"), "output": 2}}} == layer.models["openai/m"]["experimental"]["modes"]
    assert {'price_variants when {"route":"eu"}', 'price_variants when {"processing":"batch","route":"eu"}'} < layer.ignored.keys()


@pytest.mark.parametrize(
    ("match", "fitting"),
    [
        ({"equals": "GPT-X"}, {"gpt-x"}),
        ({"starts_with": "gpt-"}, {"gpt-x", "gpt-x-2026", "GPT-Y"}),
        ({"ends_with": "2026"}, {"gpt-x-2026"}),
        ({"contains": "x"}, {"gpt-x", "gpt-x-2026"}),
        ({"regex": r"^gpt-[xy]$"}, {"gpt-x", "GPT-Y"}),
        ({"or": [{"equals": "gpt-x"}, {"equals": "o1"}]}, {"gpt-x", "o1"}),
        ({"and": [{"starts_with": "gpt"}, {"ends_with": "x"}]}, {"gpt-x"}),
        (None, {"gpt-x"}),
    ],
)
def test_a_row_speaks_of_every_model_its_clause_fits(ours, match, fitting):
    catalog = ours("openai/gpt-x", "openai/gpt-x-2026", "openai/GPT-Y", "openai/o1", "other/gpt-x")
    layer = genai_prices_layer(data(model("gpt-x", match=match)), catalog=catalog, day=DAY)
    assert {f"openai/{model_id}": "openai/gpt-x" for model_id in fitting} == layer.matched


def test_the_first_row_that_fits_speaks_and_one_that_fits_nothing_is_new(ours):
    rows = (model("first", match={"contains": "m"}, prices={"input_mtok": 1}), model("m", prices={"input_mtok": 2}))
    layer = genai_prices_layer(data(*rows), catalog=ours("openai/m"), day=DAY)
    assert {"openai/m": "openai/first"} == layer.matched
    assert {"openai/m": {"cost": {"input": 2}}} == layer.new


def test_a_provider_falls_back_on_others_but_not_on_their_modes(ours):
    variants = [{"when": {"processing": "batch"}, "prices": {"input_mtok": 1}}]
    azure = data(model("own", prices={"input_mtok": 5}), provider="azure", fallback_model_providers=["openai", "nobody"])
    layer = genai_prices_layer(
        [*azure, *data(model(price_variants=variants))], catalog=ours("azure/m", "azure/own", "azure/else", "openai/m"), day=DAY
    )
    assert {"azure/m": "openai/m", "azure/own": "azure/own", "openai/m": "openai/m"} == layer.matched
    assert {"cost": {"input": 1}} == layer.models["azure/m"]
    assert {} == layer.new
    assert "experimental" in layer.models["openai/m"]


def test_one_row_of_google_speaks_of_the_model_at_vertex_too(ours):
    catalog = ours("google/gemini-x", "google-vertex/gemini-x")
    layer = genai_prices_layer(data(model("gemini-x"), provider="google"), catalog=catalog, day=DAY)
    assert {"google/gemini-x", "google-vertex/gemini-x"} == {*layer.models}


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(a|aa)*b", "(x){2,}", ".*.*.*.*x", "a" * 201, "(", "(?P<n>a)(?P<n>b)"], ids=lambda pattern: pattern[:12]
)
def test_a_pattern_that_could_take_long_or_is_none_is_set_aside(ours, pattern):
    layer = genai_prices_layer(data(model("a" * 40, match={"regex": pattern})), catalog=ours(f"openai/{'a' * 40}"), day=DAY)
    [problem] = layer.problems
    assert "$[0].models[0].match" == problem.path
    assert problem.reason.startswith(("is a pattern that could take long", "is no pattern"))
    assert {f"openai/{'a' * 40}": f"openai/{'a' * 40}"} == layer.matched


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"match": {"glob": "*"}}, "match"),
        ({"match": {"equals": "m", "contains": "m"}}, "match"),
        ({"match": ["m"]}, "match"),
        ({"match": {"or": [{"equals": 1}]}}, "match"),
        ({"prices": {"input_mtok": "cheap"}}, "prices.input_mtok"),
        ({"prices": {"input_mtok": {"tiers": []}}}, "prices.input_mtok"),
        ({"prices": {"input_mtok": {"base": 1, "tiers": [5]}}}, "prices.input_mtok.tiers"),
        ({"prices": {"input_mtok": {"base": 1, "tiers": [{"price": 5}]}}}, "prices.input_mtok"),
        ({"prices": "free"}, "prices"),
        ({"prices": [5]}, "prices[0]"),
        ({"price_variants": [{"when": "batch"}]}, "price_variants[0].when"),
        ({"context_window": "big"}, "context_window"),
        ({"deprecated": "no"}, "deprecated"),
    ],
)
def test_what_cannot_be_read_is_set_aside_and_the_rest_of_the_row_lives(read, facts, path):
    layer = read(name="M", **facts)
    assert [f"$[0].models[0].{path}"] == [problem.path for problem in layer.problems]
    assert "M" == layer.models["openai/m"]["name"]


@pytest.mark.parametrize(
    "constraint",
    [
        {"start_date": "soon"},
        {"start_date": 5},
        {"start_date": "2026-02-31"},
        {"start_time": "soon", "end_time": "12:00"},
        {"start_time": "10:00"},
        {"start_time": "10:00", "end_time": None},
        {"start_date": "2026-01-01", "start_time": "10:00", "end_time": "12:00"},
        {"weekday": "monday"},
        {"start_date": "2026-01-01", "weekday": "monday"},
        "always",
    ],
    ids=str,
)
def test_a_price_under_a_condition_that_cannot_be_told_is_set_aside(read, constraint):
    entry = {"prices": {"input_mtok": 9}, "constraint": constraint}
    for layer in (read(prices=[entry]), read(prices={"output_mtok": 2}, price_variants=[{"when": {"speed": "fast"}, **entry}])):
        assert {"output": 2}.items() >= layer.models.get("openai/m", {}).get("cost", {}).items()
        assert "experimental" not in layer.models.get("openai/m", {})
        assert "a price under a condition that cannot be told" in layer.problems[-1].reason


def test_a_mode_at_certain_hours_is_left_out(read):
    when = {"when": {"speed": "fast"}, "prices": {"input_mtok": 9}, "constraint": {"start_time": "10:00", "end_time": "12:00"}}
    assert {"cost": {"input": 1}} == read(price_variants=[when]).models["openai/m"]


def test_no_condition_is_always(read):
    for constraint in (None, {}):
        assert {"input": 9} == read(prices=[{"prices": {"input_mtok": 9}, "constraint": constraint}]).models["openai/m"]["cost"]


def test_rows_without_an_id_and_rows_that_are_none_are_set_aside(ours):
    document = [{"models": [], "name": "Nobody"}, 5, *data({"name": "M"}, 6, model(), fallback_model_providers="all")]
    layer = genai_prices_layer(document, catalog=ours("openai/m"), day=DAY)
    assert {"openai/m": "openai/m"} == layer.matched
    assert {
        "$[0]": "says no id",
        "$[1]": "must be an object, not 5",
        "$[2].models[0]": "says no id",
        "$[2].models[1]": "must be an object, not 6",
        "$[2].fallback_model_providers": 'must be a list, not "all"',
    } == {problem.path: problem.reason for problem in layer.problems}


@pytest.mark.parametrize("document", [{}, [], [{}], {"data": []}])
def test_what_is_no_such_data_is_refused(document, ours):
    with pytest.raises(DecodeError, match="is not genai-prices' data: no provider with models is in it"):
        genai_prices_layer(document, catalog=ours("openai/m"), day=DAY)


def test_without_genai_prices_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    monkeypatch.delitem(sys.modules, "genai_prices.data", raising=False)
    with pytest.raises(MissingExtraError, match="pip install genai-prices, or give them as source"):
        genai_prices_layer()


def test_every_row_of_the_installed_data_is_accounted_for(genai_prices):
    from genai_prices.data import providers  # noqa: PLC0415  # the package whose data are read

    spoken, new = {*genai_prices.matched.values()}, {ref.partition("/")[2] for ref in genai_prices.new}
    rows = [(provider.id, row.id) for provider in providers for row in provider.models]
    assert [] == [row for row in rows if f"{row[0]}/{row[1]}" not in spoken and row[1] not in new]
    assert {} == genai_prices.unplaced
    assert {"a price at certain hours of the day only, not for most of it"} == {problem.reason for problem in genai_prices.problems}


def test_every_row_of_the_installed_data_reads_as_a_row_of_upstream(genai_prices, as_catalog):
    catalog = as_catalog(genai_prices)
    assert () == catalog.problems
    assert len(catalog) == len({**genai_prices.models, **genai_prices.new})


@pytest.fixture(scope="module")
def theirs(genai_prices, as_catalog):
    return as_catalog(genai_prices)


def total(ref, usage, context=None):
    """Return what genai-prices itself bills for *usage* of the model, at noon of the day."""
    from genai_prices import Usage as TheirUsage  # noqa: PLC0415  # as above
    from genai_prices import calc_price  # noqa: PLC0415  # as above

    provider_id, _, model_id = ref.partition("/")
    names = {own: name for name, own in OURS.items()} | {"google-vertex": "google", "azure-cognitive-services": "azure"}
    names |= {"google-vertex-anthropic": "google", "cloudflare-workers-ai": "cloudflare"}
    counts = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens, "cache_read_tokens": usage.cache_read_tokens}
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC)
    their_usage = TheirUsage(**{name: count for name, count in counts.items() if count})
    return calc_price(
        their_usage,
        model_ref=model_id,
        provider_id=names.get(provider_id, provider_id),
        genai_request_timestamp=noon,
        price_context=context,
    ).total_price


def workloads(layer, refs):
    """Yield a thousand models that charge for tokens only, at any hour, and usages; the same every time."""
    from genai_prices.data import providers  # noqa: PLC0415  # as above
    from genai_prices.types import TimeOfDateConstraint  # noqa: PLC0415  # as above

    special = set()
    for provider in providers:
        for row in provider.models:
            dated = row.prices if isinstance(row.prices, list) else []
            by_request = any(getattr(price, "requests_kcount", None) for price in (row.prices, *[price.prices for price in dated]))
            if by_request or any(isinstance(price.constraint, TimeOfDateConstraint) for price in dated):
                special.add(f"{provider.id}/{row.id}")
    chance = random.Random(7)  # the same numbers in every run
    for ref in chance.choices([ref for ref in refs if layer.matched[ref] not in special], k=1000):
        tokens = int(10 ** chance.uniform(0, 6.3))
        yield (
            ref,
            {"input_tokens": tokens, "output_tokens": chance.randrange(100_000), "cache_read_tokens": chance.choice([0, tokens // 3])},
        )


def test_a_thousand_workloads_cost_what_genai_prices_bills(genai_prices, theirs):
    refs = [ref for ref, row in genai_prices.models.items() if row.get("cost", {}).keys() >= {"input", "output"}]
    for ref, counts in workloads(genai_prices, refs):
        usage = Usage(**counts)
        assert total(ref, usage) == theirs.price(ref, usage).total, (ref, usage)


def test_a_thousand_batches_cost_what_genai_prices_bills(genai_prices, theirs):
    modes = {ref: row.get("experimental", {}).get("modes", {}) for ref, row in genai_prices.models.items()}
    refs = [ref for ref, of in modes.items() if of.get("batch", {}).get("cost", {}).keys() >= {"input", "output"}]
    for ref, counts in workloads(genai_prices, refs):
        usage = Usage(**counts)
        assert total(ref, usage, {"processing": "batch"}) == theirs.price(ref, usage, mode="batch").total, (ref, usage)
